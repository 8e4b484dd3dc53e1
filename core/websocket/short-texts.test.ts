import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear, heard, heardBytes } from "../bytes/heard-text.ts";
import { standardText, type TextCodec } from "../bytes/utf8.ts";
import { concat, cut, frame, masked, pattern } from "../testing/frames.ts";
import { FAULTS } from "./fault.ts";
import { FrameParser, type Role } from "./frame-parser.ts";
import { withDefaults } from "./limits.ts";
import { MessageReader } from "./message-reader.ts";
import { readShortTexts } from "./short-texts.ts";

/** Decodes as any host, and counts the calls. */
function counting(): TextCodec & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    ...standardText,
    decodeAscii(bytes, start, end) {
      calls.push(`ascii ${end - start}`);
      return standardText.decodeAscii(bytes, start, end);
    },
    decode(bytes, start, end) {
      calls.push(`utf8 ${end - start}`);
      return standardText.decode(bytes, start, end);
    },
  };
}

/** True when that is what was heard last, and it stands there. */
function isHeard(text: string): boolean {
  return heard.text === text && Buffer.from(heardBytes.subarray(heard.start, heard.end)).toString() === text;
}

/** What is read of `bytes` from `start`, where it ends, and how it was decoded. */
function read(bytes: Uint8Array, start = 0, end = bytes.length, stopAfter = Infinity, wantsMask = true): { texts: string[]; at: number; calls: string[] } {
  const texts: string[] = [];
  const codec = counting();
  const parser = { wantsMask, get stopped() { return texts.length >= stopAfter; } } as FrameParser;
  const at = readShortTexts(parser, bytes, start, end, codec, { onText: (text) => void texts.push(text) });
  return { texts, at, calls: codec.calls };
}

