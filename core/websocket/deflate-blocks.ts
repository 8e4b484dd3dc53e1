/**
 * Blocks as DEFLATE writes them (RFC 1951, section 3.2): each in the way that takes the fewest bits.
 * @module
 */
import {
  DISTANCE_BASE, DISTANCE_EXTRA, END_OF_BLOCK, LENGTH_BASE, LENGTH_EXTRA, LENGTH_ORDER, MANY_ZEROS, REPEAT, ZEROS,
} from "./deflate-format.ts";
import { type Block, DISTANCE_SYMBOL, LENGTH_SYMBOL, MAX_BLOCK } from "./deflate-matches.ts";
import { codesOf, HuffmanCode } from "./huffman.ts";

/** Writes bits, the first lowest (3.1.1). */
export class BlockWriter {
  readonly #out: Uint8Array = new Uint8Array(MAX_BLOCK + 64); // no block takes more than it does stored
  #at = 0;
  /** Less than 16 bits that wait. */
  #hold = 0;
  #bits = 0;
  /** The lengths of a block's codes, run by run: a symbol, and above 8 bits what stands behind its code. */
  readonly #runs: Uint16Array = new Uint16Array(286 + 30);
  #size = 0;
  readonly #lengths: HuffmanCode = new HuffmanCode(20, 7);

  /** What was written since the last time, but for bits that wait: the caller's own. */
  take(): Uint8Array {
    const written = this.#out.slice(0, this.#at);
    this.#at = 0;
    return written;
  }

  /** A block that is not compressed (3.2.4): no bits wait behind it. */
  stored(data: Uint8Array): void {
    this.#put(STORED, 3);
    for (; this.#bits > 0; this.#bits -= 8) {
      this.#out[this.#at++] = this.#hold;
      this.#hold >>>= 8;
    }
    this.#bits = 0;
    this.#put(data.length, 16);
    this.#put(~data.length & 0xffff, 16);
    this.#out.set(data, this.#at);
    this.#at += data.length;
  }

  /** What `block` says, which is `data`. All its counts are 0 then. */
  write(block: Block, data: Uint8Array): void {
    const { literals, distances } = block;
    literals.counts[END_OF_BLOCK]++;
    literals.build();
    distances.build();
    const literalCount = literals.used[literals.size - 1] + 1;
    const distanceCount = distances.size === 0 ? 1 : distances.used[distances.size - 1] + 1; // there is always one (3.2.7)
    this.#describe(literals, distances, literalCount);
    const lengths = this.#lengths;
    lengths.build();
    let orderCount = LENGTH_ORDER.length;
    while (lengths.counts[LENGTH_ORDER[orderCount - 1]] === 0) orderCount--;
    const extra = literals.weigh(LENGTH_BITS) + distances.weigh(DISTANCE_BITS);
    const fixed = literals.weigh(FIXED_LITERALS) + distances.weigh(FIXED_DISTANCES);
    const dynamic = 14 + orderCount * 3 + lengths.weigh(lengths.codes) + lengths.weigh(RUN_BITS) + literals.weigh(literals.codes) + distances.weigh(distances.codes);
    if (Math.min(fixed, dynamic) + extra > (-this.#bits - 3 & 7) + 32 + data.length * 8) this.stored(data);
    else if (fixed <= dynamic) {
      this.#put(FIXED << 1, 3);
      this.#symbols(block, FIXED_LITERALS, FIXED_DISTANCES);
    } else {
      this.#put(DYNAMIC << 1 | literalCount - 257 << 3 | distanceCount - 1 << 8, 13);
      this.#put(orderCount - 4, 4);
      for (let at = 0; at < orderCount; at++) this.#put(lengths.counts[LENGTH_ORDER[at]] > 0 ? lengths.codes[LENGTH_ORDER[at]] >>> 16 : 0, 3);
      for (let at = 0; at < this.#size; at++) {
        const symbol = this.#runs[at] & 0xff;
        this.#put(lengths.codes[symbol] & 0xffff, lengths.codes[symbol] >>> 16);
        this.#put(this.#runs[at] >> 8, RUN_BITS[symbol] >>> 16);
      }
      this.#symbols(block, literals.codes, distances.codes);
    }
    for (const code of [literals, distances, lengths]) code.clear();
  }

  /** The lengths of both codes, one behind the other, in symbols of a third (3.2.7). */
  #describe(literals: HuffmanCode, distances: HuffmanCode, literalCount: number): void {
    this.#size = 0;
    let at = 0;
    let length = 0;
    let count = 0;
    for (const code of [literals, distances]) {
      const start = code === literals ? 0 : literalCount;
      for (let index = 0; index < code.size; index++) {
        const gap = start + code.used[index] - at;
        const next = code.codes[code.used[index]] >>> 16;
        at += gap + 1;
        if (gap === 0 && next === length) {
          count++;
          continue;
        }
        this.#run(length, count);
        this.#run(0, gap);
        length = next;
        count = 1;
      }
    }
    this.#run(length, count);
    if (distances.size === 0) this.#run(0, 1);
  }

  /** `count` times the same length. */
  #run(length: number, count: number): void {
    if (length > 0) {
      this.#length(length, 0);
      for (count--; count >= 3; count -= Math.min(count, 6)) this.#length(REPEAT, Math.min(count, 6) - 3);
    } else {
      for (; count >= 11; count -= Math.min(count, 138)) this.#length(MANY_ZEROS, Math.min(count, 138) - 11);
      if (count >= 3) {
        this.#length(ZEROS, count - 3);
        return;
      }
    }
    for (; count > 0; count--) this.#length(length, 0);
  }

