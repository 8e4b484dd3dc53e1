/**
 * Huffman codes made for what is to be written (RFC 1951, section 3.2).
 *
 * All that is done takes as long as there are symbols in use: a kilobyte of JSON has 40 of 286.
 * @module
 */

/** Counts symbols, and makes a code for them. */
export class HuffmanCode {
  /** How often each symbol is to be written: whoever is to write them counts them here. */
  readonly counts: Uint16Array;
  /** Of symbols in use, once they are built: the length of the code above 16 bits of it, its first bit lowest. */
  readonly codes: Uint32Array;
  /** The symbols in use, in their order: so many as `size` says. */
  readonly used: Uint16Array;
  size = 0;
  readonly #pairs: Uint32Array;
  readonly #limit: number;

  /** For an even number of `symbols` up to 288, 32768 of them counted at most, in codes of up to `limit` bits. */
  constructor(symbols: number, limit: number) {
    this.counts = new Uint16Array(symbols);
    this.codes = new Uint32Array(symbols);
    this.used = new Uint16Array(symbols);
    this.#pairs = new Uint32Array(this.counts.buffer);
    this.#limit = limit;
  }

  /** Makes the code that writes what was counted in the fewest bits; a single symbol has one of one bit. */
  build(): void {
    const { counts, codes, used } = this;
    const pairs = this.#pairs;
    let size = 0;
    for (let at = 0; at < pairs.length; at++) {
      if (pairs[at] === 0) continue;
      if (counts[at * 2] > 0) used[size++] = at * 2;
      if (counts[at * 2 + 1] > 0) used[size++] = at * 2 + 1;
    }
    this.size = size;
    let most = 0;
    for (let at = 0; at < size; at++) {
      const count = counts[used[at]];
      if (count > most) most = count;
      keys[at] = count << SYMBOL_BITS | used[at];
    }
    const sorted = sort(size, most);
    countLengths(sorted, size);
    keepTo(this.#limit);
    for (let length = 1, at = size; length <= this.#limit; length++) {
      for (let count = perLength[length]; count > 0; count--) codes[sorted[--at] & SYMBOL_MASK] = length << 16;
    }
    assign(codes, used, size);
  }

  /** How many bits what was counted takes in `codes`. */
  weigh(codes: Uint32Array): number {
    const { counts, used, size } = this;
    let bits = 0;
    for (let at = 0; at < size; at++) bits += counts[used[at]] * (codes[used[at]] >>> 16);
    return bits;
  }

  /** For the next block. */
  clear(): void {
    for (let at = 0; at < this.size; at++) this.counts[this.used[at]] = 0;
  }
}

/** Codes as `HuffmanCode.codes`, of so many bits for each symbol. */
export function codesOf(lengths: readonly number[]): Uint32Array {
  const codes = Uint32Array.from(lengths, (length) => length << 16);
  perLength.fill(0);
  for (const length of lengths) perLength[length]++;
  assign(codes, Uint16Array.from(lengths.keys()), lengths.length);
  return codes;
}

/** The first so many of `keys`, the rarest first; digit by digit, as counts have few. */
function sort(size: number, most: number): Uint32Array {
  let from = keys;
  let to = moreKeys;
  for (let shift = SYMBOL_BITS; most << SYMBOL_BITS >> shift > 0; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let at = 0; at < size; at++) starts[(from[at] >> shift & DIGIT_MASK) + 1]++;
    for (let digit = 1; digit <= DIGIT_MASK; digit++) starts[digit] += starts[digit - 1];
    for (let at = 0; at < size; at++) to[starts[from[at] >> shift & DIGIT_MASK]++] = from[at];
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Huffman's tree over sorted keys, and how many of its leaves are how deep. The two lightest of all that is left become one, over and over: as leaves
 * are sorted and what they become gets ever heavier, the lightest is the next leaf or the next that was made.
 */
function countLengths(sorted: Uint32Array, size: number): void {
  for (let at = 0; at < size; at++) weights[at] = sorted[at] >>> SYMBOL_BITS;
  let leaf = 0;
  let made = size;
  const end = size * 2 - 1;
  for (let node = size; node < end; node++) {
    const first = leaf < size && (made === node || weights[leaf] <= weights[made]) ? leaf++ : made++;
    const second = leaf < size && (made === node || weights[leaf] <= weights[made]) ? leaf++ : made++;
    weights[node] = weights[first] + weights[second];
    parents[first] = parents[second] = node;
  }
  perLength.fill(0);
  depths[end - 1] = 0;
  for (let node = end - 2; node >= size; node--) depths[node] = depths[parents[node]] + 1;
  if (size === 1) perLength[1] = 1;
  else for (let at = 0; at < size; at++) perLength[depths[parents[at]] + 1]++;
}

/** What is too deep comes up to `limit`; for each that has no room there, a shorter code makes some: it gets longer by a bit. */
function keepTo(limit: number): void {
  let room = 1 << limit;
  for (let length = 1; length < perLength.length; length++) {
    if (length > limit) {
      perLength[limit] += perLength[length];
      room -= perLength[length];
      perLength[length] = 0;
    } else room -= perLength[length] << limit - length;
  }
  for (; room < 0; room++) {
    let length = limit - 1;
    while (perLength[length] === 0) length--;
    perLength[limit]--;
    perLength[length]--;
    perLength[length + 1] += 2;
  }
}

/** Canonical codes (3.2.2), of which `codes` has the lengths: those of one length follow each other. */
function assign(codes: Uint32Array, used: Uint16Array, size: number): void {
  for (let length = 1, code = 0; length < nextCode.length; length++) {
    nextCode[length] = code;
    code = code + perLength[length] << 1;
  }
  for (let at = 0; at < size; at++) {
    const length = codes[used[at]] >>> 16;
    const code = nextCode[length]++;
    codes[used[at]] = length << 16 | (REVERSED[code & 255] << 8 | REVERSED[code >> 8]) >> 16 - length;
  }
}

const SYMBOL_BITS = 9;
const SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;
const DIGIT_BITS = 6;
const DIGIT_MASK = (1 << DIGIT_BITS) - 1;
/** Each byte read backwards. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= (byte >> bit & 1) << 7 - bit;
  return reversed;
});
// None of these outlives a call.
/** The symbols in use, each below its count. */
const keys = new Uint32Array(288);
const moreKeys = new Uint32Array(288);
/** Where keys with a digit go. */
const starts = new Uint16Array(DIGIT_MASK + 2);
/** Of the tree's nodes: first the leaves, then what they become. */
const weights = new Uint32Array(288 * 2);
const parents = new Uint16Array(288 * 2);
const depths = new Uint8Array(288 * 2);
/** How many codes there are of each length. No tree is deeper, as each level takes half as much again to count. */
const perLength = new Uint16Array(32);
const nextCode = new Uint16Array(16);
