/**
 * What the WebSocket class does to its arguments before it acts on them (Web IDL; WHATWG WebSockets, sections 3.1 and 3.2).
 * @module
 */
import { encodeUtf8 } from "../core/bytes/utf8.ts";
import { isToken } from "../core/http/field.ts";
import { isObject } from "./events.ts";

/** What `send` sends, once converted. */
export type Sendable = string | Uint8Array | Blob;

/** Requires an argument. */
export function requireArgument(count: number, call: string): void {
  if (count < 1) throw new TypeError(`Cannot call ${call} without an argument`);
}

/**
 * Parses a URL against the host's base URL, where it has one. `http` and `https` stand for `ws` and `wss`.
 * @throws {DOMException} a SyntaxError for what no WebSocket can be opened with
 */
export function parseWebSocketUrl(input: string): URL {
  let url: URL;
  try {
    url = new URL(input, hostLocation()?.href);
  } catch {
    throw syntaxError(`Cannot connect to "${input}": it is no absolute URL, such as ws://127.0.0.1:8080/`);
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw syntaxError(`Cannot connect to "${url.protocol}": the scheme must be ws or wss`);
  if (url.hash !== "" || url.href.endsWith("#")) throw syntaxError(`Cannot connect to "${url.href}": a WebSocket URL has no fragment`);
  return url;
}

/** The page or worker the program runs as, where the host says: its URL and its origin. */
export function hostLocation(): { readonly href: string; readonly origin: string } | undefined {
  const { location } = globalThis as { location?: { readonly href?: unknown; readonly origin?: unknown } };
  if (typeof location?.href !== "string" || typeof location.origin !== "string") return undefined;
  return { href: location.href, origin: location.origin };
}

/** Converts to `(DOMString or sequence<DOMString>)`, and that to a list. */
export function toProtocols(value: unknown): string[] {
  const iterate = iteratorOf(value);
  if (iterate === undefined) return [`${value as string}`];
  return Array.from({ [Symbol.iterator]: () => Reflect.apply(iterate, value, []) as Iterator<unknown> }, (item) => `${item as string}`);
}

/**
 * Refuses subprotocols that may not be offered. Two that differ only in case count as one.
 * @throws {DOMException} a SyntaxError
 */
export function checkProtocols(protocols: readonly string[]): void {
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (!isToken(protocol)) throw syntaxError(`Cannot offer subprotocol ${JSON.stringify(protocol)}: it is no token`);
    if (seen.has(protocol.toLowerCase())) throw syntaxError(`Cannot offer subprotocol "${protocol}" twice`);
    seen.add(protocol.toLowerCase());
  }
}

/** True for `{ headers: … }` and its like, where the standard would see the subprotocol "[object Object]" and refuse it. */
export function isDictionary(value: unknown): value is object {
  if (typeof value !== "object" || value === null || iteratorOf(value) !== undefined) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null; // of another realm, too
}

/** Converts to `[Clamp] unsigned short`: the nearest integer there is, of two the even one. */
export function toClampedShort(value: unknown): number {
  const clamped = Math.min(Math.max(+(value as number), 0), 0xffff);
  if (Number.isNaN(clamped)) return 0;
  const floor = Math.floor(clamped);
  const rest = clamped - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/**
 * Refuses what the API may not close with.
 * @throws {DOMException} an InvalidAccessError for the code, a SyntaxError for the reason
 */
export function checkClose(code: number | undefined, reason: string): void {
  if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) {
    throw new DOMException(`Cannot close with code ${code}: it must be 1000, or 3000 to 4999`, "InvalidAccessError");
  }
  const { length } = encodeUtf8(reason);
  if (length > MAX_REASON) throw syntaxError(`Cannot close with a reason of ${length} bytes: a close frame carries at most ${MAX_REASON}`);
}

/** Converts to `(BufferSource or Blob or USVString)`. Bytes are still the caller's own. */
export function toSendable(value: unknown): Sendable {
  if (isObject(value)) {
    if (hasBrand(BLOB_SIZE, value)) return value as Blob;
    if (ArrayBuffer.isView(value)) return bytesOf(value.buffer, value);
    if (hasBrand(BUFFER_LENGTH, value)) return bytesOf(value as ArrayBuffer);
  }
  return `${value as string}`;
}

function bytesOf(buffer: ArrayBufferLike, view?: ArrayBufferView): Uint8Array {
  if (!hasBrand(BUFFER_LENGTH, buffer)) throw new TypeError("Cannot send shared memory: send a copy of it");
  if ((buffer as { resizable?: boolean }).resizable) throw new TypeError("Cannot send a resizable buffer: send a copy of it");
  if (buffer.byteLength === 0) return new Uint8Array(0); // a detached one, too: its memory was transferred
  return view === undefined ? new Uint8Array(buffer) : new Uint8Array(buffer, view.byteOffset, view.byteLength);
}

/** How many bytes a message has on the wire. */
export function sizeOf(message: Sendable): number {
  if (typeof message !== "string") return "size" in message ? message.size : message.length;
  let size = message.length;
  for (let at = 0; at < message.length; at++) {
    const unit = message.charCodeAt(at);
    if (unit >= 0x80) size += unit < 0x800 || isPair(message, at) || isPair(message, at - 1) ? 1 : 2; // a lone surrogate becomes U+FFFD
  }
  return size;
}

/** True where the two halves of a character stand. */
function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

function iteratorOf(value: unknown): ((...args: unknown[]) => unknown) | undefined {
  if (!isObject(value)) return undefined;
  const method = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] ?? undefined;
  if (method !== undefined && typeof method !== "function") throw new TypeError("Cannot iterate the subprotocols: Symbol.iterator is no function");
  return method as ((...args: unknown[]) => unknown) | undefined;
}

/** True when a getter of a built-in class takes the object for one of its own, of whatever realm. */
function hasBrand(getter: (() => unknown) | undefined, value: object): boolean {
  try {
    Reflect.apply(getter as () => unknown, value, []);
    return true;
  } catch {
    return false;
  }
}

function syntaxError(message: string): DOMException {
  return new DOMException(message, "SyntaxError");
}

const BUFFER_LENGTH = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")?.get;
const BLOB_SIZE = Object.getOwnPropertyDescriptor(Blob.prototype, "size")?.get;
/** A control frame carries 125 bytes (RFC 6455, section 5.5), two of them the code. */
const MAX_REASON = 123;
