/**
 * A link to a protocol in the same process, on a clock that stands still but when somebody waits: hours take no time.
 * @module
 */
import { concat } from "../frames.ts";
import type { Hear, Link } from "./link.ts";

/** What the tester needs of a protocol. Isosocket's own `Protocol<Uint8Array, Uint8Array>` is one. */
export interface ByteProtocol {
  /** Bytes came; they are lent for the call. */
  receive(input: Uint8Array, now: number): void;
  /** No more will come. */
  receiveEnd(now: number): void;
  /** Gives what is to be sent. */
  takeOutput(now: number): readonly Uint8Array[];
  /** True once it sends no more behind its output. */
  readonly outputEnded: boolean;
  /** When it wants `handleTimeout`, in milliseconds on the clock of `now`; Infinity for never. */
  readonly deadline: number;
  /** Its deadline has come. */
  handleTimeout(now: number): void;
}

/** The tester's end of a connection whose other end is a protocol. */
export class ProtocolLink implements Link {
  readonly #protocol: ByteProtocol;
  #now = 0;
  #hear: Hear | undefined = undefined;
  /** The tester's side is ended. */
  #endedByUs = false;
  /** The protocol's side is ended, or the connection dropped. */
  #ended = false;
  #settling = false;
  #reads = true;

  constructor(protocol: ByteProtocol) {
    this.#protocol = protocol;
  }

  get now(): number {
    return this.#now;
  }

  listen(hear: Hear): void {
    this.#hear = hear;
    this.#settle();
  }

  write(bytes: Uint8Array): void {
    if (this.#endedByUs || bytes.length === 0) return;
    this.#protocol.receive(bytes.slice(), this.#now); // lent: it may be changed
    this.#settle();
  }

  read(on: boolean): void {
    this.#reads = on;
    this.#settle();
  }

  end(): void {
    if (this.#endedByUs) return;
    this.#endedByUs = true;
    this.#protocol.receiveEnd(this.#now);
    this.#settle();
  }

  destroy(): void {
    this.end();
    this.#ended = true;
  }

  turn(): Promise<void> {
    return Promise.resolve();
  }

  /** Jumps from one deadline of the protocol to the next. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    const limit = this.#now + milliseconds;
    for (let turns = 0; !condition() && this.#protocol.deadline <= limit; turns++) {
      if (turns === MOST_TURNS) throw new Error("it does not move its deadline");
      this.#now = Math.max(this.#now, this.#protocol.deadline);
      this.#protocol.handleTimeout(this.#now);
      this.#settle();
    }
    if (condition()) return Promise.resolve(true);
    this.#now = limit;
    return Promise.resolve(false);
  }

  /** The one rule: after any call, take the output. What hears it may write: that output follows. */
  #settle(): void {
    if (this.#hear === undefined || this.#settling || !this.#reads) return;
    this.#settling = true;
    for (;;) {
      const pieces = this.#protocol.takeOutput(this.#now);
      if (pieces.length === 0) break;
      if (!this.#ended) this.#hear.data(concat(pieces));
    }
    this.#settling = false;
    if (!this.#protocol.outputEnded || this.#ended) return;
    this.#ended = true;
    this.#hear.end(false);
  }
}

/** More than any wait may need. */
const MOST_TURNS = 100_000;
