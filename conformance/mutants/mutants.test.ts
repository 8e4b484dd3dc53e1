/**
 * Trust in the suite: the right peer passes everything, each mutant is caught by exactly the cases that it says, and each case can be failed.
 */
import { describe, expect, it } from "vitest";
import type { Case } from "../wire/case.ts";
import { CASES } from "../wire/cases/all.ts";
import { MUTANTS } from "./all.ts";
import { rolesOf } from "./mutant.ts";
import { casesInProcess, daily, tryMutant, tryRight } from "./run.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 300_000;

/** Heavy mutants take long; they are for `npm run mutants`. */
const light = MUTANTS.filter(({ heavy }) => heavy !== true);
const caught = new Set<Case>();
const asked = new Set<Case>();

describe("the right peer", () => {
  it.each(["server", "client"] as const)("passes every case, as a %s", { timeout: LONG }, async (role) => {
    const results = await tryRight(role);
    expect(results.filter(({ verdict }) => verdict !== "pass").map(({ id, reasons }) => `${id}: ${reasons.join("; ")}`)).toEqual([]);
    expect(results.length).toBe(casesInProcess(role).length);
  });
});

describe("the mutants", () => {
  it("are many, each with a name of its own, and a rule that there is", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    const rules = new Set(CASES.map(({ rule }) => rule.name));
    expect(MUTANTS.filter(({ breaks }) => !rules.has(breaks)).map(({ name }) => name)).toEqual([]);
  });

  it.each(light.map((mutant) => [mutant.name, mutant.says, mutant] as const))("%s: it %s", { timeout: LONG }, async (_name, _says, mutant) => {
    const { caughtBy, surprises } = await tryMutant(mutant);
    for (const item of caughtBy) caught.add(item);
    for (const role of rolesOf(mutant)) for (const item of daily(casesInProcess(role), mutant)) if (item.rule.name === mutant.breaks) asked.add(item);
    expect(surprises.map(({ says }) => says)).toEqual([]);
    expect(caughtBy.size).toBeGreaterThan(0);
  });

  it("break every rule, and leave no case that cannot be failed", () => {
    const rules = new Set([...casesInProcess("server"), ...casesInProcess("client")].map(({ rule }) => rule.name));
    expect([...rules].filter((name) => !light.some(({ breaks }) => breaks === name))).toEqual([]);
    expect([...asked].filter((item) => !caught.has(item)).map(({ id, rule }) => `${id} of ${rule.name}`)).toEqual([]);
    expect(asked.size).toBeGreaterThan(500);
  });
});
