/**
 * What flows between a connection and its application: what came is told, in order, and no more is read than is taken.
 *
 * 1. Nothing is told before `open` was called.
 * 2. While a promise of the application's is pending, or much waits to be iterated, nothing more is parsed: a slow handler slows its peer and not the server.
 * 3. A peer has a share of each turn; past it the rest waits, so that other connections have theirs.
 * 4. Who drains reads nothing more, and closes once all that was read is answered.
 * 5. What is lent to the application is its own until its handler is done with it, and where it was sent until it has left.
 * 6. What the application throws, now or later, ends this connection with 1011 and never the process.
 * @module
 */
import { lender } from "../core/bytes/lender.ts";
import type { Message, Protocol } from "../core/protocol.ts";
import { type Close, encodeClose } from "../core/websocket/close.ts";
import { WebSocketConnection } from "../core/websocket/connection.ts";
import { FrameTap } from "../core/websocket/frame-tap.ts";
import type { WebSocketHandler, WebSocketOptions } from "../core/websocket/handler.ts";
import type { Driver, DriverObserver } from "./driver.ts";
import { report } from "./error.ts";
import type { Hearer, Keeper } from "./hearer.ts";
import { Loans } from "./loans.ts";
import { HIGH_WATER, Inbox, isThenable } from "./message.ts";
import { queueTurn, turnsAreQuick } from "./task.ts";
import { Waits } from "./waits.ts";

/** One connection's. It hears the connection and its driver itself: one object where closures would be seven. */
export class Flow<Self> implements WebSocketHandler, DriverObserver {
  readonly #connection: WebSocketConnection;
  readonly #socket: Self;
  readonly #handler: Hearer<Self>;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #keeper: Keeper<Self> | undefined = undefined;
  /** Which of the flags below are set: one field, as every connection has it. */
  #flags = 0;
  /** Messages whose handler's promise is pending. */
  #answering = 0;
  #more: More | undefined = undefined;

  /** Makes the connection, and holds what comes until it is started. */
  constructor(socket: Self, handler: Hearer<Self>, options: Omit<WebSocketOptions, "handler" | "lend">) {
    this.#socket = socket;
    this.#handler = handler;
    this.#connection = new WebSocketConnection({ ...options, handler: this, lend: handler.lend === true && handler.message !== undefined });
    this.#connection.pause(); // nothing is delivered before `open` was called
  }

