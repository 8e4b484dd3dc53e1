/**
 * What came of all columns, as one table, with the reason of every skip below.
 * @module
 */
import type { Result } from "../cases/case.ts";
import type { Outcome } from "./start.ts";

/** How many results there are of a kind. */
export function countOf(results: readonly Result[], status: Result["status"]): number {
  return results.filter((result) => result.status === status).length;
}

/** The table: a row for each group, a column for each runtime. */
export function toTable(outcomes: readonly Outcome[]): string {
  const groups = new Set(outcomes.flatMap(({ results }) => results.filter(({ status }) => status !== "note").map(({ group }) => group)));
  const rows = [
    ["", ...outcomes.map(({ name }) => name)],
    ...[...groups].map((name) => [name, ...outcomes.map(({ results }) => cell(results.filter(({ group }) => group === name)))]),
    ["from start to end", ...outcomes.map(({ milliseconds }) => seconds(milliseconds))],
  ];
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  return rows.map((row) => row.map((text, at) => text.padEnd(widths[at])).join("  ").trimEnd()).join("\n");
}

function cell(results: readonly Result[]): string {
  if (results.length === 0) return "-";
  const time = results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const parts = [["pass", "pass"], ["fail", "FAIL"], ["skip", "skip"]] as const;
  const counts = parts.map(([status, word]) => [countOf(results, status), word] as const).filter(([count]) => count > 0);
  return [...counts.map(([count, word]) => `${count} ${word}`), ...(time < 50 ? [] : [seconds(time)])].join(", ");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** A line for each reason of a runtime's to skip or to check less, with the cases; then two for each case that failed. */
export function toNotes(outcomes: readonly Outcome[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, results } of outcomes) {
    for (const { status, reason, group, name: title } of results) {
      if (status !== "skip" && status !== "note") continue;
      const key = `${status}  ${name}: ${reason}`;
      reasons.set(key, [...reasons.get(key) ?? [], ...(status === "note" ? [] : [`${group}: ${title}`])]);
    }
  }
  const failures = outcomes.flatMap(({ name, results }) => results.filter(({ status }) => status === "fail")
    .map(({ group, name: title, reason }) => `FAIL  ${name}  ${group}: ${title}\n      ${reason}`));
  return [...[...reasons].map(([key, cases]) => cases.length === 0 ? key : `${key} (${cases.join("; ")})`), ...failures];
}
