/**
 * Peers that read or write frames wrongly (RFC 6455, section 5.2).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** Lengths, reserved bits and opcodes. */
export const framing: readonly Mutant[] = [
  {
    name: "ignores-rsv", breaks: "reserved-bits", says: "takes no notice of reserved bits",
    change: { areBitsRight: () => true },
    alsoCaughtBy: [{ cases: ["rsv1-elsewhere"], because: "RSV1 in the wrong place is a reserved bit too" }],
  },
  {
    name: "ignores-opcodes", breaks: "opcodes", says: "skips frames with reserved opcodes",
    change: { isSkipped: ({ opcode }) => ![0, 1, 2, 8, 9, 10].includes(opcode) },
  },
];
