/**
 * Looks into compressed messages: how far back they refer, and where their blocks end (RFC 1951, section 3.2). What they say is
 * left to zlib, which neither tells that nor minds references that are longer than the window while its own output still has them.
 * @module
 */

/** What a compressed message is made of. */
export interface Blocks {
  /** The longest distance of a reference, in bytes. */
  readonly farthest: number;
  /** How many bytes before its own start it refers to at most; 0 when it stands on its own. */
  readonly before: number;
  /** Where its parts end: each but the last ends with a block that says it is final. */
  readonly ends: readonly number[];
  /** How many bytes it stands for. */
  readonly length: number;
}

/** Reads the blocks of a message whose tail is back in place. Throws a sentence about the message where they are not right. */
export function readBlocks(bytes: Uint8Array): Blocks {
  const reader = new Reader(bytes);
  while (!reader.finished) reader.readBlock();
  const { farthest, before, ends, length } = reader;
  return { farthest, before, ends, length };
}

class Reader {
  farthest = 0;
  before = 0;
  length = 0;
  readonly ends: number[] = [];
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Bits that were read and not yet taken, and how many. */
  #hold = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get finished(): boolean {
    return this.#at === this.#bytes.length && this.#count === 0;
  }

  readBlock(): void {
    const final = this.#take(1) === 1;
    const type = this.#take(2);
    if (type === 0) this.#skipStored();
    else if (type === 1) this.#skipCodes(FIXED_LITERALS, FIXED_DISTANCES);
    else if (type === 2) this.#skipDynamic();
    else throw new Error("its message has a block of no known type");
    if (final) this.#align();
    if (final || this.finished) this.ends.push(this.#at);
  }

  /** Bits up to the next byte are not used. Not more than a byte is held then. */
  #align(): void {
    this.#at -= this.#count >> 3;
    this.#hold = this.#count = 0;
  }

  #fill(): void {
    if (this.#at === this.#bytes.length) throw new Error("its message ends inside a block");
    this.#hold |= this.#bytes[this.#at++] << this.#count;
    this.#count += 8;
  }

  #take(bits: number): number {
    while (this.#count < bits) this.#fill();
    const value = this.#hold & (1 << bits) - 1;
    this.#hold >>>= bits;
    this.#count -= bits;
    return value;
  }

  #skipStored(): void {
    this.#align();
    const length = this.#take(16);
    if ((this.#take(16) ^ length) !== 0xffff) throw new Error("its message has a stored block of no clear length");
    if (length > this.#bytes.length - this.#at) throw new Error("its message ends inside a block");
    this.#at += length;
    this.length += length;
  }

  #skipDynamic(): void {
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const given = this.#take(4) + 4;
    const lengths = new Uint8Array(19);
    for (let at = 0; at < given; at++) lengths[ORDER[at]] = this.#take(3);
    const table = makeTable(lengths);
    const all = new Uint8Array(literals + distances);
    for (let at = 0; at < all.length;) {
      const symbol = this.#decode(table);
      if (symbol < 16) {
        all[at++] = symbol;
        continue;
      }
      const repeated = symbol === 16 ? all[at - 1] ?? 0 : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      all.fill(repeated, at, at + times);
      at += times;
    }
    this.#skipCodes(makeTable(all.subarray(0, literals)), makeTable(all.subarray(literals)));
  }

  #skipCodes(literals: Table, distances: Table): void {
    for (let symbol = this.#decode(literals); symbol !== 256; symbol = this.#decode(literals)) {
      if (symbol < 256) {
        this.length++;
        continue;
      }
      const length = LENGTHS[symbol - 257] + this.#take(LENGTH_BITS[symbol - 257]);
      const code = this.#decode(distances);
      const distance = DISTANCES[code] + this.#take(DISTANCE_BITS[code]);
      if (!(length > 0 && distance > 0)) throw new Error("its message has a reference of no known kind");
      if (distance > this.farthest) this.farthest = distance;
      if (distance - this.length > this.before) this.before = distance - this.length;
      this.length += length;
    }
  }

  #decode({ bits, entries }: Table): number {
    while (this.#count < bits && this.#at < this.#bytes.length) this.#fill();
    const entry = entries[this.#hold & (1 << bits) - 1];
    const used = entry & 15;
    if (used > this.#count) throw new Error("its message ends inside a block");
    if (used === 0) throw new Error("its message has a code of no known meaning");
    this.#hold >>>= used;
    this.#count -= used;
    return entry >> 4;
  }
}

/** Codes by the bits that come next: the symbol times 16, and how many of the bits are its own; 0 where there is none. */
interface Table {
  readonly bits: number;
  readonly entries: Uint16Array;
}

function makeTable(lengths: Uint8Array): Table {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]++;
  const bits = Math.max(1, counts.findLastIndex((count, length) => count > 0 && length > 0));
  const next = new Uint16Array(16);
  for (let length = 1, code = 0; length <= bits; length++) {
    next[length] = code;
    code += counts[length];
    if (code > 1 << length) throw new Error("its message has more codes than fit");
    code <<= 1;
  }
  const entries = new Uint16Array(1 << bits);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    for (let at = reverse(next[length]++, length); at < entries.length; at += 1 << length) entries[at] = symbol << 4 | length;
  }
  return { bits, entries };
}

function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let at = 0; at < length; at++) reversed |= (code >> at & 1) << length - 1 - at;
  return reversed;
}

/** In which order a block gives the lengths of the codes for lengths (RFC 1951, section 3.2.7). */
export const ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** The bits behind each code of a length, and the shortest length it stands for; from code 257 on (section 3.2.5). */
export const LENGTH_BITS: readonly number[] = [...Array.from({ length: 28 }, (_, at) => at < 4 ? 0 : (at >> 2) - 1), 0];
export const LENGTHS: readonly number[] = [...startsOf(3, LENGTH_BITS.slice(0, 28)), 258];
/** The bits behind each code of a distance, and the shortest distance it stands for. */
export const DISTANCE_BITS: readonly number[] = Array.from({ length: 30 }, (_, at) => at < 2 ? 0 : (at >> 1) - 1);
export const DISTANCES: readonly number[] = startsOf(1, DISTANCE_BITS);
const FIXED_LITERALS = makeTable(Uint8Array.from({ length: 288 }, (_, at) => at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
const FIXED_DISTANCES = makeTable(new Uint8Array(30).fill(5));

function startsOf(first: number, bits: readonly number[]): number[] {
  const starts: number[] = [];
  for (const count of bits) {
    starts.push(first);
    first += 1 << count;
  }
  return starts;
}
