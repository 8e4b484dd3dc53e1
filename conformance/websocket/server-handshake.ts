/**
 * Vectors for the server's side of the opening handshake (RFC 6455, sections 1.3, 4.2 and 11.3).
 * @module
 */
import { close, ping, pong, text } from "../frames.ts";
import { ANSWER, GONE, GOODBYE, type ServerOpening, type Vector } from "../vector.ts";

/** The answer's fields for the RFC's example key. */
const ACCEPTED = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" };
const FIELDS: Readonly<Record<string, string>> = {
  "Host": "server.example.com",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version": "13",
};

/** Section 4.2. */
export const serverHandshake: readonly Vector[] = [
  accepts("The RFC's example is accepted, and the answer's hash is the example's", request(), {}),
  accepts("Names and values are compared without regard to case", request({
    "Host": undefined, "Upgrade": undefined, "Connection": undefined,
    "hOST": "server.example.com", "UPGRADE": "WebSocket", "connection": "UPGRADE",
  }), {}),
  accepts("Connection and Upgrade may be lists", request({ Connection: "keep-alive, Upgrade", Upgrade: "h2c, websocket" }), {}),
  accepts("The target may be an http URI, and may have a query", request({}, "GET http://server.example.com/chat?room=1 HTTP/1.1"), {}),
  accepts("Unknown fields are ignored", request({ "X-Anything": "\u0021", "Cookie": "a=b" }), {}),
  accepts("Extensions that are offered may be declined", request({ "Sec-WebSocket-Extensions": `permessage-deflate; client_max_window_bits, x; y="z"` }),
    {}, { "Sec-WebSocket-Extensions": null }),
  accepts("Without subprotocols none is chosen", request(), { protocols: ["chat"] }, { "Sec-WebSocket-Protocol": null }),
  accepts("The first of the client's subprotocols that is served is chosen", request({ "Sec-WebSocket-Protocol": "x, superchat, chat" }),
    { protocols: ["chat", "superchat"] }, { "Sec-WebSocket-Protocol": "superchat" }, "superchat"),
  accepts("Subprotocols are compared with regard to case, and none is chosen when none is served",
    request({ "Sec-WebSocket-Protocol": "CHAT" }), { protocols: ["chat"] }, { "Sec-WebSocket-Protocol": null }),
  accepts("Subprotocols may stand in several fields", request({ "Sec-WebSocket-Protocol": "a", "sec-websocket-protocol": "b" }),
    { protocols: ["b"] }, { "Sec-WebSocket-Protocol": "b" }, "b"),
  accepts("A page of the same host may connect", request({ Origin: "https://server.example.com" }), {}),
  accepts("A page of a listed origin may connect", request({ Origin: "https://other.example.com" }), { origins: ["https://other.example.com"] }),
  {
    name: "Frames right behind the request are heard",
    section: "4.2.2",
    role: "server",
    opening: { answer: { status: 101 } },
    steps: [{ receive: [request(), text("early"), ping("x"), close(1000)] }, { outputEnded: true }, { end: true }],
    events: [{ opened: "" }, { text: "early" }, { ping: "x" }, GONE],
    output: [pong("x"), ANSWER],
  },
  {
    name: "Frames that come before the application has decided are kept for it",
    section: "4.2.2",
    role: "server",
    opening: { later: true, answer: { status: 101 } },
    steps: [{ receive: [request(), text("early")] }, { paused: true }, { receive: [text("later")] }, { decide: true }, { paused: false }, ...GOODBYE],
    events: [{ opened: "" }, { text: "early" }, { text: "later" }, GONE],
    output: [ANSWER],
  },
  {
    name: "More before the decision than the limit is refused",
    section: "10.4",
    role: "server",
    limits: { maxHeld: 20 },
    opening: { later: true, answer: { status: 400 } },
    steps: [{ receive: [request()] }, { receive: [new Uint8Array(21)] }, { outputEnded: true }],
    events: [],
    output: [],
  },
  refuses("A request with another method is answered 405", 405, request({}, "POST /chat HTTP/1.1"), { Allow: "GET" }),
  refuses("A request of HTTP/1.0 is answered 505", 505, request({}, "GET /chat HTTP/1.0")),
  refuses("A request line of two words is answered 400", 400, request({}, "GET /chat")),
  refuses("A request line with two blanks is answered 400", 400, request({}, "GET  /chat HTTP/1.1")),
  refuses("A target with bytes that are no URI is answered 400", 400, request({}, "GET /ch\u00e4t HTTP/1.1")),
  refuses("A target with a fragment is answered 400", 400, request({}, "GET /chat#top HTTP/1.1")),
  refuses("A target that is no path is answered 400", 400, request({}, "GET * HTTP/1.1")),
  refuses("A request without Host is answered 400", 400, request({ Host: undefined })),
  refuses("A request with two Hosts is answered 400", 400, request({ host: "other.example.com" })),
  refuses("A Host that is none is answered 400", 400, request({ Host: "user@server.example.com" })),
  refuses("A request without Upgrade is answered 426", 426, request({ Upgrade: undefined }), { Upgrade: "websocket" }),
  refuses("A request to upgrade to something else is answered 426", 426, request({ Upgrade: "h2c" })),
  refuses("A request whose Connection does not name Upgrade is answered 400", 400, request({ Connection: "keep-alive" })),
  refuses("A request of another version is answered 426 and told which is spoken", 426, request({ "Sec-WebSocket-Version": "8" }), { "Sec-WebSocket-Version": "13" }),
  refuses("A request without a version is answered 426", 426, request({ "Sec-WebSocket-Version": undefined }), { "Sec-WebSocket-Version": "13" }),
  refuses("A request without a key is answered 400", 400, request({ "Sec-WebSocket-Key": undefined })),
  refuses("A key of 15 bytes is answered 400", 400, request({ "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" })),
  refuses("A key that is not base64 is answered 400", 400, request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZ!==" })),
  refuses("Two keys are answered 400", 400, request({ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" })),
  refuses("A request with a body is answered 400", 400, request({ "Content-Length": "5" })),
  refuses("A chunked request is answered 400", 400, request({ "Transfer-Encoding": "chunked" })),
  refuses("A list of subprotocols that is none is answered 400", 400, request({ "Sec-WebSocket-Protocol": "a b" })),
  refuses("A subprotocol offered twice is answered 400", 400, request({ "Sec-WebSocket-Protocol": "a, a" })),
  refuses("A list of extensions that is none is answered 400", 400, request({ "Sec-WebSocket-Extensions": "a; =b" })),
  refuses("A page of another host is answered 403", 403, request({ Origin: "https://evil.example" })),
  refuses("A page without an origin of its own is answered 403", 403, request({ Origin: "null" })),
  refuses("Lines that end with LF alone are answered 400", 400, request().replaceAll("\r\n", "\n")),
  refuses("A CR alone is answered 400", 400, "GET /chat HTTP/1.1\rHost: a\r\n\r\n"),
  refuses("A NUL is answered 400", 400, request({ "X-Anything": "\0" })),
  refuses("A folded line is answered 400", 400, request({ "X-Anything": "a\r\n b" })),
  refuses("A blank before a colon is answered 400", 400, request({ "X-Anything ": "a" })),
  refuses("A field without a name is answered 400", 400, request({ "": "a" })),
  refuses("A TLS client's first bytes are answered 400", 400, "\x16\x03\x01\x02\x00\x01"),
  refuses("A head larger than the limit is answered 431", 431, request({ "X-Anything": "a".repeat(200) }), {}, { maxHead: 300 }),
  refuses("A line longer than the limit is answered 431", 431, request({ "X-Anything": "a".repeat(200) }), {}, { maxLine: 200 }),
  refuses("A target longer than the limit is answered 414", 414, request({}, `GET /${"a".repeat(200)} HTTP/1.1`), {}, { maxLine: 200 }),
  refuses("More fields than the limit are answered 431", 431, request(), {}, { maxFields: 4 }),
  {
    name: "A request that does not end in time is answered 408, and the peer has a moment to read it",
    section: "4.2.1",
    role: "server",
    limits: { handshakeTimeout: 1000 },
    opening: { answer: { status: 408 } },
    steps: [
      { deadline: 1000 }, { wait: 500 }, { receive: ["GET /chat HTTP/1.1\r\n"] }, { deadline: 1000 }, { wait: 500 },
      { outputEnded: true }, { deadline: 2000 }, { wait: 1000 }, { deadline: Number.POSITIVE_INFINITY },
    ],
    events: [],
    output: [],
  },
  {
    name: "A peer that says nothing in time is dropped without an answer",
    section: "4.2.1",
    role: "server",
    limits: { handshakeTimeout: 1000 },
    opening: { answer: undefined },
    steps: [{ wait: 1000 }, { outputEnded: true }, { deadline: Number.POSITIVE_INFINITY }],
    events: [],
    output: [],
  },
  {
    name: "An application that does not decide in time is answered for with 503",
    section: "4.2.2",
    role: "server",
    limits: { handshakeTimeout: 1000 },
    opening: { later: true, answer: { status: 503 } },
    steps: [{ receive: [request()] }, { wait: 1000 }, { outputEnded: true }],
    events: [],
    output: [],
  },
  {
    name: "A request that is cut off is not answered",
    section: "4.2.1",
    role: "server",
    opening: { answer: undefined },
    steps: [{ receive: [request().slice(0, -2)] }, { end: true }, { outputEnded: true }, { deadline: Number.POSITIVE_INFINITY }],
    events: [],
    output: [],
  },
];

function request(changes: Readonly<Record<string, string | undefined>> = {}, line = "GET /chat HTTP/1.1"): string {
  const fields = Object.entries({ ...FIELDS, ...changes }).filter(([, value]) => value !== undefined);
  return `${line}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

function accepts(
  name: string,
  received: string,
  accept: NonNullable<ServerOpening["accept"]>,
  fields: Readonly<Record<string, string | null>> = {},
  protocol = "",
): Vector {
  return {
    name,
    section: "4.2.2",
    role: "server",
    opening: { accept, answer: { status: 101, fields: { ...ACCEPTED, ...fields } } },
    steps: [{ receive: [received] }, { outputEnded: false }, ...GOODBYE],
    events: [{ opened: protocol }, GONE],
    output: [ANSWER],
  };
}

function refuses(
  name: string,
  status: number,
  received: string,
  fields: Readonly<Record<string, string>> = {},
  limits: NonNullable<Vector["limits"]> = {},
): Vector {
  return {
    name,
    section: "4.2.1",
    role: "server",
    limits,
    opening: { answer: { status, fields: { Connection: "close", ...fields } } },
    steps: [{ receive: [received, text("never")] }, { outputEnded: true }, { end: true }],
    events: [],
    output: [],
  };
}
