/**
 * The socket people hold, the same on every runtime and in both roles.
 * @module
 */
import type { RequestHead, ResponseHead } from "../core/http/head.ts";
import { RandomPool } from "../core/bytes/random-pool.ts";
import type { Message, Protocol } from "../core/protocol.ts";
import { type Close, encodeClose } from "../core/websocket/close.ts";
import type { Agreement } from "../core/websocket/extension.ts";
import { type State, WebSocketConnection, type WebSocketHandler } from "../core/websocket/connection.ts";
import { type FrameRecord, FrameTap } from "../core/websocket/frame-tap.ts";
import type { Role } from "../core/websocket/frame-parser.ts";
import { type Limits, withDefaults } from "../core/websocket/limits.ts";
import type { Driver, DriverObserver } from "./driver.ts";
import { report } from "./error.ts";
import { HIGH_WATER, Inbox, isThenable, iterate, toBytes } from "./message.ts";
import { queueTurn, turnsAreQuick } from "./task.ts";
import { hostText } from "./text.ts";

/** What an application hears. Every method is optional; without `message`, messages wait to be iterated. */
export interface Handler<Data = unknown, Self = Socket<Data>> {
  /** The connection is open. */
  open?(socket: Self): unknown;
  /** A message. While a promise returned is pending, nothing more is read from this peer. */
  message?(socket: Self, message: Message): unknown;
  /** A ping; it is already answered. */
  ping?(socket: Self, data: Uint8Array): unknown;
  /** A pong. */
  pong?(socket: Self, data: Uint8Array): unknown;
  /** Closing began, on either side: what is sent from now on goes nowhere. Not told when the connection ends at once. */
  closing?(socket: Self): unknown;
  /** The connection ended. */
  close?(socket: Self, close: Close): unknown;
  /** A method of this handler threw or rejected. The socket, where there is one, is being closed with 1011. Printed when absent. */
  error?(error: unknown, socket?: Self): unknown;
  /** Each frame that passed, both ways: for tools. Costs nothing when absent. */
  frame?(socket: Self, frame: FrameRecord): unknown;
}

/** What every socket can do, also one whose frames the platform writes and reads itself: see `NativeSocket`. */
export interface SocketLike<Data = unknown> extends AsyncIterable<Message, undefined>, AsyncDisposable, Pick<
  Socket<Data>,
  "url" | "protocol" | "remoteAddress" | "remotePort" | "data" | "closed" | "state" | "bufferedAmount" | "send" | "sendFragment" | "writable"
  | "ping" | "close" | "terminate"
> {}

/** How a socket came to be. */
export interface SocketOrigin<Data> {
  /** Which end this is. */
  readonly role: Role;
  /** The server's URL as the client asked for it. */
  readonly url: string;
  /** The subprotocol in use, '' for none. */
  readonly protocol: string;
  /** The extension agreed on; it starts with the socket. */
  readonly extension: Agreement | undefined;
  /** The request of the opening handshake. */
  readonly request: RequestHead;
  /** Its answer. */
  readonly response: ResponseHead;
  /** The other end; asked when somebody asks the socket. */
  readonly peer: Peer;
  /** What the `upgrade` hook gave for this connection. */
  readonly data: Data;
  /** Where a client's masking keys come from; the host's generator when it is not said. */
  readonly random?: RandomPool;
}

/** The other end of a connection. */
export interface Peer {
  /** Its address, when the runtime tells. */
  readonly remoteAddress: string | undefined;
  /** Its port, when the runtime tells. */
  readonly remotePort: number | undefined;
}

/** Who has a socket in its care. */
export interface Keeper {
  /** What the socket holds may have changed. */
  flushed(): void;
  /** The connection ended; the handler was told. */
  ended(): void;
  /** The transport is gone. */
  gone(): void;
}

/** How one message is sent. */
export interface SendOptions {
  /** False sends it as it is, whatever extension is in use: for what is compressed already, or is secret and stands beside what others choose. */
  readonly compress?: boolean;
}

/** One end of an open WebSocket. */
export class Socket<Data = unknown> implements SocketLike<Data> {
  /** The server's URL as the client asked for it, without credentials. */
  readonly url: string;
  /** The subprotocol in use, '' for none. */
  readonly protocol: string;
  /** The request of the opening handshake. */
  readonly request: RequestHead;
  /** Its answer. */
  readonly response: ResponseHead;
  /** The application's own: what the `upgrade` hook gave. */
  data: Data;

