/**
 * The socket people hold, over a WebSocket that the platform frames itself (WHATWG WebSockets): a browser's, and the ends
 * of a Worker's `WebSocketPair`.
 *
 * 1. The platform tells nothing of frames: no ping, no fragments, no peer's address; `closed` never names a fault.
 * 2. It reads whether anybody listens or not: past `maxHeld` of waiting messages the connection is closed with 1008.
 * 3. A browser sends no close code but 1000 and 3000 to 4999: what would be 1008 or 1011 is 4008 or 4011 there.
 * @module
 */
import type { Message } from "../core/protocol.ts";
import { ABNORMAL, type Close, type CloseStatus, encodeClose, NO_STATUS } from "../core/websocket/close.ts";
import type { State } from "../core/websocket/connection.ts";
import { hostClock } from "./clock.ts";
import { report } from "./error.ts";
import type { Hearer } from "./hearer.ts";
import { HIGH_WATER, Inbox, isThenable, iterate, toBytes } from "./message.ts";
import type { SocketLike } from "./socket.ts";

/** What is asked of a platform's WebSocket. */
export interface NativeWebSocket {
  /** 1 while it is open. */
  readonly readyState: number;
  /** The subprotocol in use. */
  readonly protocol?: string | null;
  /** Bytes that have not left yet, where the platform counts them. */
  readonly bufferedAmount?: number;
  /** Set to "arraybuffer". */
  binaryType: string;
  /** Sends a message; bytes are copied. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Starts closing; throws for a code that the platform keeps for itself. */
  close(code?: number, reason?: string): void;
  /** Listens. */
  addEventListener(type: string, listener: (event: never) => void): void;
}

/** What an application hears of such a socket. `lend` changes nothing: the platform makes each message. */
export type NativeHandler<Data = unknown> = Omit<Hearer<NativeSocket<Data>>, "ping" | "pong" | "frame">;

/** Limits that can be kept where the platform frames; see `Limits`. */
export interface NativeLimits {
  /** Bytes sent that have not left. Past it: sending throws a RangeError. 16 MiB when it is not said. */
  readonly maxQueued?: number;
  /** Bytes of messages that wait to be read. Past it: the connection is closed with 1008. 16 MiB when it is not said. */
  readonly maxHeld?: number;
  /** From our close frame to the platform's word that it is over, in milliseconds. Past it: `closed` tells 1006. 5,000 when it is not said. */
  readonly closeTimeout?: number;
}

/** What is known of such a socket. */
export interface NativeOrigin<Data> {
  /** The server's URL as the client asked for it. */
  readonly url: string;
  /** The subprotocol in use, where the platform's WebSocket does not tell. */
  readonly protocol?: string;
  /** The application's own. */
  readonly data: Data;
}

/** One end of an open WebSocket that the platform frames; see `Socket`. */
export class NativeSocket<Data = unknown> implements SocketLike<Data> {
  /** The server's URL as the client asked for it. */
  readonly url: string;
  /** The subprotocol in use, '' for none. */
  readonly protocol: string;
  /** Never told. */
  readonly remoteAddress: undefined = undefined;
  /** Never told. */
  readonly remotePort: undefined = undefined;
  /** The application's own. */
  data: Data;
  /** Settles when the connection has ended. Never rejects. */
  readonly closed: Promise<Close>;

  readonly #socket: NativeWebSocket;
  readonly #handler: NativeHandler<Data>;
  readonly #limits: Required<NativeLimits>;
  readonly #inbox = new Inbox();
  #settle!: (close: Close) => void;
  #sent: CloseStatus | undefined = undefined;
  #over = false;
  /** True while the application's promise is pending. */
  #busy = false;
  #writers: ((writable: boolean) => void)[] = [];
  #cancelTimer: (() => void) | undefined = undefined;

