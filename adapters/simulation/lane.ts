/**
 * One direction of a link: bytes in order, when they arrive, and in which pieces.
 * @module
 */
import { HIGH_WATER } from "../message.ts";
import type { Seed } from "./seed.ts";

/** How a link carries bytes. */
export interface Conditions {
  /** Milliseconds that everything takes, each way. */
  readonly delay: number;
  /** Further milliseconds, drawn for each piece from 0 up to this. What was sent first still arrives first. */
  readonly jitter: number;
  /** Bytes a second, each way. */
  readonly bandwidth: number;
  /** The most bytes that arrive at once. Where it is finite, messages are cut at any byte and joined with others. */
  readonly chunk: number;
  /** Bytes that leave the sender's process though the other side has not read them: what the system's buffers hold. */
  readonly window: number;
}

/** What lanes run on. */
export interface Ground {
  /** The time in milliseconds. */
  now(): number;
  /** Runs a step later; what is returned prevents it. */
  later(step: () => void, delay: number): () => void;
  /** Draws jitter and cuts; without it there are none. */
  readonly seed: Seed | undefined;
  /** Runs a step once all that the event under way set off has come to rest. */
  atRest(step: () => void): void;
  /** Hears what happens. */
  note(what: string): void;
}

/** Who reads a lane, or writes it. */
export interface LaneEnd {
  /** True while it takes what arrives. */
  readonly reading: boolean;
  /** Bytes arrived; they are lent. */
  received(bytes: Uint8Array): void;
  /** The other side ended its direction. */
  ended(): void;
  /** The other side is gone, both ways. */
  lost(): void;
  /** There is room again. */
  drained(): void;
}

/** What happens once a lane has carried so many bytes more. */
interface Cut {
  left: number;
  readonly then: () => void;
}

/** Bytes, the end of this direction, or of both at once. */
type Item = Uint8Array | "end" | "gone";

/** One direction of a link. */
export class Lane {
  /** Changes from then on. */
  conditions: Conditions;
  /** What becomes of each piece in between: TCP leaves it as it is. */
  tamper: ((bytes: Uint8Array) => readonly Uint8Array[]) | undefined = undefined;
  /** Bytes written and not handed over yet. */
  size = 0;
  readonly #ground: Ground;
  readonly #name: string;
  #from!: LaneEnd;
  #to!: LaneEnd;
  /** Written during the event under way, and not cut yet. */
  #fresh: Uint8Array[] = [];
  #items: { readonly item: Item; readonly at: number }[] = [];
  /** How many of them are done with. */
  #head = 0;
  #lastArrival = 0;
  #freeAt = 0;
  #writerWaits = false;
  #silent = false;
  #stalled = false;
  #shut = false;
  #cut: Cut | undefined = undefined;
  #unschedule: (() => void) | undefined = undefined;
  #stepping = false;

  /** @param name where it leads, for notes */
  constructor(ground: Ground, name: string, conditions: Conditions) {
    this.#ground = ground;
    this.#name = name;
    this.conditions = conditions;
  }

  /** Says who writes it and who reads it. */
  join(from: LaneEnd, to: LaneEnd): void {
    this.#from = from;
    this.#to = to;
  }

  /** Bytes that have not left the sender's process. */
  get unsent(): number {
    return Math.max(0, this.size - this.conditions.window);
  }

  /** True where a connection that is given up with bytes unread is reset, as systems do. */
  get resets(): boolean {
    return this.#ground.seed !== undefined;
  }

