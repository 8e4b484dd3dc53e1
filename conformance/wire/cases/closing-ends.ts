/**
 * How TCP ends, with a closing handshake and without, and what is done behind a fault (RFC 6455, sections 7.1.1, 7.1.5 and 7.1.7).
 * @module
 */
import { close, frame, more, ping, text } from "../../frames.ts";
import type { Draft, Rule, Send } from "../case.ts";
import { FIRST, HELLO } from "./ways.ts";

const ENDS_TCP: Rule = { name: "ends-tcp", section: "7.1.1", says: "TCP ends once both close frames are there, and not before; a server ends it, a client leaves that to it" };
const LOST: Rule = { name: "lost", section: "7.1.5", says: "Where TCP ends without a close frame the connection is over: the other side of TCP ends too, and no close frame says 1006" };
const FAILED: Rule = { name: "failed", section: "7.1.7", says: "Behind a fault nothing is acted on; one close frame may be sent, as it may be, and TCP ends" };

/** Breaks a rule that everybody knows: bits that nobody claims. */
const FAULT = text("fault", { rsv: 7 });

/** Sections 7.1.1, 7.1.5 and 7.1.7. */
export const closingEnds: readonly Draft[] = [...ends(), ...lost(), ...failed()];

function ends(): Draft[] {
  const watched: Pick<Draft, "watchesEnd" | "end" | "refusal"> = { watchesEnd: true, end: "begun", refusal: "unimplemented" };
  return [
    { rule: ENDS_TCP, title: "A peer that closes waits for the answer before TCP ends", send: [{ command: "close 1000" }], ...watched },
    {
      rule: ENDS_TCP, title: "A peer that closes waits for an answer that takes a while",
      send: [{ command: "close 1000" }, { closed: true }, { wait: 200 }, { frames: [close(1000)] }], ...watched,
    },
    { rule: ENDS_TCP, title: "TCP ends once a close frame without a code is answered", send: [{ frames: [close()] }], answers: [undefined, 1000], watchesEnd: true },
    { rule: ENDS_TCP, title: "TCP ends once a close frame inside a message in fragments is answered", send: [{ frames: [text("a", FIRST), close(1000)] }], watchesEnd: true },
  ];
}

/** The tester ends its side of TCP. */
function lost(): Draft[] {
  const gone = (title: string, send: readonly Send[], more: Partial<Draft> = {}): Draft => ({
    rule: LOST, title, send: [...send, { tcp: "end" }], end: "either", ...more,
    accepts: { pass: "It ends TCP too, without a close frame or behind one with a code that may be sent", fail: "It does not, or its close frame says 1006 or another code that is never on the wire" },
  });
  const within = (title: string, cut: number, sent = text(HELLO)): Draft => ({
    ...gone(title, []), send: [{ piecemeal: sent, whole: true, cuts: [cut], between: [{ tcp: "end" }] }],
  });
  return [
    gone("TCP ends right behind the opening handshake", []),
    gone("TCP ends behind a message, which is echoed", [{ frames: [text(HELLO)] }, { heard: 1 }], { expect: [text(HELLO)] }),
    {
      ...gone("TCP ends in one go with a message, which is echoed all the same", [{ frames: [text(HELLO)] }], { expect: [text(HELLO)] }),
      accepts: { nonStrict: "The message is not echoed" },
    },
    within("TCP ends inside the header of a frame", 1),
    within("TCP ends inside the payload of a frame", 8),
    within("TCP ends inside a ping", 8, ping(HELLO)),
    within("TCP ends inside a close frame", 3, close(1000, "bye")),
    gone("TCP ends inside a message in fragments", [{ frames: [text("a", FIRST), more("b", FIRST)] }]),
    {
      rule: LOST, title: "TCP ends while the peer is owed 256 KiB of a message",
      send: [{ piecemeal: text("*".repeat(256 * 1024)), cuts: [64 * 1024], between: [{ tcp: "end" }] }], end: "either",
    },
  ];
}

/** The tester breaks a rule. */
function failed(): Draft[] {
  const fails = (title: string, send: readonly Send[], more: Partial<Draft> = {}): Draft => ({ rule: FAILED, title, send, end: [1002], ...more });
  const first: Send = { frames: [FAULT] };
  const then: Send = { closed: true };
  return [
    fails("A message in one write behind a fault is not echoed", [{ frames: [FAULT, text(HELLO)] }]),
    fails("A ping in one write behind a fault is not answered", [{ frames: [FAULT, ping("a")] }]),
    fails("A close frame in one write behind a fault does not make it good", [{ frames: [FAULT, close(1000)] }]),
    fails("A second fault of another kind behind a fault makes no second close frame", [{ frames: [FAULT, text(Uint8Array.of(0xff)), frame(8, "a")] }]),
    fails("256 KiB of messages behind a fault are not echoed, and TCP ends", [{ frames: [FAULT, ...Array.from({ length: 16 }, () => text("*".repeat(16 * 1024)))] }]),
    fails("A message behind the close frame that a fault led to is not echoed", [first, then, { frames: [text(HELLO)] }]),
    fails("A command behind the close frame that a fault led to is not obeyed", [first, then, { frames: [text("conformance:send text 5")] }]),
    fails("The close frame that a fault led to is answered with another code", [first, then, { frames: [close(1000, "no fault of mine")] }]),
    fails("The close frame that a fault led to is answered with one that is none", [first, then, { frames: [frame(8, "a")] }]),
    fails("The close frame that a fault led to is answered with the same fault again", [first, then, { frames: [FAULT, FAULT] }]),
    fails("The close frame that a fault led to is not answered", [first], { silent: true }),
    fails("TCP ends right behind a fault", [first, { tcp: "end" }]),
    fails("A fault at the end of 10 messages in one write fails the connection once they are echoed",
      [{ frames: [...Array.from({ length: 10 }, (_, at) => text(String(at))), FAULT] }], { expect: Array.from({ length: 10 }, (_, at) => text(String(at))) }),
  ];
}
