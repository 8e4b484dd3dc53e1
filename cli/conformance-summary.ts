/**
 * What a run has shown, for people: sections, what failed and why, and the sum.
 * @module
 */
import { type CaseResult, countVerdicts, type Verdict } from "../conformance/mod.ts";
import { groupCases } from "../conformance/report/groups.ts";
import { sectionName } from "../conformance/report/sections.ts";
import { formatSection, VERDICT_WORDS } from "../conformance/report/words.ts";
import { byRule, decisive, ranges, reasonsOf, wireLines, wrapped } from "./conformance-words.ts";
import { count, type Colour, duration, excerpt, type Paint } from "./terminal.ts";

/** How it is told. */
export interface SummaryOptions {
  readonly width: number;
  readonly paint: Paint;
  /** With the whole wire log of each case that did not pass. */
  readonly verbose: boolean;
}

/** Lines for a section each that has something to tell, then the cases that did not pass, by rule. */
export function summaryLines(results: readonly CaseResult[], options: SummaryOptions): string[] {
  return [
    ...blocks(results, "non-strict", options),
    ...blocks(results, "fail", options),
    ...sections(results, options),
  ];
}

/** "1031 cases in 20.1 s: 1020 passed, 3 non-strict, 8 failed". */
export function totalsLine(results: readonly CaseResult[], took: number, paint: Paint): string {
  const totals = countVerdicts(results);
  const parts = (["pass", "non-strict", "unimplemented", "fail"] as const).filter((verdict) => totals[verdict] > 0)
    .map((verdict) => paint(COLOURS[verdict], `${totals[verdict]} ${VERDICT_WORDS[verdict].past}`));
  return `${count(results.length, "case")} in ${duration(took)}: ${parts.join(", ") || "none was run"}`;
}

function sections(results: readonly CaseResult[], { paint, width }: SummaryOptions): string[] {
  const groups = groupCases(results).filter(({ cases }) => cases.some(({ verdict }) => verdict !== "pass"));
  if (groups.length === 0) return [];
  const names = Math.min(60, width - 2 - COLUMNS.reduce((sum, [, name]) => sum + name.length + 2, 0));
  const numbers = groups.map(({ rfc, section }) => `${rfc === 6455 ? "" : `RFC ${rfc} `}${section}`);
  const longest = Math.max(...numbers.map(({ length }) => length));
  const rows = groups.map(({ rfc, section, cases }, at) => {
    const totals = countVerdicts(cases);
    const name = excerpt(`${numbers[at].padEnd(longest)}  ${sectionName(rfc, section) ?? ""}`, names).padEnd(names);
    return `  ${name}${COLUMNS.map(([verdict, column]) => cell(totals[verdict], verdict, column.length + 2, paint)).join("")}`;
  });
  const heading = "Sections where not all passed".padEnd(names + 2);
  return ["", `${paint("bold", heading)}${paint("dim", COLUMNS.map(([, name]) => `  ${name}`).join(""))}`, ...rows];
}

function cell(number: number, verdict: Verdict, width: number, paint: Paint): string {
  const text = (number === 0 ? "" : String(number)).padStart(width);
  return number === 0 || verdict === "pass" ? text : paint(COLOURS[verdict], text);
}

/** Cases of one verdict, those of one rule together: the first in full, the others in a line. */
function blocks(results: readonly CaseResult[], verdict: Verdict, options: SummaryOptions): string[] {
  const { paint, verbose } = options;
  const rules = groupCases(results.filter((result) => result.verdict === verdict)).flatMap(({ cases }) => byRule(cases, ({ rule }) => rule));
  if (rules.length === 0) return [];
  const all = rules.reduce((sum, { length }) => sum + length, 0);
  const heading = verdict === "fail" ? `${count(all, "case")} failed` : `${count(all, "case")} not strict: allowed, but not best`;
  const lines = ["", paint("bold", heading)];
  if (verdict !== "fail" && !verbose) {
    for (const cases of rules) lines.push(...brief(cases, options));
    return lines;
  }
  for (const cases of verbose ? rules : rules.slice(0, MOST_RULES)) lines.push(...block(cases, options));
  const left = verbose ? [] : rules.slice(MOST_RULES);
  if (left.length > 0) {
    lines.push("", `and ${count(left.length, "more rule")}, which --verbose or the report tells in full:`);
    for (const cases of left) lines.push(...brief(cases, options));
  }
  return lines;
}

/** The rule, and which cases. */
function brief(cases: readonly CaseResult[], { paint, width }: SummaryOptions): string[] {
  const [{ verdict, rule, reasons }] = cases;
  return [
    `${paint(COLOURS[verdict], VERDICT_WORDS[verdict].mark)} ${wrapped(rule, width, 2)}`,
    `  ${paint("dim", wrapped(`${ranges(cases.map(({ id }) => id))}: ${excerpt(reasons[0] ?? "", 200)}`, width, 2))}`,
  ];
}

function block(cases: readonly CaseResult[], options: SummaryOptions): string[] {
  const { paint, width, verbose } = options;
  const [first] = cases;
  const mark = paint(COLOURS[first.verdict], VERDICT_WORDS[first.verdict].mark);
  const lines = ["", `${mark} ${paint("bold", wrapped(first.rule, width, 2))}`, `  ${paint("dim", formatSection(first.rfc, first.section))}`];
  const full = verbose ? cases : cases.slice(0, 1);
  for (const result of full) lines.push(...details(result, options));
  const others = cases.slice(full.length);
  for (const { id, title, reasons } of others.slice(0, MOST_LINES)) lines.push(`    ${wrapped(`${id} ${title}: ${excerpt(reasons[0] ?? "", 120)}`, width, 6)}`);
  if (others.length > MOST_LINES) lines.push(`    ${wrapped(`and ${others.length - MOST_LINES} more: ${ranges(others.slice(MOST_LINES).map(({ id }) => id))}`, width, 6)}`);
  return lines;
}

function details(result: CaseResult, { paint, width, verbose }: SummaryOptions): string[] {
  const { id, title, sends, accepts, verdict, log } = result;
  const row = (name: string, text: string): string => `      ${paint("dim", name.padEnd(10))}${wrapped(text, width, 16)}`;
  const sent = sends.slice(0, MOST_SENDS);
  return [
    `    ${wrapped(`${id} ${title}`, width, 6)}`,
    ...sent.map((line, at) => row(at === 0 ? "sent" : "", excerpt(line, 300))),
    ...(sends.length > sent.length ? [row("", `and ${sends.length - sent.length} more`)] : []),
    row("expected", excerpt(accepts.pass, 400)),
    row("got", paint(COLOURS[verdict], excerpt(reasonsOf(result), 600))),
    ...wireLines(verbose ? log : decisive(log), width - 6, paint, verbose).map((line) => `      ${line}`),
  ];
}

const COLOURS: Readonly<Record<Verdict, Colour>> = { pass: "green", "non-strict": "yellow", unimplemented: "dim", fail: "red" };
const COLUMNS: readonly (readonly [verdict: Verdict, name: string])[] = [["pass", "passed"], ["non-strict", "non-strict"], ["unimplemented", "lacking"], ["fail", "failed"]];
/** Rules that are told in full. */
const MOST_RULES = 12;
/** Further cases of a rule that get a line each. */
const MOST_LINES = 4;
/** Lines on what was sent. */
const MOST_SENDS = 4;
