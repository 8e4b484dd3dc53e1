/**
 * Close frames that the peer answers: what is in them, what comes before, behind and between (RFC 6455, section 5.5.1).
 * @module
 */
import { close, concat, frame, type Frame, hex, more, ping, pong, text, toBytes } from "../../frames.ts";
import type { Draft, Rule, Send } from "../case.ts";
import { FIRST, HELLO } from "./ways.ts";

const CLOSE_ANSWERED: Rule = { name: "close-answered", section: "5.5.1", says: "A close frame is answered with a close frame, behind the answers to what came before it" };
const CLOSE_IS_LAST: Rule = { name: "close-is-last", section: "5.5.1", says: "Behind a close frame nothing is sent, and nothing that comes is acted on" };
const CLOSE_BODY: Rule = { name: "close-body", section: "5.5.1", says: "A close frame's payload is empty, or a code of two bytes and a reason in UTF-8" };
const CROSSED: Rule = { name: "crossed", section: "5.5.1", says: "Where both ends close at once, each takes the other's close frame for the answer to its own, and sends no second one" };

const LARGE = "*".repeat(256 * 1024);
const MANY: readonly Frame[] = Array.from({ length: 20 }, (_, at) => text(`message ${at}`));

/** Section 5.5.1: those of Autobahn's groups 7.1, 7.3 and 7.5, and more. */
export const closingHandshake: readonly Draft[] = [
  {
    rule: CLOSE_ANSWERED, title: "A close frame behind a message that was echoed is answered", autobahn: "7.1.1",
    send: [{ frames: [text(HELLO)] }, { heard: 1 }, { frames: [close(1000)] }], expect: [text(HELLO)],
  },
  { ...answered(CLOSE_IS_LAST, "A second close frame is not answered", [close(1000), close(1000)]), autobahn: "7.1.2" },
  { ...answered(CLOSE_IS_LAST, "A ping behind a close frame is not answered", [close(1000), ping()]), autobahn: "7.1.3" },
  { ...answered(CLOSE_IS_LAST, "A message behind a close frame is not echoed", [close(1000), text(HELLO)]), autobahn: "7.1.4" },
  { ...answered(CLOSE_IS_LAST, "A close frame between two fragments ends the message", [text("fragment1", FIRST), close(1000), more("fragment2")]), autobahn: "7.1.5" },
  {
    ...answered(CLOSE_IS_LAST, "A close frame right behind 256 KiB, and a ping behind it", [text(LARGE), close(1000), ping()], [text(LARGE)]),
    autobahn: "7.1.6", lenient: true, unneeded: pong(), // section 5.5.2 only says that a ping behind a close frame need not be answered
  },
  { ...answered(CLOSE_BODY, "A close frame without payload is answered", [close()]), autobahn: "7.3.1", answers: [undefined, 1000] },
  { ...failing(CLOSE_BODY, "A close frame with one byte fails the connection", frame(8, "a")), autobahn: "7.3.2" },
  { ...answered(CLOSE_BODY, "A close frame with a code is answered", [close(1000)]), autobahn: "7.3.3" },
  { ...answered(CLOSE_BODY, "A close frame with a reason is answered", [close(1000, HELLO)]), autobahn: "7.3.4" },
  { ...answered(CLOSE_BODY, "A close frame with a reason of 123 bytes is answered", [close(1000, "*".repeat(123))]), autobahn: "7.3.5" },
  { ...failing(CLOSE_BODY, "A close frame with a reason of 124 bytes fails the connection", close(1000, "*".repeat(124))), autobahn: "7.3.6" },
  { ...badReason("A close frame whose reason has half of a surrogate pair fails the connection", hex("ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64")), autobahn: "7.5.1" },
  ...bodies(), ...pieces(), ...before(), ...behind(), ...crossed(),
];

/** What a reason may be. */
function bodies(): Draft[] {
  return [
    badReason("A close frame whose reason has a byte that only goes on, where nothing has begun, fails the connection", hex("6f 6b 80")),
    badReason("A close frame whose reason has a character in more bytes than it needs fails the connection", hex("6f 6b c0 af")),
    badReason("A close frame whose reason has a character beyond the last one fails the connection", hex("f4 90 80 80")),
    badReason("A close frame whose reason has a byte that is never in UTF-8 fails the connection", hex("6f 6b ff")),
    badReason("A close frame whose reason of 123 bytes ends inside a character, as one that was cut does, fails the connection", concat([toBytes("*".repeat(121)), hex("e2 82")])),
    answered(CLOSE_BODY, "A close frame whose reason is 41 characters of three bytes is answered", [close(1000, "€".repeat(41))]),
    answered(CLOSE_BODY, "A close frame whose reason has a zero byte, a line feed and a byte order mark is answered", [close(1000, "\0\r\n\ufeff")]),
    answered(CLOSE_BODY, "A close frame whose reason has characters that are not assigned, and none at all, is answered", [close(1000, "\ufffe\uffff\u{10ffff}")]),
  ];
}

