/**
 * The numbers of DEFLATE (RFC 1951, sections 3.2.5 to 3.2.7), for who restores and who compresses.
 * @module
 */

/** The symbol behind a block's last. Below it are bytes, above it lengths. */
export const END_OF_BLOCK = 256;
/** No code of a block is longer. */
export const MAX_BITS = 15;
/** The least length that a symbol stands for, the first that of `END_OF_BLOCK + 1`. */
export const LENGTH_BASE: Uint16Array = Uint16Array.of(
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
);
/** How many bits behind it say what to add. */
export const LENGTH_EXTRA: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
/** The same for distances. */
export const DISTANCE_BASE: Uint16Array = Uint16Array.of(
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12_289, 16_385, 24_577,
);
export const DISTANCE_EXTRA: Uint8Array = Uint8Array.from(DISTANCE_BASE, (_, at) => Math.max(0, (at >> 1) - 1));
/** The order in which the lengths of the codes for lengths come. */
export const LENGTH_ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Of the code for lengths: the length before once more, few zeros, and many. */
export const REPEAT = 16;
export const ZEROS = 17;
export const MANY_ZEROS = 18;