  #length(symbol: number, extra: number): void {
    this.#runs[this.#size++] = extra << 8 | symbol;
    this.#lengths.counts[symbol]++;
  }

  /**
   * The block's symbols, and its end. All that changes is in locals, and two bytes are written each time, whole or not: with a branch for it a message
   * takes 14.0 us, and 13.5 like this.
   */
  #symbols({ symbols, size }: Block, literals: Uint32Array, distances: Uint32Array): void {
    const out = this.#out;
    const distanceExtra = DISTANCE_EXTRA;
    const distanceBase = DISTANCE_BASE;
    const lengthExtra = LENGTH_EXTRA;
    const lengthBase = LENGTH_BASE;
    const distanceSymbols = DISTANCE_SYMBOL;
    const lengthSymbols = LENGTH_SYMBOL;
    let at = this.#at;
    let hold = this.#hold;
    let bits = this.#bits;
    for (let index = 0; index < size; index++) {
      const symbol = symbols[index];
      const length = symbol >>> 16;
      const code = length === 0 ? symbol : lengthSymbols[length];
      hold |= (literals[code] & 0xffff) << bits;
      bits += literals[code] >>> 16;
      out[at] = hold;
      out[at + 1] = hold >>> 8;
      at += bits >> 4 << 1;
      hold >>>= bits & 16;
      bits &= 15;
      if (length === 0) continue;
      hold |= length - lengthBase[code - END_OF_BLOCK - 1] << bits;
      bits += lengthExtra[code - END_OF_BLOCK - 1];
      out[at] = hold;
      out[at + 1] = hold >>> 8;
      at += bits >> 4 << 1;
      hold >>>= bits & 16;
      bits &= 15;
      const distance = symbol & 0xffff;
      const place = distanceSymbols[distance];
      hold |= (distances[place] & 0xffff) << bits;
      bits += distances[place] >>> 16;
      out[at] = hold;
      out[at + 1] = hold >>> 8;
      at += bits >> 4 << 1;
      hold >>>= bits & 16;
      bits &= 15;
      hold |= distance - distanceBase[place] << bits;
      bits += distanceExtra[place];
      out[at] = hold;
      out[at + 1] = hold >>> 8;
      at += bits >> 4 << 1;
      hold >>>= bits & 16;
      bits &= 15;
    }
    this.#at = at;
    this.#hold = hold;
    this.#bits = bits;
    this.#put(literals[END_OF_BLOCK] & 0xffff, literals[END_OF_BLOCK] >>> 16);
  }

  /** The lowest `count` bits of `value`, which has no others: 16 at most. */
  #put(value: number, count: number): void {
    this.#hold |= value << this.#bits;
    this.#bits += count;
    if (this.#bits < 16) return;
    this.#out[this.#at++] = this.#hold;
    this.#out[this.#at++] = this.#hold >>> 8;
    this.#hold >>>= 16;
    this.#bits -= 16;
  }
}

const STORED = 0;
const FIXED = 1;
const DYNAMIC = 2;
/** The codes of 3.2.6. */
const FIXED_LITERALS = codesOf(Array.from({ length: 288 }, (_, symbol) => symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8));
const FIXED_DISTANCES = codesOf(Array.from({ length: 30 }, () => 5));
/** What stands behind codes, to be weighed as they are. */
const LENGTH_BITS = Uint32Array.from({ length: 286 }, (_, symbol) => symbol > END_OF_BLOCK ? LENGTH_EXTRA[symbol - END_OF_BLOCK - 1] << 16 : 0);
const DISTANCE_BITS = Uint32Array.from(DISTANCE_EXTRA, (bits) => bits << 16);
const RUN_BITS = new Uint32Array(20);
[RUN_BITS[REPEAT], RUN_BITS[ZEROS], RUN_BITS[MANY_ZEROS]] = [2 << 16, 3 << 16, 7 << 16];
