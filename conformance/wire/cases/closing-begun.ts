/**
 * Closing handshakes that the peer begins, because a command asks it to (RFC 6455, sections 7.1.2 and 7.1.6).
 * @module
 */
import { close, frame, type Frame, more, ping, text } from "../../frames.ts";
import type { Draft, Rule, Send } from "../case.ts";
import { FIRST, HELLO } from "./ways.ts";

const BEGUN: Rule = { name: "close-begun", section: "7.1.2", says: "Who begins to close sends one close frame, behind what was sent before, with the code that was asked for" };
const NOTHING_BEHIND: Rule = { name: "nothing-behind-own-close", section: "7.1.2", says: "Behind its own close frame an end sends no message, whatever it hears and is asked for" };
const ANY_ANSWER: Rule = { name: "any-answer", section: "7.1.2", says: "Whatever answers a close frame, TCP ends, and no second close frame is sent" };
const REASON: Rule = { name: "own-reason", section: "7.1.6", says: "The reason in a close frame is whole characters of UTF-8, 123 bytes at most" };

const LARGE = "*".repeat(256 * 1024);
const CODES = [1000, 1001, 1011, 3000, 4999];

/** Sections 7.1.2 and 7.1.6. */
export const closingBegun: readonly Draft[] = [...codes(), ...behindMessages(), ...nothingBehind(), ...answers(), ...reasons()];

function codes(): Draft[] {
  return [
    ...CODES.map((code): Draft => ({ ...begun(BEGUN, `A peer that is asked to close with ${code} does`, [{ command: `close ${code}` }]), answers: [code] })),
    { ...begun(BEGUN, "A peer that is asked to close without a code does, or says 1000", [{ command: "close" }]), answers: [undefined, 1000] },
    begun(BEGUN, "A peer that is asked twice to close does once", [{ command: "close 1000", behind: [text("conformance:close 1001")] }]),
  ];
}

function behindMessages(): Draft[] {
  return [
    { ...begun(BEGUN, "What a peer sends right before it closes is there", [{ command: "close 1000", before: [text("1"), text("2"), text("3")] }]), expect: [text("1"), text("2"), text("3")] },
    { ...begun(BEGUN, "256 KiB that a peer sends right before it closes are there", [{ command: "close 1000", before: [text(LARGE)] }]), expect: [text(LARGE)] },
    {
      ...begun(BEGUN, "What a peer sends right before it closes is there, though the tester reads it later",
        [{ reading: false }, { command: "close 1000", before: Array.from({ length: 4 }, () => text(LARGE)) }, { wait: 50 }, { reading: true }]),
      expect: Array.from({ length: 4 }, () => text(LARGE)),
    },
  ];
}

function nothingBehind(): Draft[] {
  const behind = (title: string, frames: readonly Frame[]): Draft =>
    begun(NOTHING_BEHIND, title, [{ command: "close 1000", behind: frames }, { closed: true }, { frames: [close(1000)] }]);
  return [
    behind("A message in one write with the command to close is not echoed", [text(HELLO)]),
    behind("A message in fragments behind the command to close is not echoed", [text("a", FIRST), more("b", FIRST), more("c")]),
    behind("A peer that is asked to send something behind the command to close does not", [text("conformance:send text 5")]),
    begun(NOTHING_BEHIND, "A message behind the peer's close frame is not echoed", [{ command: "close 1000" }, { closed: true }, { frames: [text(HELLO)] }, { wait: 20 }, { frames: [close(1000)] }]),
    begun(NOTHING_BEHIND, "256 KiB behind the peer's close frame are not echoed, and the answer behind them is found",
      [{ command: "close 1000" }, { closed: true }, { frames: [...Array.from({ length: 16 }, () => text("*".repeat(16 * 1024))), close(1000)] }]),
    begun(NOTHING_BEHIND, "A frame that is half there when the peer closes is not echoed, and the answer behind it is found",
      [{ command: "close 1000" }, { piecemeal: text(HELLO), cuts: [5], between: [{ closed: true }] }, { frames: [close(1000)] }]),
    {
      ...begun(NOTHING_BEHIND, "A ping behind the peer's close frame is answered by a pong, or by nothing", [{ command: "close 1000" }, { closed: true }, { frames: [ping("a")] }, { wait: 20 }, { frames: [close(1000)] }]),
      accepts: { pass: "TCP ends once the close frame is answered; a pong may come before" },
    },
  ];
}

/** What the tester says to the peer's close frame. */
function answers(): Draft[] {
  const answered = (title: string, steps: readonly Send[]): Draft => begun(ANY_ANSWER, title, [{ command: "close 1000 bye" }, { closed: true }, ...steps]);
  return [
    answered("The answer has another code and reason", [{ frames: [close(3001, "other")] }]),
    answered("The answer has no code", [{ frames: [close()] }]),
    answered("The answer comes a byte at a time", [{ frames: [close(1000, "bye")], chop: 1 }]),
    answered("The answer is behind a pong that nobody asked for", [{ frames: [frame(10, "a"), close(1000)] }]),
    answered("The answer has a single byte", [{ frames: [frame(8, "a")] }]),
    answered("The answer has a code that is never on the wire", [{ frames: [close(1005)] }]),
    answered("The answer has a reason that is not UTF-8", [{ frames: [close(1000, Uint8Array.of(0xff))] }]),
    answered("Where the answer should be there is a frame with reserved bits", [{ frames: [text("a", { rsv: 7 })] }]),
    answered("Where the answer should be there is text that is not UTF-8", [{ frames: [text(Uint8Array.of(0xff))] }]),
    answered("Two answers come in one write", [{ frames: [close(1000), close(1000)] }]),
    answered("A message follows the answer in one write", [{ frames: [close(1000), text(HELLO)] }]),
    answered("TCP ends where the answer should be", [{ tcp: "end" }]),
    answered("TCP ends inside the answer", [{ piecemeal: close(1000), cuts: [1], between: [{ tcp: "end" }] }]),
    answered("TCP ends right behind the answer", [{ frames: [close(1000)] }, { tcp: "end" }]),
  ];
}

function reasons(): Draft[] {
  const said = (title: string, reason: string): Draft => ({ ...begun(REASON, title, [{ command: `close 3000 ${reason}` }]), answers: [3000], reason });
  const long = (title: string, reason: string): Draft => ({
    rule: REASON, title, send: [{ command: `close 3000 ${reason}` }], end: "either", refusal: "pass",
    accepts: { pass: "Its interface refuses, or it closes with a reason that may be sent", fail: "A close frame that is too long or not UTF-8, or nothing happens" },
  });
  return [
    said("A peer closes with the reason that it was asked to say", "good bye"),
    said("A peer closes with a reason of 123 bytes", "*".repeat(123)),
    said("A peer closes with a reason of 123 bytes that are 41 characters", "€".repeat(41)),
    said("A peer closes with a reason of characters of two, three and four bytes", "Grüße € 𝄞"),
    long("A peer that is asked to close with a reason of 124 bytes does not send it whole", "*".repeat(124)),
    long("A peer that is asked to close with a reason whose 123rd byte is inside a character does not cut it there", `${"*".repeat(122)}€`),
    long("A peer that is asked to close with a reason of 62 characters that are 124 bytes does not send it whole", "ü".repeat(62)),
    long("A peer that is asked to close with a reason of 300 bytes does not send it whole", "*".repeat(300)),
  ];
}

function begun(rule: Rule, title: string, send: readonly Send[]): Draft {
  return { rule, title, send, end: "begun", refusal: "unimplemented" };
}
