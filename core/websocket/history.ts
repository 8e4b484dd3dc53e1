/**
 * The last bytes of what went one way, which the next compressed message may refer to (RFC 7692, section 7.2.3.2).
 * @module
 */

/** A window that slides over bytes. It grows as they come, up to its size. */
export class History {
  /** How many bytes it keeps at most. */
  readonly size: number;
  #bytes = EMPTY;
  #length = 0;
  #total = 0;

  /** Keeps the last `size` bytes; none for 0. */
  constructor(size: number) {
    this.size = size;
  }

  /** How many bytes went by since the start. */
  get total(): number {
    return this.#total;
  }

  /** What is kept, in order; lent until the next `push`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Bytes of memory in use. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Takes more bytes in, and lets go of the oldest. `data` is lent. */
  push(data: Uint8Array): void {
    const { size } = this;
    this.#total += data.length;
    if (data.length >= size) {
      this.#reserve(size);
      this.#bytes.set(data.subarray(data.length - size));
      this.#length = size;
      return;
    }
    const kept = Math.min(this.#length, size - data.length);
    this.#reserve(kept + data.length);
    this.#bytes.copyWithin(0, this.#length - kept, this.#length);
    this.#bytes.set(data, kept);
    this.#length = kept + data.length;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.min(this.size, Math.max(length, this.#bytes.length * 2)));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

const EMPTY = new Uint8Array(0);
