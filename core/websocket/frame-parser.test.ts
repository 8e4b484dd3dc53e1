import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputQueue } from "../bytes/output-queue.ts";
import { concat, cut, everySplit, frame, KEY, masked, pattern, utf8 } from "../testing/frames.ts";
import { type Fault, FAULTS } from "./fault.ts";
import { FrameParser, type FrameVisitor, type Role } from "./frame-parser.ts";
import { writeFrame } from "./frame-writer.ts";

interface Seen {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly length: number;
  payload: number[];
  pieces: number;
  ended: boolean;
}

/** Notes frames, with payloads put together. */
class Notes implements FrameVisitor {
  readonly frames: Seen[] = [];
  #parser!: FrameParser;

  onHeader(parser: FrameParser): Fault | undefined {
    const { fin, rsv, opcode, masked: isMasked, length } = parser;
    this.#parser = parser;
    this.frames.push({ fin, rsv, opcode, masked: isMasked, length, payload: [], pieces: 0, ended: false });
    return length > Number.MAX_SAFE_INTEGER ? FAULTS.largeFrame : undefined; // past it lengths are rounded, and sums with them
  }

  onPayload(bytes: Uint8Array, start: number, end: number, remaining: number): Fault | undefined {
    const seen = this.frames[this.frames.length - 1];
    if (seen.ended) throw new Error("A piece came behind the end of its frame");
    const piece = new Uint8Array(end - start + 2);
    this.#parser.copyPayload(bytes, start, end, remaining, piece, 1);
    seen.payload.push(...piece.slice(1, -1));
    seen.pieces++;
    if (seen.payload.length + remaining !== seen.length) throw new Error("The lengths do not add up");
    seen.ended = remaining === 0;
    return undefined;
  }
}

function parse(role: Role, pieces: readonly Uint8Array[], extensionBits?: number): { frames: Seen[]; fault: Fault | undefined } {
  const notes = new Notes();
  const parser = new FrameParser(role, notes, extensionBits);
  for (const piece of pieces) parser.parse(piece, 0, piece.length);
  return { frames: notes.frames, fault: parser.fault };
}

/** What was seen, whatever the pieces. */
function story(role: Role, pieces: readonly Uint8Array[]): unknown {
  const { frames, fault } = parse(role, pieces);
  return { fault, frames: frames.map(({ pieces: _, ...rest }) => rest) };
}

function faultOf(role: Role, bytes: Uint8Array, extensionBits?: number): string | undefined {
  return parse(role, [bytes], extensionBits).fault?.name;
}

/** A frame as its parts; the payload is large at times. */
const anyFrame = fc.record({
  fin: fc.boolean(),
  rsv: fc.constantFrom(0, 0x10, 0x20, 0x40, 0x70),
  opcode: fc.constantFrom(0, 1, 2),
  payload: fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.constantFrom(0, 1, 125, 126, 127, 300, 16_384, 16_385, 65_535, 65_536, 70_000).map((length) => pattern(length, length))),
  key: fc.integer({ min: 0, max: 0xffff_ffff }),
});

