import { constants, deflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { inflate } from "./inflate.ts";

/** The lengths of the arrays that were made. */
const made: number[] = [];

beforeEach(() => {
  made.length = 0;
  vi.stubGlobal("Uint8Array", new Proxy(Uint8Array, {
    construct(target, from: [number]) {
      if (typeof from[0] === "number") made.push(from[0]);
      return Reflect.construct(target, from) as Uint8Array;
    },
  }));
});
afterEach(() => vi.unstubAllGlobals());

const KIB = 1024;
/** Where short messages are restored. */
const STEP = 96 * KIB;
const NONE = Buffer.alloc(0);

/** 256 MiB of zeros in 260 KB. */
const BOMB = Buffer.concat(Array.from({ length: 256 }, () => {
  return deflateRawSync(Buffer.alloc(KIB * KIB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
})).subarray(0, -4);

it.each([0, 1, 1000, STEP - 1, STEP, STEP + 1, 1024 * KIB])("a bomb stops at %i bytes of room (CVE-2026-1526)", (room) => {
  expect(BOMB.length).toBeLessThan(300_000);
  made.length = 0;
  expect(inflate(BOMB, NONE, room)).toBe("large");
  expect(made.at(-1) ?? room).toBe(room); // it grows up to the room and not a byte past it
  expect(Math.max(0, ...made)).toBeLessThanOrEqual(room);
});

it("a bomb of many blocks marked as the last one stops there too (CVE-2026-85024)", () => {
  const block = deflateRawSync(Buffer.alloc(30 * KIB), { level: 9 });
  const data = Buffer.concat(Array.from({ length: 900 }, () => block));
  expect(inflate(data, NONE, 1024 * KIB)).toBe("large");
  expect(Math.max(...made)).toBe(1024 * KIB);
});

it("is told before what is malformed behind it, and nothing is looked at there", () => {
  const data = Buffer.concat([BOMB, Buffer.of(7, 7, 7)]);
  expect(inflate(data, NONE, 1000)).toBe("large");
  expect(inflate(Buffer.concat([Buffer.of(7, 7, 7), BOMB]), NONE, 1000)).toBe("invalid");
});

it("a message of exactly the room is whole, whatever the room is to the step", () => {
  for (const length of [0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP]) {
    const data = deflateRawSync(Buffer.alloc(length, 1), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const whole = length === 0 ? Uint8Array.of(0) : data;
    expect((inflate(whole, NONE, length) as Uint8Array).length).toBe(length);
    if (length > 0) expect(inflate(data, NONE, length - 1)).toBe("large");
  }
});

it("a message of empty blocks takes no memory (CVE-2026-48779)", () => {
  const data = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.of(0, 0, 0, 0xff, 0xff))).subarray(0, -4);
  expect(inflate(data, NONE, 0)).toHaveLength(0);
  expect(made).toEqual([]);
});

it("1024 blocks marked as the last one are enough", () => {
  const data = Buffer.alloc(200_000, Buffer.of(3, 0));
  expect(inflate(data, NONE, 1000)).toBe("invalid");
});
