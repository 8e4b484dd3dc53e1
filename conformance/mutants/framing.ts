/**
 * Peers that read or write frames wrongly (RFC 6455, section 5.2).
 * @module
 */
import { binary, frame } from "../frames.ts";
import type { Mutant } from "./mutant.ts";

/** Lengths, reserved bits and opcodes. */
export const framing: readonly Mutant[] = [
  {
    name: "ignores-rsv", breaks: "reserved-bits", says: "takes no notice of reserved bits",
    change: { areBitsRight: () => true },
  },
  {
    name: "knows-rsv1", breaks: "reserved-bits", says: "takes RSV1 for compression that nobody agreed on, and echoes the payload as it is",
    change: { areBitsRight: ({ rsv }) => rsv % 4 === 0 },
    only: ["autobahn:3.4"],
  },
  {
    name: "skips-opcodes", breaks: "opcodes", says: "skips frames with reserved opcodes",
    change: { isSkipped: ({ opcode }) => ![0, 1, 2, 8, 9, 10].includes(opcode) },
  },
  {
    name: "skips-control-opcodes", breaks: "opcodes", says: "skips control frames with reserved opcodes",
    change: { isSkipped: ({ opcode }) => opcode > 10 },
    only: ["autobahn:4.2"],
  },
  {
    name: "echoes-opcodes", breaks: "opcodes", says: "takes data frames with reserved opcodes for messages",
    change: { isOpcodeKnown: (opcode) => opcode < 11 },
    only: ["autobahn:4.1"],
  },
  {
    name: "swaps-16-bits", breaks: "lengths", says: "reads the two bytes of a length in the wrong order",
    change: { readLength: ({ length, lengthBits }) => lengthBits === 16 ? (length & 255n) << 8n | length >> 8n : length },
  },
  {
    name: "reads-16-of-64-bits", breaks: "lengths", says: "reads the last two of the eight bytes of a length",
    change: { readLength: ({ length, lengthBits }) => lengthBits === 64 ? length & 0xffffn : length },
  },
  {
    name: "writes-64-bits", breaks: "lengths", says: "writes each length over 125 in 64 bits",
    change: { shape: (frame) => frame.payload.length > 125 ? { ...frame, lengthBits: 64 } : frame },
  },
  {
    name: "echoes-text-as-binary", breaks: "lengths", says: "echoes text as binary",
    change: { echo: ({ payload }) => [binary(payload)] },
  },
  {
    name: "echoes-nothing-for-nothing", breaks: "lengths", says: "does not echo messages without payload",
    change: { echo: ({ opcode, payload }) => payload.length === 0 ? [] : [frame(opcode, payload)] },
  },
];
