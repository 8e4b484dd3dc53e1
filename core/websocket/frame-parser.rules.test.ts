import { describe, expect, it } from "vitest";
import { faultOf, parse } from "../testing/frame-notes.ts";
import { frame, KEY, masked, pattern } from "../testing/frames.ts";

describe("reserved bits (5.2)", () => {
  it.each([0x10, 0x20, 0x40, 0x30, 0x70])("%i is a fault unless an extension claims all of it", (rsv) => {
    expect(faultOf("client", frame(1, "", { rsv }))).toBe("reservedBits");
    expect(faultOf("client", frame(1, "", { rsv }), 0x70)).toBeUndefined();
    expect(faultOf("client", frame(1, "", { rsv }), rsv)).toBeUndefined();
    expect(faultOf("client", frame(1, "", { rsv }), 0x70 & ~0x10)).toBe((rsv & 0x10) === 0 ? undefined : "reservedBits");
  });

  it.each([0, 8, 9, 10])("are a fault on opcode %i whoever claims them: they stand on the first frame of a message (RFC 7692, 6)", (opcode) => {
    for (const rsv of [0x10, 0x20, 0x40, 0x70]) {
      expect(faultOf("client", frame(opcode, "", { rsv }), 0x70)).toBe("reservedBits");
      expect(faultOf("client", frame(opcode, "", { rsv }).slice(0, 2), rsv)).toBe("reservedBits");
    }
    expect(faultOf("client", frame(opcode), 0x70)).toBeUndefined();
  });

  it("that are claimed let the other rules hold", () => {
    expect(faultOf("client", frame(3, "", { rsv: 0x40 }), 0x70)).toBe("reservedOpcode");
    expect(faultOf("client", frame(11, "", { rsv: 0x40 }), 0x70)).toBe("reservedBits");
    expect(faultOf("client", masked(1, "", { rsv: 0x40 }), 0x70)).toBe("maskedFrame");
    expect(faultOf("client", frame(2, "", { rsv: 0x40, form: 16 }), 0x70)).toBe("longLengthForm");
  });

  it("are shown as they stand in the first byte", () => {
    expect(parse("client", [frame(2, "", { rsv: 0x50 })], 0x70).frames[0]).toMatchObject({ rsv: 0x50, opcode: 2, fin: true });
    expect(parse("client", [frame(2, "", { rsv: 0x20, fin: false })], 0x70).frames[0]).toMatchObject({ rsv: 0x20, opcode: 2, fin: false });
  });
});

describe("opcodes (5.2)", () => {
  it.each([0, 1, 2, 8, 9, 10])("%i is taken", (opcode) => {
    expect(faultOf("client", frame(opcode))).toBeUndefined();
  });

  it.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])("%i is reserved", (opcode) => {
    expect(faultOf("client", frame(opcode))).toBe("reservedOpcode");
  });
});

describe("control frames (5.5)", () => {
  it.each([8, 9, 10])("%i is not fragmented", (opcode) => {
    expect(faultOf("client", frame(opcode, "x", { fin: false }))).toBe("fragmentedControl");
  });

  it.each([8, 9, 10])("%i carries 125 bytes at most, which the second byte tells", (opcode) => {
    expect(faultOf("client", frame(opcode, pattern(125)))).toBeUndefined();
    expect(faultOf("client", frame(opcode, pattern(126)).slice(0, 2))).toBe("longControl");
    expect(faultOf("client", frame(opcode, pattern(126), { form: 64 }).slice(0, 2))).toBe("longControl");
  });
});

describe("masking (5.1)", () => {
  it("a client masks every frame", () => {
    expect(faultOf("server", masked(1, "x"))).toBeUndefined();
    expect(faultOf("server", frame(1, "x"))).toBe("unmaskedFrame");
    expect(faultOf("server", frame(9))).toBe("unmaskedFrame");
  });

  it("a server masks none", () => {
    expect(faultOf("client", frame(1, "x"))).toBeUndefined();
    expect(faultOf("client", masked(1, "x"))).toBe("maskedFrame");
    expect(faultOf("client", masked(9))).toBe("maskedFrame");
  });

  it("is told by the second byte, before a length or a key came", () => {
    expect(faultOf("server", Uint8Array.of(0x82, 0x7f))).toBe("unmaskedFrame");
    expect(faultOf("client", Uint8Array.of(0x82, 0xff))).toBe("maskedFrame");
  });

  it.each([0, 1, 0x80, 0x8000_0000, 0xffff_ffff, 0x0102_0304])("the key %i is applied", (key) => {
    expect(parse("server", [masked(2, pattern(130), { key })]).frames[0].payload).toEqual([...pattern(130)]);
  });
});

describe("lengths (5.2)", () => {
  it.each([
    [0, 7], [125, 7], [126, 16], [127, 16], [65_535, 16], [65_536, 64], [70_000, 64],
  ] as const)("%i bytes in the form of %i bits", (length, form) => {
    const { frames, fault } = parse("client", [frame(2, pattern(length), { form })]);
    expect(fault).toBeUndefined();
    expect(frames).toMatchObject([{ length, ended: true }]);
    expect(Buffer.compare(Uint8Array.from(frames[0].payload), pattern(length))).toBe(0);
  });

  it.each([
    [0, 16], [125, 16], [0, 64], [125, 64], [126, 64], [65_535, 64],
  ] as const)("%i bytes are not in their shortest form in %i bits", (length, form) => {
    for (const role of ["client", "server"] as const) {
      expect(faultOf(role, frame(2, "", { form, length: BigInt(length), key: role === "server" ? KEY : undefined }))).toBe("longLengthForm");
    }
  });

  it("past 2^32 are read exactly", () => {
    for (const length of [2n ** 32n, 2n ** 32n + 5n, 2n ** 33n - 1n, 0x0102_0304_0506n, 2n ** 53n - 1n, 0x8000_0000n]) {
      const { frames, fault } = parse("client", [frame(2, "abc", { length })]);
      expect(fault).toBeUndefined();
      expect(frames).toMatchObject([{ length: Number(length), payload: [97, 98, 99], ended: false }]);
    }
  });

  it("have no top bit", () => {
    expect(faultOf("client", frame(2, "", { length: 2n ** 63n - 1n }))).toBe("largeFrame");
    expect(faultOf("client", frame(2, "", { length: 2n ** 63n }))).toBe("lengthTopBit");
    expect(faultOf("client", frame(2, "", { length: 2n ** 64n - 1n }))).toBe("lengthTopBit");
    expect(faultOf("client", frame(2, "", { length: 2n ** 63n, form: 64 }).slice(0, 9))).toBeUndefined();
  });
});

describe("the order of checks", () => {
  it.each([
    ["reserved bits before the opcode", frame(3, "", { rsv: 0x40 }), "reservedBits"],
    ["the opcode before its being a fragment", frame(11, "", { fin: false }), "reservedOpcode"],
    ["being a fragment before the length", frame(9, pattern(126), { fin: false }), "fragmentedControl"],
    ["the length of a control frame before the mask", masked(9, pattern(126)), "longControl"],
    ["the mask before the length's form", masked(2, "", { form: 16 }), "maskedFrame"],
    ["the top bit before the form", frame(2, "", { length: 2n ** 63n }), "lengthTopBit"],
  ])("%s", (_, bytes, name) => {
    expect(faultOf("client", bytes)).toBe(name);
  });
});
