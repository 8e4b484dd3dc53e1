/**
 * Runs a protocol over a transport.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { type Bed, type Clock, hostClock, sleep, type Sleeper } from "./clock.ts";

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
  /** True where what has left is looked at no more. Absent where somebody may still hold it, such as the next in a chain of streams. */
  readonly frees?: boolean;
  /** Stops reading. Absent where the host cannot. */
  pause?(): void;
  /** Reads again. */
  resume?(): void;
}

/** Hears of a driver. */
export interface DriverObserver {
  /** How long the transport may take nothing of what it was given, in milliseconds. Past it: it is torn down. */
  readonly stallTimeout: number;
  /** Called after each flush: there may be room again. */
  flushed(): void;
  /** Called once, when the socket is gone and the protocol knows. */
  closed(): void;
}

/** Couples one protocol to one transport. The adapter calls `received`, `drained`, `ended` and `closed` as its socket speaks. */
export class Driver<In, Out> implements Sleeper {
  /** One object for all that there is to hear, as every connection has one. */
  observer: DriverObserver | undefined = undefined;

  /** For whoever counts what the peer makes him do: 0 again with each read. */
  spent = 0;

  #protocol: Protocol<In, Out>;
  readonly #transport: Transport<Out>;
  readonly #clock: Clock;
  /** While the transport is blocked: when it last took something, and how much was left then. */
  #stall: { movedAt: number; left: number } | undefined = undefined;
  /** True while the transport does not read. */
  #paused = false;
  /** What was read while the protocol wanted nothing; the end of input may stand behind it. */
  #parked: In | undefined = undefined;
  #endParked = false;
  #ended = false;
  #closed = false;
  #busy = false;
  #scheduled = false;
  /** Where the timer waits, when it is armed. */
  #timer: Bed | undefined = undefined;
  /** Bytes written, once somebody counts them. */
  #written: number | undefined = undefined;

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
    return this.#stall !== undefined;
  }

  /** Bytes written that have not left the process yet. */
  get bufferedAmount(): number {
    return this.#transport.bufferedAmount ?? 0;
  }

  /** Bytes written since this was first asked, and what waited then. */
  get written(): number {
    return this.#written ??= this.bufferedAmount;
  }

  /** How many of those have left for good; undefined where that is never known. */
  get left(): number | undefined {
    return this.#transport.frees === true ? this.written - this.bufferedAmount : undefined;
  }

  /** Bytes read that the protocol has not had yet. */
  get bytesHeld(): number {
    return this.#parked instanceof Uint8Array ? this.#parked.length : 0;
  }

  /** The socket read something; it is lent. */
  received(input: In): void {
    const parked = this.#parked;
    if (parked === undefined && this.#transport.pause !== undefined && this.#protocol.paused) {
      if (!this.#closed) this.#park(input);
      return;
    }
    this.#parked = undefined;
    if (parked !== undefined) this.#receive(parked); // the host reads on all the same: the protocol has a limit for that
    this.#receive(input);
  }

  /** Stops reading now: nothing more is to be kept, not even what is read before the protocol is found to be paused. */
  stopReading(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#transport.pause?.();
  }

  /**
   * Reading stops only when something came that is not wanted yet, and that waits here: most pauses are over before, such as those for the promise of
   * a handler, and to stop and start costs two calls into the system (measured: 64 KiB messages took twice as long).
   */
  #park(input: In): void {
    this.#parked = input instanceof Uint8Array ? input.slice() as In & Uint8Array : input;
    this.stopReading();
  }

  #receive(input: In): void {
    if (this.#closed) return;
    const now = this.#clock.now(); // once a read: asking costs as much as parsing a frame
    this.spent = 0;
    this.#busy = true;
    try {
      this.#protocol.receive(input, now);
    } finally {
      this.#busy = false;
      this.#flush(now); // everything this read provoked leaves in one write
    }
  }

  /** The transport takes output again. */
  drained(): void {
    this.#stall = undefined;
    this.flush();
  }

  /** The peer ended its side. */
  ended(): void {
    if (this.#closed) return;
    this.#endParked = this.#parked !== undefined;
    if (this.#endParked) return;
    this.#protocol.receiveEnd(this.#clock.now());
    this.flush();
  }

  /** The socket is gone, both ways. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel(this);
    this.#timer = undefined;
    if (this.#parked !== undefined) this.#protocol.receive(this.#parked, this.#clock.now());
    this.#parked = undefined;
    this.#protocol.receiveEnd(this.#clock.now());
    this.observer?.closed();
  }

  /** Tears the transport down, whatever is still unwritten. */
  destroy(): void {
    this.#transport.destroy();
  }

  /** After any call into the protocol: writes its output and looks at its deadline. */
  flush(): void {
    if (!this.#busy) this.#flush(this.#clock.now());
  }

  /** The timer is due. */
  wake(): void {
    this.#timer = undefined;
    this.flush();
  }

  /** Flushes soon: for calls that no read provoked. Many before it runs make one write. */
  schedule(): void {
    if (this.#scheduled || this.#busy) return;
    this.#scheduled = true;
    if (waiting.push(this as unknown as Driver<never, never>) === 1) queueMicrotask(Driver.#flushWaiting);
  }

  /** Runs what `schedule` put off, for all at the same time. */
  static #flushWaiting(this: void): void {
    const drivers = waiting;
    waiting = [];
    let clock: Clock | undefined;
    let now = 0;
    for (const driver of drivers) {
      driver.#scheduled = false;
      if (driver.#clock !== clock) now = (clock = driver.#clock).now();
      if (!driver.#busy) driver.#flush(now);
    }
  }

  #flush(start: number): void {
    if (this.#closed) return;
    let now = start;
    this.#write(now);
    let { deadline } = this.#protocol;
    while (deadline <= now && !this.#closed) {
      this.#protocol.handleTimeout(now);
      this.#write(now);
      now = this.#clock.now();
      ({ deadline } = this.#protocol);
    }
    if (this.#closed) return;
    if (this.#stall !== undefined && this.#isStalled(this.#stall, now)) {
      this.#transport.destroy();
      return;
    }
    if (this.#protocol.outputEnded) {
      if (!this.#ended) this.#transport.end();
      this.#ended = true;
      if (deadline === Number.POSITIVE_INFINITY) {
        this.#transport.destroy();
        return;
      }
    }
    const due = this.#stall === undefined ? deadline : Math.min(deadline, this.#stall.movedAt + this.#stallTimeout);
    if (due !== Number.POSITIVE_INFINITY && !(this.#timer?.serves(due, now) ?? false)) this.#armTimer(due, now);
    this.observer?.flushed();
    if (this.#paused && !this.#protocol.paused) this.#readOn();
  }

  #readOn(): void {
    const parked = this.#parked;
    if (parked !== undefined) {
      this.#parked = undefined;
      this.#receive(parked); // and comes here again, unless that was enough
    } else {
      this.#paused = false;
      this.#transport.resume?.();
      if (this.#endParked) this.ended();
    }
  }

  #write(now: number): void {
    if (this.#stall !== undefined) return;
    const protocol = this.#protocol;
    const output = protocol.takeOutput(now);
    this.#protocol = protocol.successor ?? protocol;
    if (output.length === 0) return;
    if (this.#written !== undefined) for (const piece of output) this.#written += (piece as Uint8Array).length;
    if (!this.#transport.write(output)) this.#stall = { movedAt: now, left: this.#unsent };
  }

  get #stallTimeout(): number {
    return this.observer?.stallTimeout ?? Number.POSITIVE_INFINITY;
  }

  get #unsent(): number {
    return this.#transport.unsent ?? this.bufferedAmount;
  }

  /** Its peer reads nothing: no ping gets through to it, and where input waits for room its answers do not count. */
  #isStalled(stall: { movedAt: number; left: number }, now: number): boolean {
    const left = this.#unsent;
    if (left !== stall.left) stall.movedAt = now;
    stall.left = left;
    return now - stall.movedAt >= this.#stallTimeout;
  }

  /** Re-armed only when the deadline comes nearer: a timer that fires early does nothing, so a busy connection never touches it. */
  #armTimer(due: number, now: number): void {
    this.#timer?.cancel(this);
    this.#timer = sleep(this.#clock, this, due, now);
  }
}

let waiting: Driver<never, never>[] = [];
