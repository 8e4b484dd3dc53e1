/**
 * Runs a protocol over a transport: the only clock and the only timer there is.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";

/** What a runtime offers: a pipe that can be written, ended and torn down. */
export interface Transport<Out> {
  /** Writes in order. False asks for no more until `Driver.drained`. What is given is kept unchanged. */
  write(output: readonly Out[]): boolean;
  /** Ends the write side once what was written has gone. */
  end(): void;
  /** Releases the socket at once. `Driver.closed` follows. */
  destroy(): void;
  /** Bytes written that have not left the process yet; absent where the host does not say. */
  readonly bufferedAmount?: number;
  /** Changes whenever a part of what was written leaves; absent where `bufferedAmount` does. */
  readonly unsent?: number;
  /** Stops reading. Absent where the host cannot. */
  pause?(): void;
  /** Reads again. */
  resume?(): void;
}

/** Where time comes from. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once after a delay in milliseconds; the function returned cancels. */
  schedule(callback: () => void, delay: number): () => void;
}

/** The host's own clock. */
export const hostClock: Clock = {
  now: () => performance.now(),
  schedule(callback, delay) {
    const timer = setTimeout(callback, Math.min(delay, MAX_DELAY));
    return () => clearTimeout(timer);
  },
};

/** Couples one protocol to one transport. The adapter calls `received`, `drained`, `ended` and `closed` as its socket speaks. */
export class Driver<In, Out> {
  /** Called after each flush: there may be room again. */
  onFlush: (() => void) | undefined = undefined;
  /** Called once, when the socket is gone and the protocol knows. */
  onClosed: (() => void) | undefined = undefined;

  /** How long the transport may take nothing of what it was given, in milliseconds. Past it: it is torn down. */
  stallTimeout: number = Number.POSITIVE_INFINITY;

  /** How often the socket has read something. */
  reads = 0;

  readonly #protocol: Protocol<In, Out>;
  readonly #transport: Transport<Out>;
  readonly #clock: Clock;
  #blocked = false;
  /** When the transport last took something while it was blocked, and how much was left then. */
  #movedAt = 0;
  #left = 0;
  #paused = false;
  #ended = false;
  #closed = false;
  #busy = false;
  #scheduled = false;
  #cancelTimer: (() => void) | undefined = undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  /** Couples them; nothing happens before the first `flush` or input. */
  constructor(protocol: Protocol<In, Out>, transport: Transport<Out>, clock: Clock = hostClock) {
    this.#protocol = protocol;
    this.#transport = transport;
    this.#clock = clock;
  }

  /** The time on this driver's clock. */
  get now(): number {
    return this.#clock.now();
  }

  /** True while the transport asks for no more output. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Bytes written that have not left the process yet. */
  get bufferedAmount(): number {
    return this.#transport.bufferedAmount ?? 0;
  }

  /** The socket read something; it is lent. */
  received(input: In): void {
    if (this.#closed) return;
    this.reads++;
    this.#busy = true;
    try {
      this.#protocol.receive(input, this.#clock.now());
    } finally {
      this.#busy = false;
      this.flush(); // everything this read provoked leaves in one write
    }
  }

  /** The transport takes output again. */
  drained(): void {
    this.#blocked = false;
    this.flush();
  }

  /** The peer ended its side. */
  ended(): void {
    if (this.#closed) return;
    this.#protocol.receiveEnd(this.#clock.now());
    this.flush();
  }

  /** The socket is gone, both ways. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#protocol.receiveEnd(this.#clock.now());
    this.onClosed?.();
  }

  /** Tears the transport down, whatever is still unwritten. */
  destroy(): void {
    this.#transport.destroy();
  }

  /** After any call into the protocol: writes its output and looks at its deadline. */
  flush(): void {
    if (this.#closed || this.#busy) return;
    const protocol = this.#protocol;
    let now = this.#clock.now();
    this.#write(now);
    while (protocol.deadline <= now && !this.#closed) {
      protocol.handleTimeout(now);
      this.#write(now);
      now = this.#clock.now();
    }
    if (this.#closed) return;
    if (this.#blocked && this.#isStalled(now)) {
      this.#transport.destroy();
      return;
    }
    if (protocol.outputEnded && !this.#ended) {
      this.#ended = true;
      this.#transport.end();
    }
    if (protocol.outputEnded && protocol.deadline === Number.POSITIVE_INFINITY) {
      this.#transport.destroy();
      return;
    }
    this.#steerReading();
    this.#armTimer(now);
    this.onFlush?.();
  }

  /** Flushes soon: for calls that no read provoked. Many before it runs make one write. */
  schedule(): void {
    if (this.#scheduled || this.#busy) return;
    this.#scheduled = true;
    if (waiting.push(this) === 1) queueMicrotask(flushWaiting);
  }

  /** Runs what `schedule` put off. */
  flushScheduled(): void {
    this.#scheduled = false;
    this.flush();
  }

  #write(now: number): void {
    if (this.#blocked) return;
    const output = this.#protocol.takeOutput(now);
    if (output.length === 0) return;
    this.#blocked = !this.#transport.write(output);
    this.#movedAt = now;
    this.#left = this.#unsent;
  }

  get #unsent(): number {
    return this.#transport.unsent ?? this.bufferedAmount;
  }

  /** Its peer reads nothing: no ping gets through to it, and where input waits for room its answers do not count. */
  #isStalled(now: number): boolean {
    const left = this.#unsent;
    if (left !== this.#left) this.#movedAt = now;
    this.#left = left;
    return now - this.#movedAt >= this.stallTimeout;
  }

  #steerReading(): void {
    const { paused } = this.#protocol;
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.#transport.pause?.();
    else this.#transport.resume?.();
  }

  /** Re-armed only when the deadline comes nearer: a timer that fires early does nothing, so a busy connection never touches it. */
  #armTimer(now: number): void {
    const due = Math.min(this.#protocol.deadline, this.#blocked ? this.#movedAt + this.stallTimeout : Number.POSITIVE_INFINITY);
    if (due >= this.#timerDue) return;
    this.#cancelTimer?.();
    this.#timerDue = due;
    this.#cancelTimer = this.#clock.schedule(() => {
      this.#timerDue = Number.POSITIVE_INFINITY;
      this.#cancelTimer = undefined;
      this.flush();
    }, Math.max(0, Math.ceil(due - now)));
  }
}

function flushWaiting(): void {
  const drivers = waiting;
  waiting = [];
  for (const driver of drivers) driver.flushScheduled();
}

let waiting: { flushScheduled(): void }[] = [];

/** The longest delay `setTimeout` knows; an earlier call does nothing, and the timer is set again. */
const MAX_DELAY = 2_147_483_647;
