import { describe, expect, it } from "vitest";
import { BINARY, CLOSE, CONTINUATION, isControl, isKnown, opcodeName, PING, PONG, TEXT, WHOLE_TEXT } from "./opcode.ts";

/** Section 5.2: opcode, name, control, known. */
const TABLE: readonly (readonly [number, string, boolean, boolean])[] = [
  [0x0, "continuation", false, true],
  [0x1, "text", false, true],
  [0x2, "binary", false, true],
  [0x3, "reserved 0x3", false, false],
  [0x4, "reserved 0x4", false, false],
  [0x5, "reserved 0x5", false, false],
  [0x6, "reserved 0x6", false, false],
  [0x7, "reserved 0x7", false, false],
  [0x8, "close", true, true],
  [0x9, "ping", true, true],
  [0xa, "pong", true, true],
  [0xb, "reserved 0xb", true, false],
  [0xc, "reserved 0xc", true, false],
  [0xd, "reserved 0xd", true, false],
  [0xe, "reserved 0xe", true, false],
  [0xf, "reserved 0xf", true, false],
];

describe("opcodes", () => {
  it("have the numbers of the RFC (5.2)", () => {
    expect([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]).toEqual([0, 1, 2, 8, 9, 10]);
  });

  it("have FIN before them in the first byte of a whole message (5.2)", () => {
    expect(WHOLE_TEXT).toBe(0b1000_0001);
  });

  it.each(TABLE)("%i is %s; control: %s, known: %s (5.2)", (opcode, name, control, known) => {
    expect(opcodeName(opcode)).toBe(name);
    expect(isControl(opcode)).toBe(control);
    expect(isKnown(opcode)).toBe(known);
  });
});
