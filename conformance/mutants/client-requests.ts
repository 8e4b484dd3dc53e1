/**
 * Clients whose requests are wrong (RFC 6455, sections 4.1 and 9.1).
 * @module
 */
import { ping } from "../frames.ts";
import type { Head } from "../wire/case.ts";
import { KEY, plusField, withField } from "../wire/head.ts";
import type { Mutant } from "./mutant.ts";
import { client, titled } from "./which.ts";

/** What a client asks. */
export const requests: readonly Mutant[] = [
  asks("posts", "request-line", "asks with POST", (request) => ({ ...request, line: request.line.replace("GET", "POST") }), "The method is GET"),
  asks("asks-in-http-1.0", "request-line", "asks in HTTP/1.0", (request) => ({ ...request, line: request.line.replace("1.1", "1.0") }),
    "The version is HTTP/1.1, or a later HTTP/1"),
  asks("asks-for-a-url", "request-line", "asks for the whole URL",
    (request) => ({ ...request, line: request.line.replace(" /", " ws://localhost/") }), "The target is a path and a query"),
  asks("no-host", "request-host", "says no Host", (request) => withField(request, "Host", undefined), "There is one Host"),
  asks("two-hosts", "request-host", "says Host twice", (request) => plusField(request, "Host", "localhost"), "There is one Host"),
  asks("url-as-host", "request-host", "says the URL for Host", (request) => withField(request, "Host", "ws://localhost/"),
    "Host is a host, and the port of the URL when it is not the scheme's own"),
  asks("asks-for-another-protocol", "request-upgrade", "asks to upgrade to h2c", (request) => withField(request, "Upgrade", "h2c"),
    "Upgrade names websocket"),
  asks("forgets-upgrade", "request-upgrade", "says no Upgrade", (request) => withField(request, "Upgrade", undefined), "Upgrade names websocket"),
  asks("asks-to-keep-alive", "request-upgrade", "has another Connection", (request) => withField(request, "Connection", "keep-alive"),
    "Connection names Upgrade"),
  asks("two-keys", "request-key", "says its key twice", (request) => plusField(request, "Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA=="),
    "There is one key"),
  client("short-key", "request-key", "has a key of 15 bytes",
    { makeKey: () => Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString("base64") }, titled("The key is 16 bytes in base64")),
  client("key-in-hex", "request-key", "writes its key in hexadecimal",
    { makeKey: () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex") }, titled("The key is 16 bytes in base64")),
  client("one-key", "request-key", "has the same key for each connection", { makeKey: () => KEY },
    titled("The key is none that an earlier connection had")),
  asks("no-version", "request-version", "says no version", (request) => withField(request, "Sec-WebSocket-Version", undefined),
    "There is one version"),
  asks("two-versions", "request-version", "says its version twice", (request) => plusField(request, "Sec-WebSocket-Version", "13"),
    "There is one version"),
  asks("old-version", "request-version", "speaks version 8", (request) => withField(request, "Sec-WebSocket-Version", "8"), "The version is 13"),
  asks("odd-name", "request-fields", "has a field whose name is no token", (request) => plusField(request, "X(Field)", "1"),
    "The names of fields are tokens"),
  asks("odd-value", "request-fields", "has a control character in a value", (request) => plusField(request, "X-Field", "a\x01b"),
    "The values of fields are visible text"),
  asks("two-agents", "request-fields", "has two User-Agent", (request) => plusField(plusField(request, "User-Agent", "a"), "User-Agent", "b"),
    "No field stands twice that is no list"),
  asks("url-as-origin", "request-origin", "says the URL of its page for Origin", (request) => plusField(request, "Origin", "http://localhost/page"),
    "An Origin, when there is one, is an origin"),
  asks("blank-in-subprotocol", "offered-subprotocols", "offers a subprotocol with a blank",
    (request) => plusField(request, "Sec-WebSocket-Protocol", "my chat"), "Subprotocols, when there are some, are tokens"),
  asks("subprotocol-twice", "offered-subprotocols", "offers a subprotocol twice",
    (request) => plusField(request, "Sec-WebSocket-Protocol", "chat, chat"), "No subprotocol stands there twice"),
  asks("asks-with-a-length", "request-ends", "says that its request has a body", (request) => plusField(request, "Content-Length", "5"),
    "The request has no body"),
  client("sends-early", "request-ends", "sends a ping before the answer has come", { sendsEarly: [ping("early")] },
    titled("Nothing is sent before the answer has come"), "behind-the-head", "ping-sent"),
  {
    ...asks("odd-offer", "offered-extensions", "offers what is no list of extensions",
      (request) => plusField(request, "Sec-WebSocket-Extensions", "x-other; =1"), "Extensions, when there are some, are a list by its grammar"),
    alsoCaughtBy: [{ cases: ["chosen-extensions", ({ deflate }) => deflate !== undefined], because: "they answer the offer" }],
  },
];

function asks(name: string, breaks: string, says: string, shapeRequest: (request: Head) => Head, title: string): Mutant {
  return client(name, breaks, says, { shapeRequest }, titled(title));
}