  /** For adapters; `socket` is open, and nothing of it was heard yet. `start` follows. */
  constructor(socket: NativeWebSocket, origin: NativeOrigin<Data>, handler: NativeHandler<Data>, limits: NativeLimits = {}) {
    this.url = origin.url;
    this.protocol = origin.protocol ?? socket.protocol ?? "";
    this.data = origin.data;
    this.closed = new Promise((resolve) => this.#settle = resolve);
    this.#socket = socket;
    this.#handler = handler;
    const { maxQueued = 16_777_216, maxHeld = 16_777_216, closeTimeout = 5_000 } = limits;
    this.#limits = { maxQueued, maxHeld, closeTimeout };
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
      this.#receive(typeof data === "string" ? data : new Uint8Array(data));
    });
    socket.addEventListener("close", ({ code, reason, wasClean }: { code: number; reason: string; wasClean: boolean }) => {
      if (socket.readyState === CLOSING) this.#answer(code, reason);
      this.#end(wasClean || code !== ABNORMAL ? { code, reason } : undefined, wasClean);
    });
  }

  /** For adapters: `open` is called, and messages flow. */
  start(): void {
    this.#call(() => this.#handler.open?.(this));
  }

  /** `closing` from `close` on. */
  get state(): State {
    if (this.#over) return "closed";
    return this.#sent === undefined && this.#socket.readyState === OPEN ? "open" : "closing";
  }

  /** Bytes sent that have not left the process yet, where the platform counts them. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount ?? 0;
  }

  /** Sends a message; see `Socket.send`. */
  send(message: string | ArrayBuffer | ArrayBufferView): boolean {
    const data = typeof message === "string" ? message : toBytes(message);
    if (this.state !== "open") return false;
    const queued = this.bufferedAmount;
    if (queued + data.length > this.#limits.maxQueued) {
      throw new RangeError(`Cannot send ${data.length} bytes: ${queued} are queued already, and maxQueued is ${this.#limits.maxQueued}`);
    }
    this.#socket.send(data as string | Uint8Array<ArrayBuffer>);
    return this.bufferedAmount < HIGH_WATER;
  }

  /**
   * Always throws: the platform sends whole messages only.
   * @throws {TypeError}
   */
  sendFragment(_piece: string | ArrayBuffer | ArrayBufferView, _final: boolean): boolean {
    throw new TypeError("Cannot send a fragment: the platform's WebSocket sends whole messages only");
  }

  /** Always rejects: the platform pings by itself or not at all. */
  ping(): Promise<number | undefined> {
    return Promise.reject(new TypeError("Cannot ping: the platform's WebSocket has no way to; send a message that the peer answers"));
  }

  /** Waits until there is room for more. True then, false when the socket is no longer open. */
  writable(): Promise<boolean> {
    if (this.state !== "open" || this.bufferedAmount < HIGH_WATER) return Promise.resolve(this.state === "open");
    return new Promise((resolve) => {
      if (this.#writers.push(resolve) === 1) this.#poll();
    });
  }

  /** Starts the closing handshake, and settles as `closed` does; see `Socket.close`. */
  close(code: number | null = 1000, reason = ""): Promise<Close> {
    encodeClose(code ?? undefined, reason); // throws for what no close frame may carry
    if (this.state === "open") this.#close(code, reason);
    return this.closed;
  }

  /** Gives the connection up at once: the platform still tries to close it, but nothing of it is heard any more. */
  terminate(): void {
    if (this.state === "open") this.#socket.close();
    this.#end(undefined, false);
  }

  /** The messages, in order, until the connection ends, however it ends: `closed` tells. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message, undefined> {
    return iterate(() => this.#inbox.next());
  }

  /** Closes with 1000 when its `await using` ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #close(code: number | null, reason: string): void {
    try {
      if (code === null) this.#socket.close();
      else this.#socket.close(code, reason);
    } catch (error) {
      throw new RangeError(`Cannot close with code ${code}: the platform allows 1000 and 3000 to 4999 only`, { cause: error });
    }
    this.#sent = { code: code ?? NO_STATUS, reason };
    queueMicrotask(() => this.#call(() => this.#handler.closing?.(this)));
    this.#cancelTimer = hostClock.schedule(() => this.#end(undefined, false), this.#limits.closeTimeout);
  }

  /** Closes with a code of the protocol's, or where the platform keeps that to itself, with its private double. */
  #fail(code: number, reason: string): void {
    if (this.state !== "open") return;
    try {
      this.#close(code, reason);
    } catch {
      this.#close(code + 3000, reason);
    }
  }

  /** workerd before its compatibility date 2026-04-07 leaves the answer to a close frame to us. */
  #answer(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      this.#socket.close();
    }
  }

  #receive(message: Message): void {
    if (this.#sent !== undefined || this.#over) return;
    if (this.#handler.message !== undefined && !this.#busy) return this.#deliver(message);
    this.#inbox.put(message);
    if (this.#inbox.size > this.#limits.maxHeld) this.#fail(1008, "Too much is held");
  }

  #deliver(message: Message): void {
    const pending = this.#call(() => this.#handler.message?.(this, message));
    if (pending === undefined) return;
    this.#busy = true;
    void pending.then(() => {
      this.#busy = false;
      this.#deliverHeld();
    });
  }

  #deliverHeld(): void {
    while (!this.#busy && this.#sent === undefined) {
      const message = this.#inbox.take();
      if (message === undefined) return;
      this.#deliver(message);
    }
  }

  /** Asked again and again: the platform does not say when there is room. */
  #poll(): void {
    const isOpen = this.state === "open";
    if (isOpen && this.bufferedAmount >= HIGH_WATER) {
      hostClock.schedule(() => this.#poll(), POLL_INTERVAL);
      return;
    }
    for (const resolve of this.#writers.splice(0)) resolve(isOpen);
  }

  #end(received: CloseStatus | undefined, clean: boolean): void {
    if (this.#over) return;
    while (this.#handler.message !== undefined && this.#sent === undefined && this.#inbox.size > 0) {
      this.#busy = false; // nothing more can come: what waits is delivered, whoever is slow
      this.#deliverHeld();
    }
    this.#over = true;
    this.#cancelTimer?.();
    this.#inbox.end();
    for (const resolve of this.#writers.splice(0)) resolve(false);
    const sent = this.#sent ?? (clean ? received : undefined); // the platform answers a close frame with its own code
    const close: Close = { code: ABNORMAL, reason: "", ...received, clean, sent, received, fault: undefined };
    this.#settle(close);
    this.#call(() => this.#handler.close?.(this, close));
  }

  /** Calls into the application. What it throws, now or later, ends this socket with 1011 and never the process. */
  #call(body: () => unknown): Promise<unknown> | undefined {
    const fail = (error: unknown): void => {
      report(this.#handler, error, this);
      this.#fail(1011, "The application failed");
    };
    try {
      const result = body();
      return isThenable(result) ? Promise.resolve(result).catch(fail) : void 0;
    } catch (error) {
      fail(error);
      return undefined;
    }
  }
}

/** `readyState` of an open WebSocket. */
const OPEN = 1;
/** `readyState` of one that heard a close frame and did not answer it. */
const CLOSING = 2;
/** Milliseconds between two looks at `bufferedAmount`. */
const POLL_INTERVAL = 10;
