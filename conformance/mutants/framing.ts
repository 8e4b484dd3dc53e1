/**
 * Peers that read or write frames wrongly (RFC 6455, section 5.2).
 * @module
 */
import { frame } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { commands, compresses, expects, sends, sendsBytes, sendsFragments } from "./which.ts";

/** Lengths, reserved bits and opcodes. */
export const framing: readonly Mutant[] = [
  {
    name: "ignores-rsv", breaks: "reserved-bits", says: "takes no notice of reserved bits",
    change: { areBitsRight: () => true },
    alsoCaughtBy: [
      { cases: ["failed"], because: "the fault that they go on from is a reserved bit" },
      { cases: ["rsv1-elsewhere"], because: "what compression leaves is reserved" },
    ],
  },
  {
    name: "knows-rsv1", breaks: "reserved-bits", says: "takes RSV1 for compression that nobody agreed on, and echoes the payload as it is",
    change: { areBitsRight: ({ rsv }) => rsv % 4 === 0 },
    only: [sends(({ rsv }) => rsv === 4)],
    alsoCaughtBy: [{ cases: ["rsv1-elsewhere"], because: "RSV1 has a meaning on a first frame alone" }],
  },
  {
    name: "skips-opcodes", breaks: "opcodes", says: "skips frames with reserved opcodes",
    change: { isSkipped: ({ opcode }) => ![0, 1, 2, 8, 9, 10].includes(opcode) },
    only: [(item) => !sends(({ opcode }) => opcode === 0)(item) || sends(({ opcode }) => opcode === 1)(item)],
    alsoCaughtBy: [{ cases: [sendsBytes], because: "what is no frame may look like one with such an opcode" }],
  },
  {
    name: "skips-control-opcodes", breaks: "opcodes", says: "skips control frames with reserved opcodes",
    change: { isSkipped: ({ opcode }) => opcode > 10 },
    only: [sends(({ opcode }) => opcode > 10)],
    alsoCaughtBy: [{ cases: [sendsBytes], because: "what is no frame may look like one with such an opcode" }],
  },
  {
    name: "echoes-opcodes", breaks: "opcodes", says: "takes data frames with reserved opcodes for messages",
    change: { isOpcodeKnown: (opcode) => opcode < 11 },
    only: [(item) => sends(({ opcode }) => opcode > 2 && opcode < 8)(item) && !sendsFragments(item)],
    alsoCaughtBy: [{ cases: ["opcodes"], because: "between fragments it is a message out of turn" }],
  },
  {
    name: "swaps-16-bits", breaks: "lengths", says: "reads the two bytes of a length in the wrong order",
    change: { readLength: ({ length, lengthBits }) => lengthBits === 16 ? (length & 255n) << 8n | length >> 8n : length },
    only: [sends(({ payload }) => payload.length > 125 && payload.length < 65_535)],
    alsoCaughtBy: [
      { cases: [sends(({ payload }) => payload.length > 125), compresses, sendsBytes], because: "they send such lengths" },
      { cases: ["ping-sent", "own-reason"], because: "they send such lengths" },
    ],
  },
  {
    name: "reads-16-of-64-bits", breaks: "lengths", says: "reads the last two of the eight bytes of a length",
    change: { readLength: ({ length, lengthBits }) => lengthBits === 64 ? length & 0xffffn : length },
    only: [sends(({ payload }) => payload.length > 65_535)],
    alsoCaughtBy: [{ cases: [sends(({ payload }) => payload.length > 65_535), compresses, sendsBytes], because: "they send such lengths" }],
  },
  {
    name: "writes-64-bits", breaks: "lengths", says: "writes each length over 125 in 64 bits",
    change: { shape: (each) => each.payload.length > 125 ? { ...each, lengthBits: 64 } : each },
    only: [expects(({ payload }) => payload.length > 125 && payload.length < 65_536)],
    alsoCaughtBy: [{ cases: [expects(({ payload }) => payload.length > 125), compresses, commands], because: "they hear such lengths" }],
  },
  {
    name: "writes-16-bits", breaks: "lengths", says: "writes lengths from 100 on in 16 bits",
    change: { shape: (each) => each.payload.length >= 100 && each.payload.length <= 125 ? { ...each, lengthBits: 16 } : each },
    only: [expects(({ payload }) => payload.length >= 100 && payload.length <= 125)],
    alsoCaughtBy: [{ cases: [expects(({ payload }) => payload.length >= 100), compresses, commands], because: "they hear such lengths" }],
  },
  {
    name: "echoes-nothing-for-nothing", breaks: "lengths", says: "does not echo messages without payload",
    change: { echo: ({ opcode, payload }) => payload.length === 0 ? [] : [frame(opcode, payload)] },
    only: [expects(({ payload }) => payload.length === 0)],
    alsoCaughtBy: [{ cases: [expects(({ opcode, payload }) => opcode < 3 && payload.length === 0), compresses, sendsBytes], because: "they await such a message" }],
  },
];
