/**
 * Memory that is used again. A host clears each large array that it makes, and collects its garbage once so many bytes were made: of what a large message
 * costs beside the system's part that is most. Measured for an echo without sockets, each message in an array of its own and in a lent one, in us:
 * 64 KiB on Node 21 and 7, on Bun 23 and 13, on Deno 12 and 8; 1 MiB on Node 400 and 145, on Bun 300 and 190, on Deno 400 and 155.
 * @module
 */

/**
 * Lends arrays of many bytes, and lends them again once the last who holds them has given them back; what is in them then is anybody's. One that is
 * never given back is garbage like any other. To give back what somebody still reads is a mistake that nothing notices.
 */
export class Lender {
  /** What may be lent again, by its size. */
  readonly #free = new Map<number, Uint8Array<ArrayBuffer>[]>();
  #kept = 0;
  /** How many hold what is lent. */
  readonly #holders = new WeakMap<ArrayBuffer, number>();
  /** True once something was lent: until then none needs to be looked for. */
  #used = false;

  /** Bytes kept to be lent. */
  get bytesKept(): number {
    return this.#kept;
  }

  /**
   * An array of at least `count` bytes, a fourth more at most, with anything in it; the caller is the first who holds it. What does not pay (under 4 KiB, or
   * over 16 MiB) is an array of its own of just so many, which is not lent.
   */
  lend(count: number): Uint8Array<ArrayBuffer> {
    if (count < LEND_PAYS || count > LARGEST) return new Uint8Array(count);
    const step = 1 << (29 - Math.clz32(count - 1));
    const size = Math.ceil(count / step) * step;
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) this.#kept -= size;
    const bytes = free ?? new Uint8Array(size);
    this.#holders.set(bytes.buffer, 1);
    this.#used = true;
    return bytes;
  }

  /** One more holds what these bytes are all or a part of (4 KiB at least), and gives it back too. False where it was not lent: then nobody has to. */
  hold(bytes: Uint8Array): boolean {
    const holders = this.#holdersOf(bytes);
    if (holders === 0) return false;
    this.#holders.set(bytes.buffer as ArrayBuffer, holders + 1);
    return true;
  }

  /** One less holds what these bytes are all or a part of; behind the last it may be lent to others. Does nothing for what was not lent. */
  giveBack(bytes: Uint8Array): void {
    const holders = this.#holdersOf(bytes);
    if (holders === 0) return;
    const buffer = bytes.buffer as ArrayBuffer;
    if (holders > 1) {
      this.#holders.set(buffer, holders - 1);
      return;
    }
    this.#holders.delete(buffer);
    const size = buffer.byteLength;
    if (this.#kept + size > MOST_KEPT) return;
    this.#kept += size;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [new Uint8Array(buffer)]);
    else free.push(new Uint8Array(buffer));
  }

  /** To ask for the buffer of a small array makes it one first. */
  #holdersOf(bytes: Uint8Array): number {
    return this.#used && bytes.length >= LEND_PAYS ? this.#holders.get(bytes.buffer as ArrayBuffer) ?? 0 : 0;
  }
}

/** Lends to all connections. */
export const lender: Lender = new Lender();

/** Below it a host makes an array as quickly (measured). */
const LEND_PAYS = 4_096;
/** One that takes more is not kept. */
const LARGEST = 16_777_216;
/** Bytes that wait to be lent, for the whole process. */
const MOST_KEPT = 33_554_432;
