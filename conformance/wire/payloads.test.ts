import { expect, it } from "vitest";
import { concat } from "../frames.ts";
import { deflate } from "./codec.ts";
import { cut, PAYLOADS, random } from "./payloads.ts";

it("makes data as compressible as what it stands for", () => {
  const ratios = PAYLOADS.map(({ bytes }) => bytes().length / deflate(bytes()).length);
  for (const [at, [least, most]] of [[4, 8], [1.1, 1.5], [2, 4], [4, 8], [0.99, 1.1]].entries()) {
    expect(ratios[at]).toBeGreaterThan(least);
    expect(ratios[at]).toBeLessThan(most);
  }
  for (const { bytes } of PAYLOADS) expect(bytes().length).toBeGreaterThan(150_000);
  expect(PAYLOADS.filter(({ isText }) => isText).map(({ bytes }) => /^[\x00-\x7f]*$/.test(Buffer.from(bytes()).toString()))).toEqual([true, true]);
});

it("makes the same each time", () => {
  const [first, second] = [random(7), random(7)].map((next) => Array.from({ length: 4 }, () => next(1000)));
  expect(first).toEqual(second);
  expect(new Set(first).size).toBeGreaterThan(1);
});

it("cuts so that nothing is lost", () => {
  const [json] = PAYLOADS;
  const pieces = [...cut(json, 131_072, 3)].map(({ payload }) => payload);
  const repeated = concat([json.bytes(), json.bytes(), json.bytes()]);
  expect(Buffer.compare(concat(pieces), repeated.subarray(0, 3 * 131_072))).toBe(0);
});
