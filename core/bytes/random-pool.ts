/**
 * Random bytes drawn from the host in bulk: one call to its generator a frame costs more than the frame.
 * @module
 */

/** Fills the array with unpredictable bytes, as `crypto.getRandomValues` does. */
export type RandomSource = (target: Uint8Array) => unknown;

/** A supply of random bytes; each is given out once. One pool may serve every connection of a process. */
export class RandomPool {
  readonly #fill: RandomSource;
  readonly #bytes = new Uint8Array(POOL_SIZE);
  #at = POOL_SIZE;

  /**
   * Draws nothing until the first byte is asked for.
   * @param fill must be unpredictable to the peer: masking keys protect proxies only then (RFC 6455, section 10.3)
   */
  constructor(fill: RandomSource) {
    this.#fill = fill;
  }

  /** A random unsigned 32-bit integer. */
  uint32(): number {
    const at = this.#reserve(4);
    const bytes = this.#bytes;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  /**
   * `count` random bytes in an array of the caller's own.
   * @throws {RangeError} for more than 4,096
   */
  bytes(count: number): Uint8Array {
    if (count > POOL_SIZE) throw new RangeError(`Cannot draw ${count} random bytes at once: the pool has ${POOL_SIZE}`);
    const at = this.#reserve(count);
    return this.#bytes.slice(at, at + count);
  }

  #reserve(count: number): number {
    if (this.#at + count > POOL_SIZE) {
      this.#fill(this.#bytes);
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

const POOL_SIZE = 4096;
