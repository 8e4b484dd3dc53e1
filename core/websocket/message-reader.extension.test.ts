import { describe, expect, it } from "vitest";
import { Inverter, inverted } from "../testing/extension.ts";
import { concat, everySplit, frame, masked, pattern, utf8 } from "../testing/frames.ts";
import { type Fault, FAULTS } from "./fault.ts";
import { FrameParser, type Role } from "./frame-parser.ts";
import { type Limits, withDefaults } from "./limits.ts";
import { MessageReader } from "./message-reader.ts";

const FIRST = { fin: false };
const MARKED = { rsv: 0x40 };
const MARKED_FIRST = { ...FIRST, ...MARKED };

interface Story {
  readonly heard: readonly unknown[];
  readonly fault: Fault | undefined;
  readonly decoded: Inverter["decoded"];
}

/** A reader that is fed, with all that can be asked of it. */
function reader(role: Role, limits: Partial<Limits> = {}, session: Inverter = new Inverter()) {
  const heard: unknown[] = [];
  const messages = new MessageReader(withDefaults(limits), {
    onText: (text) => void heard.push(text),
    onBinary: (data) => void heard.push([...data]),
  }, (opcode) => void heard.push(opcode), session);
  const parser = new FrameParser(role, messages, session.rsv);
  return { messages, parser, heard, session, feed: (bytes: Uint8Array): void => void parser.parse(bytes, 0, bytes.length) };
}

function read(role: Role, pieces: readonly Uint8Array[], limits?: Partial<Limits>, fault?: Fault): Story {
  const session = new Inverter();
  session.fault = fault;
  const { parser, heard, feed } = reader(role, limits, session);
  for (const piece of pieces) feed(piece);
  return { heard, fault: parser.fault, decoded: session.decoded };
}

/** Reads it whole and at every split, for both roles, and expects one story of all. */
function story(frames: readonly Parameters<typeof frame>[], limits?: Partial<Limits>, fault?: Fault): Story {
  const expected = read("client", [concat(frames.map((parts) => frame(...parts)))], limits, fault);
  for (const [role, make] of [["client", frame], ["server", masked]] as const) {
    for (const pieces of everySplit(concat(frames.map((parts) => make(...parts))))) expect(read(role, pieces, limits, fault)).toEqual(expected);
  }
  return expected;
}

const secret = (text: string): Uint8Array => inverted(utf8(text));

