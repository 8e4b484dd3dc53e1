/**
 * The URLs of WebSockets.
 * @module
 */
import { typeName } from "./options.ts";

/**
 * Parses and checks a URL (RFC 6455, section 3). `http` and `https` stand for `ws` and `wss`.
 * @throws {TypeError}
 */
export function parseUrl(url: string | URL, base?: string): URL {
  const text = typeof url === "string" ? url : url?.href; // of whatever realm the URL is
  if (typeof text !== "string") throw new TypeError(`Cannot connect to what is of type ${typeName(url)}: it must be a URL or a string`);
  let parsed: URL;
  try {
    parsed = new URL(text, base);
  } catch {
    throw new TypeError(`Cannot connect to "${text}": it is no absolute URL, such as ws://127.0.0.1:8080/`);
  }
  if (parsed.protocol === "http:") parsed.protocol = "ws:";
  else if (parsed.protocol === "https:") parsed.protocol = "wss:";
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    throw new TypeError(`Cannot connect to "${parsed.protocol}": the scheme must be ws or wss`);
  }
  if (parsed.hash !== "" || parsed.href.endsWith("#")) throw new TypeError(`Cannot connect to "${parsed.href}": a WebSocket URL has no fragment`);
  return parsed;
}

/** What may be shown of a URL. */
export function withoutCredentials(url: URL): string {
  const copy = new URL(url);
  copy.username = copy.password = "";
  return copy.href;
}
