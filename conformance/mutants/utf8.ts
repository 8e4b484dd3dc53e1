/**
 * Peers that are wrong about text (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { decode, frame } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import type { Rules } from "./peer/rules.ts";
import { expectUtf8, nextUtf8, UTF8_START } from "./peer/utf8.ts";
import { compresses, expects, expectsText, framesOf, sends, sendsBytes, sendsFragments } from "./which.ts";

const READS_TEXT = "they await text";
const NOT_TEXT = "they send what is no UTF-8";

/** Text with a byte that is so is sent. */
function sendsByte(is: (byte: number) => boolean): (item: Case) => boolean {
  return sends(({ opcode, payload }) => opcode < 2 && payload.some(is));
}

/** The case's text is right by such rules. */
function isTextBy({ nextUtf8: next = nextUtf8, mayTextEnd = (state: number) => state === UTF8_START }: Partial<Rules>): (item: Case) => boolean {
  return ({ send = [] }) => {
    let state: number | undefined = UTF8_START;
    for (const { payload, fin } of framesOf(send).filter(({ opcode }) => opcode < 3)) {
      for (const byte of payload) if (state !== undefined) state = next(state, byte);
      if (state === undefined || fin && !mayTextEnd(state)) return false;
      if (fin) state = UTF8_START;
    }
    return true;
  };
}

/** A mutant that takes what is not UTF-8 for text: the cases that send such text must catch it. */
function takes(name: string, says: string, change: Partial<Rules>): Mutant {
  return { name, breaks: "invalid-text", says, change, only: [isTextBy(change)], alsoCaughtBy: [{ cases: ["no-blocks"], because: NOT_TEXT }] };
}

/** What text is. */
export const utf8: readonly Mutant[] = [
  {
    name: "text-as-binary", breaks: "text", says: "echoes text as binary",
    change: { echo: ({ payload }) => [frame(2, payload)] },
    alsoCaughtBy: [{ cases: [expectsText, compresses, sendsBytes], because: READS_TEXT }],
  },
  {
    name: "latin1", breaks: "text", says: "takes each byte of text for a character",
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? Buffer.from(payload).toString("latin1") : payload)] },
    only: [sendsByte((byte) => byte > 127)],
    alsoCaughtBy: [{ cases: [expectsText, compresses], because: READS_TEXT }],
  },
  {
    name: "no-byte-order-mark", breaks: "text-as-it-is", says: "takes a byte order mark away",
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? (decode(payload) ?? "").replace(/^\ufeff/, "") : payload)] },
    only: [expects(({ payload }) => payload[0] === 0xef && payload[1] === 0xbb && payload[2] === 0xbf)],
    alsoCaughtBy: [{ cases: ["text"], because: READS_TEXT }],
  },
  {
    name: "any-text", breaks: "invalid-text", says: "takes any bytes for text",
    change: { nextUtf8: (state) => state, mayTextEnd: () => true },
    alsoCaughtBy: [{ cases: ["no-blocks"], because: NOT_TEXT }],
  },
  {
    name: "replaces-text", breaks: "invalid-text", says: "replaces what is not UTF-8, and echoes that",
    change: { nextUtf8: (state) => state, echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? Buffer.from(payload).toString() : payload)] },
    alsoCaughtBy: [{ cases: ["no-blocks"], because: NOT_TEXT }],
  },
  {
    name: "late-text", breaks: "invalid-text", says: "looks at text when its message is whole", verdict: "non-strict",
    change: { checksEarly: false },
    only: [({ send = [] }) => send.some((step) => "failedByNow" in step || "piecemeal" in step && step.between.some((each) => "failedByNow" in each))],
  },
  takes("surrogates", "takes surrogates for characters", {
    nextUtf8: (state, byte) => state === UTF8_START && byte === 0xed ? expectUtf8(2) : nextUtf8(state, byte),
  }),
  takes("overlong", "takes characters in more bytes than they need", {
    nextUtf8: (state, byte) => state !== UTF8_START ? nextUtf8(state, byte) : LONG_FORMS[byte] ?? nextUtf8(state, byte),
  }),
  takes("past-unicode", "takes characters past the last one of Unicode", {
    nextUtf8: (state, byte) => state === UTF8_START && byte >= 0xf4 && byte <= 0xf7 ? expectUtf8(3) : nextUtf8(state, byte),
  }),
  takes("half-characters", "takes text that ends inside a character", { mayTextEnd: () => true }),
  {
    name: "fragment-text", breaks: "text", says: "takes each fragment of text for whole characters",
    change: { mayFragmentEnd: (state) => state === UTF8_START },
    only: [({ send = [] }) => framesOf(send).some(({ payload, fin }) => !fin && payload.length > 0 && decode(payload) === undefined)],
    alsoCaughtBy: [{ cases: [sendsFragments, compresses], because: "they send text in fragments" }],
  },
];

/** What goes on behind a first byte that begins a character in more bytes than it needs. */
const LONG_FORMS: Readonly<Record<number, number>> = { 0xc0: expectUtf8(1), 0xc1: expectUtf8(1), 0xe0: expectUtf8(2), 0xf0: expectUtf8(3) };
