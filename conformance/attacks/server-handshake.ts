/**
 * Requests that a server must refuse, or read in one way only (RFC 6455, section 4.2; RFC 9112).
 * @module
 */
import { close, describeBytes, text } from "../frames.ts";
import { type Attack, fail, type Finding, pass, soft, worst } from "./attack.ts";
import { ACCEPT, type Answer, ask, KEY, type Peer, type RequestParts, type ServerGround, upgradeRequest } from "./server-peer.ts";

/** A request and what must become of it. */
export interface Plea {
  readonly id: string;
  readonly rule: string;
  readonly source: string;
  /** Each is asked on a connection of its own. */
  readonly ask: readonly (RequestParts | string)[];
  /** "open": it must become a connection. "refused": it must be answered with a status past 399. "either": one of both, and no third. */
  readonly becomes: "open" | "refused" | "either";
  /** The 101 must have none of these fields. */
  readonly without?: readonly string[];
}

/** A plea as an attack. */
export function toAttack({ id, rule, source, ask: requests, becomes, without }: Plea): Attack<ServerGround> {
  return {
    id,
    rule,
    source,
    async run(ground) {
      const findings: Finding[] = [];
      for (const request of requests) {
        const bytes = toRequest(ground, request);
        const finding = await plead(ground, bytes, becomes, without);
        findings.push(finding.verdict === "PASS" ? finding : { ...finding, note: `${finding.note}, to ${describe(bytes)}` });
      }
      return worst(findings);
    },
  };
}

/** A plea's request as it goes over the wire. */
export function toRequest(ground: ServerGround, request: RequestParts | string): string {
  return typeof request === "string" ? request.replaceAll("HOST", `${ground.host}:${ground.port}`) : upgradeRequest(ground, request);
}

async function plead(ground: ServerGround, request: string, becomes: Plea["becomes"], without: readonly string[] = []): Promise<Finding> {
  const { peer, answer } = await ask(ground, request);
  try {
    if (answer === undefined && peer.ended && ground.runtime === "attach" && request.startsWith("CONNECT ")) return pass(); // node:http drops those
    if (answer === undefined) return peer.ended ? soft("it ended without an answer") : fail("it did not answer");
    if (answer.status !== 101) return becomes === "open" ? fail(`it answered ${answer.status}`) : await judgeRefusal(peer, answer);
    if (becomes === "refused") return fail("it answered 101");
    return await judgeOpen(peer, answer, without);
  } finally {
    peer.destroy();
  }
}

/** A refusal says why, once, and ends the connection. */
export async function judgeRefusal(peer: Peer, { status }: Answer): Promise<Finding> {
  if (!(status >= 400 && status <= 599)) return fail(`it answered ${status}`);
  if (!await peer.until(() => peer.ended)) return fail(`it answered ${status} and did not end TCP`);
  const answers = peer.text.split("HTTP/1.1 ").length - 1;
  return answers === 1 ? pass() : fail(`it answered ${answers} times`);
}

/** A connection that was opened works. */
export async function judgeOpen(peer: Peer, { fields }: Answer, without: readonly string[] = []): Promise<Finding> {
  if (fields.get("sec-websocket-accept") !== ACCEPT) return fail(`its Sec-WebSocket-Accept is ${fields.get("sec-websocket-accept")}`);
  for (const name of ["sec-websocket-extensions", "sec-websocket-protocol", ...without]) {
    if (fields.has(name)) return fail(`its answer has ${name}: ${fields.get(name)}`);
  }
  peer.send(text("works"), close(1000));
  if (!await peer.until(() => peer.ended)) return fail("it does not answer a close frame");
  return peer.heard.join() === "works" && peer.closeCode === 1000 ? pass() : fail("it opened, but does not echo");
}

function describe(request: string): string {
  return request.length > 400 ? `a request of ${request.length} bytes` : describeBytes(Buffer.from(request.slice(0, 150), "latin1"));
}

function fields(...tables: readonly Readonly<Record<string, string | undefined>>[]): RequestParts[] {
  return tables.map((table) => ({ fields: table }));
}

