/**
 * What a client makes of the bytes of an answer: how they are cut, what stands behind them, and bytes that are no head (RFC 6455, section 4.1;
 * RFC 9110, section 5; RFC 9112, sections 2 and 5).
 * @module
 */
import { close, encodeFrame, type Frame, more, ping, pong, text } from "../../frames.ts";
import type { Answer, Draft, Rule, Send } from "../case.ts";
import { latin1, withField, writeHead } from "../head.ts";
import { answered, edited, type Judged, MAY_OPEN, MUST_FAIL, MUST_OPEN, SHOULD_FAIL, SHOULD_OPEN, valueOf, withLines } from "./client-answer.ts";
import { FIRST, HELLO } from "./ways.ts";

const ANSWER_SYNTAX: Rule = { name: "answer-syntax", section: "4.1",
  says: "A field is a token, a colon and a value in one line, without control characters; what is not is nobody's field (RFC 9112, sections 2.2 and 5)" };
const ANSWER_SIZE: Rule = { name: "answer-size", section: "4.1", says: "A large answer is taken or refused, and both come to an end" };
const HEAD_IN_PIECES: Rule = { name: "head-in-pieces", section: "4.1", says: "An answer means the same however its bytes are cut" };
const BEHIND_THE_HEAD: Rule = { name: "behind-the-head", section: "4.1",
  says: "What comes with the last bytes of an answer's head are frames, and is acted on" };
const NOT_HTTP: Rule = { name: "not-http", section: "4.1", says: "What is no answer of HTTP opens nothing" };
const ENDED_EARLY: Rule = { name: "ended-early", section: "4.1",
  says: "An answer that TCP's end cuts off opens nothing, and a client does not wait for the rest" };

const ACCEPT = "Sec-WebSocket-Accept";
const FRAME = encodeFrame(text(HELLO), undefined);
const LONG = "*".repeat(70_000);

