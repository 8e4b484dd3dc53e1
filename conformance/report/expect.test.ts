import { expect, test } from "vitest";
import type { CaseResult, Verdict } from "../wire/result.ts";
import { VERDICTS } from "../wire/result.ts";
import { compare, expectationsOf, readExpectations } from "./expect.ts";
import { sampleReport } from "./testing/sample.ts";

const [template] = sampleReport({ cases: 20 }).results;
const result = (id: string, verdict: Verdict, ...reasons: string[]): CaseResult => ({ ...template, id, title: `About ${id}`, verdict, reasons });
const ids = (changes: readonly { readonly id: string }[]): string[] => changes.map(({ id }) => id);

test("a run differs in nothing from itself, however it was kept", () => {
  const report = sampleReport({ cases: 100 });
  for (const expected of [report, expectationsOf(report), readExpectations(JSON.stringify(report), "a"), readExpectations(JSON.stringify(expectationsOf(report)), "b")]) {
    expect(compare(expected, report.results)).toEqual({ worse: [], better: [], changed: [], missing: [], added: [], sentences: [] });
  }
});

test("pass, non-strict, unimplemented, fail is the order from best to worst", () => {
  for (const [was, from] of VERDICTS.entries()) {
    for (const [is, to] of VERDICTS.entries()) {
      const { worse, better } = compare({ "5.2-1": from }, [result("5.2-1", to)]);
      expect([ids(worse), ids(better)]).toEqual([is > was ? ["5.2-1"] : [], is < was ? ["5.2-1"] : []]);
    }
  }
});

test("a new case is worse only when it fails, one that is gone is only named", () => {
  const found = compare({ "5.2-1": "pass", "5.2-10": "fail", "5.2-9": "pass" }, [result("5.2-1", "pass"), result("5.4-1", "fail", "it went on"), ...VERDICTS.slice(0, 3).map((verdict, at) => result(`5.3-${at}`, verdict))]);
  expect([ids(found.worse), ids(found.better), ids(found.added), found.missing]).toEqual([["5.4-1"], [], ["5.3-0", "5.3-1", "5.3-2", "5.4-1"], ["5.2-9", "5.2-10"]]);
  expect(found.sentences).toEqual([
    "Worse: 5.4-1 is new, and fails: it went on",
    "New: 5.3-0, 5.3-1, 5.3-2 were not expected, and did not fail",
    "Not run: 5.2-9, 5.2-10, of which something is expected",
  ]);
});

test("only a whole report tells that a case fails for another reason", () => {
  const now = [result("5.2-1", "fail", "it answered 200"), result("5.2-2", "pass")];
  const report = { ...sampleReport({ cases: 20 }), results: [result("5.2-1", "fail", "it answered 101"), result("5.2-2", "pass")] };
  expect(compare(report, now)).toMatchObject({ worse: [], better: [], sentences: ["Other: 5.2-1 fails for another reason than before: it answered 200"] });
  expect(ids(compare(report, now).changed)).toEqual(["5.2-1"]);
  expect(compare(expectationsOf(report), now).sentences).toEqual([]);
});

test("says what got better and worse in sentences, sorted", () => {
  const { sentences } = compare({ "5.2-10": "fail", "5.2-9": "pass", "5.2-8": "pass" }, [result("5.2-10", "pass"), result("5.2-9", "fail", "it ended TCP"), result("5.2-8", "unimplemented", "it declined")]);
  expect(sentences).toEqual([
    "Worse: 5.2-8 passed, and is unimplemented now: it declined",
    "Worse: 5.2-9 passed, and fails now: it ended TCP",
    "Better: 5.2-10 failed, and passes now: About 5.2-10",
  ]);
});

test("names a few of many", () => {
  const expected = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`5.2-${at}`, "pass" as const]));
  expect(compare(expected, []).sentences).toEqual(["Not run: 5.2-0, 5.2-1, 5.2-2, 5.2-3, 5.2-4 and 4 more cases, of which something is expected"]);
});

test("expectations are sorted, a line a case", () => {
  const kept = JSON.stringify(expectationsOf({ results: [result("5.2-10", "fail"), result("7692:7-1", "pass"), result("5.2-9", "non-strict")] }), null, 1);
  expect(kept).toBe(`{\n "5.2-9": "non-strict",\n "5.2-10": "fail",\n "7692:7-1": "pass"\n}`);
});

test.each([
  ["{", `Cannot read expectations "kept.json": it is not JSON`],
  ["[]", `Cannot read expectations "kept.json": it is neither a report nor an object of verdicts`],
  ["null", `Cannot read expectations "kept.json": it is neither a report nor an object of verdicts`],
  [`{"5.2-1":"ok"}`, `Cannot read expectations "kept.json": case "5.2-1" has "ok", which is none of pass, non-strict, unimplemented, fail`],
  [`{"results":[{"id":"5.2-1","verdict":"pass"},null]}`, `Cannot read expectations "kept.json": result 1 of the report has no id or no verdict`],
])("refuses %s", (json, message) => {
  expect(() => readExpectations(json, "kept.json")).toThrow(new TypeError(message));
});
