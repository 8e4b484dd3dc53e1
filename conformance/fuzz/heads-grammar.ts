/**
 * Heads of requests and answers, and values of fields: a fifth noise, three tenths good ones with changes, half made by the grammars of
 * RFC 9112 and RFC 6455, section 4, with many spellings of the same and mostly one thing that is wrong.
 * @module
 */
import { fromLatin1 } from "./case.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

/** The key that offers in answers' tests have, and what answers it (RFC 6455, section 1.3). */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** The subprotocols that are offered and served. */
export const PROTOCOLS: readonly string[] = ["chat", "soap.v2"];

/** Bytes as a server receives them. */
export function makeRequest(random: Random): Uint8Array {
  return make(random, (flawed) => request(random, flawed));
}

/** Bytes as a client receives them. */
export function makeAnswer(random: Random): Uint8Array {
  return make(random, (flawed) => {
    let text = "";
    while (random.once(8)) text += head(random, [`HTTP/1.1 ${random.pick([100, 102, 103, 199])}${random.pick(["", " ", " Wait"])}`], []);
    return text + (random.below(3) > 0 ? switching(random, flawed) : refusal(random, flawed));
  });
}

/** Bytes as a client receives them of a proxy. */
export function makeTunnelAnswer(random: Random): Uint8Array {
  return make(random, (flawed) => head(random, [statusLine(random, random.pick([200, 200, 200, 201, 299, 407, 502, 302, 101, 100, 300, 199]), flawed)], extras(random)) + (random.once(3) ? "SSH" : ""));
}

/** The values of a list field, one behind the other with line feeds between. */
export function makeValues(random: Random): Uint8Array {
  const text = Array.from({ length: 1 + random.small(3) }, () => (random.once(2) ? tokens(random) : extensions(random))).join("\n");
  const kind = random.below(10);
  if (kind < 2) return Uint8Array.from({ length: random.small(40) }, () => random.pick(LIST_BYTES));
  return kind < 6 ? mutate(random, fromLatin1(text), LIST_WORDS) : fromLatin1(text);
}

function make(random: Random, write: (flawed: boolean) => string): Uint8Array {
  const kind = random.below(10);
  if (kind < 2) {
    const noise = random.bytes(random.small(400));
    return random.once(2) ? noise : fromLatin1(`${random.pick(["GET / HTTP/1.1\r\n", "HTTP/1.1 101 \r\n", "GET ", "HTTP/1.", "\r\n"])}${Array.from(noise, (byte) => random.once(20) ? "\r\n" : String.fromCharCode(32 + byte % 95)).join("")}`);
  }
  const bytes = fromLatin1(write(kind >= 5 && !random.once(3)));
  return kind < 5 ? mutate(random, bytes, WORDS) : bytes;
}

type Field = [name: string, value: string];