describe("FrameParser", () => {
  it("reads back every frame that is written, in all length forms, of both roles (5.2)", () => {
    fc.assert(fc.property(fc.constantFrom<Role>("client", "server"), fc.array(anyFrame, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 4 }), (role, frames, offsets) => {
      const queue = new OutputQueue();
      for (const { fin, rsv, opcode, payload, key } of frames) writeFrame(queue, { fin, rsv, opcode, key: role === "server" ? key : undefined }, payload);
      const seen = parse(role, cut(concat(queue.take()), offsets), 0x70);
      expect(seen.fault).toBeUndefined();
      expect(seen.frames.map(({ fin, rsv, opcode, ended, length, masked: isMasked }) => ({ fin, rsv, opcode, ended, length, isMasked })))
        .toEqual(frames.map(({ fin, rsv, opcode, payload }) => ({ fin, rsv, opcode, ended: true, length: payload.length, isMasked: role === "server" })));
      seen.frames.forEach(({ payload }, i) => expect(Buffer.compare(Uint8Array.from(payload), frames[i].payload)).toBe(0));
    }), { numRuns: 200 });
  });

  it.each([
    ["a single unmasked text frame", "client", [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], "Hello"],
    ["a single masked text frame", "server", [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], "Hello"],
  ] as const)("reads %s of the RFC's examples (5.7)", (_, role, bytes, text) => {
    for (const pieces of everySplit(Uint8Array.from(bytes))) {
      expect(story(role, pieces)).toEqual({
        fault: undefined,
        frames: [{ fin: true, rsv: 0, opcode: 1, masked: role === "server", length: 5, payload: [...utf8(text)], ended: true }],
      });
    }
  });

  it("tells the same story however the bytes are cut", () => {
    const streams: [Role, Uint8Array][] = [
      ["server", concat([masked(1, "Hello", { fin: false }), masked(9, "ping"), masked(0, "", { fin: true }), masked(2, pattern(126)), masked(8)])],
      ["client", concat([frame(2, pattern(3)), frame(10), frame(1, pattern(130, 3)), frame(8, "xx")])],
      ["client", concat([frame(1, "ab"), frame(3, "cd"), frame(1, "ef")])],
      ["server", concat([masked(1, "ab"), masked(1, pattern(4), { form: 64 }), masked(1)])],
    ];
    for (const [role, bytes] of streams) {
      const whole = story(role, [bytes]);
      for (const pieces of everySplit(bytes)) expect(story(role, pieces)).toEqual(whole);
    }
  });

  it("tells the same story of any bytes however they are cut, and never throws", () => {
    const first = fc.constantFrom(0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0x83, 0x09, 0xc1);
    const second = fc.constantFrom(0, 1, 2, 5, 125, 126, 127, 0x80, 0x81, 0x85, 0xfd, 0xfe, 0xff);
    const rest = fc.array(fc.oneof(fc.constantFrom(0, 0, 0, 0x80, 0xff, 126), fc.nat({ max: 255 })), { maxLength: 14 });
    const likely = fc.array(fc.tuple(first, second, rest), { maxLength: 4 }).map((parts) => Uint8Array.from(parts.flat(2)));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), likely);
    fc.assert(fc.property(fc.constantFrom<Role>("client", "server"), bytes, fc.array(fc.nat(), { maxLength: 5 }), (role, input, offsets) => {
      const whole = story(role, [input]);
      expect(story(role, cut(input, offsets))).toEqual(whole);
      expect(story(role, Array.from(input, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    }), { numRuns: 1000 });
  });

  it("does not write to its input", () => {
    for (const bytes of [masked(2, pattern(300)), masked(1, "Hello")]) {
      for (const pieces of [[bytes.slice()], cut(bytes, [3]), cut(bytes, [12])]) {
        parse("server", pieces);
        expect(concat(pieces)).toEqual(bytes);
      }
    }
  });

  it("parses only from start to end", () => {
    const notes = new Notes();
    const parser = new FrameParser("client", notes);
    const bytes = concat([Uint8Array.of(0xff, 0xff, 0xff), frame(2, pattern(5)), Uint8Array.of(0xff)]);
    expect(parser.parse(bytes, 3, 4)).toBe(4);
    expect(parser.parse(bytes, 4, 7)).toBe(7);
    expect(parser.parse(bytes, 7, 10)).toBe(10);
    expect(parser.parse(bytes, 10, 10)).toBe(10);
    expect(parser.fault).toBeUndefined();
    expect(notes.frames).toMatchObject([{ payload: [...pattern(5)], pieces: 2, ended: true }]);
  });

  it("does not look behind the end it is given, in a header that is cut many times", () => {
    for (const [role, bytes, size] of [["client", frame(2, pattern(126)), 4], ["server", masked(2, pattern(65_536)), 14]] as const) {
      const notes = new Notes();
      const parser = new FrameParser(role, notes);
      for (let at = 0; at < size + 3; at++) {
        expect(notes.frames.length).toBe(at < size ? 0 : 1);
        expect(parser.parse(bytes, at, at + 1)).toBe(at + 1);
      }
      expect(notes.frames[0].payload).toEqual([...pattern(3)]);
    }
  });

  it("visits an empty payload once, with nothing", () => {
    const { frames } = parse("client", [concat([frame(1), frame(9)])]);
    expect(frames).toMatchObject([{ opcode: 1, pieces: 1, ended: true, length: 0 }, { opcode: 9, pieces: 1, ended: true, length: 0 }]);
    expect(parse("server", Array.from(masked(1), (byte) => Uint8Array.of(byte))).frames).toMatchObject([{ pieces: 1, ended: true }]);
  });

  it("hands over a payload as it stands in the input, once for each piece of it", () => {
    const calls: unknown[] = [];
    const parser = new FrameParser("client", {
      onHeader: () => undefined,
      onPayload: (bytes, start, end, remaining) => void calls.push([bytes, start, end, remaining]),
    });
    const bytes = frame(2, pattern(10));
    const [first, second] = cut(bytes, [6]);
    parser.parse(first, 0, first.length);
    parser.parse(second, 0, second.length);
    expect(calls).toEqual([[first, 2, 6, 6], [second, 0, 6, 0]]);
    expect((calls[0] as unknown[])[0]).toBe(first);
  });

  it("leaves the payload behind a cut header to the input it came in", () => {
    const calls: unknown[] = [];
    const parser = new FrameParser("server", {
      onHeader: () => undefined,
      onPayload: (_, start, end, remaining) => void calls.push([start, end, remaining]),
    });
    for (const piece of cut(concat([masked(2, pattern(3)), masked(2, pattern(4))]), [1])) parser.parse(piece, 0, piece.length);
    expect(calls).toEqual([[5, 8, 0], [14, 18, 0]]);
  });

  describe("reserved bits (5.2)", () => {
    it.each([0x10, 0x20, 0x40, 0x30, 0x70])("%i is a fault unless an extension claims all of it", (rsv) => {
      expect(faultOf("client", frame(1, "", { rsv }))).toBe("reservedBits");
      expect(faultOf("client", frame(1, "", { rsv }), 0x70)).toBeUndefined();
      expect(faultOf("client", frame(1, "", { rsv }), rsv)).toBeUndefined();
      expect(faultOf("client", frame(1, "", { rsv }), 0x70 & ~0x10)).toBe((rsv & 0x10) === 0 ? undefined : "reservedBits");
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

  it.each([
    ["two bytes", frame(2, pattern(5)), "client", 2],
    ["two bytes and a key", masked(2, pattern(5)), "server", 6],
    ["four bytes", frame(2, pattern(126)), "client", 4],
    ["four bytes and a key", masked(2, pattern(126)), "server", 8],
    ["ten bytes", frame(2, pattern(65_536)), "client", 10],
    ["ten bytes and a key", masked(2, pattern(65_536)), "server", 14],
  ] as const)("a header of %s is told with its last byte, and not before", (_, bytes, role, size) => {
    expect(parse(role, [bytes.slice(0, size - 1)]).frames).toEqual([]);
    expect(parse(role, [bytes.slice(0, size)]).frames.length).toBe(1);
    for (let at = 1; at < size; at++) {
      const pieces = cut(bytes.slice(0, size), [at]);
      expect(parse(role, pieces).frames).toMatchObject([{ length: bytes.length - size, pieces: 0 }]);
    }
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

  describe("after a fault", () => {
    it("nothing is parsed any more", () => {
      const notes = new Notes();
      const parser = new FrameParser("client", notes);
      const bytes = concat([frame(1, "ab"), frame(3), frame(1, "cd")]);
      expect(parser.parse(bytes, 0, bytes.length)).toBe(4);
      expect(parser.fault).toBe(FAULTS.reservedOpcode);
      const more = frame(1, "ef");
      expect(parser.parse(more, 0, more.length)).toBe(0);
      expect(parser.fault).toBe(FAULTS.reservedOpcode);
      expect(notes.frames.length).toBe(1);
    });

    it("the frame at fault is not visited", () => {
      for (const bytes of [frame(2, "", { length: 5n, form: 16 }), frame(2, "", { length: 5n, form: 64 }), frame(2, "", { length: 2n ** 63n })]) {
        for (const pieces of everySplit(bytes)) expect(parse("client", pieces).frames).toEqual([]);
      }
    });

    it("a fault at the end of a header is not held as if its end were missing", () => {
      const bytes = frame(2, "", { length: 5n, form: 16 });
      const notes = new Notes();
      const parser = new FrameParser("client", notes);
      expect(parser.parse(bytes, 0, bytes.length)).toBe(0);
      expect(parser.fault).toBe(FAULTS.longLengthForm);
    });

    it("a visitor's fault from a header stops before its payload, an empty one too", () => {
      for (const payload of ["", "abc"]) {
        for (const pieces of everySplit(concat([frame(1, "x"), frame(2, payload), frame(1, "y")]))) {
          let payloads = 0;
          const parser = new FrameParser("client", {
            onHeader: ({ opcode }) => opcode === 2 ? FAULTS.largeFrame : undefined,
            onPayload: (_, __, ___, remaining) => void (payloads += remaining === 0 ? 1 : 0),
          });
          for (const piece of pieces) parser.parse(piece, 0, piece.length);
          expect(parser.fault).toBe(FAULTS.largeFrame);
          expect(payloads).toBe(1);
        }
      }
    });

    it("a visitor's fault from a payload stops behind it", () => {
      let headers = 0;
      const parser = new FrameParser("client", { onHeader: () => void headers++, onPayload: () => FAULTS.invalidUtf8 });
      const bytes = concat([frame(1, "ab"), frame(1, "cd")]);
      expect(parser.parse(bytes, 0, bytes.length)).toBe(4);
      expect(parser.fault).toBe(FAULTS.invalidUtf8);
      expect(headers).toBe(1);
    });
  });

  describe("stop", () => {
    function stopping(where: "header" | "payload"): { parser: FrameParser; calls: string[] } {
      const calls: string[] = [];
      const parser: FrameParser = new FrameParser("client", {
        onHeader: ({ opcode }) => {
          calls.push(`header ${opcode}`);
          if (where === "header") parser.stop();
          return undefined;
        },
        onPayload: (_, __, ___, remaining) => {
          calls.push(`payload ${remaining}`);
          if (where === "payload") parser.stop();
          return undefined;
        },
      });
      return { parser, calls };
    }

    it("ends the running parse behind the piece being visited, and the next one goes on from there", () => {
      const { parser, calls } = stopping("payload");
      const bytes = concat([frame(1, "ab"), frame(2, "c")]);
      expect(parser.parse(bytes, 0, bytes.length)).toBe(4);
      expect(calls).toEqual(["header 1", "payload 0"]);
      expect(parser.parse(bytes, 4, bytes.length)).toBe(7);
      expect(calls).toEqual(["header 1", "payload 0", "header 2", "payload 0"]);
      expect(parser.fault).toBeUndefined();
    });

    it("from a header ends before its payload", () => {
      const { parser, calls } = stopping("header");
      const bytes = frame(1, "ab");
      expect(parser.parse(bytes, 0, bytes.length)).toBe(2);
      expect(calls).toEqual(["header 1"]);
      expect(parser.parse(bytes, 2, 4)).toBe(4);
      expect(calls).toEqual(["header 1", "payload 0"]);
    });

    it("does nothing when nothing runs", () => {
      const { frames } = parse("client", [frame(1, "ab")]);
      const notes = new Notes();
      const parser = new FrameParser("client", notes);
      parser.stop();
      parser.parse(frame(1, "ab"), 0, 4);
      expect(notes.frames).toEqual(frames);
    });
  });

  it("shows zeros before the first frame", () => {
    const parser = new FrameParser("client", new Notes());
    const { fin, rsv, opcode, masked: isMasked, length, fault } = parser;
    expect({ fin, rsv, opcode, isMasked, length, fault }).toEqual({ fin: false, rsv: 0, opcode: 0, isMasked: false, length: 0, fault: undefined });
  });
});

describe("copyPayload", () => {
  it("unmasks any part of a piece, at any place", () => {
    const payload = pattern(300);
    for (const [from, to] of [[0, 300], [0, 5], [1, 2], [7, 150], [299, 300], [130, 130]]) {
      for (const bytes of [masked(2, payload), frame(2, payload)]) {
        const target = new Uint8Array(310).fill(0xee);
        const parser: FrameParser = new FrameParser(bytes.length > 306 ? "server" : "client", {
          onHeader: () => undefined,
          onPayload: (input, start, end, remaining) => {
            parser.copyPayload(input, start + from, start + to, remaining + (end - start - to), target, 3);
            return undefined;
          },
        });
        parser.parse(bytes, 0, bytes.length);
        expect(parser.fault).toBeUndefined();
        const expected = new Uint8Array(310).fill(0xee);
        expected.set(payload.slice(from, to), 3);
        expect(target).toEqual(expected);
      }
    }
  });
});
