import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { concat, cut, everySplit, frame, masked, pattern, utf8 } from "../testing/frames.ts";
import { lender } from "../bytes/lender.ts";
import { standardText, type TextCodec } from "../bytes/utf8.ts";
import { type Fault, FAULTS } from "./fault.ts";
import { FrameParser, type Role } from "./frame-parser.ts";
import { type Limits, withDefaults } from "./limits.ts";
import { MessageReader } from "./message-reader.ts";

type Heard = readonly [name: "text" | "binary" | "control", value: unknown, payload?: number[]];

interface Story {
  readonly heard: readonly Heard[];
  readonly fault: Fault | undefined;
}

function reader(role: Role, limits: Partial<Limits> = {}, controlFault?: Fault): { parser: FrameParser; heard: Heard[]; kept: Uint8Array[] } {
  const heard: Heard[] = [];
  const kept: Uint8Array[] = [];
  const parser = new FrameParser(role, new MessageReader(withDefaults(limits), {
    onText: (text) => void heard.push(["text", text]),
    onBinary: (data) => {
      kept.push(data);
      heard.push(["binary", [...data]]);
    },
  }, (opcode, payload) => {
    kept.push(payload);
    heard.push(["control", opcode, [...payload]]);
    return controlFault;
  }));
  return { parser, heard, kept };
}

function read(role: Role, pieces: readonly Uint8Array[], limits?: Partial<Limits>): Story {
  const { parser, heard } = reader(role, limits);
  for (const piece of pieces) parser.parse(piece, 0, piece.length);
  return { heard, fault: parser.fault };
}

/** Reads it whole and at every split, for both roles, and expects one story of all. */
function story(frames: readonly Parameters<typeof frame>[], limits?: Partial<Limits>): Story {
  const expected = read("client", [concat(frames.map((parts) => frame(...parts)))], limits);
  for (const [role, make] of [["client", frame], ["server", masked]] as const) {
    for (const pieces of everySplit(concat(frames.map((parts) => make(...parts))))) expect(read(role, pieces, limits)).toEqual(expected);
  }
  return expected;
}

const FIRST = { fin: false };
const EURO = utf8("€"); // E2 82 AC

