/**
 * Numbers that look random and are the same for the same seed on every machine and runtime.
 * @module
 */

/** A generator of its own for each input: an input can be made again without those before it. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** Starts from a seed of up to 53 bits and the number of the run. */
  constructor(seed: number, run: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) >>> 0;
    this.#c = Math.imul(run, 0x9e37_79b1) ^ Math.floor(run / 0x1_0000_0000);
    for (let i = 0; i < 12; i++) this.next(); // until the seed has spread to every bit
  }

  /** An unsigned 32-bit integer (Chris Doty-Humphrey's sfc32). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * count);
  }

  /** True once in `count` times. */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  /** One of the items. */
  pick<Item>(items: ArrayLike<Item>): Item {
    return items[this.below(items.length)];
  }

  /** Mostly small, seldom up to `most`. */
  small(most: number): number {
    return this.below(this.below(this.below(most + 1) + 1) + 1);
  }

  /** Random bytes. */
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count; at += 4) {
      const word = this.next();
      bytes[at] = word; // what lies past the end is dropped
      bytes[at + 1] = word >>> 8;
      bytes[at + 2] = word >>> 16;
      bytes[at + 3] = word >>> 24;
    }
    return bytes;
  }

  /** A few places to cut `length` bytes at, in order; seldom none. */
  cuts(length: number): number[] {
    if (length < 2) return [];
    const cuts = new Set<number>();
    for (let count = this.below(6); count > 0; count--) cuts.add(1 + this.below(length - 1));
    return [...cuts].sort((a, b) => a - b);
  }
}
