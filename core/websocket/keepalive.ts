/**
 * Finds out whether a silent peer still lives (RFC 6455, section 5.5.2): after a silence it is pinged, and must say
 * something, a pong or anything else, in time.
 * @module
 */

/** When to ping and how long to wait, in milliseconds. */
export interface KeepaliveOptions {
  /** Silence of the peer before it is pinged; `Infinity` for never. */
  readonly pingInterval: number;
  /** How long after a ping the peer may stay silent. */
  readonly pongTimeout: number;
}

/** One connection's two deadlines. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  #heardAt = -NEVER;
  /** When the ping that is waited on was sent; `Infinity` for none. */
  #pingedAt = NEVER;

  /** Is due at once, to learn the time; never without an interval. */
  constructor(options: KeepaliveOptions) {
    this.#options = options;
  }

  /** When `check` has something to do; in the past before the first call. */
  get deadline(): number {
    const { pingInterval, pongTimeout } = this.#options;
    if (pingInterval === NEVER) return NEVER;
    return this.#pingedAt === NEVER ? this.#heardAt + pingInterval : this.#pingedAt + pongTimeout;
  }

  /** The peer said something, or the connection has just opened. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#pingedAt = NEVER;
  }

  /** The ping that is waited on leaves only now: its time starts again. */
  sent(now: number): void {
    if (this.#pingedAt !== NEVER) this.#pingedAt = now;
  }

  /** What is due: a ping to send, or the verdict that the peer is gone. */
  check(now: number): "ping" | "gone" | undefined {
    if (now < this.deadline) return undefined;
    if (this.#heardAt === -NEVER) {
      this.#heardAt = now;
      return undefined;
    }
    if (this.#pingedAt !== NEVER) return "gone";
    this.#pingedAt = now;
    return "ping";
  }
}

const NEVER = Number.POSITIVE_INFINITY;
