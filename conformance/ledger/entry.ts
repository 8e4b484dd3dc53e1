/**
 * What the ledger keeps of a run: little enough to be read in a diff, and nothing that another run would have otherwise.
 * @module
 */
import { type CaseResult, countVerdicts, type LogEntry, type Verdict } from "../wire/result.ts";

/** One file of `results/`. */
export interface Entry {
  /** Which peer, with versions. */
  readonly agent: string;
  readonly role: "server" | "client";
  /** The command that tests it again. */
  readonly command: string;
  /** The command that starts it alone. */
  readonly start: string;
  /** What is not as by default. */
  readonly settings?: string;
  /** Why it was not asked everything. */
  readonly limits?: string;
  readonly totals: Readonly<Record<Verdict, number>>;
  /** What was not pass, and was implemented. */
  readonly cases: readonly Finding[];
  /** What it does not do, by reason: the numbers of the cases. */
  readonly unimplemented: readonly { readonly reason: string; readonly cases: readonly string[] }[];
}

/** A case that did not pass. */
export interface Finding {
  readonly id: string;
  readonly verdict: "non-strict" | "fail";
  readonly rule: string;
  readonly title: string;
  readonly reasons: readonly string[];
  /** For failures: the last of what went each way. */
  readonly sent?: readonly string[];
  readonly received?: readonly string[];
}

/** Makes an entry of a run. */
export function toEntry(head: Omit<Entry, "totals" | "cases" | "unimplemented">, results: readonly CaseResult[]): Entry {
  return { ...head, totals: countVerdicts(results), cases: results.flatMap(toFinding), unimplemented: byReason(results) };
}

/** As a file: a line for each case. */
export function toJson({ cases, unimplemented, ...head }: Entry): string {
  const lines = (list: readonly object[]): string => list.length === 0 ? "[]" : `[\n${list.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n ]`;
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "cases": ${lines(cases)},\n "unimplemented": ${lines(unimplemented)}\n}\n`;
}

function toFinding({ id, verdict, rule, title, reasons, log }: CaseResult): Finding[] {
  if (verdict === "pass" || verdict === "unimplemented") return [];
  const short = reasons.map((reason) => reason.replace(/<[0-9a-f ]+>|checksum [0-9a-f]+/g, "<…>")).map((reason) => reason.length > REASON ? `${reason.slice(0, REASON)}…` : reason);
  const finding: Finding = { id, verdict, rule, title, reasons: short };
  return [verdict === "fail" ? { ...finding, sent: lastOf(log, "tester"), received: lastOf(log, "peer") } : finding];
}

function byReason(results: readonly CaseResult[]): Entry["unimplemented"] {
  const reasons = new Map<string, string[]>();
  for (const { id, verdict, reasons: [reason = ""] } of results) {
    if (verdict === "unimplemented") reasons.set(reason, [...reasons.get(reason) ?? [], id]);
  }
  return [...reasons].map(([reason, cases]) => ({ reason, cases: ranges(cases) }));
}

/** "5.1-1 to 4" for four in a row. */
function ranges(ids: readonly string[]): string[] {
  const runs: { section: string; first: number; last: number }[] = [];
  for (const id of ids) {
    const at = id.lastIndexOf("-");
    const section = id.slice(0, at);
    const number = Number(id.slice(at + 1));
    const run = runs.at(-1);
    if (run?.section === section && run.last === number - 1) run.last = number;
    else runs.push({ section, first: number, last: number });
  }
  return runs.map(({ section, first, last }) => first === last ? `${section}-${first}` : `${section}-${first} to ${last}`);
}

/** The last frames that one side sent, and the heads where there was little more; without what is made by chance. */
function lastOf(log: readonly LogEntry[], by: "tester" | "peer"): string[] {
  const opened = log.some((entry) => entry.kind === "frame" && entry.by === "peer");
  const shown = log.flatMap((entry) => entry.by !== by || entry.kind === "head" && opened ? [] : show(entry));
  return shown.length > SHOWN ? ["…", ...shown.slice(-SHOWN)] : shown;
}

function show(entry: LogEntry): string[] {
  if (entry.kind === "head") return [entry.text.trimEnd().replace(/\r?\n(?:date|user-agent): .*/gi, "").replace(BY_CHANCE, "$1…")];
  if (entry.kind === "bytes") return [`${entry.length} bytes: ${firstOf(entry.hex, entry.length)}`];
  if (entry.kind !== "frame") return [];
  const { header, payload, length, says } = entry;
  const words = header.split(" ");
  const size = { 126: 4, 127: 10 }[Number.parseInt(words[1], 16) & 127] ?? 2; // without the masking key, which is made by chance
  return [`${words.slice(0, size).join(" ")}${length === 0 ? "" : ` | ${firstOf(payload, length)}`}${says === undefined ? "" : ` (${says.slice(0, 80)})`}`];
}

/** What is another value in each run. */
const BY_CHANCE = /^(sec-websocket-(?:key|accept): |host: 127.0.0.1:|.*\?case=)\S+/gim;

function firstOf(hex: string, length: number): string {
  return `${hex.split(" ").slice(0, SHOWN_BYTES).join(" ")}${length > SHOWN_BYTES ? " …" : ""}`;
}

/** How much of each side is kept. */
const SHOWN = 3;
const SHOWN_BYTES = 24;
/** Characters of a reason. */
const REASON = 160;
