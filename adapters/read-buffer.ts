/**
 * What a connection reads into, for runtimes where a pending read holds its buffer: an idle connection is to hold little, and a burst is to be one
 * read, since what one read provokes leaves in one write.
 * @module
 */

/** A small buffer of its own; while more comes at a time, one of those that all connections share, medium or large. */
export class ReadBuffer {
  /** Where to read to. What is read is lent: the next read, of whatever connection, may write over it. */
  bytes: Uint8Array<ArrayBuffer>;
  readonly #small: Uint8Array<ArrayBuffer> = new Uint8Array(SMALL);
  /** How many reads in a row the next smaller one would have held. */
  #calm = 0;

  constructor() {
    this.bytes = this.#small;
  }

  /** After each read, once what came was used: who fills a buffer has more to read, and who filled one lately is going to. */
  adapt(size: number): void {
    const { length } = this.bytes;
    if (size === length) {
      if (length < LARGE) this.#exchange(length === SMALL && medium.hasRoom ? medium : large);
    } else if (length === SMALL) {
      return;
    } else if (length === LARGE && large.isCrowded) {
      this.release();
    } else if (size > (length === LARGE ? MEDIUM : SMALL)) {
      this.#calm = 0;
    } else if (++this.#calm === CALM) {
      this.#exchange(length === LARGE && medium.hasRoom ? medium : undefined);
    }
  }

  /** Gives a shared one back. */
  release(): void {
    this.#exchange(undefined);
  }

  #exchange(pool: Pool | undefined): void {
    if (this.bytes !== this.#small) (this.bytes.length === LARGE ? large : medium).give(this.bytes);
    this.bytes = pool?.take() ?? this.#small;
    this.#calm = 0;
  }
}

/** Buffers of one size. */
class Pool {
  readonly #size: number;
  readonly #most: number;
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #lent = 0;

  /** @param most how many connections may wait with one, and how many are kept that nobody has */
  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  get hasRoom(): boolean {
    return this.#lent < this.#most;
  }

  get isCrowded(): boolean {
    return this.#lent > this.#most;
  }

  take(): Uint8Array<ArrayBuffer> {
    this.#lent++;
    return this.#spare.pop() ?? new Uint8Array(this.#size);
  }

  give(bytes: Uint8Array<ArrayBuffer>): void {
    this.#lent--;
    if (this.#spare.length < this.#most) this.#spare.push(bytes);
  }
}

/** A frame of 1 KiB fits. */
const SMALL = 1_280;
/** A burst of some dozen short messages fits (measured, 16 broadcast at a time: 0.40 us a copy where two reads for each burst make it 0.76). */
const MEDIUM = 8_192;
const LARGE = 131_072;
/** Reads that would have fitted a smaller buffer, after which it is a smaller one. */
const CALM = 16;
/** Both hold 2 MiB at most together with connections that wait; beyond, each holds a large one only as long as it fills. */
const medium = new Pool(MEDIUM, 256);
const large = new Pool(LARGE, 16);