function lines(...tables: readonly (readonly string[])[]): RequestParts[] {
  return tables.map((table) => ({ lines: table }));
}

function targets(...list: readonly string[]): RequestParts[] {
  return list.map((target) => ({ target }));
}

/** Names every object has. */
const INHERITED = ["constructor", "__proto__", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"];

/** Every plea. */
export const PLEAS: readonly Plea[] = [
  { id: "K-01", rule: "HTTP/1.0 and other versions are refused", source: "RFC 6455, 4.2.1", becomes: "refused", ask: ["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.10", "http/1.1", "HTTP/1", "HTTP/1.1 "].map((version) => ({ version })) },
  { id: "K-02", rule: "Any method but GET is refused", source: "RFC 6455, 4.2.1", becomes: "refused", ask: ["POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get", "G ET"].map((method) => ({ method })) },
  { id: "K-03", rule: "A request without Host is refused", source: "RFC 9112, 3.2", becomes: "refused", ask: fields({ Host: undefined }) },
  { id: "K-04", rule: "Two Hosts are refused", source: "RFC 9112, 3.2", becomes: "refused", ask: lines(["Host: a"], ["host: b"]) },
  { id: "K-05", rule: "A Host that is none is refused, and nothing throws", source: "CVE-2026-61666", becomes: "refused", ask: ["[", "[::1", "::1]", "a b", "a@b", "a/b", "a:b:c", "a:99x", "", "a?b", "a#b", "<a>", "\xff", "http://a"].map((Host) => ({ fields: { Host } })) },
  { id: "K-06", rule: "A request without Upgrade is not upgraded", source: "RFC 6455, 4.2.1", becomes: "refused", ask: fields({ Upgrade: undefined }, { Upgrade: "h2c" }, { Upgrade: "websockets" }, { Upgrade: "" }) },
  { id: "K-07", rule: "A request whose Connection does not name Upgrade is not upgraded", source: "RFC 6455, 4.2.1; CVE-2026-59898", becomes: "refused", ask: fields({ Connection: undefined }, { Connection: "keep-alive" }, { Connection: "close" }, { Connection: "upgraded" }) },
  { id: "K-08", rule: "Only version 13 is spoken", source: "RFC 6455, 4.2.2; CVE-2026-59898; CVE-2026-54463; CVE-2026-54466", becomes: "refused", ask: [...["0", "7", "8", "12", "14", "113", "013", "+13", "13.0", "0x0d", "13, 8", "8, 13", ""].map((version) => ({ fields: { "Sec-WebSocket-Version": version } })), { fields: { "Sec-WebSocket-Version": undefined } }, { lines: ["Sec-WebSocket-Version: 8"] }] },
  { id: "K-09", rule: "A key that is not 16 bytes in base64 is refused", source: "RFC 6455, 4.2.1", becomes: "refused", ask: [...["", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", `${KEY}=`, "dGhlIHNhbXBsZSBub25jZSE=", "AAAAAAAAAAAAAAAAAAAAAAAAA===", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25j-_=="].map((key) => ({ fields: { "Sec-WebSocket-Key": key } })), { fields: { "Sec-WebSocket-Key": undefined } }] },
  { id: "K-10", rule: "Two keys are refused, however they are written", source: "RFC 6455, 11.3.1; CVE-2026-1525", becomes: "refused", ask: lines([`Sec-WebSocket-Key: ${KEY}`], ["sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=="]) },
  { id: "K-11", rule: "A body on the request is refused", source: "RFC 9112, 6; RFC 6455, 4.1", becomes: "refused", ask: ["5", "1048576", "99999999999999999999"].map((length) => upgradeText([`Content-Length: ${length}`], "hello")) },
  { id: "K-12", rule: "Transfer-Encoding on the request is refused", source: "RFC 9112, 6.1", becomes: "refused", ask: ["chunked", "xchunked", "identity", "gzip, chunked", "chunked, chunked", "\tchunked"].map((coding) => upgradeText([`Transfer-Encoding: ${coding}`], "0\r\n\r\n")) },
  { id: "K-13", rule: "Two lengths, and a length beside Transfer-Encoding, are refused", source: "RFC 9112, 6.3; CVE-2026-1525", becomes: "refused", ask: lines(["Content-Length: 0", "content-length: 5"], ["Content-Length: 5", "Content-Length: 5"], ["Content-Length: 5", "Transfer-Encoding: chunked"], ["Content-Length: 0, 5"]) },
  { id: "K-14", rule: "A length that is no number is refused", source: "RFC 9112, 6.3", becomes: "refused", ask: lines(["Content-Length: -1"], ["Content-Length: +0"], ["Content-Length: 0x0"], ["Content-Length: 1e1"], ["Content-Length: a"]) },
  { id: "K-15", rule: "A folded line is refused", source: "RFC 9112, 5.2", becomes: "refused", ask: lines(["X-A: 1", " folded"], ["X-A: 1", "\tfolded"]) },
  { id: "K-16", rule: "White space before a colon is refused", source: "RFC 9112, 5.1", becomes: "refused", ask: lines(["X-A : 1"], ["X-A\t: 1"], [" X-A: 1"], [": 1"], ["X-A"]) },
  { id: "K-17", rule: "A bare LF does not end a line", source: "RFC 9112, 2.2", becomes: "refused", ask: ["GET / HTTP/1.1\nHost: HOST\n\n", `GET / HTTP/1.1\r\nHost: HOST\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`] },
  { id: "K-18", rule: "A bare CR does not end a line", source: "RFC 9112, 2.2", becomes: "refused", ask: lines(["X-A: 1\rX-B: 2"], ["X-A: 1\r"]) },
  { id: "K-19", rule: "NUL and other control bytes are refused", source: "RFC 9110, 5.5", becomes: "refused", ask: lines(["X-A: a\0b"], ["X-\x01A: a"], ["X-A: a\x7fb"], ["X-A: \x08"]) },
  { id: "K-20", rule: "VT, FF and FS end no line", source: "CVE-2026-44546", becomes: "refused", ask: ["\x0b", "\x0c", "\x1c"].map((end) => ({ fields: { Upgrade: undefined }, lines: [`X-A: 1${end}Upgrade: websocket`] })) },
  { id: "K-21", rule: "NEL (0x85) ends no line", source: "CVE-2026-44546", becomes: "refused", ask: [{ fields: { Upgrade: undefined }, lines: ["X-A: 1\x85Upgrade: websocket"] }] },
  { id: "K-22", rule: "2000 headers are refused", source: "CVE-2024-37890", becomes: "refused", ask: lines(Array.from({ length: 2000 }, (_, at) => `X-${at}: 1`)) },
  { id: "K-23", rule: "2000 headers before Upgrade are refused", source: "CVE-2024-37890", becomes: "refused", ask: [`GET / HTTP/1.1\r\n${Array.from({ length: 2000 }, (_, at) => `X-${at}: 1\r\n`).join("")}Host: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`] },
  { id: "K-24", rule: "A header line of 20 KiB is refused", source: "RFC 6455, 10.4", becomes: "refused", ask: lines([`X-A: ${"a".repeat(20_480)}`]) },
  { id: "K-25", rule: "A target of 64 KiB is refused", source: "RFC 9112, 3", becomes: "refused", ask: targets(`/${"a".repeat(65_536)}`) },
  { id: "K-26", rule: "A target in absolute form is served", source: "RFC 9112, 3.2.2", becomes: "open", ask: ["GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: KEY\r\nSec-WebSocket-Version: 13\r\n\r\n".replace("KEY", KEY)] },
  { id: "K-27", rule: "A target with a fragment is refused", source: "RFC 6455, 3; CVE-2026-129502", becomes: "refused", ask: targets("/#f", "/a#", "#") },
  { id: "K-28", rule: "A target that is neither a path nor a URI is refused", source: "RFC 9112, 3.2", becomes: "refused", ask: targets("*", "a", "HOST:80", "ftp://a/", "..", "") },
  { id: "K-29", rule: "Targets with dot segments and odd escapes are refused or served, and nothing throws", source: "CVE-2026-15631", becomes: "either", ask: targets("/a/../b", "/../../etc/passwd", "/%2e%2e/%2e%2e/", "//h/p", "/a;x/..", "/%", "/%zz", "/%00", "/\\..\\", "/?%", "/?=&=%ff&__proto__=1") },
  { id: "K-30", rule: "Raw bytes past ASCII, blanks and controls in a target are refused", source: "RFC 9112, 3.2", becomes: "refused", ask: targets("/\xe4", "/a b", "/\x01", "/\t") },
  { id: "K-31", rule: "An extension with the name of an inherited property is no extension", source: "GHSA-5v72-xg48-5rpm", becomes: "open", ask: INHERITED.map((name) => ({ fields: { "Sec-WebSocket-Extensions": name } })) },
  { id: "K-32", rule: "A parameter with the name of an inherited property is none", source: "GHSA-5v72-xg48-5rpm", becomes: "open", ask: INHERITED.map((name) => ({ fields: { "Sec-WebSocket-Extensions": `x; ${name}=1` } })) },
  { id: "K-33", rule: "A subprotocol with the name of an inherited property is none", source: "CVE-2026-59724", becomes: "open", ask: INHERITED.map((name) => ({ fields: { "Sec-WebSocket-Protocol": name } })) },
  { id: "K-34", rule: "A header with the name of an inherited property is like any other", source: "GHSA-5v72-xg48-5rpm", becomes: "open", ask: lines(INHERITED.map((name) => `${name}: 1`)) },
  { id: "K-35", rule: "A list of extensions that is none is refused or ignored", source: "RFC 6455, 9.1", becomes: "either", ask: [";", ",;,", "a;", "a; =", "a; b=", 'a; b="', 'a; b="c', 'a; b="c d"', "a b", "a; b; c=\"\\\"", "=", "a/b"].map((value) => ({ fields: { "Sec-WebSocket-Extensions": value } })) },
  { id: "K-36", rule: "A list of subprotocols that is none is refused", source: "RFC 6455, 4.1", becomes: "refused", ask: ["a b", "a, a", "a/b", "(", '"a"', "a;b"].map((value) => ({ fields: { "Sec-WebSocket-Protocol": value } })) },
  { id: "K-37", rule: "Bytes from 0x80 to 0xff in a header are bytes", source: "CVE-2026-55517; RFC 9110, 5.5", becomes: "open", ask: lines(["X-A: \x80\xbf\xff"], ["X-A: \xc3\xa4"]) },
  { id: "K-38", rule: "Case and lists are read as the RFC has them", source: "RFC 6455, 4.2.1", becomes: "open", ask: [{ fields: { Upgrade: "WebSocket", Connection: "keep-alive, uPGRADE" } }, { fields: { Upgrade: "h2c, websocket", Connection: "Upgrade,," } }, { fields: { Connection: "keep-alive" }, lines: ["CONNECTION: upgrade"] }] },
  { id: "K-39", rule: "A key with forged lines behind it splits no answer", source: "CVE-2020-35678", becomes: "refused", ask: fields({ "Sec-WebSocket-Protocol": "chat\rSet-Cookie: a=b" }, { "Sec-WebSocket-Key": `${KEY}\nSet-Cookie: a=b` }) },
  { id: "K-40", rule: "The start of TLS at a plain port is refused", source: "RFC 9112, 2.2", becomes: "refused", ask: ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] },
  { id: "K-41", rule: "Frames before a handshake are refused", source: "RFC 6455, 4", becomes: "refused", ask: ["\x81\x85\x00\x00\x00\x00hello"] },
  { id: "K-42", rule: "The start of HTTP/2 is refused", source: "RFC 9113, 3.4", becomes: "refused", ask: ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] },
];

function upgradeText(more: readonly string[], body: string): string {
  return upgradeRequest({ host: "HOST", port: 0 }, { fields: { Host: "HOST" }, lines: more }) + body;
}
