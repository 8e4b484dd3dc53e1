/**
 * Peers that are wrong about text (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { decode, frame } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import { UTF8_START } from "./peer/utf8.ts";
import { compresses, expectsText, framesOf, sends, sendsBytes, sendsFragments } from "./which.ts";

const READS_TEXT = "they await text";
const NOT_TEXT = "they send what is no UTF-8";

/** Text with a byte that is so is sent. */
function sendsByte(is: (byte: number) => boolean): (item: Case) => boolean {
  return sends(({ opcode, payload }) => opcode < 2 && payload.some(is));
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
  {
    name: "fragment-text", breaks: "text", says: "takes each fragment of text for whole characters",
    change: { mayFragmentEnd: (state) => state === UTF8_START },
    only: [({ send = [] }) => framesOf(send).some(({ payload, fin }) => !fin && payload.length > 0 && decode(payload) === undefined)],
    alsoCaughtBy: [{ cases: [sendsFragments, compresses], because: "they send text in fragments" }],
  },
];
