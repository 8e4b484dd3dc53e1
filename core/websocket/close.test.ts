import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closing } from "../testing/frames.ts";
import { thrown } from "../testing/thrown.ts";
import { ABNORMAL, closeMeaning, decodeClose, encodeClose, isSendable, NO_STATUS } from "./close.ts";
import { FAULTS } from "./fault.ts";

const SENDABLE = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const REFUSED = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
const LOCAL = [1005, 1006, 1015];

describe("close codes", () => {
  it("stand for no code and for no close frame (7.4.1)", () => {
    expect([NO_STATUS, ABNORMAL]).toEqual([1005, 1006]);
  });

  it("may be sent exactly when the RFC or its registry lets an endpoint send them (7.4)", () => {
    const sendable = Array.from({ length: 65_536 }, (_, code) => code).filter(isSendable);
    const expected = [...SENDABLE.filter((code) => code < 3000), ...Array.from({ length: 2000 }, (_, i) => 3000 + i)];
    expect(sendable).toEqual(expected);
  });

  it("are integers", () => {
    for (const code of [1000.5, 3000.1, Number.NaN, Number.POSITIVE_INFINITY, -1000, "1000" as unknown as number]) expect(isSendable(code)).toBe(false);
  });

  it.each([
    [0, "unassigned"],
    [999, "unassigned"],
    [1000, "normal closure"],
    [1001, "going away"],
    [1002, "protocol error"],
    [1003, "unsupported data"],
    [1004, "unassigned"],
    [1005, "no close code was sent"],
    [1006, "the connection ended without a close frame"],
    [1007, "invalid payload data, such as text that is not UTF-8"],
    [1008, "policy violation"],
    [1009, "message too big"],
    [1010, "the client needed an extension"],
    [1011, "internal error"],
    [1012, "service restart"],
    [1013, "try again later"],
    [1014, "bad gateway"],
    [1015, "the TLS handshake failed"],
    [1016, "unassigned"],
    [2999, "unassigned"],
    [3000, "registered by a library or framework"],
    [3999, "registered by a library or framework"],
    [4000, "private to the application"],
    [4999, "private to the application"],
    [5000, "unassigned"],
  ])("%i means: %s", (code, meaning) => {
    expect(closeMeaning(code)).toBe(meaning);
  });
});

describe("encodeClose", () => {
  it("gives two bytes of code, the high one first, and the reason (5.5.1)", () => {
    expect([...encodeClose(1000, "")]).toEqual([0x03, 0xe8]);
    expect([...encodeClose(4999, "é")]).toEqual([0x13, 0x87, 0xc3, 0xa9]);
  });

  it("gives an empty payload without a code (5.5.1)", () => {
    expect(encodeClose(undefined, "")).toEqual(new Uint8Array(0));
  });

  it.each(REFUSED)("refuses the code %i (7.4)", (code) => {
    const error = thrown(() => encodeClose(code, ""));
    expect(error).toBeInstanceOf(RangeError);
    const why = LOCAL.includes(code) ? "reserved for local use" : "not an integer of 1000 to 1014 or 3000 to 4999";
    expect(error.message).toBe(`Cannot close with code ${code}: ${why}`);
  });

  it("refuses a code that is no integer", () => {
    expect(thrown(() => encodeClose(1000.5, "")).message).toBe("Cannot close with code 1000.5: not an integer of 1000 to 1014 or 3000 to 4999");
    expect(thrown(() => encodeClose(null as unknown as number, ""))).toBeInstanceOf(RangeError);
    expect(thrown(() => encodeClose(Symbol("x") as unknown as number, "")).message).toBe("Cannot close with code of type symbol: not an integer of 1000 to 1014 or 3000 to 4999");
  });

  it("takes a reason of 123 bytes and refuses one of 124 (5.5)", () => {
    expect(encodeClose(1000, "x".repeat(123))).toEqual(closing(1000, "x".repeat(123)));
    const error = thrown(() => encodeClose(1000, "x".repeat(124)));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("Cannot close with a reason of 124 bytes: a close frame carries at most 123");
  });

  it("counts the bytes of a reason, not its characters", () => {
    expect(encodeClose(1000, `${"é".repeat(61)}x`).length).toBe(125);
    expect(thrown(() => encodeClose(1000, "é".repeat(62))).message).toBe("Cannot close with a reason of 124 bytes: a close frame carries at most 123");
  });

  it("refuses a reason without a code", () => {
    const error = thrown(() => encodeClose(undefined, "bye"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe('Cannot close with reason "bye": a reason needs a code');
  });

  it("refuses a reason that is no string", () => {
    const error = thrown(() => encodeClose(1000, 7 as unknown as string));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("Cannot close with a reason of type number: it must be a string");
  });
});

describe("decodeClose", () => {
  it("reads an empty payload as 1005 (7.1.5)", () => {
    expect(decodeClose(new Uint8Array(0))).toEqual({ code: 1005, reason: "" });
  });

  it("refuses a payload of one byte (5.5.1)", () => {
    expect(decodeClose(Uint8Array.of(3))).toBe(FAULTS.shortClose);
  });

  it("reads a payload of two bytes as a code without a reason (5.5.1)", () => {
    expect(decodeClose(Uint8Array.of(3, 0xe8))).toEqual({ code: 1000, reason: "" });
  });

  it.each(REFUSED)("refuses the code %i (7.4)", (code) => {
    expect(decodeClose(closing(code, "x"))).toBe(FAULTS.invalidCloseCode);
  });

  it("refuses a reason that is not UTF-8 (5.5.1)", () => {
    expect(decodeClose(Uint8Array.of(3, 0xe8, 0x61, 0xff))).toBe(FAULTS.invalidUtf8);
    expect(decodeClose(Uint8Array.of(3, 0xe8, 0xc3))).toBe(FAULTS.invalidUtf8);
  });

  it("checks the code before the reason", () => {
    expect(decodeClose(Uint8Array.of(3, 0xed, 0xff))).toBe(FAULTS.invalidCloseCode);
  });

  it("reads back what was encoded", () => {
    const reason = fc.string({ unit: "binary", maxLength: 30 });
    fc.assert(fc.property(fc.constantFrom(...SENDABLE), reason, (code, text) => {
      expect(decodeClose(encodeClose(code, text))).toEqual({ code, reason: text });
    }));
  });
});
