/**
 * The WebSocket class of the web (WHATWG WebSockets), the same on every runtime: over that runtime's `connect`.
 *
 * It differs from a browser's where a program is no page: there is no cookie jar, `isTrusted` is false, an Origin is sent
 * only where `location` is set, and three things are added: options in the place of the subprotocols, `error` on an error
 * event, and limits. Ping and pong pass unseen, as they do there.
 * @module
 */
import type { ConnectOptions } from "./connect.ts";
import { type CloseEvent, EventHandlers, shapeInterface } from "./events.ts";
import { type Connect, READY_STATES, type SessionOptions, WebSession } from "./web-session.ts";
import {
  checkClose, checkProtocols, isDictionary, parseWebSocketUrl, requireArgument, toClampedShort, toProtocols, toSendable,
} from "./webidl.ts";

/** Options in the place of the subprotocols, as other runtimes take them: no standard has them. */
export interface WebSocketInit extends SessionOptions {
  /** Subprotocols to offer, the most wanted first. */
  readonly protocols?: string | Iterable<string>;
}

/** A failure, as an event; "close" follows. */
export interface WebSocketErrorEvent extends Event {
  /** What went wrong, such as a HandshakeError. Not in the standard: browsers tell no reason. */
  readonly error?: unknown;
}

/** The events of a WebSocket. */
export interface WebSocketEvents {
  /** The handshake succeeded: `send` works from here on. */
  open: Event;
  /** A message came; `data` is a string, or what `binaryType` says. */
  message: MessageEvent;
  /** The connection failed; "close" follows. */
  error: WebSocketErrorEvent;
  /** It is over: the last event, once. */
  close: CloseEvent;
}

/** What `addEventListener` takes besides a listener. */
export interface ListenerOptions {
  /** Hears events on their way to the target; with one target, before other listeners. */
  readonly capture?: boolean;
  /** Removes the listener at its first event. */
  readonly once?: boolean;
  /** Promises that the listener calls no `preventDefault`. */
  readonly passive?: boolean;
  /** Removes the listener when it aborts. */
  readonly signal?: AbortSignal;
}

/** A listener: a function, or an object with a method. */
export type Listener<Target, Kind> = ((this: Target, event: Kind) => unknown) | { handleEvent(event: Kind): unknown } | null;

/** The WebSocket of the web. */
export interface WebSocket extends EventTarget {
  /** The ready state before "open". */
  readonly CONNECTING: 0;
  /** The ready state between "open" and the start of closing. */
  readonly OPEN: 1;
  /** The ready state once either side closes. */
  readonly CLOSING: 2;
  /** The ready state from "close" on, or after a failure. */
  readonly CLOSED: 3;
  /** The URL, with `ws` or `wss` for its scheme. */
  readonly url: string;
  /** CONNECTING, OPEN, CLOSING or CLOSED. */
  readonly readyState: 0 | 1 | 2 | 3;
  /** Bytes given to `send` that have not left the process, without what frames them. Those that never will stay counted. */
  readonly bufferedAmount: number;
  /** The extensions in use, '' for none and before "open". */
  readonly extensions: string;
  /** The subprotocol in use, '' for none and before "open". */
  readonly protocol: string;
  /** What a binary message becomes; looked at when it is delivered. */
  binaryType: "blob" | "arraybuffer";
  /** Hears "open"; null for nobody. */
  onopen: ((this: WebSocket, event: Event) => unknown) | null;
  /** Hears "error"; null for nobody. */
  onerror: ((this: WebSocket, event: WebSocketErrorEvent) => unknown) | null;
  /** Hears "close"; null for nobody. */
  onclose: ((this: WebSocket, event: CloseEvent) => unknown) | null;
  /** Hears "message"; null for nobody. */
  onmessage: ((this: WebSocket, event: MessageEvent) => unknown) | null;
  /**
   * Closes behind the messages sent so far. Without a code the peer sees 1005.
   * @throws {DOMException} an InvalidAccessError for a code that is neither 1000 nor 3000 to 4999, a SyntaxError for a
   * reason of over 123 bytes
   */
  close(code?: number, reason?: string): void;
  /**
   * Sends a message; once closing, does nothing.
   * @throws {DOMException} an InvalidStateError before "open"
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
  /** Adds a listener behind those of its type; one that is there already is not added again. */
  addEventListener<Type extends keyof WebSocketEvents>(
    type: Type, listener: Listener<WebSocket, WebSocketEvents[Type]>, options?: boolean | ListenerOptions): void;
  /** Adds a listener for events of the program's own. */
  addEventListener(type: string, listener: Listener<WebSocket, Event>, options?: boolean | ListenerOptions): void;
  /** Removes a listener that was added with the same `capture`. */
  removeEventListener<Type extends keyof WebSocketEvents>(
    type: Type, listener: Listener<WebSocket, WebSocketEvents[Type]>, options?: boolean | ListenerOptions): void;
  /** Removes a listener for events of the program's own. */
  removeEventListener(type: string, listener: Listener<WebSocket, Event>, options?: boolean | ListenerOptions): void;
}

