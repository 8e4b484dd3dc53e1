import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, pattern } from "../testing/frames.ts";
import { Gather } from "./gather.ts";
import { Lender } from "./lender.ts";

function add(gather: Gather, piece: Uint8Array, expected = 0): number {
  const at = gather.extend(piece.length, expected);
  gather.bytes.set(piece, at);
  return at;
}

describe("Gather", () => {
  it("holds nothing at first", () => {
    const gather = new Gather();
    expect(gather.length).toBe(0);
    expect(gather.bytes.length).toBe(0);
    expect(gather.take()).toEqual(new Uint8Array(0));
  });

  it("collects end to end, and hands over exactly what was collected", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 50 }), fc.nat({ max: 400 }))), (pieces) => {
      const gather = new Gather();
      let length = 0;
      for (const [piece, expected] of pieces) {
        expect(add(gather, piece, expected)).toBe(length);
        length += piece.length;
        expect(gather.length).toBe(length);
      }
      const taken = gather.take();
      expect(taken).toEqual(concat(pieces.map(([piece]) => piece)));
      expect(taken.buffer.byteLength).toBe(length);
    }));
  });

  it("reserves at most four times what came, whatever length is declared", () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat({ max: 2 ** 50 })), { minLength: 1 }), (pieces) => {
      const gather = new Gather();
      for (const [count, expected] of pieces) {
        gather.extend(count, expected);
        expect(gather.bytes.length).toBeGreaterThanOrEqual(gather.length);
        expect(gather.bytes.length).toBeLessThanOrEqual(gather.length * 4);
      }
    }));
  });

  it.each([
    // collected before, count, expected, capacity
    [0, 10, 0, 10],
    [0, 10, 10, 10],
    [0, 10, 11, 11],
    [0, 10, 40, 40],
    [0, 10, 41, 40],
    [0, 10, 9, 10],
    [10, 1, 0, 15],
    [10, 5, 0, 15],
    [10, 6, 0, 16],
    [11, 1, 0, 17],
    [10, 1, 11, 15],
    [10, 1, 12, 12],
    [10, 1, 1000, 44],
    [0, 32_767, 2 ** 30, 131_068],
    [0, 32_768, 2 ** 30, 2 ** 20],
    [0, 65_522, 2 ** 20, 2 ** 20],
  ])("makes room: %i bytes and %i more, of %i expected, reserve %i", (before, count, expected, capacity) => {
    const gather = new Gather();
    if (before > 0) gather.extend(before, 0);
    gather.extend(count, expected);
    expect(gather.bytes.length).toBe(capacity);
  });

  it("keeps its buffer while there is room, and what was collected when it grows", () => {
    const gather = new Gather();
    add(gather, pattern(4), 10);
    const first = gather.bytes;
    add(gather, pattern(6, 4), 0);
    expect(gather.bytes).toBe(first);
    expect(gather.length).toBe(first.length);
    add(gather, pattern(1, 9), 0);
    expect(gather.bytes).not.toBe(first);
    expect(gather.take()).toEqual(concat([pattern(4), pattern(6, 4), pattern(1, 9)]));
  });

  it("grows so seldom that collecting byte by byte stays cheap", () => {
    const gather = new Gather();
    const buffers = new Set<Uint8Array>();
    for (let i = 0; i < 10_000; i++) {
      gather.extend(1, 0);
      buffers.add(gather.bytes);
    }
    expect(buffers.size).toBeLessThan(30);
  });

  it("hands over its own buffer when it is full, and a copy of exactly the size when it is not", () => {
    const full = new Gather();
    add(full, pattern(10));
    const { bytes } = full;
    expect(full.take()).toBe(bytes);
    const roomy = new Gather();
    add(roomy, pattern(10), 20);
    const taken = roomy.take();
    expect(taken).toEqual(pattern(10));
    expect(taken.buffer.byteLength).toBe(10);
  });

  it("drops bytes from its start, and keeps no room for them", () => {
    const gather = new Gather();
    add(gather, pattern(10), 20);
    const before = gather.bytes;
    gather.drop(4);
    expect(gather.length).toBe(6);
    expect(gather.bytes).toEqual(pattern(10).slice(4));
    expect(gather.bytes.buffer.byteLength).toBe(6);
    expect(before.slice(0, 10)).toEqual(pattern(10));
    expect(add(gather, pattern(3))).toBe(6);
    gather.drop(0);
    expect(gather.length).toBe(9);
    expect(gather.take()).toEqual(concat([pattern(10).slice(4), pattern(3)]));
    add(gather, pattern(5));
    gather.drop(5);
    expect([gather.length, gather.bytes.length]).toEqual([0, 0]);
  });

  it("starts anew once taken, and does not touch what it gave", () => {
    const gather = new Gather();
    add(gather, pattern(10));
    const taken = gather.take();
    expect(gather.length).toBe(0);
    expect(gather.bytes.length).toBe(0);
    expect(add(gather, pattern(10, 5))).toBe(0);
    expect(taken).toEqual(pattern(10));
    expect(gather.take()).toEqual(pattern(10, 5));
  });

  it("collects in what is lent, and gives back what became too small", () => {
    const lender = new Lender();
    const gather = new Gather(lender);
    add(gather, pattern(5_000));
    const first = gather.bytes;
    add(gather, pattern(60_000));
    expect(lender.hold(first)).toBe(false);
    const taken = gather.take();
    expect(taken).toEqual(concat([pattern(5_000), pattern(60_000)]));
    expect(lender.hold(taken)).toBe(true); // whoever has it gives it back
    expect(taken.buffer.byteLength).toBeGreaterThan(taken.length);
    expect(gather.take().length).toBe(0);
  });
});
