import { expect, test } from "vitest";
import { median, ratios, spreadOf } from "./statistics.ts";

test("the median is the middle one, or between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("a spread has the ends beside the median", () => {
  expect(spreadOf([4, 1, 2])).toEqual({ median: 2, least: 1, most: 4 });
  expect(spreadOf([])).toBeUndefined();
});

test("ratios are of figures of the same round", () => {
  expect(ratios([2, 9, 5], [4, 3])).toEqual([0.5, 3]);
});