describe("a message whose first frame has a bit of the extension (RFC 7692, 6)", () => {
  it("is restored, text and binary, of one frame or many", () => {
    expect(story([[1, secret("Hällo"), MARKED], [2, secret("ab"), MARKED], [1, secret("He"), MARKED_FIRST], [0, secret("l"), FIRST], [0, secret("lo")]])).toEqual({
      heard: ["Hällo", [97, 98], "Hello"],
      fault: undefined,
      decoded: ["Hällo", "ab", "Hello"].map((text) => [[...secret(text)], 1_048_576]),
    });
  });

  it("may stand among others that are taken as they are", () => {
    expect(story([[1, "a"], [1, secret("b"), MARKED], [1, "c"], [2, secret("d"), MARKED_FIRST], [9, "e"], [0, secret("f")], [2, "g", FIRST], [0, "h"]]))
      .toMatchObject({ heard: ["a", "b", "c", 9, [100, 102], [103, 104]], fault: undefined });
  });

  it("is restored when it is empty, and when all its frames are", () => {
    expect(story([[1, "", MARKED], [2, "", MARKED_FIRST], [0, "", FIRST], [0, ""]])).toEqual({
      heard: ["", []], fault: undefined, decoded: [[[], 1_048_576], [[], 1_048_576]],
    });
  });

  it("is UTF-8 once it is restored, and need not be before (5.6)", () => {
    expect(story([[1, Uint8Array.of(0x9e, 0xff), MARKED_FIRST], [0, Uint8Array.of(0x9d)]])).toMatchObject({ heard: ["a\0b"], fault: undefined });
    for (const frames of [
      [[1, Uint8Array.of(0x00, 0x9e), MARKED]],
      [[1, secret("a"), MARKED_FIRST], [0, inverted(utf8("€").slice(0, 2))]],
    ] as Parameters<typeof frame>[][]) {
      expect(story([...frames, [1, "z"]])).toMatchObject({ heard: [], fault: FAULTS.invalidUtf8 });
    }
  });

  it("does not put off that other text fails at its first impossible byte", () => {
    const { parser, feed } = reader("client");
    feed(frame(1, secret("a"), MARKED));
    feed(frame(1, Uint8Array.of(0x61, 0xff, 0x61), FIRST).slice(0, 4));
    expect(parser.fault).toBe(FAULTS.invalidUtf8);
  });

  it("that is marked on a later frame only is a fault", () => {
    expect(story([[1, "a", FIRST], [0, secret("b"), MARKED]])).toMatchObject({ heard: [], fault: FAULTS.reservedBits, decoded: [] });
  });

  it("fails as the extension says", () => {
    expect(story([[2, "abc", MARKED], [2, "z"]], {}, FAULTS.invalidDeflate)).toMatchObject({ heard: [], fault: FAULTS.invalidDeflate });
    expect(story([[1, "abc", MARKED_FIRST], [9], [0, "d"], [2, "z"]], {}, FAULTS.largeMessage)).toMatchObject({ heard: [9], fault: FAULTS.largeMessage });
  });

  it("may come to maxMessage, and be a sixteenth and 1024 bytes longer before: checked at the header (10.4)", () => {
    const limits = { maxMessage: 160 };
    const room = 160 + 10 + 1024;
    expect(read("client", [frame(2, pattern(room), MARKED)], limits)).toMatchObject({ fault: undefined, decoded: [[[...pattern(room)], 160]] });
    expect(read("client", [frame(2, "", { ...MARKED, length: BigInt(room + 1) })], limits).fault).toBe(FAULTS.largeMessage);
    expect(read("client", [frame(2, pattern(room - 3), MARKED_FIRST), frame(0, "", { length: 4n })], limits).fault).toBe(FAULTS.largeMessage);
    expect(read("client", [frame(2, pattern(room - 3), MARKED_FIRST), frame(0, "", { length: 3n })], limits).fault).toBeUndefined();
    expect(read("client", [frame(1, secret("a"), MARKED), frame(2, "", { length: 161n })], limits).fault).toBe(FAULTS.largeMessage);
  });

  it("counts its fragments like any other", () => {
    expect(story([[1, "", MARKED_FIRST], [0, "", FIRST], [0, "", FIRST]], { maxFragments: 2 }).fault).toBe(FAULTS.manyFragments);
  });

  it("longer than the scratch space of 65,536 bytes is restored just so", () => {
    for (const count of [65_535, 65_536, 65_537]) {
      for (const [role, make] of [["client", frame], ["server", masked]] as const) {
        const { heard, parser, feed } = reader(role);
        feed(make(2, inverted(pattern(count)), MARKED));
        expect(parser.fault).toBeUndefined();
        expect(Buffer.compare(Uint8Array.from(heard[0] as number[]), pattern(count))).toBe(0);
      }
    }
  });

  it("that came in one piece is unmasked where each such message is", () => {
    const { feed, session } = reader("server");
    const lent: ArrayBufferLike[] = [];
    session.decode = (data) => {
      lent.push(data.buffer);
      return inverted(data);
    };
    for (const count of [1, 127, 128, 65_536, 65_537, 65_537]) feed(masked(2, pattern(count), MARKED));
    expect(lent.map((buffer) => lent.indexOf(buffer))).toEqual([0, 0, 2, 2, 4, 4]); // few bytes are not worth a call into WebAssembly
  });

  it("does not write to its input", () => {
    const bytes = concat([masked(1, secret("abc"), MARKED), masked(2, secret("a"), MARKED_FIRST), masked(0, secret("b"))]);
    const input = bytes.slice();
    read("server", [input]);
    expect(input).toEqual(bytes);
  });
});

describe("a message in progress", () => {
  it("is unfinished from its first header to its end, and progresses with each piece", () => {
    const { messages, feed } = reader("client");
    const seen: [boolean, number][] = [];
    for (const bytes of [
      frame(1, "ab", FIRST).slice(0, 2), Uint8Array.of(97), Uint8Array.of(98), frame(9, "x"), frame(0, "", FIRST), frame(0, "c"), frame(9), frame(2, "whole"),
      frame(2, secret("a"), MARKED_FIRST), frame(0, ""),
    ]) {
      feed(bytes);
      seen.push([messages.unfinished, messages.progress]);
    }
    expect(seen).toEqual([
      [true, 0], [true, 1], [true, 2], [true, 2], [true, 3], [false, 4], [false, 4], [false, 5], [true, 6], [false, 7],
    ]);
  });

  it("holds the bytes that are kept of it, and none once it is whole", () => {
    const { messages, feed } = reader("client");
    expect(messages.bytesHeld).toBe(0);
    feed(frame(2, pattern(10), FIRST));
    expect(messages.bytesHeld).toBeGreaterThanOrEqual(10);
    feed(frame(0, pattern(10)));
    expect(messages.bytesHeld).toBe(0);
    feed(frame(2, pattern(10), MARKED));
    expect(messages.bytesHeld).toBe(0);
  });
});
