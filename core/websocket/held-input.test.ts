import { describe, expect, it } from "vitest";
import { HeldInput } from "./held-input.ts";

const held = (input: HeldInput): number[] => [...input.bytes.subarray(input.start, input.length)];

describe("HeldInput", () => {
  it("keeps copies in order, from where it is told", () => {
    const input = new HeldInput();
    const piece = Uint8Array.of(0, 1, 2);
    input.add(piece, 1);
    piece.fill(9);
    input.add(Uint8Array.of(3), 0);
    input.add(Uint8Array.of(4), 1);
    expect(held(input)).toEqual([1, 2, 3]);
  });

  it("drops what was parsed, and takes more behind the rest", () => {
    const input = new HeldInput();
    input.add(Uint8Array.of(0, 1, 2, 3, 4, 5), 0);
    input.dropTo(2);
    expect(held(input)).toEqual([2, 3, 4, 5]);
    input.add(Uint8Array.of(6, 7), 0);
    input.dropTo(5);
    expect(held(input)).toEqual([5, 6, 7]);
    input.dropTo(input.length);
    expect([held(input), input.bytes.length]).toEqual([[], 0]);
  });

  it("copies once what has shrunk to its half: all that is copied is no more than all that was held", () => {
    const input = new HeldInput();
    input.add(new Uint8Array(1_000), 0);
    let copied = 0;
    let last = input.bytes;
    for (let left = 999; left >= 0; left--) {
      input.dropTo(input.start + 1);
      expect(input.length - input.start).toBe(left);
      if (input.bytes !== last) copied += left;
      last = input.bytes;
    }
    expect(copied).toBeLessThanOrEqual(1_000);
  });
});
