import { expect, it } from "vitest";
import { RUNTIMES } from "../process.ts";
import { runOn, toTables } from "./main.ts";

it.each(RUNTIMES)("every row runs on %s, and ours in each", { timeout: 60_000 }, (runtime) => {
  const rows = runOn(runtime, 0);
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter(({ ns }) => !(ns.ours! > 0))).toEqual([]);
  expect(rows.filter(({ group, ns }) => group.startsWith("parse") && !(ns.ws! > 0 && ns["websocket-driver"]! > 0))).toEqual([]);
});

it("a table has who takes how long, and how many times ours", () => {
  expect(toTables([{ group: "mask", name: "32 B", ns: { ours: 20, other: 50, absent: null } }])).toBe(`**mask**

| ns per message | ours | other | ratio | absent | ratio |
| --- | ---: | ---: | ---: | ---: | ---: |
| 32 B | 20.0 | 50.0 | 2.50 | - | - |`);
});
