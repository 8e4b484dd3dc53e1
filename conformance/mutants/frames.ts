/**
 * Peers that are wrong about a part of a frame's header, or about where frames end (RFC 6455, section 5.2).
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import { cutsOf, startsWith, waitsAtHeader } from "./streams.ts";
import { compresses, sends, sendsBytes } from "./which.ts";

const COMPRESSION = "what compression leaves is reserved";
const CUT = "a header comes in pieces";
const SEVERAL = "they send several frames at once";

/** A frame has these reserved bits set, and is of such a kind. */
const hasBits = (bits: number, is: (frame: Frame) => boolean = () => true) => (item: Case): boolean => sends((frame) => (frame.rsv & bits) !== 0 && is(frame))(item);

/** A frame has reserved bits, all of them among these. */
const hasOnly = (bits: number) => (item: Case): boolean => sends(({ rsv }) => rsv !== 0 && (rsv & ~bits) === 0)(item);

/** The frames of one write. */
function inOneWrite(is: (frames: readonly Frame[]) => boolean): (item: Case) => boolean {
  return ({ send = [] }) => send.some((step) => "frames" in step && step.chop !== "frames" && is(step.frames));
}

/** Reserved bits, lengths, and frames in pieces or in a row. */
export const frames: readonly Mutant[] = [
  {
    name: "ignores-rsv2", breaks: "reserved-bits", says: "looks at the first and the last reserved bit alone",
    change: { areBitsRight: ({ rsv }) => (rsv & 5) === 0 }, only: [hasOnly(2)],
    alsoCaughtBy: [{ cases: [compresses], because: "it leaves RSV1 to nobody" }],
  },
  {
    name: "ignores-rsv3", breaks: "reserved-bits", says: "looks at the first two reserved bits alone",
    change: { areBitsRight: ({ rsv }) => (rsv & 6) === 0 }, only: [hasOnly(1)],
    alsoCaughtBy: [{ cases: [compresses, "failed"], because: "it leaves RSV1 to nobody, or the fault is that bit" }],
  },
  {
    name: "ignores-rsv-on-control", breaks: "reserved-bits", says: "takes no notice of reserved bits on control frames",
    change: { areBitsRight: ({ rsv, opcode }, { isCompressing }) => rsv === 0 || opcode >= 8 || rsv === 4 && isCompressing && opcode > 0 },
    only: [hasBits(7, ({ opcode }) => opcode >= 8)],
    alsoCaughtBy: [{ cases: ["rsv1-elsewhere"], because: COMPRESSION }],
  },
  {
    name: "ignores-rsv-on-continuations", breaks: "reserved-bits", says: "takes no notice of reserved bits on continuations",
    change: { areBitsRight: ({ rsv, opcode }, { isCompressing }) => rsv === 0 || opcode === 0 || rsv === 4 && isCompressing && opcode < 3 },
    only: [hasBits(7, ({ opcode }) => opcode === 0)],
    alsoCaughtBy: [{ cases: ["rsv1-elsewhere"], because: COMPRESSION }],
  },
  {
    name: "ignores-rsv-on-empty", breaks: "reserved-bits", says: "takes no notice of reserved bits where there is no payload",
    change: { areBitsRight: ({ rsv, opcode, length }, { isCompressing }) => rsv === 0 || length === 0n || rsv === 4 && isCompressing && (opcode === 1 || opcode === 2) },
    only: [hasBits(7, ({ payload }) => payload.length === 0)],
    alsoCaughtBy: [{ cases: ["rsv1-elsewhere", "failed"], because: COMPRESSION }],
  },
  {
    name: "judges-late", breaks: "opcodes", says: "looks at a frame's header once its payload is there", verdict: "non-strict",
    change: { judgesAtHeader: false },
    only: [waitsAtHeader],
    alsoCaughtBy: [
      { cases: [waitsAtHeader, "huge-lengths"], because: "their header says enough" },
      { cases: ["invalid-text"], because: "text that waits for its end is wrong before it" },
      { cases: [sendsBytes, compresses, "failed", "size-limits", "message-size", "bombs"], because: "what is wrong with them is seen before their end" },
    ],
  },
  {
    name: "any-length-form", breaks: "shortest-length", says: "takes lengths in more bits than they need", verdict: "non-strict",
    change: { isLengthRight: ({ length }) => length < 2n ** 63n },
    alsoCaughtBy: [{ cases: ["failed", sendsBytes], because: "the fault may be such a length" }],
  },
  {
    name: "long-form-is-short", breaks: "shortest-length", says: "reads a length of 16 bits that is shorter than 126 from its second byte on",
    change: { isLengthRight: ({ length }) => length < 2n ** 63n, readLength: ({ length, lengthBits }) => lengthBits === 16 && length < 126n ? length + 1n : length },
    only: [sends(({ opcode, lengthBits, payload }) => opcode < 10 && opcode !== 8 && lengthBits === 16 && payload.length < 126)],
    alsoCaughtBy: [{ cases: ["shortest-length", "failed", sendsBytes], because: "the fault may be such a length" }],
  },
  {
    name: "reads-32-of-64-bits", breaks: "huge-lengths", says: "reads the last four of the eight bytes of a length",
    change: { isLengthRight: () => true, maxMessage: Number.POSITIVE_INFINITY, readLength: ({ length }) => length & 0xffff_ffffn },
    only: [sends(({ length }) => length !== undefined && (length & 0xffff_ffffn) <= 5n && length > 5n)],
    alsoCaughtBy: [{ cases: ["huge-lengths", "size-limits", "failed", compresses, sendsBytes], because: "they send such lengths, or wait for a limit" }],
  },
  {
    name: "drops-top-bit", breaks: "huge-lengths", says: "takes the first bit of 64 for none of the length's",
    change: { isLengthRight: () => true, maxMessage: Number.POSITIVE_INFINITY, readLength: ({ length }) => length & (1n << 63n) - 1n },
    only: [startsWith("A message whose length has its first bit"), startsWith("A message whose length is 2^63")],
    alsoCaughtBy: [{ cases: ["size-limits", "failed", compresses, sendsBytes], because: "they send such lengths, or wait for a limit" }],
  },
  {
    name: "all-bits-are-none", breaks: "huge-lengths", says: "takes a length of which all bits are set for none at all",
    change: { isLengthRight: () => true, maxMessage: Number.POSITIVE_INFINITY, readLength: ({ length }) => length === (1n << 64n) - 1n ? 5n : length },
    only: [startsWith("A message whose length has all its bits set")],
    alsoCaughtBy: [{ cases: ["size-limits", "failed", compresses, sendsBytes], because: "they send such lengths, or wait for a limit" }],
  },
  {
    name: "waits-for-anything", breaks: "huge-lengths", says: "waits for a payload of any length", verdict: "non-strict",
    change: { isLengthRight: () => true, maxMessage: Number.POSITIVE_INFINITY },
    alsoCaughtBy: [{ cases: ["shortest-length", "size-limits", "message-size", "bombs", "failed", compresses, sendsBytes], because: "they send such lengths, or wait for a limit" }],
  },
  {
    name: "signed-16-bits", breaks: "lengths", says: "takes lengths of 16 bits for signed numbers, and negative ones for none",
    change: { readLength: ({ length, lengthBits }) => lengthBits === 16 && length >= 32_768n ? 0n : length },
    only: [sends(({ payload }) => payload.length >= 32_768 && payload.length < 65_536)],
    alsoCaughtBy: [{ cases: [sends(({ payload }) => payload.length >= 32_768 && payload.length < 65_536), compresses, sendsBytes], because: "they send such lengths" }],
  },
  {
    name: "forgets-headers", breaks: "headers-in-pieces", role: "server", says: "forgets a header that is not whole at the end of a read",
    change: { keepsHeaders: false },
    only: [(item) => cutsOf(item).some(({ at, header }) => at < header)],
    alsoCaughtBy: [{ cases: [(item) => cutsOf(item).some(({ at, header }) => at < header), sendsBytes, compresses], because: CUT }],
  },
  {
    name: "forgets-frames", breaks: "headers-in-pieces", role: "server", says: "forgets a frame whose payload is not whole at the end of a read",
    change: { keepsFrames: false },
    only: [(item) => cutsOf(item).some(({ at, header }) => at >= header)],
    alsoCaughtBy: [{ cases: [(item) => cutsOf(item).length > 0, sendsBytes, compresses], because: CUT }],
  },
  {
    name: "ten-frames", breaks: "frames-in-a-row", says: "looks at ten frames of a read and drops what is behind them",
    change: { mayReadOn: (count) => count < 10 },
    only: [startsWith("Twelve messages and a ping in one")],
    alsoCaughtBy: [{ cases: [inOneWrite((all) => all.length > 9), sendsBytes, compresses], because: SEVERAL }],
  },
  {
    name: "drops-behind-late-frames", breaks: "frames-in-a-row", says: "drops what comes in the same read behind a frame that began in one before",
    change: { mayReadOn: (_, hasBegunBefore) => !hasBegunBefore },
    only: [startsWith("Twelve messages and a ping in writes")],
    alsoCaughtBy: [{ cases: [(item) => cutsOf(item).length > 0, sendsBytes, compresses], because: SEVERAL }],
  },
];
