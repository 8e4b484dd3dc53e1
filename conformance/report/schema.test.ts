import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { echoClient, echoServer } from "../echo-protocol.ts";
import { CASES } from "../wire/cases/all.ts";
import { check } from "../wire/protocol-tester.ts";
import { countVerdicts, type Report } from "../wire/result.ts";
import { errorsOf, type Schema } from "./testing/json-schema.ts";
import { sampleReport } from "./testing/sample.ts";

const schema = JSON.parse(readFileSync(new URL("schema.json", import.meta.url), "utf8")) as Schema;

/** Results of our own ends, of some cases of each section. */
async function realReport(role: "server" | "client"): Promise<Report> {
  const cases = CASES.filter(({ only, over, heavy }) => (only ?? role) === role && over === undefined && heavy !== true);
  const some = cases.filter(({ rule }, at) => cases.findIndex((other) => other.rule === rule) >= at - 1);
  const results = [];
  for (const item of some) results.push(await check(item, role, role === "server" ? echoServer : echoClient));
  return { ...sampleReport({ cases: 20, role }), results, totals: countVerdicts(results) };
}

test("is a schema whose every word the check knows, with all properties described or plain", () => {
  expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
  const missing = Object.entries(schema.properties!).filter(([, part]) => part.description === undefined).map(([name]) => name);
  expect(missing).toEqual([]);
});

test.each(["server", "client"] as const)("what a run against our own %s gives is what the schema says", async (role) => {
  const report = await realReport(role);
  expect(report.results.length).toBeGreaterThan(30);
  expect(new Set(report.results.flatMap(({ log }) => log.map(({ kind }) => kind)))).toContain("frame");
  expect(errorsOf(schema, JSON.parse(JSON.stringify(report)))).toEqual([]);
});

test("made-up reports are what the schema says", () => {
  expect(errorsOf(schema, JSON.parse(JSON.stringify(sampleReport({ cases: 300, fail: 0.3, nonStrict: 0.3, unimplemented: 0.3 }))))).toEqual([]);
});

describe("refuses", () => {
  const report = sampleReport({ cases: 30 });
  const [result] = report.results;
  const [entry] = result.log;
  const withResult = (part: object): object => ({ ...report, results: [{ ...result, ...part }] });
  const withEntry = (part: object): object => withResult({ log: [{ ...entry, ...part }] });
  test.each<[string, object]>([
    ["another version", { ...report, schema: 2 }],
    ["a date that is none", { ...report, started: "today" }],
    ["a role that is none", { ...report, role: "proxy" }],
    ["a report without totals", (({ totals: _, ...rest }) => rest)(report)],
    ["totals without a verdict", { ...report, totals: { pass: 1 } }],
    ["a property that nobody knows", { ...report, extra: 1 }],
    ["results that are no list", { ...report, results: {} }],
    ["a verdict that is none", withResult({ verdict: "ok" })],
    ["an id that is none", withResult({ id: "first" })],
    ["a time before the beginning", withResult({ duration: -1 })],
    ["reasons that are no texts", withResult({ reasons: [1] })],
    ["an entry of no kind", withEntry({ kind: "thought" })],
    ["an entry by nobody", withEntry({ by: "somebody" })],
    ["a frame without its header", withEntry({ kind: "frame" })],
    ["bytes that are no hexadecimal", withResult({ log: [{ at: 0, by: "peer", kind: "bytes", length: 1, hex: "8" }] })],
    ["an opcode of five bits", withResult({ log: [{ at: 0, by: "peer", kind: "frame", fin: true, rsv: 0, opcode: 16, masked: false, length: 0, header: "8100", payload: "" }] })],
  ])("%s", (_, value) => expect(errorsOf(schema, JSON.parse(JSON.stringify(value)))).not.toEqual([]));
});
