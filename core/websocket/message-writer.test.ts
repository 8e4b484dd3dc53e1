import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear, heard, heardBytes } from "../bytes/heard-text.ts";
import { concat, type Frame, frame, pattern, readFrames, utf8, wellFormed } from "../testing/frames.ts";
import { countingPool } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { MessageWriter } from "./message-writer.ts";

const MANY = 1_000_000;

function frames(writer: MessageWriter): [opcode: number, fin: boolean, text: string][] {
  return read(writer).map(({ opcode, fin, payload }) => [opcode, fin, Buffer.from(payload).toString()]);
}

function read(writer: MessageWriter): Frame[] {
  return readFrames(concat(writer.take()));
}

describe("MessageWriter", () => {
  it("a message is one frame, text or binary (5.6)", () => {
    const writer = new MessageWriter(undefined, MANY);
    writer.message("Hällo");
    writer.message(Uint8Array.of(1, 2));
    writer.message("");
    expect(concat(writer.take())).toEqual(concat([frame(1, "Hällo"), frame(2, Uint8Array.of(1, 2)), frame(1)]));
    expect(writer.take()).toEqual([]);
  });

  it("what was heard goes on in the bytes it came in, and nothing else does (5.6)", () => {
    for (const key of [undefined, 1]) {
      const writer = new MessageWriter(key === undefined ? undefined : countingPool(), MANY);
      for (const [text, start, end] of [["one", 0, 3], ["zw\u00f6lf", 5, 11], ["", 3, 3]] as const) {
        heardBytes.set(utf8("one, zw\u00f6lf"));
        hear(text, start, end);
        for (const message of [text, "two", "w\u00f6lfe", text]) writer.message(message);
        expect(frames(writer)).toEqual([text, "two", "w\u00f6lfe", text].map((each) => [1, true, each]));
      }
      heardBytes.set(utf8("NEW"));
      hear("new", 0, 3); // so that it shows
      writer.message("new");
      expect(frames(writer)).toEqual([[1, true, "NEW"]]);
      heard.text = undefined;
      writer.message("other");
      writer.message("new");
      expect(frames(writer)).toEqual([[1, true, "other"], [1, true, "new"]]);
    }
  });

  it("is unfinished from the first fragment of a message to its last, whatever was taken", () => {
    const writer = new MessageWriter(undefined, MANY);
    const seen = [writer.unfinished];
    for (const final of [false, false, true]) {
      writer.fragment("a", final);
      writer.take();
      seen.push(writer.unfinished);
    }
    writer.message("whole");
    expect([...seen, writer.unfinished]).toEqual([false, true, true, false, false]);
  });

  it("takes nothing but text and bytes, and queues nothing of what it refuses (CVE-2016-10518, CVE-2026-45736)", () => {
    const writer = new MessageWriter(undefined, MANY);
    for (const value of [100, 1n, null, undefined, {}, { length: 9 }, [1, 2], new Float32Array(20), new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)] as unknown[]) {
      for (const send of [() => writer.message(value as string), () => writer.fragment(value as string, true)]) {
        const error = thrown(send);
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toBe(`Cannot send what is of type ${typeof value}: it must be a string or a Uint8Array`);
      }
    }
    const lying = Object.defineProperty(new Uint8Array(4), "length", { value: NaN });
    expect(thrown(() => writer.message(lying))).toBeInstanceOf(RangeError);
    expect([writer.length, writer.take()]).toEqual([0, []]);
    writer.message("next");
    expect(frames(writer)).toEqual([[1, true, "next"]]);
  });

  it("counts what is queued, headers included", () => {
    const writer = new MessageWriter(undefined, MANY);
    expect(writer.length).toBe(0);
    writer.message("abc");
    expect(writer.length).toBe(5);
    writer.control(9, pattern(4));
    expect(writer.length).toBe(11);
    writer.take();
    expect(writer.length).toBe(0);
  });

  it("a client masks each frame with a key of its own, a server none (5.1, 5.3)", () => {
    const writer = new MessageWriter(countingPool(), MANY);
    writer.message("abc");
    writer.control(9, pattern(2));
    writer.fragment("x", true);
    expect(concat(writer.take())).toEqual(concat([
      frame(1, "abc", { key: 0x01020304 }), frame(9, pattern(2), { key: 0x05060708 }), frame(1, "x", { key: 0x090a0b0c }),
    ]));
    const server = new MessageWriter(undefined, MANY);
    server.message("abc");
    expect(read(server)[0].masked).toBe(false);
  });

  it("a lone surrogate becomes U+FFFD", () => {
    const writer = new MessageWriter(undefined, MANY);
    writer.message("a\ud83d");
    expect(frames(writer)).toEqual([[1, true, "a\ufffd"]]);
  });

  it("a text of any length is one frame in its shortest form, masked or not, whatever its characters take", () => {
    for (const unit of ["a", "\u00e9", "\u20ac", "\ud83d\ude00", "\ud83d"]) {
      for (const count of [1, 20, 41, 42, 43, 62, 63, 64, 124, 125, 126, 127, 4_095, 4_096, 4_097, 21_845, 40_000]) {
        const text = unit.repeat(count);
        for (const key of [undefined, 0x01020304]) {
          const writer = new MessageWriter(key === undefined ? undefined : countingPool(), MANY);
          writer.message(text);
          expect(writer.length).toBe(frame(1, text, { key }).length);
          expect(Buffer.compare(concat(writer.take()), frame(1, Buffer.from(text), { key }))).toBe(0);
        }
      }
    }
  });

  it("a text that goes to many is one array for all, and each gets what it was sent", () => {
    const writers = Array.from({ length: 4 }, () => new MessageWriter(undefined, MANY));
    for (const writer of writers) writer.message("to all");
    const [first, second, third] = writers.map((writer) => writer.take());
    expect(second).toEqual(first);
    expect(third[0]).toBe(second[0]);
    for (const text of ["to all", "more", "more", ""]) for (const writer of writers) writer.message(text);
    for (const writer of writers) expect(frames(writer)).toEqual([[1, true, "to all"], [1, true, "more"], [1, true, "more"], [1, true, ""]]);
  });

  it("a client masks what it sends to many with a key for each", () => {
    const pool = countingPool();
    const writers = [0, 1].map(() => new MessageWriter(pool, MANY));
    for (const writer of writers) writer.message("abc");
    expect(writers.map((writer) => concat(writer.take()))).toEqual([frame(1, "abc", { key: 0x01020304 }), frame(1, "abc", { key: 0x05060708 })]);
  });

  describe("fragments (5.4)", () => {
    it("have the message's opcode on the first, FIN on the last", () => {
      const writer = new MessageWriter(undefined, MANY);
      for (const opcode of [1, 2]) {
        for (const [text, final] of [["a", false], ["", false], ["b", false], ["c", true]] as const) writer.fragment(opcode === 1 ? text : utf8(text), final);
        expect(frames(writer)).toEqual([[opcode, false, "a"], [0, false, ""], [0, false, "b"], [0, true, "c"]]);
      }
      writer.fragment("whole", true);
      expect(frames(writer)).toEqual([[1, true, "whole"]]);
    });

    it("may have control frames between them, but no message", () => {
      const writer = new MessageWriter(undefined, MANY);
      writer.fragment("a", false);
      writer.control(10, utf8("p"));
      const error = thrown(() => writer.message("b"));
      expect(error).toBeInstanceOf(Error);
      expect(error.message).toBe("Cannot send a message: the last one has no final fragment yet");
      writer.fragment("c", true);
      writer.message("d");
      expect(frames(writer)).toEqual([[1, false, "a"], [10, true, "p"], [0, true, "c"], [1, true, "d"]]);
    });

    it("are all of one type", () => {
      const writer = new MessageWriter(undefined, MANY);
      writer.fragment("a", false);
      const error = thrown(() => writer.fragment(pattern(1), false));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe("Cannot send a binary fragment: the message began as text");
      writer.fragment("b", true);
      writer.fragment(utf8("c"), false);
      expect(thrown(() => writer.fragment("d", true)).message).toBe("Cannot send a text fragment: the message began as binary");
      writer.fragment(utf8("e"), true);
      expect(frames(writer)).toEqual([[1, false, "a"], [0, true, "b"], [2, false, "c"], [0, true, "e"]]);
    });

    it("may share a character: its first half waits for the second", () => {
      const writer = new MessageWriter(undefined, MANY);
      writer.fragment("a\ud83d", false);
      writer.fragment("\ude00b", false);
      writer.fragment("c", true);
      expect(frames(writer)).toEqual([[1, false, "a"], [0, false, "😀b"], [0, true, "c"]]);
    });

    it("a half that waits goes through an empty fragment, and is U+FFFD when no second half comes", () => {
      const writer = new MessageWriter(undefined, MANY);
      writer.fragment("\ud83d", false);
      writer.fragment("", false);
      writer.fragment("\ud83d", false);
      writer.fragment("\ude00", true);
      writer.fragment("\ud83d", false);
      writer.fragment("", true);
      writer.fragment("x\ud83d", true);
      writer.fragment("\ude00", true);
      expect(frames(writer)).toEqual([
        [1, false, ""], [0, false, ""], [0, false, "\ufffd"], [0, true, "😀"],
        [1, false, ""], [0, true, "\ufffd"],
        [1, true, "x\ufffd"], [1, true, "\ufffd"],
      ]);
    });

    it.each([
      ["\ud7ff", "퟿", ""],
      ["\ud800", "", "𐀀"],
      ["\udbff", "", "􏰀"],
      ["\udc00", "\ufffd", ""],
    ])("only a high surrogate waits: %j", (unit, now, later) => {
      const writer = new MessageWriter(undefined, MANY);
      writer.fragment(`a${unit}`, false);
      expect(frames(writer)).toEqual([[1, false, `a${now}`]]);
      writer.fragment("\udc00", true);
      expect(frames(writer)).toEqual([[0, true, later === "" ? "\ufffd" : later]]);
    });

    it("give the same text wherever it is cut", () => {
      const units = fc.array(fc.oneof(fc.integer({ min: 0xd7fe, max: 0xe001 }), fc.nat({ max: 0xffff })), { maxLength: 12 });
      fc.assert(fc.property(units, fc.array(fc.nat(), { maxLength: 4 }), (codes, offsets) => {
        const text = String.fromCharCode(...codes);
        const at = [0, ...offsets.map((offset) => offset % (text.length + 1)).sort((a, b) => a - b), text.length];
        const writer = new MessageWriter(undefined, MANY);
        at.slice(1).forEach((end, i) => writer.fragment(text.slice(at[i], end), i === at.length - 2));
        const sent = read(writer);
        expect(Buffer.from(sent.flatMap(({ payload }) => payload)).toString()).toBe(wellFormed(text));
        for (const { payload } of sent) new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(payload));
      }), { numRuns: 300 });
    });
  });

  describe("maxQueued", () => {
    it("counts what is queued and the payload: at the limit it is sent, past it refused, and what was accepted stays", () => {
      const writer = new MessageWriter(undefined, 12);
      writer.message(pattern(4));
      writer.message(pattern(6));
      writer.take();
      writer.message(utf8("abcd"));
      const error = thrown(() => writer.message(pattern(7)));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toBe("Cannot send 7 bytes: 6 are queued already, and maxQueued is 12");
      expect(writer.length).toBe(6);
      writer.message(utf8("uvwxyz"));
      expect(frames(writer)).toEqual([[2, true, "abcd"], [2, true, "uvwxyz"]]);
    });

    it("counts bytes of UTF-8", () => {
      const writer = new MessageWriter(undefined, 5);
      expect(thrown(() => writer.message("€€")).message).toBe("Cannot send 6 bytes: 0 are queued already, and maxQueued is 5");
      writer.message("€é");
      expect(frames(writer)).toEqual([[1, true, "€é"]]);
    });

    it("refuses no control frame", () => {
      const writer = new MessageWriter(undefined, 3);
      writer.control(9, utf8("abcdef"));
      writer.control(8, utf8("ghijkl"));
      expect(frames(writer)).toEqual([[9, true, "abcdef"], [8, true, "ghijkl"]]);
    });

    it("a fragment that was refused may be sent again, its half character included", () => {
      const writer = new MessageWriter(undefined, 8);
      writer.fragment("abcd", false);
      expect(thrown(() => writer.fragment("efg\ud83d", false)).message).toBe("Cannot send 3 bytes: 6 are queued already, and maxQueued is 8");
      expect(frames(writer)).toEqual([[1, false, "abcd"]]);
      writer.fragment("efg\ud83d", false);
      expect(thrown(() => writer.fragment("\ude00", true)).message).toBe("Cannot send 4 bytes: 5 are queued already, and maxQueued is 8");
      expect(frames(writer)).toEqual([[0, false, "efg"]]);
      writer.fragment("\ude00", true);
      expect(frames(writer)).toEqual([[0, true, "😀"]]);
      expect(thrown(() => writer.fragment("123456789", false))).toBeInstanceOf(RangeError);
      writer.message("x"); // the message whose first fragment was refused never began
      expect(frames(writer)).toEqual([[1, true, "x"]]);
    });
  });

  it("does not change what is sent", () => {
    const data = pattern(300);
    const writer = new MessageWriter(countingPool(), MANY);
    writer.message(data);
    writer.fragment(data, true);
    writer.control(9, data);
    expect(data).toEqual(pattern(300));
  });
});
