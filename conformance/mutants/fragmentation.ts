/**
 * Peers that are wrong about fragments (RFC 6455, section 5.4).
 * @module
 */
import { concat, frame, fragments } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { compresses, sends, sendsFragments, sendsStray } from "./which.ts";

const IN_FRAGMENTS = { cases: [sendsFragments, compresses], because: "they send a message in fragments" };

/** What continues what. */
export const fragmentation: readonly Mutant[] = [
  {
    name: "last-fragment-only", breaks: "fragments", says: "takes the last fragment for the message",
    change: { join: (pieces) => pieces[pieces.length - 1] },
    only: [sends(({ fin, payload }) => !fin && payload.length > 0)],
    alsoCaughtBy: [IN_FRAGMENTS],
  },
  {
    name: "joins-with-zero", breaks: "fragments", says: "puts a zero byte between fragments",
    change: { join: (pieces) => concat(pieces.flatMap((piece, at) => at === 0 ? [piece] : [Uint8Array.of(0), piece])) },
    alsoCaughtBy: [IN_FRAGMENTS],
  },
  {
    name: "takes-strays", breaks: "stray-continuation", says: "takes a continuation of nothing for a text message",
    change: { isInTurn: ({ opcode }, { isInMessage }) => opcode === 0 || !isInMessage },
    only: [sendsStray(({ fin }) => fin)],
  },
  {
    name: "skips-strays", breaks: "stray-continuation", says: "skips continuations of nothing",
    change: { isSkipped: ({ opcode }, { isInMessage }) => opcode === 0 && !isInMessage },
  },
  {
    name: "begins-anew", breaks: "interleaved-data", says: "forgets a message that is not finished when another begins",
    change: { isInTurn: ({ opcode }, { isInMessage }) => opcode !== 0 || isInMessage },
  },
  {
    name: "echoes-in-bad-fragments", breaks: "fragments", says: "echoes in fragments that all have the opcode of the message",
    only: [(item) => sendsFragments(item) && (item.expect ?? []).some(({ opcode, payload }) => opcode < 3 && payload.length > 5)],
    change: { echo: ({ opcode, payload, fragments: count }) => count === 1 ? [frame(opcode, payload)] : fragments(opcode, payload, Math.max(5, Math.ceil(payload.length / 4))).map((each) => ({ ...each, opcode })) },
    alsoCaughtBy: [IN_FRAGMENTS],
  },
];
