/**
 * JUnit XML, which every CI reads.
 * @module
 */
import type { CaseResult, Report } from "../wire/result.ts";
import { escapeMarkup } from "./escape.ts";
import { groupCases } from "./groups.ts";

/**
 * One test suite for each report, one test for each case. A case that fails is a failure, one that is unimplemented is skipped; one that is not strict
 * passes, and says why on its standard output.
 */
export function renderJUnit(reports: readonly Report[]): string {
  const total = (count: (report: Report) => number): number => reports.reduce((sum, report) => sum + count(report), 0);
  const counts = attributes({
    tests: total((report) => report.results.length),
    failures: total(({ totals }) => totals.fail),
    errors: 0,
    skipped: total(({ totals }) => totals.unimplemented),
    time: seconds(total(({ duration }) => duration)),
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conformance"${counts}>\n${reports.map(suite).join("")}</testsuites>\n`;
}

function suite(report: Report): string {
  const { agent, role, url, totals, results } = report;
  const head = attributes({
    name: `${agent} (${role})`, tests: results.length, failures: totals.fail, errors: 0, skipped: totals.unimplemented,
    time: seconds(report.duration), timestamp: report.started.slice(0, 19),
  });
  const facts = { url, suite: report.suite, seed: report.seed, complete: String(report.complete), ...(report.command === undefined ? {} : { command: report.command }) };
  const properties = Object.entries(facts).map(([name, value]) => `      <property${attributes({ name, value })}/>\n`).join("");
  const cases = groupCases(results).flatMap((group) => group.cases).map(testCase).join("");
  return `  <testsuite${head}>\n    <properties>\n${properties}    </properties>\n${cases}  </testsuite>\n`;
}

function testCase(result: CaseResult): string {
  const head = attributes({ classname: `rfc${result.rfc}.${result.section}`, name: `${result.id} ${result.title}`, time: seconds(result.duration) });
  const message = attributes({ message: result.reasons[0] ?? result.title });
  const body = escapeMarkup(explain(result).join("\n"));
  switch (result.verdict) {
    case "pass": return `    <testcase${head}/>\n`;
    case "fail": return `    <testcase${head}>\n      <failure${message}>${body}</failure>\n    </testcase>\n`;
    case "unimplemented": return `    <testcase${head}>\n      <skipped${message}/>\n    </testcase>\n`;
    case "non-strict": return `    <testcase${head}>\n      <system-out>Non-strict. ${body}</system-out>\n    </testcase>\n`;
  }
}

function explain({ reasons, rule, rfc, section, accepts }: CaseResult): string[] {
  return [...reasons, `Rule (RFC ${rfc}, section ${section}): ${rule}`, `Expected: ${accepts.pass}`];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${escapeMarkup(String(value)).replaceAll("\n", " ")}"`).join("");
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
