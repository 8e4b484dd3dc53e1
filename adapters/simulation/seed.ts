/**
 * Numbers that look random and are the same for the same seed on every runtime: whole numbers of 32 bits and basic arithmetic only, as
 * `Math.log` and its kind may differ between engines in their last bit.
 * @module
 */

/** One stream of numbers (sfc32). Not for secrets: whoever knows the seed knows them all. */
export class Seed {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  /**
   * Streams of one seed with different names have nothing to do with each other: what draws more from one shifts no other.
   * @throws {RangeError} for a seed that is no whole number from 0 to 2^53 - 1
   */
  constructor(seed: number, stream: string) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`Cannot start from seed ${seed}: it must be a whole number from 0 to 2^53 - 1`);
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / WORDS);
    this.#c = [...stream].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5) | 0;
    for (let round = 0; round < 16; round++) this.uint32();
  }

  /** A whole number of 32 bits. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#d++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 up to, not including, 1. */
  unit(): number {
    return this.uint32() / WORDS;
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** True in that share of cases. */
  chance(share: number): boolean {
    return this.unit() < share;
  }

  /** Fills the bytes. */
  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; at++) target[at] = this.uint32() >>> 24;
  }
}

const WORDS = 2 ** 32;
