/**
 * Bytes on their way out. Small pieces are written side by side into one slab that all queues of the process share, so
 * what one read provoked leaves in one write; large ones pass through uncopied.
 *
 * What a slab has handed out is never written again: outputs are given, and the host may hold them for as long as it likes.
 * @module
 */

/** An ordered queue of bytes. */
export class OutputQueue {
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** The slab the last bytes went into, and which part of it is ours and not yet in `#pieces`. */
  #slab = EMPTY;
  #start = 0;
  #end = 0;

  /** How many bytes are queued. */
  get length(): number {
    return this.#length;
  }

  /** Where the bytes go that the last `extend` made room for. */
  get bytes(): Uint8Array {
    return this.#slab;
  }

  /** Makes room for `count` bytes at the end and returns where in `bytes` they go. The caller writes all of them. */
  extend(count: number): number {
    if (this.#slab !== slab || this.#end !== used || used + count > slab.length) {
      this.#seal();
      if (used + count > slab.length) {
        slab = new Uint8Array(Math.max(SLAB_SIZE, count));
        used = 0;
      }
      this.#slab = slab;
      this.#start = this.#end = used;
    }
    const at = used;
    used += count;
    this.#end = used;
    this.#length += count;
    return at;
  }

  /** Queues `data` itself: it must stay unchanged until it has been written. */
  pass(data: Uint8Array): void {
    this.#seal();
    this.#pieces.push(data);
    this.#length += data.length;
  }

  /** Hands over everything queued. */
  take(): readonly Uint8Array[] {
    if (this.#length === 0) return NOTHING;
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#length = 0;
    return pieces;
  }

  #seal(): void {
    if (this.#end > this.#start) this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#slab = EMPTY; // an idle queue pins no slab
    this.#start = this.#end = 0;
  }
}

const SLAB_SIZE = 65_536;
const EMPTY = new Uint8Array(0);
const NOTHING: readonly Uint8Array[] = [];
let slab = EMPTY;
let used = 0;