  /** The driver runs, `open` is called, and messages flow. */
  start(driver: Driver<Uint8Array, Uint8Array>, keeper: Keeper<Self> | undefined): void {
    this.#driver = driver;
    this.#keeper = keeper;
    driver.observer = this;
    this.#tell("open");
    this.#flags |= STARTED;
    for (const hear of this.#more?.early?.splice(0) ?? []) hear();
    this.#resume();
    driver.schedule();
  }

  /** The protocol to run. */
  get wire(): Protocol<Uint8Array, Uint8Array> {
    const connection = this.#connection;
    if (this.#handler.frame === undefined) return connection;
    return new FrameTap(connection, connection.role, (record) => this.#tell("frame", record));
  }

  /** What messages are sent by. */
  get connection(): WebSocketConnection {
    return this.#connection;
  }

  /** Runs the connection, once it has started. */
  get driver(): Driver<Uint8Array, Uint8Array> | undefined {
    return this.#driver;
  }

  /** Sends a binary message. */
  sendBinary(data: Uint8Array, compress: boolean | undefined): boolean {
    const sent = this.#connection.sendBinary(data, compress);
    if (sent) this.#hold(data);
    return sent;
  }

  /** Sends the next fragment of a message. */
  sendFragment(piece: Message, final: boolean, compress: boolean | undefined): boolean {
    const sent = this.#connection.sendFragment(piece, final, compress);
    if (sent && typeof piece !== "string") this.#hold(piece);
    return sent;
  }

  /** True while more may be sent. */
  get hasRoom(): boolean {
    return !(this.#driver?.blocked ?? false) && this.#connection.bufferedAmount < SEND_AHEAD;
  }

  /** What the application waits for. */
  get waits(): Waits {
    return this.#rest();
  }

  /** Bytes of memory that are kept for the peer. */
  get bytesHeld(): number {
    const driver = this.#driver;
    return this.#connection.bytesHeld + (driver === undefined ? 0 : driver.bufferedAmount + driver.bytesHeld) + this.#waiting();
  }

  /** A loop wants the next message. */
  next(): Promise<IteratorResult<Message, undefined>> {
    const waited = this.#waiting() > 0;
    const next = this.#box().next();
    this.#flags |= ITERATED;
    if (this.#more?.leaving !== undefined) this.#settleSoon();
    else if (waited && this.#waiting() < LOW_WATER && !this.#more?.over) this.#readOn();
    return next;
  }

  /** The loop has left before the end. */
  left(): void {
    this.#flags &= ~ITERATED;
    this.#settleSoon();
  }

  /** Starts the closing handshake. What the peer still sends is discarded. */
  close(code: number | undefined, reason: string): void {
    this.#connection.close(code, reason);
    this.#flags = (this.#flags | CLOSING) & ~THROTTLED;
    this.#resume();
    this.#driver?.schedule();
  }

  /** Reads no more, and closes behind what was read. */
  drain(code: number, reason: string): void {
    encodeClose(code, reason);
    if (this.#more?.leaving !== undefined || this.#is(CLOSING) || !this.#open()) return;
    this.#rest().leaving = { code, reason };
    this.#flags &= ~THROTTLED; // nothing more is read anyway
    this.#connection.pause();
    this.#driver?.schedule();
    this.#settleSoon();
  }

  /** Reads nothing more, or reads again. */
  throttle(throttled: boolean): void {
    if (this.#is(CLOSING) || this.#more?.leaving !== undefined) return;
    this.#flags = throttled ? this.#flags | THROTTLED : this.#flags & ~THROTTLED;
    if (throttled) this.#stop();
    else if (this.#answering === 0 && this.#waiting() < HIGH_WATER) this.#resume();
    this.#driver?.flush(); // at once: the transport may have more to hand over
  }

  /** Sends a close frame and reads nothing more. */
  giveUp(code: number, reason: string): void {
    this.#flags |= CLOSING | THROTTLED;
    this.#stop();
    this.#connection.close(code, reason);
    this.#driver?.flush();
  }

  /** Ends the connection at once. */
  terminate(): void {
    this.#flags |= CLOSING;
    this.#driver?.destroy();
  }

  onText(text: string): void {
    this.#receive(text);
  }

  onBinary(data: Uint8Array): void {
    this.#receive(data);
  }

  onPing(data: Uint8Array): void {
    if (this.#putsOff(this.onPing, data)) return;
    this.#spend(data.length);
    this.#tell("ping", data);
  }

  onPong(data: Uint8Array): void {
    if (this.#putsOff(this.onPong, data)) return;
    this.#spend(data.length);
    this.#more?.pong(data, this.#driver?.now ?? 0);
    this.#tell("pong", data);
  }

  onClose(close: Close): void {
    if (this.#putsOff(this.onClose, close)) return;
    const rest = this.#rest();
    rest.inbox?.end();
    rest.end(close);
    this.#tell("close", close);
    this.#keeper?.ended(this.#socket);
  }

  /** As for a peer that is silent. */
  get stallTimeout(): number {
    const { pingInterval, pongTimeout } = this.#connection.limits;
    return pingInterval + pongTimeout;
  }

  flushed(): void {
    if (this.#more?.wantRoom === true && this.hasRoom) this.#more.giveRoom(this.#open());
    if (this.#more?.loans !== undefined) this.#more.loans.settle(this.#driver?.left ?? 0);
    if (!this.#is(TOLD_CLOSING) && !this.#open() && !this.#more?.over) {
      this.#flags |= TOLD_CLOSING;
      this.#tell("closing");
    }
    this.#keeper?.flushed(this.#socket);
  }

  closed(): void {
    this.#keeper?.gone(this.#socket);
    this.#keeper = undefined;
    if (this.#more !== undefined) this.#more.loans = undefined; // who keeps the socket does not keep what it sent
  }

  #is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  #rest(): More {
    return this.#more ??= new More();
  }

  /** Bytes of the messages that wait to be iterated. */
  #waiting(): number {
    return this.#more?.inbox?.size ?? 0;
  }

  #open(): boolean {
    return this.#connection.state === "open";
  }

  #box(): Inbox {
    const rest = this.#rest();
    if (rest.inbox !== undefined) return rest.inbox;
    rest.inbox = new Inbox();
    if (rest.over) rest.inbox.end();
    return rest.inbox;
  }

  /** Where sent bytes are lent, they are so until they have left; for good where that is not known, as while the handshake's answer stands before them. */
  #hold(bytes: Uint8Array): void {
    const driver = this.#driver;
    if (!lender.hold(bytes) || driver?.left === undefined || !driver.runs(this.#connection)) return;
    (this.#rest().loans ??= new Loans()).add(bytes, driver.written + this.#connection.bufferedAmount);
  }

  /** True before `open` was called: then it is heard behind that. */
  #putsOff<Heard>(hear: (heard: Heard) => void, heard: Heard): boolean {
    if (this.#is(STARTED)) return false;
    (this.#rest().early ??= []).push(() => hear.call(this, heard));
    return true;
  }

  #receive(message: Message): void {
    if (this.#putsOff(this.#receive, message)) return;
    if (this.#is(CLOSING)) return this.#done(message);
    this.#spend(message.length);
    if (this.#handler.message === undefined) {
      this.#box().put(message);
      if (this.#waiting() >= HIGH_WATER) this.#connection.pause();
      return;
    }
    let result: unknown;
    try {
      result = this.#handler.message(this.#socket, message);
    } catch (error) {
      this.#fail(error);
    }
    if (isThenable(result)) this.#await(result, message);
    else this.#done(message);
  }

  /** The application is done with it. */
  #done(message: Message): void {
    if (typeof message !== "string") lender.giveBack(message);
  }

  #await(result: PromiseLike<unknown>, message: Message): void {
    this.#connection.pause();
    this.#answering++;
    void Promise.resolve(result).catch((error: unknown) => this.#fail(error)).then(() => {
      this.#answering--;
      this.#done(message);
      this.#readOn();
    });
  }

  /**
   * Counts what the peer makes us do. Past its share of a turn nothing more of it is parsed until the next: one packet may hold ten thousand messages,
   * or, compressed, a thousand of a megabyte. One message in a read is never too much: hosts read 64 KiB at a time.
   */
  #spend(size: number): void {
    const driver = this.#driver;
    if (driver === undefined) return;
    const before = driver.spent;
    driver.spent = before + size + TURN_COST;
    if (driver.spent >= TURN && before > 0) this.#yield(driver);
  }

  /** Parses on in the next turn. */
  #yield(driver: Driver<Uint8Array, Uint8Array>): void {
    driver.spent = 0;
    if (this.#is(YIELDING | CLOSING) || this.#more?.over) return;
    this.#flags |= YIELDING;
    this.#connection.pause();
    queueTurn(() => {
      this.#flags &= ~YIELDING;
      if (this.#more?.over) return;
      if (this.#is(CLOSING)) this.#resume();
      else if (this.#more?.leaving !== undefined || (this.#answering === 0 && this.#waiting() < HIGH_WATER)) this.#readOn();
      driver.flush(); // at once: the transport may have more to hand over
    });
  }

  #stop(): void {
    this.#connection.pause();
    this.#driver?.stopReading();
  }

  #resume(): void {
    if (this.#is(THROTTLED | YIELDING)) return;
    this.#connection.resume(this.#driver?.now ?? 0);
  }

  #readOn(): void {
    if (this.#more?.leaving !== undefined) return this.#settle();
    this.#resume();
    this.#driver?.schedule();
  }

  /** Not now: the call may come from inside a handler, with the rest of what was read behind it. */
  #settleSoon(): void {
    if (this.#more?.leaving !== undefined) queueMicrotask(() => this.#settle());
  }

  /** While draining: delivers what was read before, and closes once all of it is answered and there is room for more. */
  #settle(): void {
    const leaving = this.#more?.leaving;
    if (leaving === undefined || this.#is(CLOSING) || this.#busy()) return;
    this.#resume();
    this.#connection.pause(); // what the transport still has is not read any more
    if (this.#busy()) this.#driver?.schedule();
    else if (this.hasRoom || !this.#open()) this.close(leaving.code, leaving.reason);
    else void this.#rest().forRoom().then(() => this.#settle());
  }

  /** True while the application has not answered all that it was given. */
  #busy(): boolean {
    return this.#answering > 0 || this.#is(YIELDING) || (this.#is(ITERATED) && !this.#box().awaited);
  }

  #tell(what: Exclude<keyof Hearer<Self>, "message" | "error" | "lend">, detail?: unknown): void {
    try {
      const result = this.#handler[what]?.(this.#socket, detail as never);
      if (isThenable(result)) void Promise.resolve(result).catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    report(this.#handler, error, this.#socket);
    if (this.#connection.close(1011, "The application failed")) this.#driver?.schedule();
  }
}

/** What a socket keeps that most never need: made when it is wanted. */
class More extends Waits {
  /** Messages that no handler took. */
  inbox: Inbox | undefined = undefined;
  /** What was heard before `open` was called, such as the end of a client that left while it was decided about. */
  early: (() => void)[] | undefined = undefined;
  /** What `drain` will say in its close frame; undefined when nobody drains. */
  leaving: { readonly code: number; readonly reason: string } | undefined = undefined;
  /** What is lent and was sent, and may not have left. */
  loans: Loans | undefined = undefined;
}

const STARTED = 1;
const CLOSING = 2;
const TOLD_CLOSING = 4;
const THROTTLED = 8;
/** While a loop reads the messages: what waits in the inbox is going to be read. */
const ITERATED = 16;
/** Until the next turn, once the peer's share of this one is spent. */
const YIELDING = 32;

/** Bytes that may be queued before they are written, as they are once what runs has returned, in one write. */
const SEND_AHEAD = 262_144;
/** Bytes waiting to be iterated below which reading starts again. */
const LOW_WATER = 16_384;

/** A peer's share of a turn, in bytes: 256 empty messages, or 256 KiB of fewer; more where waiting for the next turn takes long. */
const TURN = turnsAreQuick ? 262_144 : 1_048_576;
/** What a message, ping or pong costs beside its bytes. */
const TURN_COST = turnsAreQuick ? 1_024 : 256;
