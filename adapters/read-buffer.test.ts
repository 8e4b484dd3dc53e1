import { expect, test } from "vitest";
import { ReadBuffer } from "./read-buffer.ts";

const small = new ReadBuffer().bytes.length;

/** One that has filled its small buffer. */
function enlarged(): ReadBuffer {
  const buffer = new ReadBuffer();
  buffer.adapt(small);
  return buffer;
}

test("who fills a small buffer reads on into a large one, and keeps it while much comes", () => {
  const buffer = new ReadBuffer();
  const own = buffer.bytes;
  buffer.adapt(small - 1);
  expect(buffer.bytes).toBe(own);
  buffer.adapt(small);
  const large = buffer.bytes;
  expect(large.length).toBeGreaterThan(65_536);
  buffer.adapt(large.length);
  buffer.adapt(small + 1);
  expect(buffer.bytes).toBe(large);
  buffer.adapt(small);
  expect(buffer.bytes).toBe(own);
});

test("a large one serves again, whoever gave it back", () => {
  const first = enlarged();
  const large = first.bytes;
  first.release();
  first.release(); // once is enough
  const next = [enlarged(), enlarged()];
  expect(next[0].bytes).toBe(large);
  expect(next[1].bytes).not.toBe(large);
  for (const buffer of next) buffer.release();
});

test("only a few wait with a large one; while it fills, anybody has one of its own", () => {
  const readers = Array.from({ length: 100 }, enlarged);
  for (const reader of readers) reader.adapt(reader.bytes.length);
  expect(new Set(readers.map(({ bytes }) => bytes)).size).toBe(100);
  expect(readers.every(({ bytes }) => bytes.length > small)).toBe(true);
  for (const reader of readers) reader.adapt(small + 1);
  expect(readers.filter(({ bytes }) => bytes.length > small).length).toBe(16);
  for (const reader of readers) reader.release();
  expect(enlarged().bytes.length).toBeGreaterThan(small);
});
