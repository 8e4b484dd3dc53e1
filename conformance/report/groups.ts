/**
 * Cases in the order of the RFCs: by section, then by number.
 * @module
 */
import { type CaseInfo, countVerdicts, type Verdict } from "../wire/result.ts";

/** The cases of one section. */
export interface Group<T> {
  /** Where its rules stand. */
  readonly rfc: number;
  /** Such as "5.5.2". */
  readonly section: string;
  /** Sorted by number. */
  readonly cases: readonly T[];
}

/** Sorts cases, and puts those of one section together. RFC 6455 comes first: it is what all else builds on. */
export function groupCases<T extends Pick<CaseInfo, "id" | "rfc" | "section">>(cases: readonly T[]): Group<T>[] {
  const groups = new Map<string, Group<T> & { readonly cases: T[] }>();
  for (const one of cases) {
    const key = groupId(one);
    const group = groups.get(key) ?? { rfc: one.rfc, section: one.section, cases: [] };
    groups.set(key, group);
    group.cases.push(one);
  }
  for (const group of groups.values()) group.cases.sort((a, b) => compareNumbers(a.id, b.id));
  return [...groups.values()].sort((a, b) => rank(a.rfc) - rank(b.rfc) || compareNumbers(a.section, b.section));
}

/** "rfc6455-5.5.2": the name of a group, and of its anchor on a page. */
export function groupId({ rfc, section }: Pick<CaseInfo, "rfc" | "section">): string {
  return `rfc${rfc}-${section}`;
}

/** Compares "5.5.2-3" and "5.5.10-1" by their numbers. */
export function compareNumbers(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference) return difference;
    if (Number.isNaN(difference) && left[at] !== right[at]) return left[at] < right[at] ? -1 : 1;
  }
  return left.length - right.length;
}

/** How many cases of a group ended in which verdict. */
export function countGroup(group: Group<{ readonly verdict: Verdict }>): Record<Verdict, number> {
  return countVerdicts(group.cases);
}

function rank(rfc: number): number {
  return rfc === 6455 ? 0 : rfc;
}
