import { expect, test } from "vitest";
import { ReadBuffer } from "./read-buffer.ts";

const small = new ReadBuffer().bytes.length;
const one = filled(1);
const two = filled(2);
const medium = one.bytes.length;
const large = two.bytes.length;
for (const buffer of [one, two]) buffer.release();

/** One that has filled as many buffers in a row. */
function filled(times: number): ReadBuffer {
  const buffer = new ReadBuffer();
  for (let time = 0; time < times; time++) buffer.adapt(buffer.bytes.length);
  return buffer;
}

function adaptOften(buffer: ReadBuffer, size: number): void {
  for (let time = 0; time < 100; time++) buffer.adapt(size);
}

test("who fills a buffer reads on into a larger one", () => {
  const buffer = new ReadBuffer();
  const own = buffer.bytes;
  adaptOften(buffer, small - 1);
  expect(buffer.bytes).toBe(own);
  buffer.adapt(small);
  expect(buffer.bytes.length).toBeGreaterThan(2 * small);
  buffer.adapt(medium);
  expect(buffer.bytes.length).toBeGreaterThan(65_536);
  const { bytes } = buffer;
  buffer.adapt(large);
  expect(buffer.bytes).toBe(bytes);
  buffer.release();
  expect(buffer.bytes).toBe(own);
});

test("who filled one lately waits with it for the next burst", () => {
  const buffer = filled(1);
  const { bytes } = buffer;
  for (let time = 0; time < 100; time++) {
    for (const size of [1, 2, small, small + 1]) buffer.adapt(size);
  }
  expect(buffer.bytes).toBe(bytes);
  adaptOften(buffer, small - 1);
  expect(buffer.bytes.length).toBe(small);
});

test("a large one is left for a medium one, and that for its own", () => {
  const buffer = filled(2);
  for (let time = 0; time < 100; time++) {
    for (const size of [1, medium, medium + 1]) buffer.adapt(size);
  }
  expect(buffer.bytes.length).toBe(large);
  const seen = new Set<number>();
  for (let time = 0; time < 100; time++) {
    buffer.adapt(1);
    seen.add(buffer.bytes.length);
  }
  expect([...seen]).toEqual([large, medium, small]);
});

test("shared ones serve again, whoever gave them back", () => {
  for (const times of [1, 2]) {
    const first = filled(times);
    const { bytes } = first;
    first.release();
    first.release(); // once is enough
    const next = [filled(times), filled(times)];
    expect(next[0].bytes).toBe(bytes);
    expect(next[1].bytes).not.toBe(bytes);
    for (const buffer of next) buffer.release();
  }
});

test("only some wait with a medium one", () => {
  const readers = Array.from({ length: 1_000 }, () => filled(1));
  for (const reader of readers) if (reader.bytes.length === large) reader.adapt(1);
  expect(readers.filter(({ bytes }) => bytes.length === medium).length).toBe(256);
  for (const reader of readers) reader.release();
  expect(filled(1).bytes.length).toBe(medium);
});

test("only a few wait with a large one; while it fills, anybody has one of its own", () => {
  const readers = Array.from({ length: 100 }, () => filled(3));
  expect(new Set(readers.map(({ bytes }) => bytes)).size).toBe(100);
  expect(readers.every(({ bytes }) => bytes.length === large)).toBe(true);
  for (const reader of readers) reader.adapt(large - 1);
  expect(readers.filter(({ bytes }) => bytes.length > small).length).toBe(16);
  for (const reader of readers) reader.release();
  expect(filled(2).bytes.length).toBe(large);
});