function request(random: Random, flawed: boolean): string {
  const fields: Field[] = [
    ["Host", random.pick(HOSTS)],
    ["Upgrade", random.pick(["websocket", "websocket", "WebSocket", "foo/1, websocket", "websocket,", ", websocket ,h2c"])],
    ["Connection", random.pick(["Upgrade", "upgrade", "keep-alive, Upgrade", "Upgrade,close", "keep-alive,\tupgrade"])],
    ["Sec-WebSocket-Key", random.once(3) ? KEY : key(random)],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (random.once(3)) fields.push(["Sec-WebSocket-Protocol", tokens(random)]);
  if (random.once(3)) fields.push(["Sec-WebSocket-Extensions", extensions(random)]);
  if (random.once(4)) fields.push(["Origin", random.pick(["http://example.com", "null", "https://a.b:1"])]);
  if (random.once(16)) fields.push(["Content-Length", random.pick(["0", "00", "5", "+0", "0, 0"])]);
  fields.push(...extras(random));
  let line = `GET ${random.pick(TARGETS)} HTTP/1.1`;
  if (flawed) {
    const at = random.below(fields.length);
    switch (random.below(10)) {
      case 0: line = random.pick(LINES); break;
      case 1: fields.splice(at, 1); break;
      case 2: fields.push([...fields[at]]); break;
      case 3: fields.push(random.pick(FORBIDDEN)); break;
      case 4: fields[at][1] = random.pick(VALUES); break;
      case 5: fields[at][0] += random.pick([" ", "\t", ":", "\0", "\xe9", "(", "\n"]); break;
      case 6: fields[at][1] = `${fields[at][1]}${random.pick(BREAKS)}${fields[at][1]}`; break;
      case 7: fields[at][0] = random.pick(["", " ", " X", "__proto__", "constructor"]); break;
      case 8: fields[at][1] = random.pick(["x", " ", "\t", "\xff", "a:"]).repeat(random.pick([50, 130, 600, 8_100, 8_192])); break;
      default: for (let count = random.pick([5, 20, 95, 101]); count > 0; count--) fields.push(["x", String(count)]);
    }
  }
  return (random.once(40) ? "\r\n" : "") + head(random, [line], fields) + (random.once(2) ? random.pick(["", "GET / HTTP/1.1\r\n\r\n", "\x81\x80\0\0\0\0", "\r\n", "x"]) : "");
}

function switching(random: Random, flawed: boolean): string {
  const fields: Field[] = [
    ["Upgrade", random.pick(["websocket", "WebSocket", "WEBSOCKET"])],
    ["Connection", random.pick(["Upgrade", "upgrade", "keep-alive, Upgrade"])],
    ["Sec-WebSocket-Accept", ACCEPT],
  ];
  if (random.once(4)) fields.push(["Sec-WebSocket-Protocol", random.pick(PROTOCOLS)]);
  if (random.once(3)) fields.push(["Sec-WebSocket-Extensions", extensions(random)]);
  fields.push(...extras(random));
  let line = statusLine(random, 101, flawed && random.once(4));
  if (flawed) {
    const at = random.below(fields.length);
    switch (random.below(7)) {
      case 0: line = line.replace("101", random.pick(["100", "099", "1O1", "101 101", "1010", " 101"])); break;
      case 1: fields.splice(at, 1); break;
      case 2: fields.push([...fields[at]]); break;
      case 3: fields[at][1] = random.pick(VALUES); break;
      case 4: fields.push(["Sec-WebSocket-Extensions", extensions(random)]); break;
      case 5: fields.push(["Sec-WebSocket-Protocol", tokens(random)]); break;
      default: fields[at][1] += random.pick(BREAKS) + fields[at][1];
    }
  }
  return head(random, [line], fields) + random.pick(["", "\x81\0", "\x88\x02\x03\xe8", "HTTP/1.1 200 OK\r\n\r\n"]);
}

function refusal(random: Random, flawed: boolean): string {
  const fields = extras(random);
  const body = "no way, ".repeat(random.small(20));
  let tail = body;
  switch (random.below(5)) {
    case 0: break;
    case 1: fields.push(["Content-Length", String(Math.max(0, body.length + (flawed ? random.below(20) - 10 : 0)))]); break;
    case 2: fields.push(["Content-Length", random.pick(["", "x", "-1", "1, 1", "99999999999999999", "0x10", "5 "])]); break;
    default:
      fields.push(["Transfer-Encoding", flawed && random.once(3) ? random.pick(["gzip, chunked", "chunked, chunked", "xchunked", "identity"]) : random.pick(["chunked", "Chunked"])]);
      tail = chunked(random, body, flawed);
  }
  return head(random, [statusLine(random, random.pick([200, 204, 301, 304, 401, 404, 426, 503, 999]), flawed && random.once(3))], fields) + tail + random.pick(["", "", "HTTP/1.1"]);
}

function chunked(random: Random, body: string, flawed: boolean): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const size = 1 + random.small(30);
    const piece = body.slice(at, at + size);
    at += piece.length;
    text += `${piece.length.toString(16).padStart(1 + random.small(3), "0")}${random.pick(["", "", ";a=b", " ;x", "\t"])}\r\n${piece}${flawed && random.once(4) ? random.pick(["", "\n", "x\r\n"]) : "\r\n"}`;
  }
  if (flawed && random.once(3)) return text + random.pick(["-1\r\n", "ffffffffff\r\n", "g\r\n", "5 5\r\n", ";\r\n", "x".repeat(1_030)]);
  return `${text}0\r\n${random.once(4) ? "Trailer: x\r\n" : ""}\r\n`;
}

function statusLine(random: Random, status: number, flawed: boolean): string {
  if (flawed) return random.pick([`HTTP/1.0 ${status} X`, `HTTP/2 ${status}`, `http/1.1 ${status} X`, `HTTP/1.1  ${status}`, `HTTP/1.1 ${status}x`, `HTTP/1.1 ${status} \0`, ` HTTP/1.1 ${status}`, "HTTP/1.1", "ICY 200 OK", ""]);
  return `HTTP/1.1 ${status}${random.pick(["", " ", " Switching Protocols", " \xe9\t x"])}`;
}

/** Fields that change nothing. */
function extras(random: Random): Field[] {
  return Array.from({ length: random.small(8) }, (): Field => [random.pick(NAMES), random.pick(PLAIN)]);
}

