/**
 * The socket people hold, the same on every runtime and in both roles.
 * @module
 */
import type { RequestHead, ResponseHead } from "../core/http/head.ts";
import { RandomPool } from "../core/bytes/random-pool.ts";
import type { Message, Protocol } from "../core/protocol.ts";
import type { Close } from "../core/websocket/close.ts";
import type { State } from "../core/websocket/connection.ts";
import type { Agreement } from "../core/websocket/extension.ts";
import type { Role } from "../core/websocket/frame-parser.ts";
import { BareAnswer } from "../core/websocket/handshake.ts";
import { type Limits, withDefaults } from "../core/websocket/limits.ts";
import type { Driver } from "./driver.ts";
import { Flow } from "./flow.ts";
import type { Hearer, Keeper } from "./hearer.ts";
import { iterate, toBytes } from "./message.ts";
import { hostText } from "./text.ts";

/** What an application hears of its sockets. Every method is optional; without `message`, messages wait to be iterated. */
export interface Handler<Data = unknown, Self = Socket<Data>> extends Hearer<Self> {}

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
  /** The application's own: what the `upgrade` hook gave. */
  data: Data;

  /** Undefined for a bare one, until somebody asks: the request tells what it was. */
  #response: ResponseHead | undefined;
  readonly #peer: Peer;
  readonly #flow: Flow<Socket<Data>>;

  /** For adapters; people call `connect` or `serve`. */
  constructor(origin: SocketOrigin<Data>, handler: Handler<Data>, limits: Partial<Limits> | undefined) {
    this.url = origin.url;
    this.protocol = origin.protocol;
    this.request = origin.request;
    this.#response = origin.response instanceof BareAnswer ? undefined : origin.response;
    this.data = origin.data;
    this.#peer = origin.peer;
    this.#flow = new Flow(this, handler, {
      role: origin.role,
      random: origin.random ?? random,
      extension: origin.extension?.start(),
      limits: withDefaults(limits),
      codec: hostText,
    });
    if (handler.close !== undefined) void [this.remoteAddress, this.remotePort]; // who hears of the end may ask then
  }

  /** The other end's address, when the runtime tells. Without a `close` hook it is not known behind the end, unless it was asked for before. */
  get remoteAddress(): string | undefined {
    return this.#peer.remoteAddress;
  }

  /** The other end's port, as its address. */
  get remotePort(): number | undefined {
    return this.#peer.remotePort;
  }

  /** The answer of the opening handshake. */
  get response(): ResponseHead {
    return this.#response ??= new BareAnswer(this.request.fields);
  }

  /** The extension in use with its parameters, as the answer says it; '' for none. */
  get extensions(): string {
    return this.#response?.fields.get("Sec-WebSocket-Extensions") ?? "";
  }

  /** Settles when the connection has ended, and tells both sides' code and reason. Never rejects. */
  get closed(): Promise<Close> {
    return this.#flow.waits.closed;
  }

  /** `closing` from the first close frame or fault on. */
  get state(): State {
    return this.#flow.connection.state;
  }

  /** Bytes sent that have not left the process yet, frame headers included. */
  get bufferedAmount(): number {
    const { connection, driver } = this.#flow;
    return connection.bufferedAmount + (driver?.bufferedAmount ?? 0);
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
    const flow = this.#flow;
    const compress = options?.compress;
    const sent = typeof message === "string" ? flow.connection.sendText(message, compress) : flow.sendBinary(toBytes(message), compress);
    flow.driver?.schedule();
    return sent && flow.hasRoom;
  }

  /**
   * Sends the next fragment of a message; all its fragments are text or all are bytes. Returns what `send` returns. The first one's options are
   * the message's.
   * @throws {RangeError} past `maxQueued`; the fragment was not taken
   */
  sendFragment(piece: string | ArrayBuffer | ArrayBufferView, final: boolean, options?: SendOptions): boolean {
    const flow = this.#flow;
    const sent = flow.sendFragment(typeof piece === "string" ? piece : toBytes(piece), final, options?.compress);
    flow.driver?.schedule();
    return sent && flow.hasRoom;
  }

  /** Waits until there is room for more. True then, false when the socket is no longer open. */
  writable(): Promise<boolean> {
    if (this.state !== "open") return Promise.resolve(false);
    return this.#flow.hasRoom ? Promise.resolve(true) : this.#flow.waits.forRoom();
  }

  /** Pings the peer. The round trip in milliseconds; undefined when the connection ended first. */
  ping(): Promise<number | undefined> {
    const { connection, driver, waits } = this.#flow;
    const data = waits.nextPing();
    if (!connection.ping(data)) return Promise.resolve(undefined);
    driver?.schedule();
    return waits.forPong(data, driver?.now ?? 0);
  }

  /**
   * Starts the closing handshake, and settles as `closed` does. What the peer still sends is discarded.
   * @param code null for a close frame without a code, which the peer sees as 1005
   * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes
   * @throws {TypeError} for a reason without a code
   */
  close(code: number | null = 1000, reason = ""): Promise<Close> {
    this.#flow.close(code ?? undefined, reason);
    return this.closed;
  }

  /**
   * Closes behind what has come: reads no more, lets the messages that were read be answered (a promise of `message`'s is
   * awaited, and so is the loop that iterates), waits until the answers have room, and closes then. Settles as `closed` does.
   * There is no limit on its time but what the application takes: `Server.drain` has one.
   * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes
   */
  drain(code = 1001, reason = ""): Promise<Close> {
    this.#flow.drain(code, reason);
    return this.closed;
  }

  /** Ends the connection at once, without a closing handshake. */
  terminate(): void {
    this.#flow.terminate();
  }

  /** The messages, in order, until the connection ends, however it ends: `closed` tells. Reading waits for the loop. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return iterate(() => this.#flow.next(), () => this.#flow.left());
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
    return this.#flow.bytesHeld;
  }

  /** For adapters: reads nothing more, or reads again. Does nothing to one that is closing or draining. */
  throttle(throttled: boolean): void {
    this.#flow.throttle(throttled);
  }

  /** For adapters: sends a close frame and reads nothing more, not even the answer: what the peer still sends would be kept. */
  giveUp(code: number, reason: string): void {
    this.#flow.giveUp(code, reason);
  }

  /** For adapters: the protocol to run once the handshake is done. */
  get wire(): Protocol<Uint8Array, Uint8Array> {
    return this.#flow.wire;
  }

  /** For adapters: the driver runs, `open` is called, and messages flow. */
  start(driver: Driver<Uint8Array, Uint8Array>, keeper?: Keeper<Socket<Data>>): void {
    this.#flow.start(driver, keeper);
  }
}

/** One pool of random bytes serves every connection. */
export const random: RandomPool = new RandomPool((target) => crypto.getRandomValues(target as Uint8Array<ArrayBuffer>));
