import { describe, expect, it } from "vitest";
import { Notes, parse } from "../testing/frame-notes.ts";
import { concat, everySplit, frame } from "../testing/frames.ts";
import { FAULTS } from "./fault.ts";
import { FrameParser } from "./frame-parser.ts";

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