function head(random: Random, lines: string[], fields: readonly Field[]): string {
  const order = fields.map((field) => ({ field, place: random.next() })).sort((a, b) => a.place - b.place);
  for (const { field: [name, value] } of order) {
    const spelled = random.once(6) ? name.toUpperCase() : random.once(6) ? name.toLowerCase() : name;
    lines.push(`${spelled}:${random.pick([" ", " ", "", "\t", "  \t "])}${value}${random.pick(["", "", "", " ", "\t "])}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function key(random: Random): string {
  return `${Array.from({ length: 22 }, () => random.pick(BASE64)).join("")}==`;
}

function tokens(random: Random): string {
  return Array.from({ length: 1 + random.small(4) }, () => random.pick(TOKENS)).join(random.pick([",", ", ", " ,\t", ",,"]));
}

function extensions(random: Random): string {
  const anything = (): string => `${random.pick(TOKENS)}${random.pick(["", "", "=1", " = 15", "=\"10\"", "=\"a\\b\"", "=\"a,b\"", "=\"", "=\"\"", "=", "=a=b"])}`;
  const deflate = (): string => `${random.pick(DEFLATE_PARAMETERS)}${random.pick(["", "", "", "=8", "=9", "=12", "=\"15\"", " = 10", "=16", "=7", "=08", "=1"])}`;
  const one = (): string => {
    const parameter = random.below(4) > 0 ? deflate : anything;
    return [random.pick(EXTENSIONS), ...Array.from({ length: random.small(4) }, parameter)].join(random.pick([";", "; ", " ; "]));
  };
  return Array.from({ length: 1 + random.small(3) }, one).join(random.pick([",", ", ", ",,"]));
}

const EXTENSIONS = ["permessage-deflate", "permessage-deflate", "permessage-deflate", "Permessage-Deflate", "x-webkit-deflate-frame", "foo", "constructor"];
const DEFLATE_PARAMETERS = ["server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits"];
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HOSTS = ["example.com", "example.com:80", "127.0.0.1:9001", "[::1]:80", "[::1]", "localhost", "a_b-c.d", "xn--e1afmkfd", "a:"];
const TARGETS = ["/", "/chat?room=1", "//x", "/%00", "/a/../b", "http://example.com/", "HTTPS://e/", "/\"'{}|", "/~!*'();@&=+$,", "/?"];
const LINES = [
  "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET\t/ HTTP/1.1", "GET /a b HTTP/1.1", "GET /#f HTTP/1.1", "GET * HTTP/1.1",
  "POST / HTTP/1.1", "get / HTTP/1.1", "HEAD / HTTP/1.1", "CONNECT a:80 HTTP/1.1", "GET /\xe9 HTTP/1.1", "GET /\x7f HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.1\r\n", "", "GET /", "G(T / HTTP/1.1",
  "GET / HTTP/1.1\r\n X: y", "GET ? HTTP/1.1", "GET a HTTP/1.1", "PRI * HTTP/2.0", "GET ws://a/ HTTP/1.1", "OPTIONS * HTTP/1.1", `GET /${"a".repeat(8_180)} HTTP/1.1`, "SOURCE / HTTP/1.1", "GET / HTTP/9.9", "GET / RTSP/1.0",
];
const FORBIDDEN: readonly Field[] = [
  ["Transfer-Encoding", "chunked"], ["Transfer-Encoding", "identity"], ["Content-Length", "5"], ["Content-Length", "0"], ["Content-Length", "-0"], ["Content-Length", "0x0"], ["Host", "other"],
  ["Sec-WebSocket-Key", KEY], ["Sec-WebSocket-Version", "13"], ["Sec-WebSocket-Version", "8"], ["Upgrade", "h2c"], ["Connection", "close"], ["Transfer-Encoding", ""],
];
const VALUES = [
  "", " ", "13, 13", "8", "013", "+13", "dGhlIHNhbXBsZSBub25jZQ", `${KEY}=`, "dGhlIHNhbXBsZSBub25jZR==", "AAAA", "websocket websocket", "web socket", "h2c", "close", "\"Upgrade\"", "Upgrade; x", "user@host", "a b", "a/b",
  "[::1", "[::1]x", "a:1:2", "a:999999", "é", "a\tb", "\xa0", "\x85", "\x00", "\x0b", "\x1f", "\x7f", "s3pplmbitxaq9kygzzhzrbk+xoo=", "chat", "CHAT", "chat,chat", "chat, soap.v2", "(a)", "a,,b", ",",
];
const BREAKS = ["\n", "\r", "\r\n ", "\r\n\t", "\n\r", "\r\r\n", "\r\n\r\n", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\r\nX-Y:", "\r\n:"];
const NAMES = ["X", "User-Agent", "Cookie", "Pragma", "__proto__", "Date", "x-!#$%&'*+-.^_`|~", "Accept", "Keep-Alive", "constructor"];
const PLAIN = ["", "a", "Mozilla/5.0 (X11; Linux)", "a=b; c=\"d,e\"", "\xe9\xff", "a\tb", "::", "Upgrade", "x".repeat(100)];
const TOKENS = ["chat", "soap.v2", "superchat", "a", "x-!#$%&'*+-.^_`|~", "__proto__", "v10", "client_max_window_bits"];
const WORDS: readonly Uint8Array[] = [
  "\r\n", "\n", "\r", "\r\n\r\n", " ", "\t", ":", ",", "\0", "\x7f", "\xff", "\r\n ", "Host: b\r\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", " HTTP/1.1", "#", "\"", "=", ";", "\r\nConnection: close", "HTTP/1.1 101 \r\n",
].map(fromLatin1);
const LIST_WORDS: readonly Uint8Array[] = [",", ";", "=", "\"", "\\", "\\\"", " ", "\t", "\n", "\xe9", "a", "=\"a\""].map(fromLatin1);
const LIST_BYTES = fromLatin1(",;=\"\\ \tab1\n(\x7f\xe9");
