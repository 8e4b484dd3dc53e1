import { expect, test } from "vitest";
import { measure } from "./measure.ts";
import { PEERS } from "./peers.ts";
import { ECHO, type Scenario, SCENARIOS, suits } from "./scenarios.ts";

test("a scenario runs from end to end, and every reply is as it should be", async () => {
  const scenario: Scenario = { ...SCENARIOS[0], load: { ...ECHO, connections: 4 } };
  const programs = PEERS.filter((program) => suits(program, scenario) && ["isosocket", "raw net"].includes(program.name) && program.runtime !== "deno");
  const rows = await measure(scenario, programs, { rounds: 2, seconds: 0.05, warmUp: 0.05 });
  expect(rows.map(({ peer }) => peer)).toEqual(programs.map(({ name }) => name));
  for (const { peer, rounds, error } of rows) {
    expect(error).toBeUndefined();
    expect(rounds).toHaveLength(2);
    for (const { perSecond, cost, wire, busy } of rounds) {
      expect(perSecond).toBeGreaterThan(0);
      expect(cost).toBeGreaterThan(0);
      expect(busy).toBeGreaterThan(0);
      expect(wire).toBe(peer === "raw net" ? 38 : 34);
    }
  }
});

test("a peer that answers something else is told, and the others go on", async () => {
  const scenario: Scenario = { ...SCENARIOS[0], load: { ...ECHO, connections: 2 } };
  const raw = PEERS.find(({ name }) => name === "raw net") as typeof PEERS[number];
  const rows = await measure(scenario, [{ ...raw, raw: false }, raw], { rounds: 1, seconds: 0.05, warmUp: 0.05 });
  expect(rows[0].error).toContain("did not upgrade");
  expect(rows[1].rounds).toHaveLength(1);
});