  readonly #connection: WebSocketConnection;
  readonly #handler: Handler<Data>;
  readonly #peer: Peer;
  readonly #listener: DriverObserver;
  #keeper: Keeper | undefined = undefined;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  /** Which of the flags below are set: one field, as every connection has it. */
  #flags = 0;
  /** Messages whose handler's promise is pending. */
  #answering = 0;
  #more: More | undefined = undefined;

  /** For adapters; people call `connect` or `serve`. */
  constructor(origin: SocketOrigin<Data>, handler: Handler<Data>, limits: Partial<Limits> | undefined) {
    this.url = origin.url;
    this.protocol = origin.protocol;
    this.request = origin.request;
    this.response = origin.response;
    this.data = origin.data;
    this.#handler = handler;
    this.#peer = origin.peer;
    const listener = this.#listener = new Socket.#Listener(this);
    this.#connection = new WebSocketConnection({
      role: origin.role,
      random: origin.random ?? random,
      extension: origin.extension?.start(),
      limits: withDefaults(limits),
      handler: listener,
      codec: hostText,
    });
    this.#connection.pause(); // nothing is delivered before `open` was called
  }

  /** The other end's address, when the runtime tells. Without a `close` hook it is not known behind the end, unless it was asked for before. */
  get remoteAddress(): string | undefined {
    return this.#peer.remoteAddress;
  }

  /** The other end's port, as its address. */
  get remotePort(): number | undefined {
    return this.#peer.remotePort;
  }

  /** The extension in use with its parameters, as the answer says it; '' for none. */
  get extensions(): string {
    return this.response.fields.get("Sec-WebSocket-Extensions") ?? "";
  }

  /** Settles when the connection has ended, and tells both sides' code and reason. Never rejects. */
  get closed(): Promise<Close> {
    const rest = this.#rest;
    return rest.closed ??= rest.ended === undefined ? new Promise((resolve) => rest.resolveClosed = resolve) : Promise.resolve(rest.ended);
  }

  /** `closing` from the first close frame or fault on. */
  get state(): State {
    return this.#connection.state;
  }

  /** Bytes sent that have not left the process yet, frame headers included. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount + (this.#driver?.bufferedAmount ?? 0);
  }

  /**
   * Sends a message: a string as text, bytes as binary. True: send more. False: wait for `writable()` first; the message
   * itself was taken, unless the socket is no longer open.
   *
   * Bytes are given: leave them unchanged until they have left.
   * @throws {RangeError} past `maxQueued`; the message was not taken
   * @throws {TypeError} for anything that is neither string nor bytes
   */
  send(message: string | ArrayBuffer | ArrayBufferView, options?: SendOptions): boolean {
    const compress = options?.compress;
    const sent = typeof message === "string" ? this.#connection.sendText(message, compress)
      : this.#connection.sendBinary(toBytes(message), compress);
    this.#driver?.schedule();
    return sent && this.#hasRoom;
  }

  /**
   * Sends the next fragment of a message; all its fragments are text or all are bytes. Returns what `send` returns. The first one's options are
   * the message's.
   * @throws {RangeError} past `maxQueued`; the fragment was not taken
   */
  sendFragment(piece: string | ArrayBuffer | ArrayBufferView, final: boolean, options?: SendOptions): boolean {
    const sent = this.#connection.sendFragment(typeof piece === "string" ? piece : toBytes(piece), final, options?.compress);
    this.#driver?.schedule();
    return sent && this.#hasRoom;
  }

  /** Waits until there is room for more. True then, false when the socket is no longer open. */
  writable(): Promise<boolean> {
    if (this.state !== "open") return Promise.resolve(false);
    if (this.#hasRoom) return Promise.resolve(true);
    return new Promise((resolve) => (this.#rest.onWritable ??= []).push(resolve));
  }

  /** Pings the peer. The round trip in milliseconds; undefined when the connection ended first. */
  ping(): Promise<number | undefined> {
    const rest = this.#rest;
    const data = new TextEncoder().encode(`ping ${++rest.pingCount}`);
    if (!this.#connection.ping(data)) return Promise.resolve(undefined);
    const driver = this.#driver;
    driver?.schedule();
    return new Promise((resolve) => (rest.pings ??= []).push({ sentAt: driver?.now ?? 0, key: data.join(), resolve }));
  }

  /**
   * Starts the closing handshake, and settles as `closed` does. What the peer still sends is discarded.
   * @param code null for a close frame without a code, which the peer sees as 1005
   * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes
   * @throws {TypeError} for a reason without a code
   */
  close(code: number | null = 1000, reason = ""): Promise<Close> {
    this.#connection.close(code ?? undefined, reason);
    this.#flags = (this.#flags | CLOSING) & ~THROTTLED;
    this.#resume();
    this.#driver?.schedule();
    return this.closed;
  }

  /**
   * Closes behind what has come: reads no more, lets the messages that were read be answered (a promise of `message`'s is
   * awaited, and so is the loop that iterates), waits until the answers have room, and closes then. Settles as `closed` does.
   * There is no limit on its time but what the application takes: `Server.drain` has one.
   * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes
   */
  drain(code = 1001, reason = ""): Promise<Close> {
    encodeClose(code, reason);
    if (this.#leaving !== undefined || this.#is(CLOSING) || this.state !== "open") return this.closed;
    this.#rest.leaving = { code, reason };
    this.#flags &= ~THROTTLED; // nothing more is read anyway
    this.#connection.pause();
    this.#driver?.schedule();
    this.#settleSoon();
    return this.closed;
  }

  /** Ends the connection at once, without a closing handshake. */
  terminate(): void {
    this.#flags |= CLOSING;
    this.#driver?.destroy();
  }

  /** The messages, in order, until the connection ends, however it ends: `closed` tells. Reading waits for the loop. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return iterate(() => this.#next(), () => {
      this.#flags &= ~ITERATED;
      this.#settleSoon();
    });
  }

  /** Closes with 1000 when its `await using` ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Bytes of memory that are kept for this peer: input that waits, messages that are not whole or not read yet, output that has not left the
   * process, and what an extension keeps.
   */
  get bytesHeld(): number {
    return this.#connection.bytesHeld + (this.#driver === undefined ? 0 : this.#driver.bufferedAmount + this.#driver.bytesHeld) + this.#waiting;
  }

  /** For adapters: reads nothing more, or reads again. Does nothing to one that is closing or draining. */
  throttle(throttled: boolean): void {
    if (this.#is(CLOSING) || this.#leaving !== undefined) return;
    this.#flags = throttled ? this.#flags | THROTTLED : this.#flags & ~THROTTLED;
    if (throttled) {
      this.#connection.pause();
      this.#driver?.stopReading();
    } else if (this.#answering === 0 && this.#waiting < HIGH_WATER) {
      this.#resume();
    }
    this.#driver?.flush(); // at once: the transport may have more to hand over
  }

  /** For adapters: sends a close frame and reads nothing more, not even the answer: what the peer still sends would be kept. */
  giveUp(code: number, reason: string): void {
    this.#flags |= CLOSING | THROTTLED;
    this.#connection.pause();
    this.#driver?.stopReading();
    this.#connection.close(code, reason);
    this.#driver?.flush();
  }

  /** For adapters: the protocol to run once the handshake is done. */
  get wire(): Protocol<Uint8Array, Uint8Array> {
    const { frame } = this.#handler;
    if (frame === undefined) return this.#connection;
    return new FrameTap(this.#connection, this.#connection.role, (record) => this.#call(() => this.#handler.frame?.(this, record)));
  }

  /** For adapters: the driver runs, `open` is called, and messages flow. */
  start(driver: Driver<Uint8Array, Uint8Array>, keeper?: Keeper): void {
    this.#driver = driver;
    this.#keeper = keeper;
    driver.observer = this.#listener;
    if (this.#handler.close !== undefined) void [this.remoteAddress, this.remotePort]; // who hears of the end may ask then
    this.#call(() => this.#handler.open?.(this));
    this.#flags |= STARTED;
    for (const hear of this.#more?.early?.splice(0) ?? []) hear();
    this.#resume();
    driver.schedule();
  }

  #is(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  get #rest(): More {
    return this.#more ??= new More();
  }

  get #leaving(): More["leaving"] {
    return this.#more?.leaving;
  }

  #defer(hear: () => void): void {
    (this.#rest.early ??= []).push(hear);
  }

  #tellWritable(waiting: ((writable: boolean) => void)[]): void {
    if (!this.#hasRoom) return;
    this.#rest.onWritable = undefined;
    for (const resolve of waiting) resolve(this.state === "open");
  }

  #tellClosing(): void {
    if (this.#over || this.state === "open") return;
    this.#flags |= TOLD_CLOSING;
    this.#call(() => this.#handler.closing?.(this));
  }

  get #hasRoom(): boolean {
    return !(this.#driver?.blocked ?? false) && this.#connection.bufferedAmount < SEND_AHEAD;
  }

  /** True once the connection has ended. */
  get #over(): boolean {
    return this.#more?.ended !== undefined;
  }

  /** Bytes of the messages that wait to be iterated. */
  get #waiting(): number {
    return this.#more?.inbox?.size ?? 0;
  }

  get #box(): Inbox {
    const rest = this.#rest;
    if (rest.inbox !== undefined) return rest.inbox;
    rest.inbox = new Inbox();
    if (this.#over) rest.inbox.end();
    return rest.inbox;
  }

  #receive(message: Message): void {
    if (!this.#is(STARTED)) return this.#defer(() => this.#receive(message));
    if (this.#is(CLOSING)) return;
    this.#spend(message.length);
    if (this.#handler.message === undefined) {
      this.#box.put(message);
      if (this.#waiting >= HIGH_WATER) this.#connection.pause();
      return;
    }
    let result: unknown;
    try {
      result = this.#handler.message(this, message);
    } catch (error) {
      this.#fail(error);
    }
    if (isThenable(result)) this.#await(result);
  }

  /** Reading waits while the application's promise is pending, so a slow handler slows its peer and not the server. */
  #await(result: PromiseLike<unknown>): void {
    this.#connection.pause();
    this.#answering++;
    void Promise.resolve(result).catch((error: unknown) => this.#fail(error)).then(() => {
      this.#answering--;
      this.#readOn();
    });
  }

  #next(): Promise<IteratorResult<Message, undefined>> {
    const waited = this.#waiting > 0;
    const next = this.#box.next();
    this.#flags |= ITERATED;
    if (this.#leaving !== undefined) this.#settleSoon();
    else if (waited && this.#waiting < LOW_WATER && !this.#over) this.#readOn();
    return next;
  }

  /**
   * Counts what the peer makes us do. Past its share of a turn nothing more of it is parsed until the next, so that other connections have theirs:
   * one packet may hold ten thousand messages, or, compressed, a thousand of a megabyte. One message in a read is never too much: hosts read 64 KiB at a time.
   */
  #spend(size: number): void {
    const driver = this.#driver;
    if (driver === undefined) return;
    const before = driver.spent;
    driver.spent = before + size + TURN_COST;
    if (driver.spent < TURN || before === 0) return;
    driver.spent = 0;
    if (this.#is(YIELDING | CLOSING) || this.#over) return;
    this.#flags |= YIELDING;
    this.#connection.pause();
    queueTurn(() => {
      this.#flags &= ~YIELDING;
      if (this.#over) return;
      if (this.#is(CLOSING)) this.#resume();
      else if (this.#leaving !== undefined || (this.#answering === 0 && this.#waiting < HIGH_WATER)) this.#readOn();
      this.#driver?.flush(); // at once: the transport may have more to hand over
    });
  }

  #resume(): void {
    if (this.#is(THROTTLED | YIELDING)) return;
    this.#connection.resume(this.#driver?.now ?? 0);
  }

  #readOn(): void {
    if (this.#leaving !== undefined) return this.#settle();
    this.#resume();
    this.#driver?.schedule();
  }

  /** Not now: the call may come from inside a handler, with the rest of what was read behind it. */
  #settleSoon(): void {
    if (this.#leaving !== undefined) queueMicrotask(() => this.#settle());
  }

  /** While draining: delivers what was read before, and closes once all of it is answered and there is room for more. */
  #settle(): void {
    const leaving = this.#leaving;
    if (leaving === undefined || this.#is(CLOSING) || this.#busy) return;
    this.#resume();
    this.#connection.pause(); // what the transport still has is not read any more
    if (this.#busy) this.#driver?.schedule();
    else if (this.#hasRoom || this.state !== "open") void this.close(leaving.code, leaving.reason);
    else void this.writable().then(() => this.#settle());
  }

  /** True while the application has not answered all that it was given. */
  get #busy(): boolean {
    return this.#answering > 0 || this.#is(YIELDING) || (this.#is(ITERATED) && !this.#box.awaited);
  }

  #ping(data: Uint8Array): void {
    if (!this.#is(STARTED)) return this.#defer(() => this.#ping(data));
    this.#spend(data.length);
    this.#call(() => this.#handler.ping?.(this, data));
  }

  #pong(data: Uint8Array): void {
    if (!this.#is(STARTED)) return this.#defer(() => this.#pong(data));
    this.#spend(data.length);
    const pings = this.#more?.pings;
    if (pings !== undefined) {
      const key = data.join();
      const at = pings.findIndex((ping) => ping.key === key);
      // a pong answers the latest ping its sender saw, and with it every earlier one (RFC 6455, section 5.5.3)
      for (const { sentAt, resolve } of pings.splice(0, at + 1)) resolve((this.#driver?.now ?? 0) - sentAt);
    }
    this.#call(() => this.#handler.pong?.(this, data));
  }

  #end(close: Close): void {
    if (!this.#is(STARTED)) return this.#defer(() => this.#end(close));
    const rest = this.#rest;
    rest.ended = close;
    rest.inbox?.end();
    for (const resolve of rest.onWritable?.splice(0) ?? []) resolve(false);
    for (const { resolve } of rest.pings?.splice(0) ?? []) resolve(undefined);
    rest.resolveClosed?.(close);
    this.#call(() => this.#handler.close?.(this, close));
    this.#keeper?.ended();
  }

  /** Calls into the application. What it throws, now or later, ends this socket with 1011 and never the process. */
  #call(body: () => unknown): Promise<unknown> | undefined {
    try {
      const result = body();
      if (!isThenable(result)) return undefined;
      return Promise.resolve(result).catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    report(this.#handler, error, this);
    if (this.#connection.close(1011, "The application failed")) this.#driver?.schedule();
  }

  /** Hears the connection and its driver; one object where closures would be seven. */
  static readonly #Listener = class implements WebSocketHandler, DriverObserver {
    readonly #socket: Socket<unknown>;

    constructor(socket: Socket<unknown>) {
      this.#socket = socket;
    }

    onText(text: string): void {
      this.#socket.#receive(text);
    }

    onBinary(data: Uint8Array): void {
      this.#socket.#receive(data);
    }

    onPing(data: Uint8Array): void {
      this.#socket.#ping(data);
    }

    onPong(data: Uint8Array): void {
      this.#socket.#pong(data);
    }

    onClose(close: Close): void {
      this.#socket.#end(close);
    }

    /** As for a peer that is silent. */
    get stallTimeout(): number {
      const { pingInterval, pongTimeout } = this.#socket.#connection.limits;
      return pingInterval + pongTimeout;
    }

    flushed(): void {
      const socket = this.#socket;
      if (socket.#more?.onWritable !== undefined) socket.#tellWritable(socket.#more.onWritable);
      if (!socket.#is(TOLD_CLOSING)) socket.#tellClosing();
      socket.#keeper?.flushed();
    }

    closed(): void {
      this.#socket.#keeper?.gone();
    }
  };
}

/** What a socket keeps that most never need: made when it is wanted. */
class More {
  /** Made when it is asked for: most connections are never waited for. */
  closed: Promise<Close> | undefined = undefined;
  resolveClosed: ((close: Close) => void) | undefined = undefined;
  ended: Close | undefined = undefined;
  /** Messages that no handler took. */
  inbox: Inbox | undefined = undefined;
  /** What was heard before `open` was called, such as the end of a client that left while it was decided about. */
  early: (() => void)[] | undefined = undefined;
  /** What `drain` will say in its close frame; undefined when nobody drains. */
  leaving: { readonly code: number; readonly reason: string } | undefined = undefined;
  onWritable: ((writable: boolean) => void)[] | undefined = undefined;
  pings: { sentAt: number; key: string; resolve: (roundTrip: number | undefined) => void }[] | undefined = undefined;
  pingCount = 0;
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

/** One pool of random bytes serves every connection. */
export const random: RandomPool = new RandomPool((target) => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>));
