import { expect, test } from "vitest";
import { uncaughtDuring } from "../advisories/watch.ts";
import { ENTRIES } from "./entries.ts";

/** A share of what `npm run fuzz:api` runs. */
const RUNS = 2_000;

test.each(ENTRIES.map((entry) => [entry.name, entry] as const))("%s: any value is refused with a sentence, or does exactly what it stands for", async (_, entry) => {
  const seed = Math.floor(Date.now() % 2 ** 31);
  let counts = { refused: 0, done: 0 };
  const uncaught = await uncaughtDuring(async () => {
    counts = await entry.run(Math.ceil(RUNS / entry.cost), seed);
  });
  expect(uncaught).toEqual([]);
  expect(counts.done).toBeGreaterThan(0);
  if (entry.name !== "ping") expect(counts.refused).toBeGreaterThan(0); // it takes nothing that could be refused
});
