import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, pattern } from "../testing/frames.ts";
import { History } from "./history.ts";

describe("History", () => {
  it("keeps nothing at first, and no memory", () => {
    const history = new History(512);
    expect([history.size, history.total, history.capacity, history.bytes.length]).toEqual([512, 0, 0, 0]);
  });

  it("keeps the last bytes that went by, as many as its size (RFC 7692, 7.2.3.2)", () => {
    const chunk = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 70 }));
    fc.assert(fc.property(fc.constantFrom(0, 1, 2, 7, 8, 32), fc.array(chunk, { maxLength: 12 }), (size, lengths) => {
      const history = new History(size);
      let all: Uint8Array = new Uint8Array(0);
      for (const length of lengths) {
        const data = pattern(length, all.length);
        history.push(data);
        all = concat([all, data]);
        expect(history.bytes).toEqual(all.slice(Math.max(0, all.length - size)));
        expect(history.total).toBe(all.length);
        expect(history.capacity).toBeLessThanOrEqual(size);
        expect(history.capacity).toBeGreaterThanOrEqual(history.bytes.length);
      }
    }), { numRuns: 500 });
  });

  it("of no size keeps nothing and counts all the same", () => {
    const history = new History(0);
    history.push(pattern(100));
    history.push(new Uint8Array(0));
    expect([history.total, history.capacity, history.bytes.length]).toEqual([100, 0, 0]);
  });

  it("grows with what comes: to what it needs or twice what it had, never past its size", () => {
    const history = new History(100);
    const capacities = [10, 1, 1, 30, 20, 30, 8, 100].map((length) => {
      history.push(pattern(length));
      return history.capacity;
    });
    expect(capacities).toEqual([10, 20, 20, 42, 84, 100, 100, 100]);
  });

  it("does not grow when it is just full and nothing comes", () => {
    const history = new History(100);
    history.push(pattern(10));
    history.push(pattern(0));
    expect(history.capacity).toBe(10);
  });

  it("takes room once for a long piece", () => {
    const history = new History(4096);
    history.push(pattern(100_000));
    expect(history.capacity).toBe(4096);
    expect(history.bytes).toEqual(pattern(100_000).slice(-4096));
  });

  it("keeps a copy", () => {
    const history = new History(8);
    for (const data of [pattern(4), pattern(20)]) {
      history.push(data);
      const kept = history.bytes.slice();
      data.fill(0xee);
      expect(history.bytes).toEqual(kept);
    }
  });
});
