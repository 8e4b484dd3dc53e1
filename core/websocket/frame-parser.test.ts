import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputQueue } from "../bytes/output-queue.ts";
import { Notes, parse } from "../testing/frame-notes.ts";
import { concat, cut, everySplit, frame, masked, pattern, utf8 } from "../testing/frames.ts";
import { FAULTS } from "./fault.ts";
import { FrameParser, type Role } from "./frame-parser.ts";
import { writeFrame } from "./frame-writer.ts";

/** What was seen, whatever the pieces. */
function story(role: Role, pieces: readonly Uint8Array[]): unknown {
  const { frames, fault } = parse(role, pieces);
  return { fault, frames: frames.map(({ pieces: _, ...rest }) => rest) };
}

/** A frame as its parts; the payload is large at times. */
const anyFrame = fc.record({
  fin: fc.boolean(),
  first: fc.constantFrom(0x00, 0x01, 0x02, 0x11, 0x21, 0x41, 0x42, 0x72), // reserved bits stand on the first frame of a message only
  payload: fc.oneof(fc.uint8Array({ maxLength: 140 }), fc.constantFrom(0, 1, 125, 126, 127, 300, 16_384, 16_385, 65_535, 65_536, 70_000).map((length) => pattern(length, length))),
  key: fc.integer({ min: 0, max: 0xffff_ffff }),
}).map(({ first, ...rest }) => ({ ...rest, rsv: first & 0x70, opcode: first & 0x0f }));

describe("FrameParser", () => {
  it("reads back every frame that is written, in all length forms, of both roles (5.2)", () => {
    fc.assert(fc.property(fc.constantFrom<Role>("client", "server"), fc.array(anyFrame, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 4 }), (role, frames, offsets) => {
      const queue = new OutputQueue();
      for (const { fin, rsv, opcode, payload, key } of frames) writeFrame(queue, (fin ? 0x80 : 0) | rsv | opcode, role === "server" ? key : undefined, payload);
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

  it("offers a server whole frames of text where one begins, and goes on where it is told", () => {
    const [text, binary] = [masked(1, "abc"), masked(2, "d")];
    const bytes = concat([text, text, binary, text]);
    for (const taken of [0, 1, 2]) {
      const heard: unknown[] = [];
      const parser = new FrameParser("server", {
        onShortTexts(frame, _, start, end) {
          heard.push(["offered", start, end, frame.stopped]);
          return start + (start === 0 ? taken * text.length : 0);
        },
        onHeader: ({ opcode }) => void heard.push(opcode),
        onPayload: () => undefined,
      });
      expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length);
      const offers = [0, text.length, text.length * 2 + binary.length].map((at) => ["offered", at, bytes.length, false]);
      expect(heard).toEqual([[offers[0], 1, offers[1], 1, 2, offers[2], 1], [offers[0], offers[1], 1, 2, offers[2], 1], [offers[0], 2, offers[2], 1]][taken]);
    }
  });

  it("offers nothing in the middle of a header, and stops when who took some says so", () => {
    const offered: number[] = [];
    const visitor = {
      onShortTexts(parser: FrameParser, _: Uint8Array, start: number, end: number) {
        offered.push(start);
        if (start + 9 > end) return start;
        parser.stop();
        return start + 9;
      },
      onHeader: () => undefined,
      onPayload: () => undefined,
    };
    const client = new FrameParser("client", visitor);
    expect(client.parse(frame(1, "abc"), 0, 5)).toBe(5);
    expect([client.wantsMask, offered.splice(0)]).toEqual([false, [0]]);
    const server = new FrameParser("server", visitor);
    const bytes = concat([masked(1, "abc"), masked(1, "abc", { key: 0x8181_8181 }), masked(1, "abc"), masked(1, "abc")]);
    expect(server.parse(bytes, 0, bytes.length)).toBe(9);
    expect([[9, 10], [10, 11], [11, 18]].map(([from, to]) => server.parse(bytes, from, to))).toEqual([10, 11, 18]);
    expect(server.parse(bytes, 18, bytes.length)).toBe(27);
    expect(offered).toEqual([0, 9, 18]); // at 9 there is one byte, and the frame goes the long way from there
  });

  it("is between two frames when it has nothing of one, and never again behind a fault", () => {
    const parser = new FrameParser("server", { onHeader: () => undefined, onPayload: () => undefined });
    const bytes = concat([masked(2, "abc"), masked(2, ""), Uint8Array.of(0xff)]);
    const seen: boolean[] = [parser.between];
    for (let at = 0; at < bytes.length; at++) {
      parser.parse(bytes, at, at + 1);
      seen.push(parser.between);
    }
    expect(seen.flatMap((between, at) => between ? [at] : [])).toEqual([0, 9, 15]);
    expect(parser.parse(Uint8Array.of(0x80), 0, 1)).toBe(0);
    expect([parser.fault, parser.between]).toEqual([FAULTS.reservedBits, false]);
  });

  it("tells the masking key as an unsigned number", () => {
    const keys: number[] = [];
    const parser = new FrameParser("server", {
      onHeader: ({ maskingKey }) => void keys.push(maskingKey),
      onPayload: () => undefined,
    });
    for (const key of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const bytes = frame(2, "x", { key });
      parser.parse(bytes, 0, bytes.length);
    }
    expect(keys).toEqual([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]);
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
