/**
 * Output that a socket has not taken yet: for runtimes whose raw sockets take a part of a write and queue nothing themselves.
 * @module
 */

/** Bytes in order. What is pushed is kept unchanged; small pieces are joined, so what one read provoked leaves in one write. */
export class Outbox {
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** Bytes not taken yet. */
  get size(): number {
    return this.#size;
  }

  /** Queues more. */
  push(output: readonly Uint8Array[]): void {
    for (const piece of output) {
      if (piece.length === 0) continue;
      this.#pieces.push(piece);
      this.#size += piece.length;
    }
  }

  /** What to write next; there must be something. */
  next(): Uint8Array {
    const pieces = this.#pieces;
    let count = 0;
    let size = 0;
    while (count < pieces.length && size + pieces[count].length <= MAX_JOINED) size += pieces[count++].length;
    if (count < 2) return pieces[0];
    const joined = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces.splice(0, count)) {
      joined.set(piece, at);
      at += piece.length;
    }
    pieces.unshift(joined);
    return joined;
  }

  /** The socket took this many bytes of `next`. */
  take(count: number): void {
    this.#size -= count;
    if (count === this.#pieces[0].length) this.#pieces.shift();
    else this.#pieces[0] = this.#pieces[0].subarray(count);
  }

  /** Nothing more can leave. */
  clear(): void {
    this.#pieces = [];
    this.#size = 0;
  }
}

/** Copying pays up to here; a larger piece is written by itself. */
const MAX_JOINED = 65_536;
