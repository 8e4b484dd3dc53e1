import { expect, test } from "vitest";
import { Seed } from "./seed.ts";

test("a seed's numbers never change: traces of other days and other runtimes are compared to them", () => {
  const seed = new Seed(1, "network");
  expect([seed.uint32(), seed.uint32(), seed.uint32()]).toEqual(FIRST);
});

test("streams of one seed differ, and so do seeds that agree in their lower 32 bits", () => {
  const first = (seed: number, stream: string): number => new Seed(seed, stream).uint32();
  expect(new Set([first(1, "a"), first(1, "b"), first(2, "a"), first(1 + 2 ** 32, "a")]).size).toBe(4);
});

test("they are spread evenly, and bits do not follow one another", () => {
  const seed = new Seed(7, "spread");
  const tens = new Array<number>(10).fill(0);
  let turns = 0;
  let last = 0;
  for (let count = 0; count < 100_000; count++) {
    const value = seed.below(10);
    tens[value]++;
    if ((value & 1) !== last) turns++;
    last = value & 1;
  }
  for (const count of tens) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  expect(Math.abs(turns - 50_000)).toBeLessThan(1_000);
  expect([seed.chance(0), seed.chance(1), seed.below(1)]).toEqual([false, true, 0]);
});

test("bytes are filled, all values of them", () => {
  const bytes = new Uint8Array(10_000);
  new Seed(3, "bytes").fill(bytes);
  expect(new Set(bytes).size).toBe(256);
});

test.each([-1, 1.5, NaN, Infinity, 2 ** 53])("%d is no seed", (seed) => {
  expect(() => new Seed(seed, "")).toThrow(`Cannot start from seed ${seed}: it must be a whole number from 0 to 2^53 - 1`);
});

const FIRST = [380_696_933, 1_214_135_345, 3_516_933_905];
