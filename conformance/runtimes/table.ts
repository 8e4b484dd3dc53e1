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
  const lines: string[] = [];
  for (const { name, results } of outcomes) {
    for (const status of ["skip", "note"] as const) {
      const reasons = groupBy(results.filter((result) => result.status === status), ({ reason }) => reason);
      for (const [reason, because] of reasons) lines.push(`${status}  ${name}: ${reason}${status === "note" ? "" : ` (${toTitles(because)})`}`);
    }
  }
  const failures = outcomes.flatMap(({ name, results }) => results.filter(({ status }) => status === "fail")
    .map(({ group, name: title, reason }) => `FAIL  ${name}  ${group}: ${title}\n      ${reason}`));
  return [...lines, ...failures];
}

/** The cases by name; many of them by group and number. */
function toTitles(results: readonly Result[]): string {
  if (results.length <= 4) return results.map(({ group, name }) => `${group}: ${name}`).join("; ");
  return [...groupBy(results, ({ group }) => group)].map(([group, of]) => `${group}: ${of.length}`).join(", ");
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string | undefined): Map<string | undefined, Value[]> {
  const groups = new Map<string | undefined, Value[]>();
  for (const value of values) groups.set(keyOf(value), [...groups.get(keyOf(value)) ?? [], value]);
  return groups;
}
