/**
 * How a report says things: verdicts, numbers, times.
 * @module
 */
import type { Report, Verdict } from "../wire/result.ts";

/** How a verdict is shown: never by its colour alone. */
export interface VerdictWords {
  /** One character. */
  readonly mark: string;
  /** As a heading over such cases. */
  readonly label: string;
  /** In the middle of a sentence: "3 not strict". */
  readonly past: string;
}

/** Each of them, as a page shows it. */
export const VERDICT_WORDS: Readonly<Record<Verdict, VerdictWords>> = {
  pass: { mark: "✓", label: "Passed", past: "passed" },
  "non-strict": { mark: "~", label: "Non-strict", past: "non-strict" },
  unimplemented: { mark: "–", label: "Unimplemented", past: "unimplemented" },
  fail: { mark: "✗", label: "Failed", past: "failed" },
};

/** In the order in which people look for them. */
export const WORST_FIRST: readonly Verdict[] = ["fail", "non-strict", "unimplemented", "pass"];

/** "1,031". */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "12 passed, 1 failed": those there are. */
export function formatTotals(totals: Readonly<Record<Verdict, number>>): string {
  const parts = (["pass", "non-strict", "unimplemented", "fail"] as const).filter((verdict) => totals[verdict] > 0);
  return parts.map((verdict) => `${formatCount(totals[verdict])} ${VERDICT_WORDS[verdict].past}`).join(", ") || "no cases";
}

/** "850 ms", "12.3 s" or "2 min 5 s". */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 10) return `${Math.round(milliseconds * 10) / 10} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "2026-11-21 05:00 UTC"; what is no date stays as it is. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A sentence with a capital at its beginning. */
export function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** How many cases a run has. */
export function countAll(totals: Readonly<Record<Verdict, number>>): number {
  return totals.pass + totals["non-strict"] + totals.unimplemented + totals.fail;
}

/** The worst verdict among some that are counted; undefined when there are none. What is unimplemented weighs less than anything that was done. */
export function worstOf(totals: Readonly<Record<Verdict, number>>): Verdict | undefined {
  return (["fail", "non-strict", "pass", "unimplemented"] as const).find((verdict) => totals[verdict] > 0);
}

/** "RFC 6455, section 5.5.2". */
export function formatSection(rfc: number, section: string): string {
  return `RFC ${rfc}, ${/^[A-Z]/.test(section) ? "appendix" : "section"} ${section}`;
}

/** Where a section can be read. */
export function sectionUrl(rfc: number, section: string): string {
  return `https://www.rfc-editor.org/rfc/rfc${rfc}#${/^[A-Z]/.test(section) ? "appendix" : "section"}-${encodeURIComponent(section)}`;
}

/** "server" as it stands in a heading. */
export const ROLE_WORDS: Readonly<Record<Report["role"], { readonly one: string; readonly many: string }>> = {
  server: { one: "Server", many: "Servers" },
  client: { one: "Client", many: "Clients" },
};
