/**
 * Output that a socket has not taken yet: for runtimes whose raw sockets take a part of a write and queue nothing themselves.
 * @module
 */

/** Bytes in order. What is pushed is kept unchanged; pieces are joined, so what one read provoked leaves in one write, headers and payloads. */
export class Outbox {
  /** What is queued; the first is what remains of it. */
  protected readonly pieces: Uint8Array[] = [];
  #size = 0;
  /** Where the first piece stands, when it was joined in a place that all share. */
  #place: Uint8Array | undefined = undefined;

  /** Bytes not taken yet. */
  get size(): number {
    return this.#size;
  }

  /** Queues more. */
  push(output: readonly Uint8Array[]): void {
    for (const piece of output) {
      if (piece.length === 0) continue;
      this.pieces.push(piece);
      this.#size += piece.length;
    }
  }

  /** What to write next; there must be something. It stays unchanged until it is taken or cleared. */
  next(): Uint8Array {
    const { pieces } = this;
    if (this.#place !== undefined || pieces.length === 1) return pieces[0];
    let count = 0;
    let size = 0;
    while (count < pieces.length && size + pieces[count].length <= MAX_JOINED) size += pieces[count++].length;
    if (count < 2) return pieces[0];
    this.#place = takePlace();
    const joined = this.#place?.subarray(0, size) ?? new Uint8Array(size);
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
    if (count === this.#size) return this.clear();
    const { pieces } = this;
    this.#size -= count;
    let left = count;
    let whole = 0;
    while (whole < pieces.length && left >= pieces[whole].length) left -= pieces[whole++].length;
    if (left > 0) pieces[whole] = pieces[whole].subarray(left);
    if (whole === 0) return;
    pieces.splice(0, whole);
    this.#leavePlace();
  }

  /** Nothing more can leave, and nothing is being written. */
  clear(): void {
    this.pieces.length = 0;
    this.#size = 0;
    this.#leavePlace();
  }

  #leavePlace(): void {
    if (this.#place !== undefined) places.push(this.#place);
    this.#place = undefined;
  }
}

/** One of the places, while there are any. */
function takePlace(): Uint8Array | undefined {
  const place = places.pop();
  if (place !== undefined || made === MAX_PLACES) return place;
  made++;
  return new Uint8Array(MAX_JOINED);
}

/** Two messages of 64 KiB and their headers; a piece that does not fit is written by itself. */
const MAX_JOINED = 135_168;
/** Writes that are not done at once keep theirs; when all are kept, each has a new array. */
const MAX_PLACES = 16;
const places: Uint8Array[] = [];
let made = 0;