/** The class of WebSockets. */
export interface WebSocketConstructor {
  /**
   * Connects. Two connections to one host and port are not opened at the same time (RFC 6455, section 4.1).
   * @throws {DOMException} a SyntaxError for a URL or subprotocol that may not be used
   */
  new (url: string | URL, protocols?: string | Iterable<string> | WebSocketInit): WebSocket;
  /** What every WebSocket inherits from. */
  readonly prototype: WebSocket;
  /** The ready state before "open". */
  readonly CONNECTING: 0;
  /** The ready state between "open" and the start of closing. */
  readonly OPEN: 1;
  /** The ready state once either side closes. */
  readonly CLOSING: 2;
  /** The ready state from "close" on, or after a failure. */
  readonly CLOSED: 3;
}

/**
 * What holds for a WebSocket object unless its options say otherwise. Browsers have no such limits; memory has: a message
 * of 128 MiB, a minute to connect, and whatever is sent is queued, as the standard's `send` knows no full queue.
 */
export const WEB_SOCKET_LIMITS: Required<Pick<NonNullable<ConnectOptions["limits"]>, "maxMessage" | "maxFragments" | "maxQueued" | "handshakeTimeout">> = {
  maxMessage: 134_217_728,
  maxFragments: 131_072,
  maxQueued: Number.POSITIVE_INFINITY,
  handshakeTimeout: 60_000,
};

/** Makes the class over what connects. */
export function webSocketClass(connect: Connect): WebSocketConstructor {
  class WebSocketObject extends EventTarget {
    readonly #session: WebSession;
    readonly #handlers: EventHandlers;

    constructor(url: unknown, protocols: unknown = []) {
      requireArgument(arguments.length, "WebSocket's constructor");
      super();
      const input = `${url as string}`;
      const init: WebSocketInit = isDictionary(protocols) ? protocols : {};
      const { protocols: listed = [], ...options } = init;
      const offered = toProtocols(init === protocols ? listed : protocols);
      const parsed = parseWebSocketUrl(input);
      checkProtocols(offered);
      this.#handlers = new EventHandlers(this);
      this.#session = new WebSession(this, parsed, offered);
      this.#session.start(connect, { ...options, limits: withWebLimits(options.limits) });
    }

    get url(): string {
      return this.#session.url.href;
    }

    get readyState(): number {
      return this.#session.readyState;
    }

    get bufferedAmount(): number {
      return this.#session.bufferedAmount;
    }

    get onopen(): object | null {
      return this.#handlers.get("open");
    }

    set onopen(handler: unknown) {
      this.#handlers.set("open", handler);
    }

    get onerror(): object | null {
      return this.#handlers.get("error");
    }

    set onerror(handler: unknown) {
      this.#handlers.set("error", handler);
    }

    get onclose(): object | null {
      return this.#handlers.get("close");
    }

    set onclose(handler: unknown) {
      this.#handlers.set("close", handler);
    }

    get extensions(): string {
      return this.#session.extensions;
    }

    get protocol(): string {
      return this.#session.protocol;
    }

    close(code: unknown = undefined, reason: unknown = undefined): void {
      const session = this.#session;
      const status = code === undefined ? undefined : toClampedShort(code);
      const text = reason === undefined ? "" : `${reason as string}`;
      checkClose(status, text);
      session.close(status, text);
    }

    get onmessage(): object | null {
      return this.#handlers.get("message");
    }

    set onmessage(handler: unknown) {
      this.#handlers.set("message", handler);
    }

    get binaryType(): "blob" | "arraybuffer" {
      return this.#session.binaryType;
    }

    set binaryType(type: unknown) {
      const session = this.#session;
      const value = `${type as string}`;
      if (value === "blob" || value === "arraybuffer") session.binaryType = value;
    }

    send(data: unknown): void {
      const session = this.#session;
      requireArgument(arguments.length, "send");
      const message = toSendable(data);
      if (session.readyState === READY_STATES.CONNECTING) {
        throw new DOMException(`Cannot send to ${session.url.host}: the WebSocket is not open yet`, "InvalidStateError");
      }
      session.send(message);
    }
  }
  shapeInterface(WebSocketObject, "WebSocket", READY_STATES);
  return WebSocketObject as unknown as WebSocketConstructor;
}

function withWebLimits(limits: WebSocketInit["limits"]): NonNullable<WebSocketInit["limits"]> {
  const named = Object.entries(limits ?? {}).filter(([, value]) => value !== undefined);
  return { ...WEB_SOCKET_LIMITS, ...Object.fromEntries(named) };
}
