import { constants, deflateRawSync } from "node:zlib";
import type * as Pako from "pako";
import { beforeEach, expect, it, vi } from "vitest";
import { History } from "../core/websocket/history.ts";
import { pakoCodec } from "./deflate.ts";

/** Bytes that the decompressor wrote, and how often it was called. */
const work = vi.hoisted(() => ({ written: 0, calls: 0 }));

vi.mock("pako", async (load: () => Promise<typeof Pako>) => {
  const pako = await load();
  return {
    ...pako,
    zlibInflate(stream: Pako.ZStream, flush: Parameters<typeof Pako.zlibInflate>[1]): number {
      const before = stream.next_out;
      const status = pako.zlibInflate(stream, flush);
      work.written += stream.next_out - before;
      work.calls++;
      return status;
    },
  };
});

beforeEach(() => Object.assign(work, { written: 0, calls: 0 }));

const KIB = 1024;
const STEP = 64 * KIB;
const NONE = new History(0);

/** 256 MiB of zeros in 260 KB. */
function bomb(): Uint8Array {
  const mebibyte = deflateRawSync(new Uint8Array(KIB * KIB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat(Array.from({ length: 256 }, () => mebibyte)).subarray(0, -4);
}

it.each([0, 1, 1000, STEP - 1, STEP, STEP + 1, 1024 * KIB])("a bomb stops at %i bytes of room and at most 64 KiB more (CVE-2026-1526)", (room) => {
  const data = bomb();
  expect(data.length).toBeLessThan(300_000);
  expect(pakoCodec.inflate(data, NONE, room)).toBe("large");
  expect(work.written).toBeGreaterThan(room);
  expect(work.written).toBeLessThanOrEqual(room + STEP);
  expect(work.calls).toBe(Math.floor(room / STEP) + 1);
});

it("a bomb of many blocks marked as the last one stops there too (CVE-2026-85024)", () => {
  const block = deflateRawSync(new Uint8Array(30 * KIB), { level: 9 });
  const data = Buffer.concat(Array.from({ length: 900 }, () => block));
  expect(pakoCodec.inflate(data, NONE, 1024 * KIB)).toBe("large");
  expect(work.written).toBeLessThanOrEqual(1024 * KIB + STEP);
});

it("is told before what is malformed behind it, and nothing is looked at there", () => {
  const data = Buffer.concat([bomb(), Buffer.of(7, 7, 7)]);
  expect(pakoCodec.inflate(data, NONE, 1000)).toBe("large");
  expect(work.calls).toBe(1);
});

it("a message of exactly the room is whole, whatever the room is to the step", () => {
  for (const length of [0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP]) {
    const data = deflateRawSync(new Uint8Array(length).fill(1), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const whole = length === 0 ? Uint8Array.of(0) : data;
    expect((pakoCodec.inflate(whole, NONE, length) as Uint8Array).length).toBe(length);
    if (length > 0) expect(pakoCodec.inflate(data, NONE, length - 1)).toBe("large");
  }
});

it("a message of empty blocks costs no more than it is long (CVE-2026-48779)", () => {
  const data = Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.of(0, 0, 0, 0xff, 0xff))).subarray(0, -4);
  expect(pakoCodec.inflate(data, NONE, 0)).toEqual(new Uint8Array(0));
  expect(work.calls).toBeLessThanOrEqual(3);
});

it("blocks marked as the last one cost a call each, and 1024 are enough", () => {
  const data = Buffer.alloc(200_000, Buffer.of(3, 0));
  expect(pakoCodec.inflate(data, NONE, 1000)).toBe("invalid");
  expect(work.calls).toBe(1025);
});
