/**
 * The connection behind a WebSocket object: its ready state, its send queue, its events (WHATWG WebSockets, sections 3 to 5).
 *
 * 1. What the connection does reaches the object in tasks, in order: promises settle between two events.
 * 2. Messages leave in the order of `send`, blobs too, which take time to read; the close frame leaves behind them.
 * 3. It ends with one close event. An error event stands before it when the connection failed.
 * @module
 */
import { checkField } from "../core/http/head.ts";
import type { Close } from "../core/websocket/close.ts";
import { isBadPort } from "./bad-port.ts";
import type { ConnectOptions } from "./connect.ts";
import { CloseEvent, dispatch } from "./events.ts";
import { toPairs } from "./serve.ts";
import type { Socket } from "./socket.ts";
import { queueTask } from "./task.ts";
import { takeTurn } from "./turn.ts";
import { hostLocation, type Sendable, sizeOf } from "./webidl.ts";

/** What opens sockets: `connect` of a runtime. */
export type Connect = (url: string | URL, options: ConnectOptions) => Promise<Socket<undefined>>;

/** The part of `ConnectOptions` that is the program's; the rest is the session's own. */
export type SessionOptions = Pick<ConnectOptions, "headers" | "extensions" | "signal" | "redirects" | "tls" | "proxy" | "unix" | "limits">;

/** The states of a WebSocket object. */
export const READY_STATES: { readonly CONNECTING: 0; readonly OPEN: 1; readonly CLOSING: 2; readonly CLOSED: 3 } = {
  CONNECTING: 0,
  OPEN: 1,
  CLOSING: 2,
  CLOSED: 3,
};
const { CONNECTING, OPEN, CLOSING, CLOSED } = READY_STATES;

/** One connection, from the attempt to its end. */
export class WebSession {
  /** Where it connects to. */
  readonly url: URL;
  /** Changes in the task that dispatches the event, or at once in `close`. */
  readyState: 0 | 1 | 2 | 3 = CONNECTING;
  /** The subprotocol in use, '' for none and before "open". */
  protocol = "";
  /** The extensions in use, '' for none and before "open". */
  extensions = "";
  /** What a binary message becomes when it is delivered. */
  binaryType: "blob" | "arraybuffer" = "blob";

  readonly #target: EventTarget;
  readonly #protocols: readonly string[];
  readonly #attempt: AbortController = new AbortController();
  #ignoreSignal: () => void = () => {};
  #socket: Socket<undefined> | undefined = undefined;
  /** Why the connection failed, once it has. */
  #failure: unknown = undefined;
  #finished = false;
  /** Settles when everything sent so far is with the socket; undefined when nothing waits. */
  #tail: Promise<void> | undefined = undefined;
  #bufferedAmount = 0;
  /** Messages that have not left the process: their size, and where they end in the bytes given to the socket. */
  #unsent: { readonly end: number; readonly size: number }[] = [];
  #given = 0;
  #settling = false;

  /** Starts nothing yet. */
  constructor(target: EventTarget, url: URL, protocols: readonly string[]) {
    this.#target = target;
    this.url = url;
    this.#protocols = protocols;
  }