describe("MessageReader", () => {
  describe("messages of one frame (5.6)", () => {
    it("text and binary are told apart, and an empty one is a message", () => {
      expect(story([[1, "Hällo"], [2, Uint8Array.of(1, 0xff)], [1, ""], [2, ""]])).toEqual({
        heard: [["text", "Hällo"], ["binary", [1, 255]], ["text", ""], ["binary", []]],
        fault: undefined,
      });
    });

    it("a byte order mark is kept", () => {
      expect(story([[1, "\ufeffa"]]).heard).toEqual([["text", "\ufeffa"]]);
    });

    it("text past the scratch space of 65,536 bytes is decoded just so", () => {
      for (const count of [65_535, 65_536, 65_537, 200_000]) {
        const text = "é".repeat(count / 2) + "x".repeat(count % 2);
        for (const [role, make] of [["client", frame], ["server", masked]] as const) {
          const { heard, fault } = read(role, [make(1, text)]);
          expect(fault).toBeUndefined();
          expect(heard.length).toBe(1);
          expect(heard[0][1] === text).toBe(true);
        }
      }
    });

    it("a long masked text does not leak into a short one behind it", () => {
      expect(read("server", [concat([masked(1, "a".repeat(100)), masked(1, "b"), masked(1, "")])]).heard.slice(1)).toEqual([["text", "b"], ["text", ""]]);
    });
  });

  describe("fragments (5.4)", () => {
    it("are put together, empty ones too", () => {
      expect(story([[1, "He", FIRST], [0, "", FIRST], [0, "ll", FIRST], [0, "o"], [2, "", FIRST], [0, ""], [2, "ab"]]).heard)
        .toEqual([["text", "Hello"], ["binary", []], ["binary", [97, 98]]]);
    });

    it("may have control frames between them, which are told at once", () => {
      expect(story([[2, "a", FIRST], [9, "p"], [0, "b", FIRST], [10, ""], [0, "c"], [9, ""]]).heard)
        .toEqual([["control", 9, [112]], ["control", 10, []], ["binary", [97, 98, 99]], ["control", 9, []]]);
    });

    it("may share a character", () => {
      expect(story([[1, EURO.slice(0, 1), FIRST], [0, EURO.slice(1, 2), FIRST], [9, "x"], [0, EURO.slice(2)]]).heard)
        .toEqual([["control", 9, [120]], ["text", "€"]]);
    });

    it("of a new message before the last one ended are a fault", () => {
      for (const opcode of [1, 2]) {
        expect(story([[2, "a", FIRST], [opcode, "b"]])).toEqual({ heard: [], fault: FAULTS.unfinishedMessage });
        expect(story([[1, "a", FIRST], [9, ""], [opcode, "b", FIRST]])).toEqual({ heard: [["control", 9, []]], fault: FAULTS.unfinishedMessage });
      }
    });

    it("that continue nothing are a fault", () => {
      expect(story([[0, "a"]])).toEqual({ heard: [], fault: FAULTS.strayContinuation });
      expect(story([[0, "a", FIRST]])).toEqual({ heard: [], fault: FAULTS.strayContinuation });
      expect(story([[1, "a"], [0, "b"]])).toEqual({ heard: [["text", "a"]], fault: FAULTS.strayContinuation });
      expect(story([[2, "a", FIRST], [0, "b"], [0, "c"]])).toEqual({ heard: [["binary", [97, 98]]], fault: FAULTS.strayContinuation });
    });
  });

  describe("UTF-8 (5.6, 8.1)", () => {
    it("that is cut off by the end of the message is a fault", () => {
      expect(story([[1, EURO.slice(0, 2)]]).fault).toBe(FAULTS.invalidUtf8);
      expect(story([[1, EURO.slice(0, 2), FIRST], [0, ""]])).toEqual({ heard: [], fault: FAULTS.invalidUtf8 });
      expect(story([[1, "ab"], [1, "c", FIRST], [0, EURO.slice(0, 2)]])).toEqual({ heard: [["text", "ab"]], fault: FAULTS.invalidUtf8 });
    });

    it("does not matter in a binary message", () => {
      expect(story([[2, Uint8Array.of(0xff), FIRST], [0, Uint8Array.of(0xc0)], [2, Uint8Array.of(0xff)]])).toEqual({
        heard: [["binary", [0xff, 0xc0]], ["binary", [0xff]]],
        fault: undefined,
      });
    });

    it("fails at its first impossible byte, in the middle of a frame", () => {
      const bytes = frame(1, Uint8Array.of(0x61, 0xf4, 0x90, 0x80, 0x80, 0x61), FIRST);
      const { parser } = reader("client");
      for (let at = 0; at < 4; at++) parser.parse(bytes, at, at + 1);
      expect(parser.fault).toBeUndefined();
      parser.parse(bytes, 4, 5);
      expect(parser.fault).toBe(FAULTS.invalidUtf8);
    });

    it("fails at its first impossible byte, in a frame that is not whole yet", () => {
      const bytes = masked(1, Uint8Array.of(0x61, 0x61, 0xff, 0x61));
      for (const end of [8, 9]) {
        const { parser } = reader("server");
        parser.parse(bytes, 0, end);
        expect(parser.fault).toBe(end === 8 ? undefined : FAULTS.invalidUtf8);
      }
    });

    it("fails at its first impossible byte, across fragments", () => {
      const { parser, heard } = reader("client");
      for (const [bytes, fault] of [[frame(1, EURO.slice(0, 2), FIRST), undefined], [frame(9), undefined], [frame(0, "x", FIRST), FAULTS.invalidUtf8]] as const) {
        parser.parse(bytes, 0, bytes.length);
        expect(parser.fault).toBe(fault);
      }
      expect(heard).toEqual([["control", 9, []]]);
    });

    it("begins anew with each message", () => {
      expect(story([[1, "a", FIRST], [0, "€"], [2, Uint8Array.of(0xff), FIRST], [0, ""], [1, "€", FIRST], [0, ""]]).heard)
        .toEqual([["text", "a€"], ["binary", [0xff]], ["text", "€"]]);
    });
  });

  describe("limits (10.4)", () => {
    it("maxFrame: checked at the header, before any payload", () => {
      expect(story([[2, pattern(5)], [2, pattern(6)]], { maxFrame: 5 })).toEqual({ heard: [["binary", [...pattern(5)]]], fault: FAULTS.largeFrame });
      expect(read("client", [frame(1, "", { length: 6n })], { maxFrame: 5 }).fault).toBe(FAULTS.largeFrame);
      const none = { maxFrame: Infinity, maxMessage: Infinity };
      expect(read("client", [frame(1, "", { length: 2n ** 53n })], none).fault).toBe(FAULTS.largeFrame); // no sum with it is exact
      expect(read("client", [frame(1, "", { length: 2n ** 53n - 1n })], none).fault).toBeUndefined();
      expect(read("client", [frame(1, "", { length: 5n })], { maxFrame: 5 }).fault).toBeUndefined();
      expect(story([[9, pattern(6)]], { maxFrame: 5 }).fault).toBeUndefined();
    });

    it("maxMessage: checked at the header, before any payload", () => {
      expect(story([[2, pattern(5)], [2, pattern(6)]], { maxMessage: 5 })).toEqual({ heard: [["binary", [...pattern(5)]]], fault: FAULTS.largeMessage });
      expect(read("client", [frame(1, "", { length: 6n })], { maxMessage: 5 }).fault).toBe(FAULTS.largeMessage);
      expect(read("client", [frame(1, "", { length: 5n })], { maxMessage: 5 }).fault).toBeUndefined();
      expect(read("client", [frame(2, "", { length: 2n ** 32n + 5n })]).fault).toBe(FAULTS.largeMessage);
      expect(story([[9, pattern(6)]], { maxMessage: 5 }).fault).toBeUndefined();
    });

    it("maxMessage: counted over all fragments of a message, and anew for the next", () => {
      expect(story([[2, "abc", FIRST], [9, "12345"], [0, "de"], [2, "abc", FIRST], [0, "de"]], { maxMessage: 5 }).fault).toBeUndefined();
      expect(story([[2, "abc", FIRST], [9, ""], [0, "def"]], { maxMessage: 5 })).toEqual({ heard: [["control", 9, []]], fault: FAULTS.largeMessage });
      expect(read("client", [frame(2, "abc", FIRST), frame(0, "", { length: 3n })], { maxMessage: 5 }).fault).toBe(FAULTS.largeMessage);
    });

    it("maxFragments: counted anew for each message, control frames aside", () => {
      const three: Parameters<typeof frame>[] = [[1, "a", FIRST], [9, ""], [0, "", FIRST], [9, ""], [0, "c"]];
      expect(story([...three, ...three], { maxFragments: 3 }).fault).toBeUndefined();
      const { heard, fault } = story([...three, ...three], { maxFragments: 2 });
      expect(heard).toEqual([["control", 9, []], ["control", 9, []]]);
      expect(fault).toBe(FAULTS.manyFragments);
      expect(story([[1, "a"], [1, "b"]], { maxFragments: 1 }).fault).toBeUndefined();
    });

    it("are checked in this order: the frame, the message, the fragments; and the order of frames comes before", () => {
      expect(story([[2, "abc"]], { maxFrame: 1, maxMessage: 1, maxFragments: 0 }).fault).toBe(FAULTS.largeFrame);
      expect(story([[2, "abc"]], { maxMessage: 1, maxFragments: 0 }).fault).toBe(FAULTS.largeMessage);
      expect(story([[2, "abc"]], { maxFragments: 0 }).fault).toBe(FAULTS.manyFragments);
      expect(story([[0, "abc"]], { maxFrame: 1 }).fault).toBe(FAULTS.strayContinuation);
    });
  });

  describe("memory", () => {
    let reserved: number[] = [];
    const original = globalThis.Uint8Array;

    /** Notes the length of every array that is made by length. */
    function watch(action: () => void): void {
      reserved = [];
      globalThis.Uint8Array = class extends original {
        constructor(...args: [number]) {
          super(...args);
          if (typeof args[0] === "number") reserved.push(args[0]);
        }
      } as unknown as typeof Uint8Array;
      try {
        action();
      } finally {
        globalThis.Uint8Array = original;
      }
    }

    beforeEach(() => {
      reserved = [];
    });

    it("a header reserves nothing for its payload", () => {
      const { parser } = reader("client");
      const bytes = frame(2, pattern(10), { length: 1_000_000n });
      watch(() => parser.parse(bytes, 0, 10));
      expect(reserved).toEqual([]);
      watch(() => parser.parse(bytes, 10, 20));
      expect(reserved).toEqual([40]);
    });

    it("room is made once for a last fragment that is short of its end, and step by step for others", () => {
      const { parser } = reader("client");
      const pieces = [frame(2, pattern(8), FIRST), frame(0, pattern(9)).slice(0, 3)];
      watch(() => pieces.forEach((bytes) => parser.parse(bytes, 0, bytes.length)));
      expect(reserved).toEqual([8, 17]);
    });

    it("a message that came whole is decoded where it stands: text makes no array, binary one", () => {
      const { parser } = reader("server");
      const text = masked(1, "a".repeat(1000));
      watch(() => parser.parse(text, 0, text.length));
      expect(reserved).toEqual([]);
      const large = masked(1, "a".repeat(65_536));
      watch(() => parser.parse(large, 0, large.length));
      expect(reserved).toEqual([]);
      const unmasked = frame(1, "a".repeat(100_000));
      const client = reader("client").parser;
      watch(() => client.parse(unmasked, 0, unmasked.length));
      expect(reserved).toEqual([]);
      const binary = masked(2, pattern(100));
      watch(() => parser.parse(binary, 0, binary.length));
      expect(reserved).toEqual([100]);
    });

    it("nothing of a control frame is kept", () => {
      const { parser, kept } = reader("client");
      const bytes = concat([frame(9, "abc"), frame(9, "def")]);
      parser.parse(bytes, 0, bytes.length);
      expect(kept.map((payload) => payload.buffer.byteLength)).toEqual([3, 3]);
      expect(kept[0]).not.toBe(kept[1]);
    });
  });

  it("what it hands over is the hearer's own: changing the input later changes nothing (5.6)", () => {
    for (const [role, make] of [["client", frame], ["server", masked]] as const) {
      const bytes = concat([make(2, pattern(200)), make(2, pattern(5)), make(9, pattern(3)), make(2, pattern(4), FIRST), make(0, pattern(4))]);
      const { parser, kept } = reader(role);
      parser.parse(bytes, 0, bytes.length);
      bytes.fill(0);
      expect(kept).toEqual([pattern(200), pattern(5), pattern(3), concat([pattern(4), pattern(4)])]);
      expect(kept.every((data) => data.buffer !== bytes.buffer && data.buffer.byteLength === data.length)).toBe(true);
    }
  });

  it("does not write to its input", () => {
    const bytes = concat([masked(2, pattern(200)), masked(1, "abc"), masked(9, "x"), masked(1, "a", FIRST), masked(0, "b")]);
    for (const pieces of [[bytes.slice()], cut(bytes, [50, 209, 213])]) {
      read("server", pieces);
      expect(concat(pieces)).toEqual(bytes);
    }
  });

  it("passes on the fault of whoever hears a control frame, and reads nothing behind it", () => {
    const { parser, heard } = reader("client", {}, FAULTS.shortClose);
    const bytes = concat([frame(8, "x"), frame(1, "y")]);
    parser.parse(bytes, 0, bytes.length);
    expect(parser.fault).toBe(FAULTS.shortClose);
    expect(heard).toEqual([["control", 8, [120]]]);
  });

  it("reads any messages in any fragments and any pieces as they were", () => {
    const text = fc.string({ unit: "binary", maxLength: 30 });
    const message = fc.oneof(text, fc.uint8Array({ maxLength: 150 }));
    const cuts = fc.array(fc.nat(), { maxLength: 4 });
    fc.assert(fc.property(fc.constantFrom<Role>("client", "server"), fc.array(fc.tuple(message, cuts), { maxLength: 5 }), cuts, (role, messages, offsets) => {
      const make = role === "client" ? frame : masked;
      const frames = messages.flatMap(([value, fragmentCuts]) => {
        const fragments = cut(typeof value === "string" ? utf8(value) : value, fragmentCuts);
        return fragments.map((fragment, i) => make(i > 0 ? 0 : typeof value === "string" ? 1 : 2, fragment, { fin: i === fragments.length - 1 }));
      });
      expect(read(role, cut(concat(frames), offsets))).toEqual({
        heard: messages.map(([value]) => typeof value === "string" ? ["text", value] : ["binary", [...value]]),
        fault: undefined,
      });
    }), { numRuns: 200 });
  });

  it.each([[70_000], [1_000_000]])("lends large binary messages to who asks for it, in one piece or many: %i bytes", (size) => {
    const heard: Uint8Array[] = [];
    const parser = new FrameParser("server", new MessageReader(withDefaults({}), { onText: () => {}, onBinary: (data) => void heard.push(data) }, () => undefined, undefined, undefined, true));
    const bytes = masked(2, pattern(size));
    for (const pieces of [[bytes], cut(bytes, [5_000, 40_000]), [masked(2, pattern(5_000), FIRST), masked(0, pattern(size - 5_000))]]) {
      for (const piece of pieces) parser.parse(piece, 0, piece.length);
      const data = heard.pop() as Uint8Array;
      expect(data.length).toBe(size);
      expect(lender.hold(data)).toBe(true);
      lender.giveBack(data);
      lender.giveBack(data);
    }
    expect(parser.fault).toBeUndefined();
  });

  it("reads large text where it was read before, and binary messages in arrays of their own", () => {
    const { parser, heard, kept } = reader("server");
    const text = "é".repeat(40_000);
    const parse = (...pieces: Uint8Array[]): void => pieces.forEach((piece) => void parser.parse(piece, 0, piece.length));
    parse(masked(1, utf8(text)));
    const before = lender.bytesKept;
    expect(before).toBeGreaterThanOrEqual(80_000);
    parse(masked(1, utf8(text)), ...cut(masked(1, utf8(text)), [50_000]), masked(2, pattern(80_000)));
    expect(lender.bytesKept).toBe(before);
    expect(heard.filter(([name, value]) => name === "text" && value === text).length).toBe(3);
    expect(kept.map((data) => [data.buffer.byteLength, lender.hold(data)])).toEqual([[80_000, false]]);
    parse(...cut(masked(2, pattern(80_000)), [50_000]), masked(2, pattern(9_000), FIRST), masked(0, pattern(71_000)));
    expect(kept.slice(1).map((data) => [data.buffer.byteLength, lender.hold(data)])).toEqual([[80_000, false], [80_000, false]]);
  });

  it("gathers text in memory that is lent, and gives it back", () => {
    const { parser, heard } = reader("server");
    const pieces = cut(masked(1, pattern(300_000).map((byte) => byte & 0x7f)), [200_000]);
    for (const piece of pieces) parser.parse(piece, 0, piece.length);
    expect(heard.length).toBe(1);
    const before = lender.bytesKept;
    expect(before).toBeGreaterThanOrEqual(300_000);
    parser.parse(pieces[0], 0, pieces[0].length);
    expect(lender.bytesKept).toBeLessThanOrEqual(before - 200_000); // it has some of it
    parser.parse(pieces[1], 0, pieces[1].length);
    expect(lender.bytesKept).toBe(before);
  });

  it.each<Role>(["client", "server"])("a %s whose host reads ASCII quickly, and nothing else that way, reads all text", (role) => {
    const texts: string[] = [];
    const codec: TextCodec = { ...standardText, decodeAscii: (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end)) };
    const visitor = { onText: (text: string) => void texts.push(text), onBinary() {} };
    const parser = new FrameParser(role, new MessageReader(withDefaults({}), visitor, () => undefined, undefined, codec));
    const make = role === "client" ? frame : masked;
    const all = ["a", "é", "a".repeat(200), "é".repeat(200), `${"a".repeat(200)}é`];
    for (const text of all) {
      for (const bytes of [make(1, text), concat([make(1, utf8(text).subarray(0, 1), FIRST), make(0, utf8(text).subarray(1))])]) {
        for (const piece of cut(bytes, [bytes.length - 1])) parser.parse(piece, 0, piece.length);
        parser.parse(bytes, 0, bytes.length);
      }
    }
    expect(parser.fault).toBeUndefined();
    expect(texts).toEqual(all.flatMap((text) => [text, text, text, text]));
  });
});
