/**
 * What all connections of a server share: how many there may be, and how many bytes they may hold together.
 *
 * 1. Each connection's bytes are counted as it is flushed: one subtraction, however many connections there are.
 * 2. Who holds nothing is in no list: an idle connection takes no room here.
 * 3. All are counted anew only while there is too much, ten times a second: what a transport wrote in silence is seen then.
 * @module
 */
import type { State } from "../core/websocket/connection.ts";
import { DEFAULT_LIMITS, type Limits } from "../core/websocket/limits.ts";
import type { Clock } from "./clock.ts";

/** The limits of a connection, and those that all connections of a server share. `Infinity` lifts each. */
export interface ServerLimits extends Limits {
  /** Connections at a time, with those whose handshake is under way. Past it: see `Overflow.connections`. */
  readonly maxConnections: number;
  /**
   * Bytes that connections hold together: input that waits, messages that are not whole or not read yet, output that has not
   * left the process, and what extensions keep. Past it: see `Overflow.memory`.
   */
  readonly maxMemory: number;
}

/** What happens past the limits that connections share. */
export interface Overflow {
  /**
   * - `refuse`: one more is answered 503 with Retry-After. The default.
   * - `drop`: one more is dropped without an answer.
   */
  readonly connections?: "refuse" | "drop";
  /**
   * - `pause`: connections that hold more than an equal share are not read from until there is room again: what is held grows to
   *   twice the limit at most. When that does not help for 5 seconds, those that hold the most are closed as with `close`. The default.
   * - `refuse`: new connections are answered 503 with Retry-After; those that are open go on.
   * - `close`: those that hold the most are closed with 1013 at once, and dropped when they do not take that.
   */
  readonly memory?: "pause" | "refuse" | "close";
}

/** The limits of a server that hold when nothing else is said. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = Object.freeze({
  ...DEFAULT_LIMITS,
  maxConnections: 65_536,
  maxMemory: 268_435_456,
});

/** What holds memory, and what can be done about it. */
export interface Holder {
  /** Bytes held for it now. */
  readonly bytesHeld: number;
  readonly state: State;
  /** Stops reading from it, or reads again. */
  throttle(throttled: boolean): void;
  /** Sends a close frame, and holds no more than it does. */
  giveUp(code: number, reason: string): void;
  terminate(): void;
}

/** Counts the bytes of many holders against a limit, and acts past it. */
export class Budget {
  readonly #limit: number;
  readonly #policy: NonNullable<Overflow["memory"]>;
  readonly #clock: Clock;
  #holders = 0;
  /** Bytes held, as far as was told, by those that hold any. */
  readonly #held = new Map<Holder, number>();
  #total = 0;
  readonly #throttled = new Set<Holder>();
  /** When there was too much first, and what cancels the next look at it; undefined while there is not. */
  #over: { readonly since: number; cancel: () => void } | undefined = undefined;

  /** @param limit in bytes */
  constructor(limit: number, policy: NonNullable<Overflow["memory"]>, clock: Clock) {
    this.#limit = limit;
    this.#policy = policy;
    this.#clock = clock;
  }

  /** True while there is no room for new connections. */
  get isFull(): boolean {
    return this.#policy === "refuse" && this.#total > this.#limit;
  }

  /** Bytes held, as far as was told. */
  get total(): number {
    return this.#total;
  }

  /** Counts one more holder. `update` is called after whatever may change what is held, `end` at its end. */
  open(): void {
    this.#holders++;
  }

  /** A holder is gone; nothing more is told of it. */
  end(holder: Holder): void {
    this.#note(holder, 0);
    this.#throttled.delete(holder);
    if (--this.#holders === 0) this.#stop();
  }

  /** What it holds may have changed. */
  update(holder: Holder): void {
    const held = holder.bytesHeld;
    if (held === 0 && this.#held.size === 0) return;
    if (this.#note(holder, held) <= 0 || this.#total <= this.#limit) return;
    if (this.#over === undefined) {
      this.#over = { since: this.#clock.now(), cancel: () => {} };
      this.#over.cancel = this.#clock.schedule(() => this.#look(), 0);
    }
    this.#throttle(holder, held);
  }

  /** Gives by how much it has changed. */
  #note(holder: Holder, held: number): number {
    const change = held - (this.#held.get(holder) ?? 0);
    if (change === 0) return 0;
    if (held === 0) this.#held.delete(holder);
    else this.#held.set(holder, held);
    this.#total += change;
    return change;
  }

  /** Who holds more than an equal share is not read from; it cannot be otherwise than that there is such a one. */
  #throttle(holder: Holder, held: number): void {
    if (this.#policy !== "pause" || held * this.#holders <= this.#limit || this.#throttled.has(holder)) return;
    this.#throttled.add(holder);
    holder.throttle(true);
  }

  /** Counts anew, and acts where that does not suffice. */
  #look(): void {
    const over = this.#over;
    if (over === undefined) return;
    for (const holder of this.#held.keys()) this.#note(holder, holder.bytesHeld);
    if (this.#total <= this.#limit) return this.#stop();
    for (const [holder, held] of this.#held) this.#throttle(holder, held);
    const now = this.#clock.now();
    if (this.#policy === "close" || (this.#policy === "pause" && now - over.since >= PATIENCE)) this.#cut();
    over.cancel = this.#clock.schedule(() => this.#look(), INTERVAL);
  }

  /** Closes those that hold the most, until what is left is within the limit; who was closed and did not let go is dropped. */
  #cut(): void {
    let excess = this.#total - this.#limit;
    for (const [holder, held] of [...this.#held].sort(([, one], [, other]) => other - one)) {
      if (excess <= 0) return;
      excess -= held;
      if (holder.state === "open") holder.giveUp(1013, "The server holds too much");
      else holder.terminate();
    }
  }

  #stop(): void {
    this.#over?.cancel();
    this.#over = undefined;
    for (const holder of this.#throttled) holder.throttle(false);
    this.#throttled.clear();
  }
}

/** Milliseconds between two looks at all holders, while they hold too much. */
const INTERVAL = 100;
/** Milliseconds after which pausing has not helped. */
const PATIENCE = 5_000;
