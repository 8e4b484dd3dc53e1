/**
 * Bytes on their way out. Small pieces are written side by side into one slab that all queues of the process share, so
 * what one read provoked leaves in one write; large ones pass through uncopied. Small pieces that could not stand side by side, as
 * queues took turns, are joined as they are taken: a host pays for each piece it writes. What all receivers of a broadcast get stands there once.
 *
 * What a slab has handed out is never written again: outputs are given, and the host may hold them for as long as it likes.
 * @module
 */

/** An ordered queue of bytes. */
export class OutputQueue {
  #pieces: Uint8Array[] | undefined = undefined;
  #length = 0;
  /** The slab the last bytes went into, and which part of it is ours and not yet in `#pieces`. */
  #slab: Uint8Array = EMPTY;
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

  /** True while what comes next would stand behind what came last, in the same slab. */
  get continues(): boolean {
    return this.#length > 0 && this.#slab === slab && this.#end === used;
  }

  /** Makes room for `count` bytes at the end and returns where in `bytes` they go. The caller writes all of them, or trims. */
  extend(count: number): number {
    if (this.#slab !== slab || this.#end !== used || used + count > slab.length) this.#turn(count);
    const at = used;
    used += count;
    this.#end = used;
    this.#length += count;
    return at;
  }

  /** Gives back the last `count` bytes of what the last `extend` made room for. */
  trim(count: number): void {
    used -= count;
    this.#end = used;
    this.#length -= count;
  }

  /** Queues `data` itself: it must stay unchanged until it has been written. */
  pass(data: Uint8Array): void {
    this.#seal();
    this.#add(data);
    this.#length += data.length;
  }

  /** Queues what stands in a slab for another queue: behind what came last it is only counted. */
  share(bytes: Uint8Array, start: number, end: number): void {
    if (this.#slab !== bytes || this.#end !== start) {
      this.#seal();
      this.#slab = bytes;
      this.#start = start;
    }
    this.#end = end;
    this.#length += end - start;
  }

  /** Hands over everything queued. */
  take(): readonly Uint8Array[] {
    if (this.#length === 0) return NOTHING;
    if (this.#pieces === undefined) return this.#only();
    this.#seal();
    const pieces = this.#pieces as Uint8Array[];
    this.#pieces = undefined;
    this.#length = 0;
    return pieces.length === 1 ? pieces : joinRuns(pieces);
  }

  /** All of it stands side by side: queues that have the same, as the receivers of broadcasts do, hand over one and the same piece. */
  #only(): readonly Uint8Array[] {
    const start = this.#start;
    const end = this.#end;
    if (this.#slab !== takenSlab || start !== takenStart || end !== takenEnd) {
      takenSlab = this.#slab;
      taken = [takenSlab.subarray(takenStart = start, takenEnd = end)];
    }
    this.#slab = EMPTY;
    this.#start = this.#end = this.#length = 0;
    return taken;
  }

  #turn(count: number): void {
    this.#seal();
    makeRoom(count);
    this.#slab = slab;
    this.#start = this.#end = used;
  }

  #seal(): void {
    if (this.#end === this.#start) return;
    this.#add(this.#slab.subarray(this.#start, this.#end));
    this.#slab = EMPTY; // an idle queue pins no slab
    this.#start = this.#end = 0;
  }

  /** Most outputs are one piece, and an array that a first `push` makes larger has room for 17 on V8. */
  #add(piece: Uint8Array): void {
    if (this.#pieces === undefined) this.#pieces = [piece];
    else this.#pieces.push(piece);
  }
}

/** Joins small pieces that follow each other. */
function joinRuns(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const output: Uint8Array[] = [];
  for (let at = 0; at < pieces.length;) {
    const start = at;
    while (at < pieces.length && pieces[at].length <= JOIN_PAYS) at++;
    if (at - start > 1) output.push(join(pieces, start, at));
    else if (at > start) output.push(pieces[start]);
    if (at < pieces.length) output.push(pieces[at++]);
  }
  return output;
}

function join(pieces: readonly Uint8Array[], start: number, end: number): Uint8Array {
  let size = 0;
  for (let at = start; at < end; at++) size += pieces[at].length;
  makeRoom(size);
  const begin = used;
  for (let at = start; at < end; at++) {
    slab.set(pieces[at], used);
    used += pieces[at].length;
  }
  return slab.subarray(begin, used);
}

function makeRoom(count: number): void {
  if (used + count <= slab.length) return;
  slab = new Uint8Array(Math.max(SLAB_SIZE, count));
  used = 0;
}

const SLAB_SIZE = 65_536;
/** A piece of more bytes is written by itself: copying it costs as much as the host takes for one more piece (measured). */
const JOIN_PAYS = 4_096;
const EMPTY: Uint8Array = new Uint8Array(0);
const NOTHING: readonly Uint8Array[] = [];
let slab = EMPTY;
let used = 0;
/** What was handed over last. */
let taken = NOTHING;
let takenSlab = EMPTY;
let takenStart = 0;
let takenEnd = 0;
