import { expect, it } from "vitest";
import { DISTANCE_BASE, DISTANCE_EXTRA, LENGTH_BASE, LENGTH_EXTRA, LENGTH_ORDER } from "./deflate-format.ts";

it("lengths from 3 to 258 and distances from 1 to 32768 have a symbol each, one behind the other (RFC 1951, 3.2.5)", () => {
  for (let at = 0; at < 27; at++) expect(LENGTH_BASE[at + 1]).toBe(LENGTH_BASE[at] + 2 ** LENGTH_EXTRA[at]);
  expect([LENGTH_BASE[0], LENGTH_BASE[27] + 2 ** LENGTH_EXTRA[27], LENGTH_BASE[28], LENGTH_EXTRA[28]]).toEqual([3, 259, 258, 0]); // the longest has one of its own
  for (let at = 0; at < 29; at++) expect(DISTANCE_BASE[at + 1]).toBe(DISTANCE_BASE[at] + 2 ** DISTANCE_EXTRA[at]);
  expect([DISTANCE_BASE[0], DISTANCE_BASE[29] + 2 ** DISTANCE_EXTRA[29]]).toEqual([1, 32_769]);
  expect([LENGTH_BASE.length, LENGTH_EXTRA.length, DISTANCE_BASE.length, DISTANCE_EXTRA.length]).toEqual([29, 29, 30, 30]);
});

it("each length of a code has one place in their order (3.2.7)", () => {
  expect([...LENGTH_ORDER].sort((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, at) => at));
});
