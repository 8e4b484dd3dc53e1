import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { pattern } from "../testing/frames.ts";
import * as withSimd from "./mask.ts";

vi.resetModules();
vi.stubGlobal("WebAssembly", undefined);
const without: typeof withSimd = await import("./mask.ts");
without.copyMasked(new Uint8Array(200), 0, 200, new Uint8Array(200), 0, 0, 0); // which asks for it once
vi.unstubAllGlobals();

const KEY = 0xa1b2c3d4;
const KEY_BYTES = [0xa1, 0xb2, 0xc3, 0xd4];

/** Section 5.3, word for word: transformed-octet-i = original-octet-i XOR masking-key-octet-j, j = i MOD 4. */
function naive(source: Uint8Array, start: number, end: number, key: readonly number[], offset: number): number[] {
  const masked: number[] = [];
  for (let i = start; i < end; i++) masked.push(source[i] ^ key[(offset + i - start) % 4]);
  return masked;
}

describe.each([["by SIMD", withSimd], ["where the host refuses WebAssembly", without]])("copyMasked %s", (_, { copyMasked, workspace }) => {
  /** Masks into the middle of a larger array, and shows that array whole: nothing beside the target may change. */
  function run(source: Uint8Array, start: number, end: number, align: number, at: number, key: number, offset: number): number[] {
    const target = new Uint8Array(new ArrayBuffer(align + at + end - start + 9), align).fill(0xee);
    const all = copyMasked(source, start, end, target, at, key, offset);
    expect(all).toBe(target.subarray(at, at + end - start).some((byte) => byte >= 0x80) ? 0x80 : 0);
    return [...target];
  }

  function around(middle: number[], at: number): number[] {
    return [...new Array<number>(at).fill(0xee), ...middle, ...new Array<number>(9).fill(0xee)];
  }

  it("masks as the RFC's example does (5.7)", () => {
    const target = new Uint8Array(5);
    copyMasked(new TextEncoder().encode("Hello"), 0, 5, target, 0, 0x37fa213d, 0);
    expect([...target]).toEqual([0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  });

  it("agrees with a plain loop at every length around 128, alignment, place and offset (5.3)", () => {
    const source = pattern(200);
    for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135]) {
      for (let align = 0; align < 4; align++) {
        for (let at = 0; at < 4; at++) {
          for (let offset = 0; offset < 5; offset++) {
            const start = (align + offset) % 3;
            const actual = run(source, start, start + length, align, at, KEY, offset);
            expect(Buffer.from(actual).equals(Buffer.from(around(naive(source, start, start + length, KEY_BYTES, offset), at)))).toBe(true);
          }
        }
      }
    }
  });

  it("agrees with a plain loop for any key, place and offset", () => {
    const places = fc.record({ start: fc.nat({ max: 20 }), align: fc.nat({ max: 7 }), at: fc.nat({ max: 20 }), offset: fc.nat({ max: 2 ** 40 }) });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400, size: "max" }), fc.uint8Array({ minLength: 4, maxLength: 4 }), places, (bytes, key, place) => {
      const source = Uint8Array.from([...pattern(place.start), ...bytes]);
      const word = key.reduce((sum, byte) => sum * 256 + byte, 0);
      const actual = run(source, place.start, source.length, place.align, place.at, word, place.offset);
      expect(actual).toEqual(around(naive(source, place.start, source.length, [...key], place.offset), place.at));
    }));
  });

  it("makes views for 128 bytes and more, not for fewer, wherever they stand", () => {
    for (const [start, length, views] of [[0, 127, false], [0, 128, true], [40, 127, false], [40, 128, true], [300, 20, false]] as const) {
      const source = pattern(start + length + 200);
      let viewed = false;
      source.subarray = (...range) => {
        viewed = true;
        return Uint8Array.prototype.subarray.apply(source, range);
      };
      copyMasked(source, start, start + length, new Uint8Array(length), 0, KEY, 0);
      expect(viewed).toBe(views);
    }
  });

  it("sees one byte that is not ASCII, wherever it stands", () => {
    for (const length of [1, 5, 127, 128, 200, 300]) {
      for (let odd = -1; odd < length; odd++) {
        const plain = new Uint8Array(length).fill(0x61);
        if (odd >= 0) plain[odd] = 0xe9;
        const source = Uint8Array.from(naive(plain, 0, length, KEY_BYTES, 2));
        expect(copyMasked(source, 0, length, new Uint8Array(length + 3), 3, KEY, 2)).toBe(odd < 0 ? 0 : 0x80);
      }
    }
  });

  it("agrees with a plain loop past the size of a block", () => {
    const source = pattern(200_000);
    for (const length of [65_535, 65_536, 65_537, 131_072, 190_001]) {
      const target = new Uint8Array(length + 5);
      expect(copyMasked(source, 7, 7 + length, target, 3, KEY, 1)).toBe(0x80);
      expect(Buffer.from(target.subarray(3, 3 + length)).equals(Buffer.from(naive(source, 7, 7 + length, KEY_BYTES, 1)))).toBe(true);
      expect([target[2], target[length + 3]]).toEqual([0, 0]);
    }
  });

  it("masks in place", () => {
    for (const length of [50, 300, 70_000]) {
      const bytes = pattern(length);
      copyMasked(bytes, 9, length, bytes, 9, KEY, 0);
      expect(Buffer.from(bytes.subarray(9)).equals(Buffer.from(naive(pattern(length), 9, length, KEY_BYTES, 0)))).toBe(true);
    }
  });

  it("masks where it works, as elsewhere", () => {
    for (const length of [128, 200, 1_000, 65_536]) {
      for (const start of [0, 9, 2_000]) {
        const place = workspace(length);
        if (place === undefined) return expect(workspace).toBe(without.workspace);
        const source = pattern(start + length);
        copyMasked(source, start, start + length, place, 0, KEY, 3);
        expect(Buffer.from(place.subarray(0, length)).equals(Buffer.from(naive(source, start, start + length, KEY_BYTES, 3)))).toBe(true);
      }
    }
  });

  it("does not change the source", () => {
    for (const length of [50, 300]) {
      const source = pattern(length);
      copyMasked(source, 0, length, new Uint8Array(length), 0, KEY, 1);
      expect(source).toEqual(pattern(length));
    }
  });

  it("twice is as if never", () => {
    for (const length of [50, 300]) {
      const [once, twice] = [new Uint8Array(length), new Uint8Array(length)];
      copyMasked(pattern(length), 0, length, once, 0, KEY, 3);
      copyMasked(once, 0, length, twice, 0, KEY, 3);
      expect(once).not.toEqual(pattern(length));
      expect(twice).toEqual(pattern(length));
    }
  });
});

it("has a workspace for what is worth it, and fits", () => {
  expect(withSimd.workspace(128)).toBeInstanceOf(Uint8Array);
  expect([127, 65_536, 65_537].map((count) => withSimd.workspace(count) === withSimd.workspace(128))).toEqual([false, true, false]);
  expect([127, 65_537].map(withSimd.workspace)).toEqual([undefined, undefined]);
  expect([127, 128, 65_536].map(without.workspace)).toEqual([undefined, undefined, undefined]);
});
