/**
 * What a connection reads into, for runtimes where a pending read holds its buffer: an idle connection is to hold little.
 * @module
 */

/** A small buffer of its own; while much comes, a large one of those that all connections share. */
export class ReadBuffer {
  /** Where to read to. What is read is lent: the next read, of whatever connection, may write over it. */
  bytes: Uint8Array<ArrayBuffer>;
  readonly #small: Uint8Array<ArrayBuffer> = new Uint8Array(SMALL);

  constructor() {
    this.bytes = this.#small;
  }

  /** After each read, once what came was used: who fills a buffer has more to read. */
  adapt(size: number): void {
    const { length } = this.bytes;
    if (size === length) {
      if (length === SMALL) this.#enlarge();
    } else if (size <= SMALL || lent > MAX_LENT) {
      this.release();
    }
  }

  /** Gives a large one back. */
  release(): void {
    if (this.bytes === this.#small) return;
    lent--;
    if (spare.length < MAX_LENT) spare.push(this.bytes);
    this.bytes = this.#small;
  }

  #enlarge(): void {
    lent++;
    this.bytes = spare.pop() ?? new Uint8Array(LARGE);
  }
}

/** Large ones that nobody holds, and how many are held. */
const spare: Uint8Array<ArrayBuffer>[] = [];
let lent = 0;

/** A frame of 1 KiB fits: where it did not, each cost two reads (measured: 24 us an echo where this one costs 7.6). */
const SMALL = 1_280;
/** Measured, an echo of 64 KiB and of 1 MiB: 58 and 669 us with 64 KiB, 52 and 525 with this, 61 and 450 with 256 KiB. */
const LARGE = 131_072;
/** How many connections may wait with a large one; beyond, each holds one only as long as it fills. */
const MAX_LENT = 16;