/** Cases about an answer's bytes. */
export const heads: readonly Draft[] = [
  syntax("Lines that end with LF alone", SHOULD_FAIL, edited(/\r\n/g, "\n")),
  syntax("A line that ends with CR alone, with Sec-WebSocket-Accept behind it", MUST_FAIL, edited(/\r\n(?=Sec-WebSocket-Accept)/, "\r")),
  syntax("A CR inside a value", SHOULD_FAIL, withLines("X-Field: a\rb")),
  syntax("A line that ends with CR CR LF", SHOULD_FAIL, withLines("X-Field: a\r")),
  syntax("An unknown field that goes on in a second line", MAY_OPEN, withLines("X-Field: a", "  b")),
  syntax("Sec-WebSocket-Accept in a line that belongs to the field above it", MUST_FAIL, edited(/(?=Sec-WebSocket-Accept)/, "X-Field: a\r\n ")),
  syntax("A blank in front of the first field, which is Sec-WebSocket-Accept", MUST_FAIL, (usual) =>
    ({ ...withField(usual, ACCEPT, undefined), line: `${usual.line}\r\n ${ACCEPT}: ${valueOf(usual, ACCEPT)}` })),
  syntax("A line without a colon", SHOULD_FAIL, withLines("Nonsense")),
  syntax("A field without a name", SHOULD_FAIL, withLines(": value")),
  syntax("A blank in front of a colon", SHOULD_FAIL, withLines("X-Field : value")),
  syntax("A blank inside a name", SHOULD_FAIL, withLines("X Field: value")),
  syntax("A name with a character that is of no token", SHOULD_FAIL, withLines("X-(Field): value")),
  syntax("A name outside ASCII", SHOULD_FAIL, withLines("X-F\xe9ld: value")),
  syntax("A NUL in a value", SHOULD_FAIL, withLines("X-Field: a\0b")),
  syntax("A NUL in a name", SHOULD_FAIL, withLines("X-\0Field: a")),
  syntax("A NUL behind the right Sec-WebSocket-Accept, and more behind it", MUST_FAIL, edited(/Accept: (.*)\r\n/, "Accept: $1\0x\r\n")),
  syntax("A control character in a value", SHOULD_FAIL, withLines("X-Field: a\x01b")),
  syntax("A DEL in a value", SHOULD_FAIL, withLines("X-Field: a\x7fb")),
  syntax("A no-break space in front of the right Sec-WebSocket-Accept", MUST_FAIL, edited("Accept: ", "Accept: \xa0")),
  syntax("A letter of Upgrade that is k for Unicode, and not for ASCII", MUST_FAIL, edited("websocket", "websoc\xe2\x84\xaaet")),
  syntax("A value outside ASCII, in UTF-8", SHOULD_OPEN, withLines("X-Field: Gr\xc3\xbc\xc3\x9fe")),
  syntax("A value outside ASCII that is no UTF-8", SHOULD_OPEN, withLines("X-Field: Gr\xfc\xdfe")),

  answered(ANSWER_SIZE, "A field of 4 KiB", SHOULD_OPEN, "A 101 with a field of 4 KiB", withLines(`X-Field: ${"*".repeat(4096)}`)),
  answered(ANSWER_SIZE, "A field of 128 KiB", MAY_OPEN, "A 101 with a field of 128 KiB", withLines(`X-Field: ${"*".repeat(131_072)}`)),
  answered(ANSWER_SIZE, "A thousand fields", MAY_OPEN, "A 101 with 1000 unknown fields",
    withLines(...Array.from({ length: 1000 }, (_, at) => `X-Field-${at}: ${at}`))),

  pieces("The head a byte a write", { chop: 1 }),
  pieces("The head a line a write", { chop: "lines" }),
  pieces("The head cut between CR and LF of each line", { chop: "line-ends" }),
  pieces("The head in writes of seven bytes, and a message in the last of them", { chop: 7, behind: [text(HELLO)] }),
  pieces("The head a line a write, and a message with the empty line", { chop: "lines", behind: [text(HELLO)] }),

  behind("A message", [text(HELLO)], [text(HELLO)]),
  behind("An empty message", [text("")], [text("")]),
  behind("Three messages", [text("a"), text("b"), text("c")], [text("a"), text("b"), text("c")]),
  behind("A message in fragments", [text("a", FIRST), more("b", FIRST), more("c")], [text("abc")]),
  behind("A message of 70,000 bytes", [text(LONG)], [text(LONG)]),
  behind("A ping", [ping("a")], [pong("a")]),
  behind("A pong that nobody asked for, and a message", [pong("a"), text("b")], [text("b")]),
  behind("A close frame", [close(1000)], []),
  { ...behind("A message and a close frame", [text("a"), close(1000)], [text("a")]), lenient: true }, // a page may hear of both at once
  behind("A message and the first half of another", [text("a"), FRAME.subarray(0, 8)], [text("a"), text(HELLO)],
    [{ heard: 1 }, { bytes: FRAME.subarray(8) }]),
  behind("The first byte of a frame", [FRAME.subarray(0, 1)], [text(HELLO)], [{ wait: 5 }, { bytes: FRAME.subarray(1) }]),
  behind("The first fragment of a message", [text("a", FIRST)], [text("ab")], [{ wait: 5 }, { frames: [more("b")] }]),
  { ...behind("One line end too many", [latin1("\r\n")], []), end: [1002] },
  { ...behind("The same head once more", [], []), end: [1002], answer: { response: (usual) => writeHead(usual) + writeHead(usual), ends: false } },

  noHttp("Nothing: TCP is ended at once", ""),
  noHttp("An alert of TLS", "\x15\x03\x03\x00\x02\x02\x46"),
  noHttp("The greeting of another protocol", "SSH-2.0-OpenSSH_9.6\r\n"),
  noHttp("A page without a head", "<!DOCTYPE html>\r\n<title>Hello</title>\r\n\r\n"),
  noHttp("An empty line", "\r\n\r\n"),
  noHttp("A frame without a head", String.fromCharCode(...FRAME)),
  noHttp("The fields of a 101 without its first line", (usual) => writeHead(usual).replace(/^.*\r\n/, "")),
  noHttp("A request with the fields of a 101", (usual) => ({ ...usual, line: "GET / HTTP/1.1" })),

  ended("TCP is ended inside the first line", (head) => head.slice(0, 12)),
  ended("TCP is ended inside a field", (head) => head.slice(0, -20)),
  ended("TCP is ended behind the last field, without an empty line", (head) => head.slice(0, -2)),
  ended("TCP is ended inside the empty line", (head) => head.slice(0, -1)),
];

function syntax(title: string, judged: Judged, response: NonNullable<Answer["response"]>): Draft {
  return answered(ANSWER_SYNTAX, title, judged, `A 101. ${title}`, response);
}

function pieces(title: string, how: Pick<Answer, "chop" | "behind">): Draft {
  const draft = answered(HEAD_IN_PIECES, title, MUST_OPEN, `The usual 101. ${title}`, undefined, how);
  return how.behind === undefined ? draft : { ...draft, send: [], sends: draft.sends!.slice(0, 1) };
}

function behind(title: string, sent: readonly (Frame | Uint8Array)[], expect: readonly Frame[], send: readonly Send[] = []): Draft {
  return { rule: BEHIND_THE_HEAD, title: `Right behind the head: ${title[0].toLowerCase()}${title.slice(1)}`, only: "client",
    answer: { behind: sent }, send, expect };
}

function noHttp(title: string, answer: string | NonNullable<Answer["response"]>): Draft {
  return answered(NOT_HTTP, title, MUST_FAIL, `In place of an answer: ${title[0].toLowerCase()}${title.slice(1)}`,
    typeof answer === "string" ? () => answer : answer);
}

function ended(title: string, cut: (head: string) => string): Draft {
  return answered(ENDED_EARLY, title, MUST_FAIL, `A 101, of which the end is missing. ${title}`, (usual) => cut(writeHead(usual)), { ends: true });
}
