import { expect, it } from "vitest";
import { createReport } from "./create.ts";
import { sampleReport } from "./testing/sample.ts";

it("A report has the facts of its run, and counts its verdicts", () => {
  const { results, totals, ...facts } = sampleReport();
  const { schema, started, ...given } = facts;
  const report = createReport(results, { ...given, started: new Date(started) });
  expect(report).toEqual({ ...facts, schema, started: new Date(started).toISOString(), totals, results });
});