/** A close frame that comes bit by bit. */
function pieces(): Draft[] {
  const parted = (title: string, cuts: readonly number[], whole: boolean): Draft => ({
    rule: CLOSE_ANSWERED, title,
    send: [{ piecemeal: close(3000, "bye"), cuts, between: cuts.map((): Send => ({ alive: true })), ...(whole ? { whole: true } : {}) }],
    answers: [3000],
  });
  return [
    parted("A close frame whose first byte comes alone is answered once it is whole", [1], true),
    parted("A close frame whose payload comes behind its header is answered once it is whole", [0], false),
    parted("A close frame that is cut between the bytes of its code is answered once it is whole", [1], false),
    parted("A close frame whose reason comes behind its code is answered once it is whole", [2], false),
    {
      rule: CLOSE_ANSWERED, title: "A close frame a byte at a time, its reason of characters of four bytes, is answered",
      send: [{ frames: [close(1000, "𝄞".repeat(30))], chop: 1 }],
    },
  ];
}

/** What is answered first. */
function before(): Draft[] {
  return [
    { ...answered(CLOSE_ANSWERED, "20 messages in one write with a close frame are all echoed before it is answered", [...MANY, close(1000)], MANY), lenient: true },
    {
      ...answered(CLOSE_ANSWERED, "A ping between two messages, in one write with a close frame, is answered too", [text("a"), ping("b"), text("c"), close(1000)], [text("a"), pong("b"), text("c")]),
      pongsAnywhere: true, lenient: true,
    },
    {
      rule: CLOSE_ANSWERED, title: "A close frame behind 1 MiB whose echo the tester does not read for a while is answered behind it",
      send: [{ reading: false }, { frames: [...Array.from({ length: 4 }, () => text(LARGE)), close(1000)] }, { wait: 50 }, { reading: true }],
      expect: Array.from({ length: 4 }, () => text(LARGE)), lenient: true,
    },
    {
      rule: CLOSE_ANSWERED, title: "A close frame with the end of TCP right behind it is answered", send: [{ frames: [close(1000)] }, { tcp: "end" }],
      drops: "non-strict",
      accepts: { nonStrict: "It ends TCP without an answer", fail: "It does not end TCP, or sends anything else" },
    },
  ];
}

/** What is not acted on any more. */
function behind(): Draft[] {
  return [
    { ...answered(CLOSE_IS_LAST, "A frame behind a close frame that would fail the connection is not looked at", [close(1000), frame(3, "", { rsv: 7 })]) },
    { ...answered(CLOSE_IS_LAST, "A second close frame without a right payload is not looked at", [close(1000), frame(8, "a")]) },
    { ...answered(CLOSE_IS_LAST, "A second close frame with another code is not answered", [close(3000, "first"), close(3001, "second")]), answers: [3000] },
    {
      rule: CLOSE_IS_LAST, title: "Half a frame behind a close frame is not waited for",
      send: [{ frames: [close(1000)] }, { piecemeal: text(HELLO), whole: true, cuts: [1], between: [{ tcp: "end" }] }],
      drops: "non-strict",
    },
    {
      ...answered(CLOSE_IS_LAST, "256 KiB of messages behind a close frame are not echoed, and the answer is not lost over them", [close(1000), ...Array.from({ length: 256 }, () => text("*".repeat(1024)))]),
      only: "server", // nothing says when a client has to see the end of TCP behind what it need not read
      drops: "non-strict", // where TCP is ended with bytes unread it is reset, which may overtake the answer (section 7.1.1 says how not to)
      accepts: { nonStrict: "TCP ends and the answer is lost" },
    },
  ];
}

/** Both ends close at once. */
function crossed(): Draft[] {
  const both = (title: string, frames: readonly Frame[]): Draft => ({
    rule: CROSSED, title, send: [{ command: "close 3000 mine", behind: frames }], end: "begun", answers: [3000, 3001, 1000, undefined], refusal: "unimplemented",
    accepts: { pass: "The peer sends one close frame, its own or an answer to the tester's, and TCP ends" },
  });
  return [
    both("The tester's close frame is in one write with the command to close", [close(3001, "yours")]),
    both("A message and a close frame are in one write with the command to close", [text(HELLO), close(3001, "yours")]),
    both("A close frame without a code is in one write with the command to close", [close()]),
  ];
}

function answered(rule: Rule, title: string, frames: readonly Frame[], expect: readonly Frame[] = []): Draft {
  return { rule, title, send: [{ frames }], expect };
}

function failing(rule: Rule, title: string, sent: Frame): Draft {
  return { rule, title, send: [{ frames: [sent] }], end: [1002] };
}

function badReason(title: string, reason: Uint8Array): Draft {
  return { rule: CLOSE_BODY, title, send: [{ frames: [close(1000, reason)] }], end: [1007, 1002] };
}