  /**
   * Connects, when no other connection to that host and port is being opened.
   * @throws {TypeError} for a header that may not be sent
   */
  start(connect: Connect, options: SessionOptions): void {
    const { signal: caller } = options;
    const { signal } = this.#attempt;
    const headers = withOrigin(options.headers);
    for (const [name, value] of headers) checkField(name, value);
    if (isBadPort(this.url)) return this.#fail(new Error(`Cannot connect to ${this.url.host}: that port is another protocol's, and blocked`));
    if (caller?.aborted) return this.#fail(caller.reason);
    const onAbort = (): void => this.#fail(caller?.reason);
    caller?.addEventListener("abort", onAbort);
    this.#ignoreSignal = () => caller?.removeEventListener("abort", onAbort);
    takeTurn(connect, this.url.host, signal, () => connect(this.url.href, {
      ...options,
      headers,
      protocols: this.#protocols,
      signal,
      open: (socket) => this.#opened(socket),
      message: (_, message) => queueTask(() => this.#receive(message)),
      closing: () => queueTask(() => {
        if (this.readyState === OPEN) this.readyState = CLOSING;
      }),
      close: (_, close) => this.#closed(close),
    })).catch((error: unknown) => this.#fail(error));
  }

  /** Payload bytes of messages that have not left the process. Those that never will stay counted. */
  get bufferedAmount(): number {
    if (!this.#settling) this.#settle();
    return this.#bufferedAmount;
  }

  /** Sends once the messages before it are with the socket; once not open, only counts. */
  send(message: Sendable): void {
    const size = sizeOf(message);
    this.#bufferedAmount += size;
    if (this.readyState !== OPEN) return;
    if (typeof message !== "string" && "size" in message) {
      this.#enqueue(async () => this.#give(new Uint8Array(await Blob.prototype.arrayBuffer.call(message)), size));
    } else if (this.#tail === undefined) {
      this.#give(message, size);
    } else {
      const kept = typeof message === "string" ? message : Uint8Array.from(message); // the caller may change it meanwhile
      this.#enqueue(() => this.#give(kept, size));
    }
  }

  /** Starts to close behind the messages sent; a connection that is not open yet fails. */
  close(code: number | undefined, reason: string): void {
    if (this.readyState === CONNECTING) {
      this.readyState = CLOSING;
      this.#fail(new Error("The WebSocket was closed before the connection was open"));
    } else if (this.readyState === OPEN) {
      this.readyState = CLOSING;
      const end = (): void => void this.#socket?.close(code ?? (reason === "" ? null : 1000), reason);
      if (this.#tail === undefined) end();
      else this.#enqueue(end);
    }
  }

  #opened(socket: Socket<undefined>): void {
    if (this.#finished) return socket.terminate();
    this.#socket = socket;
    this.#ignoreSignal();
    if (this.#protocols.length > 0 && socket.protocol === "") {
      return this.#fail(new Error(`The server chose none of the subprotocols offered: ${this.#protocols.join(", ")}`));
    }
    queueTask(() => {
      if (this.readyState !== CONNECTING) return;
      this.readyState = OPEN;
      this.extensions = socket.response.fields.get("Sec-WebSocket-Extensions") ?? "";
      this.protocol = socket.protocol;
      dispatch(this.#target, new Event("open"));
    });
  }

  #receive(message: string | Uint8Array): void {
    if (this.readyState !== OPEN) return;
    const data = typeof message === "string" ? message
      : this.binaryType === "blob" ? new Blob([message as Uint8Array<ArrayBuffer>])
      : wholeBuffer(message);
    dispatch(this.#target, new MessageEvent("message", { data, origin: this.url.origin }));
  }

  #closed(close: Close): void {
    const { clean, fault } = close;
    if (clean) this.#forgetUnsent(true);
    if (this.#failure === undefined && (!clean || fault !== undefined)) {
      this.#failure = new Error(fault?.message ?? "The connection was lost: it ended without a closing handshake", { cause: close });
    }
    this.#finish(close);
  }

  /** The connection fails: at once for the network, in a task for the program. */
  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error("The connection failed");
    this.#finish({ code: 1006, reason: "", clean: false });
    this.#attempt.abort();
    this.#socket?.terminate();
  }

  #finish({ code, reason, clean }: Pick<Close, "code" | "reason" | "clean">): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#ignoreSignal();
    this.#forgetUnsent(false);
    queueTask(() => {
      this.readyState = CLOSED;
      if (this.#failure !== undefined) dispatch(this.#target, errorEvent(this.#failure));
      dispatch(this.#target, new CloseEvent("close", { code, reason, wasClean: clean }));
    });
  }

  #enqueue(step: () => void | Promise<void>): void {
    const tail = (this.#tail ?? Promise.resolve()).then(step).catch((error: unknown) => this.#fail(error)).then(() => {
      if (this.#tail === tail) this.#tail = undefined;
    });
    this.#tail = tail;
  }

  /** Gives a message to the socket, which masks it into a copy before this returns. */
  #give(message: string | Uint8Array, size: number): void {
    const socket = this.#socket;
    if (socket === undefined || socket.state !== "open") return; // it never leaves
    const before = socket.bufferedAmount;
    socket.send(message);
    this.#given += socket.bufferedAmount - before;
    this.#unsent.push({ end: this.#given, size });
    if (this.#settling) return;
    this.#settling = true; // what leaves before this task has ended is seen after it
    queueTask(() => {
      this.#settling = false;
      this.#settle();
    });
  }

  /** Counts what has left. Pongs on their way make it less for a while, never more. */
  #settle(): void {
    const left = this.#given - (this.#socket?.bufferedAmount ?? 0);
    const waiting = this.#unsent.findIndex(({ end }) => end > left);
    for (const { size } of this.#unsent.splice(0, waiting < 0 ? this.#unsent.length : waiting)) this.#bufferedAmount -= size;
  }

  /** Nothing is counted down any more; after a clean end everything has left. */
  #forgetUnsent(sent: boolean): void {
    if (sent) for (const { size } of this.#unsent) this.#bufferedAmount -= size;
    this.#unsent = [];
  }
}

/** A plain Event, as the standard has it. What went wrong is in a property of ours, which no enumeration shows. */
function errorEvent(error: unknown): Event {
  return Object.defineProperty(new Event("error"), "error", { value: error, configurable: true });
}

/** The Origin of the page or worker, as browsers send it; none where the program runs as no page, or gives its own. */
function withOrigin(headers: ConnectOptions["headers"]): [string, string][] {
  const pairs = [...toPairs(headers)].map(([name, value]): [string, string] => [name, value]);
  const origin = hostLocation()?.origin;
  if (origin !== undefined && !pairs.some(([name]) => name.toLowerCase() === "origin")) pairs.push(["Origin", origin]);
  return pairs;
}

/** The message's bytes as a buffer of exactly their length. They are ours, so that only a part of a larger one is copied. */
function wholeBuffer({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBufferLike {
  return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}
