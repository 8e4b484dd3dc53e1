import { expect, test } from "vitest";
import { renderJUnit } from "./junit.ts";
import { ATTACKS, hostileReport } from "./testing/hostile.ts";
import { sampleReport } from "./testing/sample.ts";
import { findAll, parseXml } from "./testing/xml.ts";

test("has a suite for each report and a test for each case, and counts them", () => {
  const reports = [sampleReport({ cases: 200 }), sampleReport({ agent: "Chromium", role: "client", cases: 100, seed: 2 })];
  const xml = parseXml(renderJUnit(reports));
  expect(xml.name).toBe("testsuites");
  expect(xml.attributes["tests"]).toBe(String(reports[0].results.length + reports[1].results.length));
  expect(xml.attributes["failures"]).toBe(String(reports[0].totals.fail + reports[1].totals.fail));
  const suites = findAll(xml, "testsuite");
  for (const [at, { agent, role, totals, results, url }] of reports.entries()) {
    const { attributes } = suites[at];
    expect([attributes["name"], attributes["tests"], attributes["failures"], attributes["skipped"], attributes["timestamp"]])
      .toEqual([`${agent} (${role})`, String(results.length), String(totals.fail), String(totals.unimplemented), "2026-11-21T05:00:17"]);
    for (const [name, count] of [["testcase", results.length], ["failure", totals.fail], ["skipped", totals.unimplemented], ["system-out", totals["non-strict"]]] as const) {
      expect(findAll(suites[at], name)).toHaveLength(count);
    }
    expect(findAll(suites[at], "property").find((property) => property.attributes["name"] === "url")?.attributes["value"]).toBe(url);
  }
});

test("a failure says why, which rule, and what was expected", () => {
  const report = sampleReport({ cases: 100, fail: 1 });
  const [test] = findAll(parseXml(renderJUnit([report])), "testcase");
  const one = report.results.find(({ id }) => test.attributes["name"].startsWith(`${id} `))!;
  expect(test.attributes["classname"]).toBe(`rfc${one.rfc}.${one.section}`);
  expect(Number(test.attributes["time"])).toBeCloseTo(one.duration / 1000, 2);
  expect(test.children[0].attributes["message"]).toBe(one.reasons[0]);
  for (const part of [...one.reasons, one.rule, one.accepts.pass, one.section]) expect(test.children[0].text).toContain(part);
});

test("whatever a peer sends, it is XML", () => {
  const report = hostileReport();
  const xml = parseXml(renderJUnit([report]));
  expect(findAll(xml, "testcase")).toHaveLength(report.results.length);
  expect(findAll(xml, "failure").map(({ attributes }) => attributes["message"])).toContain(ATTACKS[3]);
});