  /** Takes bytes. False asks for no more until `drained`. What is given is kept unchanged. */
  write(output: readonly Uint8Array[]): boolean {
    if (this.#shut) return true; // nobody reads it any more
    for (const bytes of output) this.size += bytes.length;
    if (this.#ground.seed === undefined) {
      for (const bytes of output) this.#push(bytes, bytes.length);
      this.poll();
    } else if (this.#fresh.push(...output) === output.length) {
      this.#ground.atRest(() => this.#launch());
    }
    return !(this.#writerWaits ||= this.#isFull);
  }

  /** No more bytes follow. */
  end(): void {
    if (this.#shut) return;
    this.#launch();
    this.#push("end", 0);
    this.poll();
  }

  /** No more bytes follow, whatever is written; what was on its way is lost when it is at once. */
  finish(atOnce: boolean): void {
    if (this.#shut) return;
    if (atOnce) this.#empty();
    this.end();
    this.#shut = true;
  }

  /** The writer is gone: what has left its process still arrives, then the reader hears of it. */
  hangUp(): void {
    if (this.#shut) return;
    this.#launch();
    while (this.#ground.seed !== undefined && this.unsent > 0) { // without a seed everything is as kind as can be
      const item = this.#items.pop()?.item;
      if (item === undefined) break;
      if (typeof item !== "string") this.size -= item.length;
    }
    this.#push("gone", 0);
    this.#shut = true;
    this.poll();
  }

  /** The reader hears that the writer is gone, and of nothing that was on its way. */
  reset(): void {
    this.#empty();
    this.#stalled = false; // a system tells its programs of a reset whether they read or not
    this.#push("gone", 0);
    this.#shut = true;
    this.poll();
  }

  /** Takes nothing more; what is on its way still arrives. */
  shut(): void {
    this.#shut = true;
  }

  /** The reader is gone. */
  close(): void {
    this.#shut = true;
    this.#empty();
  }

  /** Nothing passes, or everything does again: what was on its way arrives then. */
  set silent(silent: boolean) {
    this.#silent = silent;
    this.poll();
  }

  /** The reader takes nothing, or goes on. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    this.poll();
  }

  /** Something is to happen when so many more bytes have been handed over. */
  cutAfter(bytes: number, then: () => void): void {
    this.#cut = { left: bytes, then };
    if (bytes === 0) this.#ground.later(() => this.#count(0), 0);
  }

  /** Looks whether there is something to hand over. */
  poll(): void {
    if (this.#unschedule !== undefined || this.#stepping || !this.#isOpen) return;
    const wait = Math.max(0, this.#items[this.#head].at - this.#ground.now());
    this.#unschedule = this.#ground.later(() => {
      this.#unschedule = undefined;
      this.#step();
    }, wait);
  }

  /** True when the head of the queue may be handed over as soon as it has arrived. */
  get #isOpen(): boolean {
    return this.#head < this.#items.length && !this.#silent && !this.#stalled && this.#to.reading;
  }

  get #isFull(): boolean {
    return this.size >= this.conditions.window + HIGH_WATER;
  }

  /**
   * Cuts what was written during an event. In how many calls and arrays that was depends on the host's turns and on memory that all connections of
   * the process share: no draw may.
   */
  #launch(): void {
    if (this.#fresh.length === 0) return;
    const bytes = joined(this.#fresh);
    this.#fresh = [];
    const { chunk } = this.conditions;
    const seed = this.#ground.seed as Seed;
    for (let at = 0; at < bytes.length;) {
      const most = Math.min(chunk, bytes.length - at);
      const size = chunk === Number.POSITIVE_INFINITY || seed.chance(0.5) ? most : 1 + seed.below(most);
      this.#push(size === bytes.length ? bytes : bytes.subarray(at, at + size), size);
      at += size;
    }
    this.poll();
  }

  #push(item: Item, size: number): void {
    const { delay, jitter, bandwidth } = this.conditions;
    const now = this.#ground.now();
    this.#freeAt = Math.max(this.#freeAt, now) + size * 1000 / bandwidth;
    const drawn = jitter > 0 && this.#ground.seed !== undefined ? this.#ground.seed.below(jitter + 1) : 0;
    this.#lastArrival = Math.max(this.#lastArrival, this.#freeAt + delay + drawn);
    this.#items.push({ item, at: this.#lastArrival });
  }

  #step(): void {
    this.#stepping = true;
    try {
      if (this.#ground.seed !== undefined) this.#handOver();
      else while (this.#isOpen) this.#handOver();
    } finally {
      this.#stepping = false;
    }
    if (this.#writerWaits && !this.#isFull) {
      this.#writerWaits = false;
      this.#ground.later(() => this.#from.drained(), 0);
    }
    this.poll();
  }

  #handOver(): void {
    const now = this.#ground.now();
    if (!this.#isOpen || this.#items[this.#head].at > now) return;
    const item = this.#take();
    if (item === "gone") {
      this.#ground.note(`${this.#name} gone`);
      this.#to.lost();
    } else if (item === "end") {
      this.#ground.note(`${this.#name} end`);
      this.#to.ended();
    } else {
      this.#arrive(this.#withMore(item, now));
    }
  }

  #arrive(whole: Uint8Array): void {
    const most = this.#cut?.left ?? Number.POSITIVE_INFINITY;
    const bytes = whole.length <= most ? whole : whole.subarray(0, most);
    if (bytes !== whole) this.#items.splice(this.#head, 0, { item: whole.subarray(most), at: this.#ground.now() });
    this.size -= bytes.length;
    for (const piece of this.tamper === undefined ? [bytes] : this.tamper(bytes)) {
      this.#ground.note(`${this.#name} ${piece.length} B ${hash(piece)}`);
      this.#to.received(piece);
    }
    this.#count(bytes.length);
  }

  #count(bytes: number): void {
    const cut = this.#cut;
    if (cut === undefined || (cut.left -= bytes) > 0) return;
    this.#cut = undefined;
    cut.then();
  }

  /** With it, some of what has arrived behind it: a read takes what is there. */
  #withMore(first: Uint8Array, now: number): Uint8Array {
    const { seed } = this.#ground;
    const pieces = [first];
    let size = first.length;
    while (seed !== undefined && this.#head < this.#items.length) {
      const { item, at } = this.#items[this.#head];
      if (typeof item === "string" || at > now || size + item.length > this.conditions.chunk || seed.chance(0.5)) break;
      this.#take();
      pieces.push(item);
      size += item.length;
    }
    return joined(pieces);
  }

  #take(): Item {
    const { item } = this.#items[this.#head++];
    if (this.#head * 2 > this.#items.length) { // seldom enough that emptying a long one costs linear time
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  #empty(): void {
    this.#unschedule?.();
    this.#unschedule = undefined;
    this.#fresh = [];
    this.#items = [];
    this.#head = 0;
    this.size = 0;
    this.#cut = undefined;
  }
}

/** One array of all their bytes. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes as a few letters (FNV-1a), to compare two runs by. */
function hash(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
