/**
 * Compares a run with what is expected of it, so that only a change for the worse fails a build.
 *
 * What decides, and why:
 * - Verdicts rank pass, non-strict, unimplemented, fail, the best first. A peer that stops doing something (pass to unimplemented) got worse. One that no
 *   longer offers what it did wrong (fail to unimplemented) got better: it breaks no rule any more.
 * - A case that was not there before counts as worse if it fails, and only then. It may be no change of the peer, but whoever learns of it by a red build writes the
 *   expectations anew; who is never told would never know. A new case with any other verdict breaks no rule.
 * - A case that is gone is named, and decides nothing: the run was told to leave it out, or was stopped, and has an exit code for that.
 * @module
 */
import { type CaseResult, type Report, VERDICTS, type Verdict } from "../wire/result.ts";
import { compareNumbers } from "./groups.ts";

/** What is expected of each case, by its id. */
export type Expectations = Readonly<Record<string, Verdict>>;

/** A case that ended otherwise than expected. */
export interface Change {
  /** Its number. */
  readonly id: string;
  /** What is special in it. */
  readonly title: string;
  /** What was expected; undefined for a new case. */
  readonly from: Verdict | undefined;
  /** What it was. */
  readonly to: Verdict;
  /** Why it is so now. */
  readonly reasons: readonly string[];
}

/** How a run differs from what was expected, sorted by case. */
export interface Comparison {
  /** What got worse, and new cases that fail. When there are any, the build fails. */
  readonly worse: readonly Change[];
  /** What got better. */
  /** What got better. */
  readonly better: readonly Change[];
  /** As bad as before, but for another reason. Only a whole report says what the reason was. */
  readonly changed: readonly Change[];
  /** Expected, but not run. */
  readonly missing: readonly string[];
  /** Run, but not expected. */
  readonly added: readonly Change[];
  /** All of it, for people: a sentence a line. */
  readonly sentences: readonly string[];
}

/** What a run has shown, as what is expected of the next: sorted, a line for each case once it is JSON. */
export function expectationsOf(report: Pick<Report, "results">): Expectations {
  const entries = report.results.map(({ id, verdict }) => [id, verdict] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => compareNumbers(a, b)));
}

/**
 * Reads what a file holds that a former run wrote: a whole report, or what `expectationsOf` makes.
 * @throws TypeError when it is neither.
 */
export function readExpectations(json: string, file: string): Expectations | Report {
  const fail = (detail: string): never => {
    throw new TypeError(`Cannot read expectations "${file}": ${detail}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    fail("it is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail("it is neither a report nor an object of verdicts");
  if ("results" in value && Array.isArray(value.results)) {
    const at = value.results.findIndex((one: Partial<CaseResult> | null) => typeof one?.id !== "string" || !isVerdict(one.verdict));
    return at < 0 ? value as Report : fail(`result ${at} of the report has no id or no verdict`);
  }
  const wrong = Object.entries(value).find(([, verdict]) => !isVerdict(verdict));
  return wrong === undefined ? value as Expectations : fail(`case "${wrong[0]}" has ${JSON.stringify(wrong[1])}, which is none of ${VERDICTS.join(", ")}`);
}

/** Says how results differ from what was expected of them. */
export function compare(expected: Expectations | Pick<Report, "results">, results: readonly CaseResult[]): Comparison {
  const former = resultsOf(expected);
  const before = new Map(former === undefined ? Object.entries(expected as Expectations) : former.map(({ id, verdict }) => [id, verdict]));
  const reasons = new Map(former?.map((one) => [one.id, one.reasons]));
  const worse: Change[] = [];
  const better: Change[] = [];
  const changed: Change[] = [];
  const added: Change[] = [];
  for (const result of [...results].sort((a, b) => compareNumbers(a.id, b.id))) {
    const from = before.get(result.id);
    const change: Change = { id: result.id, title: result.title, from, to: result.verdict, reasons: result.reasons };
    const step = from === undefined ? 0 : VERDICTS.indexOf(result.verdict) - VERDICTS.indexOf(from);
    if (from === undefined) added.push(change);
    if (step > 0 || (from === undefined && result.verdict === "fail")) worse.push(change);
    else if (step < 0) better.push(change);
    else if (from !== undefined && differ(reasons.get(result.id), result.reasons)) changed.push(change);
  }
  const ran = new Set(results.map(({ id }) => id));
  const missing = [...before.keys()].filter((id) => !ran.has(id)).sort(compareNumbers);
  return { worse, better, changed, missing, added, sentences: sentencesOf({ worse, better, changed, missing, added }) };
}

function sentencesOf({ worse, better, changed, missing, added }: Omit<Comparison, "sentences">): string[] {
  const fine = added.filter(({ to }) => to !== "fail").map(({ id }) => id);
  return [
    ...worse.map((change) => `Worse: ${describe(change)}`),
    ...better.map((change) => `Better: ${describe(change)}`),
    ...changed.map((change) => `Other: ${describe(change)}`),
    ...(fine.length === 0 ? [] : [`New: ${list(fine)} ${fine.length === 1 ? "was" : "were"} not expected, and did not fail`]),
    ...(missing.length === 0 ? [] : [`Not run: ${list(missing)}, of which something is expected`]),
  ];
}

function describe({ id, title, from, to, reasons }: Change): string {
  const what = from === undefined ? `is new, and ${IS[to]}` : from === to ? `${IS[to]} for another reason than before` : `${WAS[from]}, and ${IS[to]} now`;
  return `${id} ${what}: ${reasons[0] ?? title}`;
}

const WAS: Readonly<Record<Verdict, string>> = { pass: "passed", "non-strict": "was non-strict", unimplemented: "was unimplemented", fail: "failed" };
const IS: Readonly<Record<Verdict, string>> = { pass: "passes", "non-strict": "is non-strict", unimplemented: "is unimplemented", fail: "fails" };

/** "5.2-1, 5.2-2, 5.2-3 and 40 more cases". */
function list(ids: readonly string[]): string {
  const rest = ids.length - 5;
  return rest <= 0 ? ids.join(", ") : `${ids.slice(0, 5).join(", ")} and ${rest} more ${rest === 1 ? "case" : "cases"}`;
}

function resultsOf(expected: Expectations | Pick<Report, "results">): readonly CaseResult[] | undefined {
  return Array.isArray(expected["results"]) ? expected["results"] as readonly CaseResult[] : undefined;
}

function differ(before: readonly string[] | undefined, now: readonly string[]): boolean {
  return before !== undefined && before.join("\n") !== now.join("\n");
}

function isVerdict(value: unknown): value is Verdict {
  return (VERDICTS as readonly unknown[]).includes(value);
}
