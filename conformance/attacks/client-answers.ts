/**
 * Answers to the opening handshake that no client may take, and some that it must (RFC 6455, section 4.1; RFC 9112, section 2 to 6).
 * @module
 */
import { encodeFrame, text } from "../frames.ts";
import { type Attack, expect, fail, worst } from "./attack.ts";
import type { Job } from "./client-job.ts";
import { ACCEPT, type ClientGround, type Course, decent, type End, lead, refused } from "./client-ground.ts";

const TAIL = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
const HELLO = encodeFrame(text("hello"), undefined);

/** Answers that must be refused. */
const WRONG: readonly (readonly [what: string, answer: string, source?: string])[] = [
  ["Sec-WebSocket-Accept of another key", ACCEPT.replace("{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") + "\r\n"],
  ["no Sec-WebSocket-Accept", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"],
  ["an empty Sec-WebSocket-Accept", ACCEPT.replace("{accept}", "") + "\r\n"],
  ["the right Sec-WebSocket-Accept twice", `${ACCEPT}Sec-WebSocket-Accept: {accept}\r\n\r\n`],
  ["a wrong Sec-WebSocket-Accept behind the right one", `${ACCEPT}sec-websocket-accept: AAAA\r\n\r\n`],
  ["Sec-WebSocket-Accept with something behind it", ACCEPT.replace("{accept}", "{accept}, x") + "\r\n"],
  ["no Upgrade", `HTTP/1.1 101 OK\r\n${TAIL.replace("Upgrade: websocket\r\n", "")}`],
  ["Upgrade to something else", `HTTP/1.1 101 OK\r\n${TAIL.replace("websocket", "h2c")}`],
  ["Upgrade to several things", `HTTP/1.1 101 OK\r\n${TAIL.replace("websocket", "websocket, h2c")}`],
  ["Upgrade with a version", `HTTP/1.1 101 OK\r\n${TAIL.replace("websocket", "websocket/13")}`],
  ["no Connection", `HTTP/1.1 101 OK\r\n${TAIL.replace("Connection: Upgrade\r\n", "")}`],
  ["Connection: close", `HTTP/1.1 101 OK\r\n${TAIL.replace("Connection: Upgrade", "Connection: close")}`],
  ["Connection: keep-alive", `HTTP/1.1 101 OK\r\n${TAIL.replace("Connection: Upgrade", "Connection: keep-alive")}`],
  ["a Connection that only contains the word", `HTTP/1.1 101 OK\r\n${TAIL.replace("Connection: Upgrade", "Connection: no-upgrade")}`],
  ["101 of HTTP/1.0", `HTTP/1.0 101 Switching Protocols\r\n${TAIL}`, "RFC 9110, 15.2"],
  ["a subprotocol where none was offered", `${ACCEPT}Sec-WebSocket-Protocol: chat\r\n\r\n`],
  ["an empty subprotocol", `${ACCEPT}Sec-WebSocket-Protocol: \r\n\r\n`],
  ["an extension that was not offered", `${ACCEPT}Sec-WebSocket-Extensions: x-unheard-of\r\n\r\n`],
  ["permessage-deflate, which was not offered", `${ACCEPT}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`],
  ["an extension named constructor", `${ACCEPT}Sec-WebSocket-Extensions: constructor\r\n\r\n`, "GHSA-5v72-xg48-5rpm"],
  ["an extension named __proto__", `${ACCEPT}Sec-WebSocket-Extensions: __proto__; toString=1\r\n\r\n`, "GHSA-5v72-xg48-5rpm"],
  ["extensions that are no list of extensions", `${ACCEPT}Sec-WebSocket-Extensions: ;;;="\r\n\r\n`],
  ["an empty list of extensions", `${ACCEPT}Sec-WebSocket-Extensions: \r\n\r\n`],
  ["an unclosed quote and 7,000 escapes", `${ACCEPT}Sec-WebSocket-Extensions: a; b="${"\\c".repeat(3_500)}\r\n\r\n`, "CVE-2020-7662"],
];

/** First lines that are none. */
const STATUS_LINES: readonly string[] = [
  "HTTP/2 101 Switching Protocols", "HTTP/2.0 101 OK", "HTTP/1.12 101 OK", "HTTP/11 101 OK", "http/1.1 101 OK", "HTTP/1.1 1O1 OK",
  "HTTP/1.1  101 OK", "HTTP/1.1\t101 OK", "HTTP/1.1 0101 OK", "HTTP/1.1 +101 OK", "HTTP/1.1 -101 OK", "HTTP/1.1 101.0 OK", "HTTP/1.1 1010 OK", "HTTP/1.1 99 OK",
  "HTTP/1.1 1e2 OK", "HTTP/1.1 0x65 OK", "HTTP/1.1 101OK", "HTTP/1.1101 OK", "HTTP/1.1 OK", "HTTP/1.1", "101", " HTTP/1.1 101 OK", "XHTTP/1.1 101 OK", "ICY 101 OK",
  "GET / HTTP/1.1", "SSH-2.0-OpenSSH_9.7", "\u0000HTTP/1.1 101 OK", "HTTP/1.1 101 O\u0000K", "HTTP/1.1 101 OK\rX: y", "HTTP/1.1 101 OK\nX: y", "HTTP/1.1 \u00b9\u2070101 OK",
  "", "\r\nHTTP/1.1 101 OK",
];

/** Header lines that are none. */
const LINES: readonly (readonly [what: string, line: string])[] = [
  ["a NUL", "X: a\u0000b"], ["a lone CR", "X: a\rY: b"], ["a lone LF", "X: a\nY: b"], ["a folded line", "X: a\r\n b"], ["a blank before the colon", "X : a"],
  ["a tab before the colon", "X\t: a"], ["no colon", "Xab"], ["no name", ": a"], ["a name that is no token", "X[y]: a"], ["a name of obs-text", "X\u00e9: a"],
  ["a DEL", "X: a\u007fb"], ["an escape", "X: \u001b[2J"],
];

/** Statuses that refuse. */
const REFUSALS: readonly (readonly [status: number, answer: string])[] = [
  [200, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
  [200, `HTTP/1.1 200 OK\r\n${TAIL}`],
  [204, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"],
  [400, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
  [401, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"],
  [407, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"],
  [426, "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n\r\n"],
  [503, "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
  [503, "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n"],
  [500, "HTTP/1.1 500 Oh\r\nContent-Length: -1\r\nContent-Length: 0\r\n\r\n\u0000"],
  [999, "HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"],
];

/** Answers that are right, however odd. */
const RIGHT: readonly (readonly [what: string, answer: string, source?: string])[] = [
  ["101 of HTTP/1.2", `HTTP/1.2 101 OK\r\n${TAIL}`, "RFC 9110, 2.5"],
  ["no reason phrase", `HTTP/1.1 101\r\n${TAIL}`, "RFC 9112, 4"],
  ["an empty reason phrase", `HTTP/1.1 101 \r\n${TAIL}`, "RFC 9112, 4"],
  ["bytes 0x80 to 0xff in values and reason", `HTTP/1.1 101 \u00ff\u0080\r\nX-Odd: ${String.fromCharCode(...Array.from({ length: 128 }, (_, at) => at + 128))}\r\n${TAIL}`, "CVE-2026-55517"],
  ["names and values in other letters", `HTTP/1.1 101 OK\r\nuPGRADE: WebSocket\r\nCONNECTION: keep-alive, uPgRaDe\r\nsec-websocket-accept:{accept}\r\n\r\n`],
  ["names of Object.prototype", `HTTP/1.1 101 OK\r\n__proto__: x\r\nconstructor: y\r\nhasOwnProperty: z\r\ntoString: w\r\n${TAIL}`, "G23"],
  ["100 Continue before it", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 OK\r\n${TAIL}`, "RFC 9110, 15.2"],
  ["103 Early Hints before it", `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101 OK\r\n${TAIL}`, "RFC 8297"],
  ["a head of just under 16 KiB", `HTTP/1.1 101 OK\r\nX: ${"x".repeat(7_900)}\r\nY: ${"y".repeat(7_900)}\r\n${TAIL}`],
];

/** Framing that a 101 cannot have: it is no body that follows, so what follows is frames, or the answer is refused (RFC 9112, 6.3). */
const FRAMED: readonly string[] = ["Content-Length: 7", "Content-Length: 1000000", "Transfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 4", "Trailer: x"];

function answers(ground: ClientGround, answer: string, job: Partial<Job> = {}): Promise<Course> {
  return lead(ground, job, async (end) => {
    await end.request();
    await end.answer(answer);
  });
}

export const ANSWER_ATTACKS: readonly Attack<ClientGround>[] = [
  ...WRONG.map(([what, answer, source = "RFC 6455, 4.1"], at): Attack<ClientGround> => ({
    id: `K-A${at + 1}`,
    rule: `an answer with ${what} fails the handshake`,
    source,
    run: async (ground) => worst([refused(await answers(ground, answer), ground), await asClass(ground, answer)]),
  })),
  ...["chat.v2", "CHAT", "chat, news", "chat\r\nSec-WebSocket-Protocol: chat", "constructor"].map((chosen, at): Attack<ClientGround> => ({
    id: `K-P${at + 1}`,
    rule: `the subprotocol ${JSON.stringify(chosen)}, where chat and news were offered, fails the handshake`,
    source: "RFC 6455, 4.1",
    run: async (ground) => refused(await answers(ground, `${ACCEPT}Sec-WebSocket-Protocol: ${chosen}\r\n\r\n`, { protocols: ["chat", "news"] }), ground),
  })),
  {
    id: "K-S1",
    rule: `none of ${STATUS_LINES.length} malformed first lines opens a connection`,
    source: "RFC 9112, 4",
    async run(ground) {
      const findings = [];
      for (const line of STATUS_LINES) {
        const finding = refused(await answers(ground, `${line}\r\n${TAIL}`), ground);
        findings.push(finding.verdict === "PASS" ? finding : { ...finding, note: `${JSON.stringify(line)}: ${finding.note}` });
      }
      return worst(findings);
    },
  },
  ...LINES.map(([what, line], at): Attack<ClientGround> => ({
    id: `K-L${at + 1}`,
    rule: `a header line with ${what} fails the handshake`,
    source: "RFC 9112, 2.2 and 5",
    run: async (ground) => refused(await answers(ground, `HTTP/1.1 101 OK\r\n${line}\r\n${TAIL}`), ground),
  })),
  ...REFUSALS.map(([status, answer], at): Attack<ClientGround> => ({
    id: `K-R${at + 1}`,
    rule: `${JSON.stringify(answer.slice(9, 60))} is told of as status ${status}`,
    source: "RFC 6455, 4.1",
    run: async (ground) => refused(await answers(ground, answer), ground, { status }),
  })),
  ...RIGHT.map(([what, answer, source = "RFC 6455, 4.1"], at): Attack<ClientGround> => ({
    id: `K-O${at + 1}`,
    rule: `an answer with ${what} opens`,
    source,
    run: (ground) => opens(ground, (end) => end.answer(answer).then(() => end.write(HELLO))),
  })),
  {
    id: "K-B1",
    rule: "an answer that comes byte by byte opens, and so does the first frame",
    source: "RFC 6455, 4.1",
    run: (ground) => opens(ground, async (end) => {
      const whole = Buffer.concat([Buffer.from(end.filled(`${ACCEPT}\r\n`), "latin1"), HELLO]);
      for (const byte of whole) {
        await end.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }),
  },
  {
    id: "K-B2",
    rule: "frames in the same packet as the answer are delivered",
    source: "RFC 6455, 4.1",
    run: (ground) => opens(ground, (end) => end.write(Buffer.concat([Buffer.from(end.filled(`${ACCEPT}\r\n`), "latin1"), HELLO]))),
  },
  ...FRAMED.map((fields, at): Attack<ClientGround> => ({
    id: `K-F${at + 1}`,
    rule: `101 with ${JSON.stringify(fields)} has no body: what follows is frames, or it is refused`,
    source: "RFC 9112, 6.3",
    async run(ground) {
      const course = await lead(ground, {}, (end) => greet(end, () => end.answer(`${ACCEPT}${fields}\r\n\r\n`).then(() => end.write(HELLO))));
      return course.report.opened ? worst([greeted(course), decent(course)]) : refused(course, ground);
    },
  })),
];

/** The class of the web tells of it by "error" and "close", and of nothing else. */
async function asClass(ground: ClientGround, answer: string): ReturnType<Attack<ClientGround>["run"]> {
  const { report, released } = await answers(ground, answer, { manner: "class" });
  return expect(!report.opened && released, report.opened ? "the class opened" : "the class keeps a TCP connection");
}

/** The answer must open the connection, and the message behind it must be delivered. */
async function opens(ground: ClientGround, answer: (end: End) => Promise<unknown>): ReturnType<Attack<ClientGround>["run"]> {
  const course = await lead(ground, {}, (end) => greet(end, () => answer(end)));
  if (!course.report.opened) return fail(`it did not open: ${course.report.error?.message}`);
  return worst([greeted(course), decent(course)]);
}

/** Answers the request; then closes as a server should, whatever the client says. */
async function greet(end: End, answer: () => Promise<unknown>): Promise<void> {
  await end.request();
  await answer();
  await end.write(Uint8Array.of(0x88, 0x02, 0x03, 0xe8));
  end.socket.end();
}

function greeted({ report }: Course): ReturnType<typeof expect> {
  return expect(report.first.join() === '"hello"' && report.close?.code === 1000, `it heard ${report.first.join()} and ended with ${report.close?.code}`);
}
