import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { binary, close, text } from "../frames.ts";
import type { Case } from "./case.ts";
import { CASES } from "./cases/all.ts";
import { describeCase } from "./describe.ts";

const AUTOBAHN_GROUPS = { 1: 16, 2: 11, 3: 7, 4: 10, 5: 20, 6: 145, 7: 37, 9: 54, 10: 1, 12: 90, 13: 126 };

describe("the cases", () => {
  it("are more than a thousand, each with a number and words of its own", () => {
    expect(CASES.length).toBeGreaterThan(1_000);
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
    const wordless = CASES.filter((item) => {
      const { title, rule, sends, accepts } = describeCase(item);
      const lines = [title, rule, accepts.pass, accepts.fail, ...accepts.nonStrict === undefined ? [] : [accepts.nonStrict], ...sends];
      return lines.some((line) => line.trim() === "" || /undefined|\[object|NaN/.test(line));
    });
    expect(wordless.map(({ id, title }) => `${id}: ${title}`)).toEqual([]);
  });

  it("have rules with names of their own", () => {
    const rules = [...new Set(CASES.map(({ rule }) => rule))].map(({ name, says, section, rfc }) => JSON.stringify({ name, says, section, rfc }));
    const names = new Set(CASES.map(({ rule }) => rule.name));
    expect(new Set(rules).size).toBe(names.size);
    expect([...names].filter((name) => !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  it("are numbered by the section of their rule", () => {
    const wrong = CASES.filter(({ id, rule: { rfc = 6455, section } }) => id.replace(/-\d+$/, "") !== (rfc === 6455 ? section : `${rfc}:${section}`));
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  it("have all of Autobahn's, each once", () => {
    const numbers = CASES.flatMap(({ autobahn }) => autobahn ?? []);
    expect(numbers.length).toBe(517);
    expect(new Set(numbers).size).toBe(517);
    const groups = Object.keys(AUTOBAHN_GROUPS).map((group) => [group, numbers.filter((number) => number.startsWith(`${group}.`)).length]);
    expect(Object.fromEntries(groups)).toEqual(AUTOBAHN_GROUPS);
  });

  it("quote no rule twice in a file", () => {
    const folder = join(import.meta.dirname, "cases");
    for (const file of readdirSync(folder)) {
      const says = readFileSync(join(folder, file), "utf8").match(/says: "[^"]*"/g) ?? [];
      expect(new Set(says).size, file).toBe(says.length);
    }
  });
});

describe("the words for", () => {
  const of = (parts: Partial<Case>): ReturnType<typeof describeCase> =>
    describeCase({ id: "1-1", title: "a", rule: { name: "a", section: "1", says: "b" }, ...parts });

  it("frames say what is wrong with them", () => {
    const { sends } = of({ send: [{ frames: [text("a"), binary(new Uint8Array(300), { masked: false, lengthBits: 64, length: 7n })], chop: 1 }] });
    expect(sends[0]).toMatch(/^text "a", .*300 bytes.*not masked.*64 bits.*declared as 7 bytes.*in writes of 1 byte$/);
  });

  it("a clean end name what comes back", () => {
    expect(of({ send: [{ frames: [close(1000)] }], expect: [text("a")], answers: [undefined, 1000] }).accepts.pass).toMatch(/^text "a" comes back; .*no code or 1000/);
  });

  it("a failure name its codes", () => {
    expect(of({ end: [1002, 1007] }).accepts.pass).toContain("1002 or 1007");
  });

  it("a refusal name its statuses", () => {
    const { accepts } = of({ only: "server", ask: { refuses: "pass", opens: "fail", statuses: [426] } });
    expect(accepts.pass).toContain("426");
    expect(accepts.nonStrict).toContain("another status");
  });

  it("a case are its own where it has some", () => {
    expect(of({ sends: ["something"], accepts: { pass: "all" } })).toMatchObject({ sends: ["something"], accepts: { pass: "all" } });
  });
});