describe("readShortTexts", () => {
  it("reads all there are, and decodes them at once", () => {
    const bytes = concat([masked(1, "one"), masked(1, ""), masked(1, "two", { key: 0xffff_ffff }), masked(1, "x".repeat(125), { key: 0 })]);
    expect(read(bytes)).toEqual({ texts: ["one", "", "two", "x".repeat(125)], at: bytes.length, calls: ["ascii 131"] });
    expect(read(masked(1, ""))).toMatchObject({ texts: [""], at: 6 }); // up to the last byte
  });

  it("reads a server's frames, which have no mask, as it reads a client's (5.1)", () => {
    const bytes = concat([frame(1, "one"), frame(1, ""), frame(1, "x".repeat(125)), frame(1, "\u00e9")]);
    const asClient = (input: Uint8Array): ReturnType<typeof read> => read(input, 0, input.length, Infinity, false);
    expect(asClient(bytes)).toEqual({ texts: ["one", "", "x".repeat(125), "\u00e9"], at: bytes.length, calls: ["utf8 2", "ascii 128"] });
    for (const other of [masked(1, "a"), masked(1, ""), frame(1, "a".repeat(126)), frame(2, "a"), frame(1, "abc").subarray(0, 4), frame(1).subarray(0, 1)]) {
      expect(asClient(concat([frame(1, "text"), other]))).toMatchObject({ texts: ["text"], at: 6 });
    }
  });

  it("reads from where it is told to where it is told", () => {
    const [before, one, two] = [masked(1, "before"), masked(1, "one"), masked(1, "two")];
    const bytes = concat([before, one, two]);
    const start = before.length;
    const stop = start + one.length;
    expect(read(bytes, start)).toMatchObject({ texts: ["one", "two"], at: bytes.length });
    for (let end = stop; end < bytes.length; end++) expect(read(bytes, start, end)).toMatchObject({ texts: ["one"], at: stop });
    for (let end = start; end < stop; end++) expect(read(bytes, start, end)).toEqual({ texts: [], at: start, calls: [] });
  });

  it.each([
    ["binary", masked(2, "a")],
    ["a control frame", masked(9, "a")],
    ["a first fragment", masked(1, "a", { fin: false })],
    ["a continuation", masked(0, "a")],
    ["a reserved bit", masked(1, "a", { rsv: 0x40 })],
    ["a frame without a mask", concat([frame(1, "a".repeat(40)), pattern(4, 0x61)])], // as long as one with
    ["a longer one", masked(1, "a".repeat(126), { key: 0 })],
    ["a length that is not in its shortest form", masked(1, "a", { form: 16 })],
    ["text that is not UTF-8", masked(1, Uint8Array.of(0x61, 0xff))],
  ])("leaves %s where it stands", (_, bytes) => {
    expect(read(bytes)).toMatchObject({ texts: [], at: 0 });
    const text = masked(1, "text");
    expect(read(concat([text, bytes, text]))).toMatchObject({ texts: ["text"], at: text.length });
  });

  it("text that is not ASCII ends what is decoded together, and is read too", () => {
    const bytes = concat([masked(1, "one"), masked(1, "two"), masked(1, "zw\u00f6lf \u{1f600}")]);
    expect(read(concat([bytes, masked(1, "three")]))).toEqual({ texts: ["one", "two", "zw\u00f6lf \u{1f600}"], at: bytes.length, calls: ["utf8 11", "ascii 6"] });
    expect(read(masked(1, "\u00e9"))).toMatchObject({ texts: ["\u00e9"], calls: ["utf8 2"] });
  });

  it("nothing is told, or passed over, behind the message that stops the parser", () => {
    const frames = [masked(1, "a"), masked(1, "b"), masked(1, "\u00e9")];
    const bytes = concat(frames);
    expect(read(bytes, 0, bytes.length, 1)).toMatchObject({ texts: ["a"], at: frames[0].length });
    expect(read(bytes, 0, bytes.length, 2)).toMatchObject({ texts: ["a", "b"], at: frames[0].length + frames[1].length });
    expect(read(bytes, 0, bytes.length, 3)).toMatchObject({ texts: ["a", "b", "\u00e9"], at: bytes.length });
  });

  it("decodes no more than about a kilobyte together: who keeps one message may keep the rest", () => {
    const bytes = concat(Array.from({ length: 40 }, () => masked(1, "x".repeat(100))));
    const { texts, at, calls } = read(bytes);
    expect(calls).toEqual(["ascii 1100"]);
    expect(texts).toEqual(Array.from({ length: 11 }, () => "x".repeat(100)));
    expect(at).toBe(11 * 106);
    const kilobyte = [124, 100, 100, 100, 100, 100, 100, 100, 100, 100].map((count) => masked(1, "x".repeat(count)));
    expect(read(concat([...kilobyte, masked(1, "x")])).calls).toEqual(["ascii 1024"]);
  });

  it("a hearer may have others read in between", () => {
    const texts: string[] = [];
    const inner = concat([masked(1, "in 1"), masked(1, "in 2")]);
    const outer = concat([masked(1, "out 1"), masked(1, "out 2"), masked(1, "\u00e9")]);
    readShortTexts({ stopped: false, wantsMask: true } as FrameParser, outer, 0, outer.length, standardText, {
      onText(text) {
        texts.push(text);
        expect(isHeard(text)).toBe(texts.length === 1); // the others' bytes may be written over
        texts.push(...read(inner).texts);
        expect(isHeard("in 2")).toBe(true);
      },
    });
    expect(texts).toEqual(["out 1", "in 1", "in 2", "out 2", "in 1", "in 2", "\u00e9", "in 1", "in 2"]);
  });

  it("each text is what was heard last while it is told, with its bytes", () => {
    const bytes = concat([masked(1, "one"), masked(1, ""), masked(1, "three"), masked(1, "zw\u00f6lf")]);
    let count = 0;
    const visitor = { onText: (text: string) => void (isHeard(text) && count++) };
    expect(readShortTexts({ stopped: false, wantsMask: true } as FrameParser, bytes, 0, bytes.length, standardText, visitor)).toBe(bytes.length);
    expect(count).toBe(4);
  });

  it("what was heard is not known any more once others stand there, even if nothing is told of them", () => {
    read(masked(1, "heard"));
    expect(heard.text).toBe("heard");
    read(masked(1, Uint8Array.of(0x61, 0xff)));
    expect(heard.text).toBeUndefined();
    hear("heard", 0, 5);
    read(masked(2, "a"));
    expect(heard.text).toBeUndefined();
  });

  it("does not write to its input", () => {
    const bytes = concat([masked(1, "one"), masked(1, "\u00e9")]);
    const input = bytes.slice();
    read(input);
    expect(input).toEqual(bytes);
  });
});

