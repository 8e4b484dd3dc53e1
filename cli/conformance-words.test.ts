import { describe, expect, it } from "vitest";
import { sampleReport } from "../conformance/report/testing/sample.ts";
import type { FrameEntry, LogEntry } from "../conformance/mod.ts";
import { decisive, ranges, wireLines, wrapped } from "./conformance-words.ts";
import type { Paint } from "./terminal.ts";

const plain: Paint = (_, text) => text;
const frame = (parts: Partial<FrameEntry>): FrameEntry => ({
  at: 1.25, by: "peer", kind: "frame", fin: true, rsv: 0, opcode: 1, masked: false, length: 5, header: "81 05", payload: "68 65 6c 6c 6f", says: '"hello"', ...parts,
});

describe("a log", () => {
  it("has a line for each frame: time, who, words, bytes", () => {
    expect(wireLines([frame({}), frame({ by: "tester", opcode: 8, length: 2, says: "1000", header: "88 82 01 02 03 04", payload: "03 e8" })], 90, plain, false)).toEqual([
      '    1.3 ms <- text 5 bytes "hello"               81 05 | 68 65 6c 6c 6f',
      "    1.3 ms -> close 1000                         88 82 01 02 03 04 | 03 e8",
    ]);
  });

  it("is no wider than its terminal, whatever is in it", () => {
    for (const { log } of sampleReport({ cases: 300, fail: 0.5 }).results) {
      for (const width of [74, 94]) for (const line of wireLines(log.filter(({ kind }) => kind !== "note"), width, plain, true)) expect(line.length, line).toBeLessThanOrEqual(width);
    }
  });

  it("cannot steer a terminal", () => {
    const lines = wireLines([frame({ says: '"\x9b2J\u202e"' }), { at: 0, by: "peer", kind: "head", text: "HTTP/1.1 101 \x1b[2J" }], 90, plain, true);
    expect(lines.join("\n")).not.toMatch(/[\x1b\x9b\u202e]/);
  });

  it("is shown whole when it is short, and else by its end, without what the tester did once it knew", () => {
    const log: LogEntry[] = Array.from({ length: 20 }, (_, at) => frame({ at }));
    const known: LogEntry = { at: 21, by: "tester", kind: "drop" };
    expect(decisive([...log.slice(0, 9), known])).toEqual(log.slice(0, 9));
    expect(decisive([...log, known])).toEqual([{ at: 11, by: "tester", kind: "skipped", count: 12 }, ...log.slice(12)]);
  });
});

it("numbers of cases that follow each other are one range", () => {
  expect(ranges(["5.2-1", "5.2-2", "5.2-3", "5.2-5", "5.4-6", "7692:6-1", "7692:6-2"])).toBe("5.2-1 to 3, 5.2-5, 5.4-6, 7692:6-1 to 2");
  expect(ranges([])).toBe("");
});

it("text is wrapped, with room for what stands before", () => {
  expect(wrapped("one two three four", 12, 4)).toBe("one two\n    three\n    four");
});
