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
  /**
   * True where nobody looks at bytes any more that have left `bufferedAmount`, which must be there too: lent memory is used again then. Call
   * `Driver.emptied` once all have left, unless `drained` is called. Absent where somebody may still hold them, such as the next in a chain of streams.
   */
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
  /** Which of the flags below are set: one field, as every connection has it. */
  #flags = 0;
  /** Where the timer waits, when it is armed. */
  #timer: Bed | undefined = undefined;
  #more: More<In> | undefined = undefined;

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
    return this.#more?.movedAt !== undefined;
  }

  /** True while it runs this one and not, say, the opening handshake before it. */
  runs(protocol: Protocol<In, Out>): boolean {
    return this.#protocol === protocol;
  }

  /** Bytes written that have not left the process yet. */
  get bufferedAmount(): number {
    return this.#transport.bufferedAmount ?? 0;
  }

  /** Bytes written since this was first asked, and what waited then. */
  get written(): number {
    return this.#rest().written ??= this.bufferedAmount;
  }

  /** True once `written` was asked. */
  get counts(): boolean {
    return this.#more?.written !== undefined;
  }

  /** How many of those have left for good; undefined where that is never known. */
  get left(): number | undefined {
    const { frees, bufferedAmount } = this.#transport;
    return frees === true && bufferedAmount !== undefined ? this.written - bufferedAmount : undefined;
  }

  /** Bytes read that the protocol has not had yet. */
  get bytesHeld(): number {
    const parked = this.#more?.parked;
    return parked instanceof Uint8Array ? parked.length : 0;
  }

  /** The socket read something; it is lent. */
  received(input: In): void {
    const parked = this.#takeParked();
    if (parked !== undefined) this.#receive(parked); // the host reads on all the same: the protocol has a limit for that
    else if (this.#transport.pause !== undefined && this.#protocol.paused) return this.#park(input);
    this.#receive(input);
  }

  /** Stops reading now: nothing more is to be kept, not even what is read before the protocol is found to be paused. */
  stopReading(): void {
    if (this.#is(PAUSED)) return;
    this.#flags |= PAUSED;
    this.#transport.pause?.();
  }

  /**
   * Reading stops only when something came that is not wanted yet, and that waits here: most pauses are over before, such as those for the promise of
   * a handler, and to stop and start costs two calls into the system (measured: 64 KiB messages took twice as long).
   */
  #park(input: In): void {
    if (this.#is(CLOSED)) return;
    this.#rest().parked = input instanceof Uint8Array ? input.slice() as In & Uint8Array : input;
    this.stopReading();
  }

  #takeParked(): In | undefined {
    const more = this.#more;
    if (more === undefined) return undefined;
    const { parked } = more;
    more.parked = undefined;
    return parked;
  }

  #receive(input: In): void {
    if (this.#is(CLOSED)) return;
    const now = this.#clock.now(); // once a read: asking costs as much as parsing a frame
    this.spent = 0;
    this.#flags |= BUSY;
    try {
      this.#protocol.receive(input, now);
    } finally {
      this.#flags &= ~BUSY;
      this.#flush(now); // everything this read provoked leaves in one write
    }
  }

  /** The transport takes output again. */
  drained(): void {
    if (this.#more !== undefined) this.#more.movedAt = undefined;
    this.flush();
  }

  /** All that the transport took has left, though nobody waited for that: what is lent for it may be lent again. */
  emptied(): void {
    if (this.counts) this.observer?.flushed();
  }

  /** The peer ended its side. */
  ended(): void {
    if (this.#is(CLOSED)) return;
    if (this.#more?.parked !== undefined) {
      this.#flags |= END_PARKED;
      return;
    }
    this.#flags &= ~END_PARKED;
    this.#protocol.receiveEnd(this.#clock.now());
    this.flush();
  }

  /** The socket is gone, both ways. */
  closed(): void {
    if (this.#is(CLOSED)) return;
    this.#flags |= CLOSED;
    this.#timer?.cancel(this);
    this.#timer = undefined;
    const parked = this.#takeParked();
    if (parked !== undefined) this.#protocol.receive(parked, this.#clock.now());
    this.#protocol.receiveEnd(this.#clock.now());
    this.observer?.closed();
  }

  /** Tears the transport down, whatever is still unwritten. */
  destroy(): void {
    this.#transport.destroy();
  }

  /** After any call into the protocol: writes its output and looks at its deadline. */
  flush(): void {
    if (!this.#is(BUSY)) this.#flush(this.#clock.now());
  }

  /** The timer is due. */
  wake(): void {
    this.#timer = undefined;
    this.flush();
  }

  /** Flushes soon: for calls that no read provoked. Many before it runs make one write. */
  schedule(): void {
    if (this.#is(SCHEDULED | BUSY)) return;
    this.#flags |= SCHEDULED;
    if (waiting.push(this as unknown as Driver<never, never>) === 1) queueMicrotask(Driver.#flushWaiting);
  }

  /** Runs what `schedule` put off, for all at the same time. */
  static #flushWaiting(this: void): void {
    const drivers = waiting;
    waiting = [];
    let clock: Clock | undefined;
    let now = 0;
    let at = 0;
    try {
      while (at < drivers.length) {
        const driver = drivers[at++];
        driver.#flags &= ~SCHEDULED;
        if (driver.#clock !== clock) now = (clock = driver.#clock).now();
        if (!driver.#is(BUSY)) driver.#flush(now);
      }
    } finally {
      if (at < drivers.length) { // one throws, such as over bytes that were given away behind `send`: that does not silence the others
        if (waiting.length === 0) queueMicrotask(Driver.#flushWaiting);
        waiting = waiting.concat(drivers.slice(at));
      }
    }
  }

  #flush(start: number): void {
    if (this.#is(CLOSED)) return;
    let now = start;
    this.#write(now);
    let { deadline } = this.#protocol;
    while (deadline <= now && !this.#is(CLOSED)) {
      this.#protocol.handleTimeout(now);
      this.#write(now);
      now = this.#clock.now();
      ({ deadline } = this.#protocol);
    }
    if (this.#is(CLOSED)) return;
    const stallDue = this.#stallDue(now);
    if (stallDue <= now) return this.#transport.destroy();
    if (this.#protocol.outputEnded) {
      if (!this.#is(ENDED)) this.#transport.end();
      this.#flags |= ENDED;
      if (deadline === Number.POSITIVE_INFINITY) return this.#transport.destroy();
    }
    const due = Math.min(deadline, stallDue);
    if (due !== Number.POSITIVE_INFINITY && !(this.#timer?.serves(due, now) ?? false)) this.#armTimer(due, now);
    this.observer?.flushed();
    if (this.#is(PAUSED) && !this.#protocol.paused) this.#readOn();
  }

  #readOn(): void {
    const parked = this.#takeParked();
    if (parked !== undefined) {
      this.#receive(parked); // and comes here again, unless that was enough
    } else {
      this.#flags &= ~PAUSED;
      this.#transport.resume?.();
      if (this.#is(END_PARKED)) this.ended();
    }
  }

  #write(now: number): void {
    if (this.blocked) return;
    const protocol = this.#protocol;
    const output = protocol.takeOutput(now);
    this.#protocol = protocol.successor ?? protocol;
    if (output.length === 0) return;
    if (this.#more?.written !== undefined) for (const piece of output) this.#more.written += (piece as Uint8Array).length;
    if (this.#transport.write(output)) return;
    this.#rest().movedAt = now;
    this.#rest().left = this.#unsent();
  }

  #is(flags: number): boolean {
    return (this.#flags & flags) !== 0;
  }

  #rest(): More<In> {
    return this.#more ??= { movedAt: undefined, left: 0, parked: undefined, written: undefined };
  }

  #unsent(): number {
    return this.#transport.unsent ?? this.bufferedAmount;
  }

  /** When a peer that reads nothing is given up: no ping gets through to it, and where input waits for room its answers do not count. */
  #stallDue(now: number): number {
    const more = this.#more;
    if (more?.movedAt === undefined) return Number.POSITIVE_INFINITY;
    const left = this.#unsent();
    if (left !== more.left) more.movedAt = now;
    more.left = left;
    return more.movedAt + (this.observer?.stallTimeout ?? Number.POSITIVE_INFINITY);
  }

  /** Re-armed only when the deadline comes nearer: a timer that fires early does nothing, so a busy connection never touches it. */
  #armTimer(due: number, now: number): void {
    this.#timer?.cancel(this);
    this.#timer = sleep(this.#clock, this, due, now);
  }
}

/** What a driver keeps that most never need: made when it is wanted. */
interface More<In> {
  /** While the transport is blocked: when it last took something, and how much was left then. */
  movedAt: number | undefined;
  left: number;
  /** What was read while the protocol wanted nothing; the end of input may stand behind it. */
  parked: In | undefined;
  /** Bytes written, once somebody counts them. */
  written: number | undefined;
}

let waiting: Driver<never, never>[] = [];
/** While the transport does not read. */
const PAUSED = 1;
/** The end of input stands behind what is parked. */
const END_PARKED = 2;
/** The transport was told to end. */
const ENDED = 4;
const CLOSED = 8;
/** While the protocol is given what was read. */
const BUSY = 16;
const SCHEDULED = 32;
