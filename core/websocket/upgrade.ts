/**
 * What the two roles' upgrades share: a protocol over bytes that is a head first and a connection ever after, so that a host
 * with a raw socket needs one object for the whole life of it.
 * @module
 */
import type { Protocol } from "../protocol.ts";

/** The part of a connection's life before and after the opening handshake. */
export abstract class Upgrade implements Protocol<Uint8Array, Uint8Array> {
  #connection: Protocol<Uint8Array, Uint8Array> | undefined = undefined;
  #output = NOTHING;
  #ended = false;
  /** How long until `#deadline` once a call tells the time; `undefined` when that is done. */
  #timeout: number | undefined;
  #deadline = AT_ONCE;
  #ignored = 0;

  /** Gives the handshake `timeout` milliseconds, from the first call that tells the time. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** True once a failed handshake's output was taken; later the connection's. */
  get outputEnded(): boolean {
    return this.#connection?.outputEnded ?? (this.#ended && this.#output.length === 0);
  }

  /** True while the application decides, and once a refused peer has sent too much; later the connection's. */
  get paused(): boolean {
    return this.#connection?.paused ?? (this.waiting || this.#ignored > MAX_IGNORED);
  }

  /** The connection, once the handshake's output was taken. */
  get successor(): Protocol<Uint8Array, Uint8Array> | undefined {
    return this.#output.length === 0 ? this.#connection : undefined;
  }

  /** When the handshake's time is up, in milliseconds; later the connection's. */
  get deadline(): number {
    return this.#connection?.deadline ?? this.#deadline;
  }

  /** Reads the handshake; bytes behind it, and later ones, go to the connection. */
  receive(input: Uint8Array, now: number): void {
    if (this.#connection !== undefined) {
      this.#connection.receive(input, now);
      return;
    }
    this.#arm(now);
    if (this.#ended) this.#ignored += input.length;
    else this.receiveBefore(input, now);
  }

  /** Ends the handshake, or tells the connection. */
  receiveEnd(now: number): void {
    if (this.#connection !== undefined) this.#connection.receiveEnd(now);
    else if (!this.#ended) this.endBefore();
  }

  /** Hands over the handshake's bytes, then the connection's. */
  takeOutput(now: number): readonly Uint8Array[] {
    this.#arm(now);
    const output = this.#output;
    this.#output = NOTHING;
    if (this.#connection === undefined) return output;
    const more = this.#connection.takeOutput(now);
    return output.length === 0 ? more : more.length === 0 ? output : [...output, ...more];
  }

  /** Ends a handshake whose time is up, or tells the connection. */
  handleTimeout(now: number): void {
    if (this.#connection !== undefined) {
      this.#connection.handleTimeout(now);
      return;
    }
    this.#arm(now);
    if (now < this.#deadline) return;
    this.#deadline = NEVER;
    if (!this.#ended) this.expire();
  }

  /** True while the application makes up its mind. */
  protected abstract readonly waiting: boolean;
  /** Consumes input before the handshake is done. */
  protected abstract receiveBefore(input: Uint8Array, now: number): void;
  /** The peer's end came before the handshake was done. */
  protected abstract endBefore(): void;
  /** The deadline of the handshake passed. */
  protected abstract expire(): void;

  /** Queues bytes of the handshake. */
  protected queue(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#output = [...this.#output, bytes];
  }

  /** The handshake failed: nothing follows what is queued, and after `linger` milliseconds nothing is awaited. */
  protected end(linger: number): void {
    this.#ended = true;
    this.#timeout = linger === 0 ? undefined : linger;
    this.#deadline = linger === 0 ? NEVER : AT_ONCE;
  }

  /** The handshake succeeded: from here on the connection is asked. */
  protected become(connection: Protocol<Uint8Array, Uint8Array>): void {
    this.#connection = connection;
  }

  /** True once the handshake failed or succeeded. */
  protected get decided(): boolean {
    return this.#ended || this.#connection !== undefined;
  }

  #arm(now: number): void {
    if (this.#timeout === undefined) return;
    this.#deadline = now + this.#timeout;
    this.#timeout = undefined;
  }
}

/** What a refused peer may still send before it is not read any more; it has its answer, unless its socket goes at once. */
const MAX_IGNORED = 262_144;
const NOTHING: readonly Uint8Array[] = [];
const AT_ONCE = Number.NEGATIVE_INFINITY;
const NEVER = Number.POSITIVE_INFINITY;