/** All that is heard of `pieces`, with or without the short way. */
function story(pieces: readonly Uint8Array[], isShort: boolean, stopEvery: number, limits = {}, role: Role = "server"): unknown[] {
  const heard: unknown[] = [];
  const note = (value: unknown): void => {
    heard.push(value);
    if (heard.length % stopEvery === 0) parser.stop();
  };
  const reader = new MessageReader(withDefaults(limits), { onText: note, onBinary: note }, (opcode, payload) => void note([opcode, payload]));
  const parser: FrameParser = new FrameParser(role, isShort ? reader : { onHeader: (frame) => reader.onHeader(frame), onPayload: (...piece) => reader.onPayload(...piece) });
  for (const piece of pieces) for (let at = 0; at < piece.length && parser.fault === undefined;) at = parser.parse(piece, at, piece.length);
  return [...heard, parser.fault];
}

describe("the short way and the long one", () => {
  const text = fc.oneof({ weight: 4, arbitrary: fc.string({ maxLength: 130 }) }, fc.string({ unit: "grapheme", maxLength: 50 }));
  const parts = (written: typeof masked, other: typeof masked): fc.Arbitrary<Uint8Array[]> => fc.oneof(
    { weight: 8, arbitrary: text.map((each) => [written(1, each)]) },
    fc.tuple(text, text).map(([a, b]) => [written(1, a, { fin: false }), written(1 + 8, ""), written(0, b)]),
    fc.uint8Array({ maxLength: 130 }).map((bytes) => [written(2, bytes)]),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => [written(1, bytes)]),
    fc.constantFrom(other(1, "a"), written(3, "a"), written(1, "a", { rsv: 0x10 }), written(0, "a"), written(1, "abc", { form: 64 })).map((bytes) => [bytes]),
  );

  it.each<[Role, typeof masked, typeof masked]>([["server", masked, frame], ["client", frame, masked]])("tell a %s the same, whatever comes in whatever pieces, whoever stops when (5.2, 5.6)", (role, written, other) => {
    fc.assert(fc.property(fc.array(parts(written, other), { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (all, offsets, stopEvery) => {
      const pieces = cut(concat(all.flat()), offsets);
      expect(story(pieces, true, stopEvery, {}, role)).toEqual(story(pieces, false, stopEvery, {}, role));
    }), { numRuns: 300 });
  });

  it.each([[{ maxMessage: 124 }, FAULTS.largeMessage], [{ maxFrame: 124 }, FAULTS.largeFrame], [{ maxFragments: 0 }, FAULTS.manyFragments], [{ maxMessage: 125, maxFrame: 125, maxFragments: 1 }, undefined]])("keep the limits %o", (limits, fault) => {
    const pieces = [masked(1, pattern(125).map((byte) => byte & 0x7f))];
    expect(story(pieces, true, 1, limits).at(-1)).toBe(fault);
    expect(story(pieces, false, 1, limits)).toEqual(story(pieces, true, 1, limits));
  });

  it("the short one is taken wherever no limit may forbid it", () => {
    const codec = counting();
    const reader = new MessageReader(withDefaults({ maxMessage: 125, maxFrame: 125, maxFragments: 1 }), { onText() {}, onBinary() {} }, () => undefined, undefined, codec);
    const bytes = concat([masked(1, "one"), masked(1, "two")]);
    new FrameParser("server", reader).parse(bytes, 0, bytes.length);
    expect(codec.calls).toEqual(["ascii 6"]);
  });
});
