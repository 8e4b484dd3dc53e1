/**
 * The closing handshake (RFC 6455, sections 5.5.1, 7.1 and 7.4).
 * @module
 */
import { close, frame, type Frame, hex, more, ping, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { FIRST, HELLO } from "./ways.ts";

const CLOSE_ANSWERED: Rule = { name: "close-answered", section: "5.5.1", says: "A close frame is answered with a close frame, behind the answers to what came before it" };
const CLOSE_IS_LAST: Rule = { name: "close-is-last", section: "5.5.1", says: "Behind a close frame nothing is sent, and nothing that comes is acted on" };
const CLOSE_BODY: Rule = { name: "close-body", section: "5.5.1", says: "A close frame's payload is empty, or a code of two bytes and a reason in UTF-8" };
const CLOSE_CODES: Rule = { name: "close-codes", section: "7.4.1", says: "A code that is defined for close frames is taken" };
const RESERVED_CODES: Rule = { name: "reserved-codes", section: "7.4.1", says: "A code that is never on the wire, or not defined, fails the connection" };
const CODE_RANGES: Rule = { name: "code-ranges", section: "7.4.2", says: "Codes from 3000 to 4999 are taken; others outside those defined fail the connection" };

const DEFINED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
const PRIVATE = [3000, 3999, 4000, 4999];
const UNDEFINED = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const LARGE = "*".repeat(256 * 1024);

/** Group 7 of Autobahn. */
export const closing: readonly Draft[] = [
  {
    ...answered(CLOSE_ANSWERED, "7.1.1", "A close frame behind a message is answered, and the message echoed", [text(HELLO), close(1000)], [text(HELLO)]),
    watchesEnd: true,
  },
  answered(CLOSE_IS_LAST, "7.1.2", "A second close frame is not answered", [close(1000), close(1000)]),
  answered(CLOSE_IS_LAST, "7.1.3", "A ping behind a close frame is not answered", [close(1000), ping()]),
  answered(CLOSE_IS_LAST, "7.1.4", "A message behind a close frame is not echoed", [close(1000), text(HELLO)]),
  answered(CLOSE_IS_LAST, "7.1.5", "A close frame between two fragments ends the message", [text("fragment1", FIRST), close(1000), more("fragment2")]),
  { ...answered(CLOSE_IS_LAST, "7.1.6", "A close frame right behind 256 KiB, and a ping behind it", [text(LARGE), close(1000), ping()], [text(LARGE)]), lenient: true },
  { ...answered(CLOSE_BODY, "7.3.1", "A close frame without payload is answered", [close()]), answers: [undefined, 1000] },
  failing(CLOSE_BODY, "7.3.2", "A close frame with one byte fails the connection", frame(8, "a")),
  answered(CLOSE_BODY, "7.3.3", "A close frame with a code is answered", [close(1000)]),
  answered(CLOSE_BODY, "7.3.4", "A close frame with a reason is answered", [close(1000, HELLO)]),
  answered(CLOSE_BODY, "7.3.5", "A close frame with a reason of 123 bytes is answered", [close(1000, "*".repeat(123))]),
  failing(CLOSE_BODY, "7.3.6", "A close frame with a reason of 124 bytes fails the connection", close(1000, "*".repeat(124))),
  {
    rule: CLOSE_BODY, title: "A close frame whose reason is not UTF-8 fails the connection", autobahn: "7.5.1",
    send: [{ frames: [close(1000, hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64"))] }], end: [1007, 1002],
  },
  ...DEFINED.map((code, at) => taken(CLOSE_CODES, `7.7.${at + 1}`, code)),
  ...PRIVATE.map((code, at) => taken(CODE_RANGES, `7.7.${DEFINED.length + at + 1}`, code)),
  ...UNDEFINED.map((code, at) => failing(at < 5 && code !== 0 && code !== 999 ? RESERVED_CODES : CODE_RANGES, `7.9.${at + 1}`, `Close code ${code} fails the connection`, close(code))),
  failing(CODE_RANGES, "7.13.1", "Close code 5000 fails the connection", close(5000)),
  failing(CODE_RANGES, "7.13.2", "Close code 65535 fails the connection", close(65_535)),
];

function answered(rule: Rule, autobahn: string, title: string, frames: readonly Frame[], expect: readonly Frame[] = []): Draft {
  return { rule, title, autobahn, send: [{ frames }], expect };
}

function taken(rule: Rule, autobahn: string, code: number): Draft {
  return { ...answered(rule, autobahn, `Close code ${code} is answered`, [close(code)]), answers: [code] };
}

function failing(rule: Rule, autobahn: string, title: string, sent: Frame): Draft {
  return { rule, title, autobahn, send: [{ frames: [sent] }], end: [1002] };
}
