/**
 * Autobahn's cases are all there, and verdicts agree with its own but for what `conformance/autobahn.md` says.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "../mutants/all.ts";
import { makePeer } from "../mutants/mutant.ts";
import { CASES } from "./cases/all.ts";
import { check } from "./protocol-tester.ts";
import { select, unmatched } from "./select.ts";

/** How many cases each of Autobahn's groups has, in the order of its numbers. */
const GROUPS: Readonly<Record<string, number>> = {
  "1.1": 8, "1.2": 8, "2": 11, "3": 7, "4.1": 5, "4.2": 5, "5": 20, "6.1": 3, "6.2": 4, "6.3": 2, "6.4": 4, "6.5": 5, "6.6": 11, "6.7": 4, "6.8": 2, "6.9": 4, "6.10": 3, "6.11": 5, "6.12": 8,
  "6.13": 5, "6.14": 10, "6.15": 1, "6.16": 3, "6.17": 5, "6.18": 5, "6.19": 5, "6.20": 7, "6.21": 8, "6.22": 34, "6.23": 7, "7.1": 6, "7.3": 6, "7.5": 1, "7.7": 13, "7.9": 9, "7.13": 2,
  "9.1": 6, "9.2": 6, "9.3": 9, "9.4": 9, "9.5": 6, "9.6": 6, "9.7": 6, "9.8": 6, "10.1": 1,
  ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`12.${number}`, 18])), ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((number) => [`13.${number}`, 18])),
};
const page = readFileSync(join(import.meta.dirname, "../autobahn.md"), "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

describe("the cases", () => {
  it("have each of Autobahn's 517 numbers once", () => {
    const numbers = Object.entries(GROUPS).flatMap(([group, count]) => Array.from({ length: count }, (_, at) => `${group}.${at + 1}`));
    expect(numbers).toHaveLength(517);
    expect(CASES.flatMap(({ autobahn }) => autobahn ?? []).toSorted()).toEqual(numbers.toSorted());
  });

  it("are picked by group", () => {
    expect(select(CASES, ["autobahn:*"])).toHaveLength(517);
    expect(select(CASES, ["autobahn:6.*"])).toHaveLength(145);
    expect(select(CASES, [], ["autobahn:*"])).toHaveLength(CASES.length - 517);
  });
});

describe("autobahn.md", () => {
  it("has the groups, their counts and their sections", () => {
    const groups = rows.filter(([group]) => /^\d+$/.test(group));
    expect(groups.map(([group, , count, sections]) => [group, Number(count), sections.split(", ").toSorted()])).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13].map((group) => {
      const cases = select(CASES, [`autobahn:${group}.*`]);
      return [String(group), cases.length, [...new Set(cases.map(({ id }) => id.replace(/-\d+$/, "")))].toSorted()];
    }));
  });

  it("tells differences of cases that there are, with a reason and Autobahn's words", () => {
    const differences = rows.filter(([cases]) => /^`[\d*.]+`/.test(cases));
    expect(differences.length).toBeGreaterThan(10);
    for (const [cases, , , , why] of differences) {
      expect(unmatched(CASES, cases.split(" ").map((pattern) => `autobahn:${pattern.replaceAll("`", "")}`)), cases).toEqual([]);
      expect(why, cases).toMatch(/\(.*\d\.\d.*\)|no RFC/);
    }
  });
});

describe("the verdict of a mutant", () => {
  it("agrees with Autobahn's where a server declines compression", async () => {
    const item = CASES.find(({ autobahn }) => autobahn === "12.1.1")!;
    const result = await check(item, "server", () => makePeer({ name: "", breaks: "", says: "", change: { answerOffer: () => undefined } }, "server"));
    expect(result.verdict).toBe("unimplemented");
  });

  it.each([
    ["pongs-empty", "2.2", "fail"],
    ["ignores-rsv", "3.1", "fail"],
    ["echoes-opcodes", "4.1.2", "fail"],
    ["forgets-before-fault", "3.2", "non-strict"],
    ["forgets-before-fault", "5.15", "non-strict"],
    ["takes-strays", "5.9", "fail"],
    ["any-text", "6.3.1", "fail"],
    ["late-text", "6.3.1", "pass"],
    ["late-text", "6.4.1", "non-strict"],
    ["late-text", "6.4.3", "non-strict"],
    ["does-not-wait-for-the-server", "7.1.1", "pass"],
    ["takes-half-a-code", "7.3.2", "fail"],
    ["takes-long-reasons", "7.3.6", "fail"],
    ["takes-surrogates-in-reasons", "7.5.1", "fail"],
    ["keeps-3000s-out", "7.7.10", "fail"],
    ["fails-for-1000", "7.3.3", "fail"],
    ["takes-low-codes", "7.9.1", "fail"],
    ["never-says-compressed", "12.1.1", "fail"],
    ["leaves-tail", "12.1.1", "fail"],
    ["keeps-context", "13.2.3", "fail"],
  ])("agrees with Autobahn's: %s, %s: %s", async (name, number, verdict) => {
    expect((await judged(name, number)).verdict).toBe(verdict);
  });

  it.each([
    ["skips-opcodes", "4.1.1", "fail"],
    ["never-answers-close", "1.1.1", "fail"],
    ["leaves-tcp-open", "1.1.1", "fail"],
    ["closes-again-behind-fault", "3.1", "fail"],
    ["fails-for-1000", "1.1.1", "non-strict"],
    ["drops-unsent", "7.1.6", "non-strict"],
    ["takes-high-codes", "7.13.1", "fail"],
    ["leaves-tail", "13.2.1", "fail"],
    ["large-window", "13.3.13", "fail"],
    ["answers-no-takeover", "13.2.1", "fail"],
  ])("differs as autobahn.md says: %s, %s: %s", async (name, number, verdict) => {
    expect((await judged(name, number)).verdict).toBe(verdict);
  });
});

function judged(name: string, number: string): ReturnType<typeof check> {
  const mutant = MUTANTS.find((each) => each.name === name);
  const item = CASES.find(({ autobahn }) => autobahn === number);
  if (mutant === undefined || item === undefined) throw new Error(`Cannot judge "${name}" by "${number}": there is no such mutant, or no such case`);
  const { role = "server" } = mutant;
  return check(item, role, () => makePeer(mutant, role));
}
