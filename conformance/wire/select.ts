/**
 * Picks cases by what a caller writes.
 * @module
 */
import type { Case } from "./case.ts";

/**
 * Whether a pattern means a case: "5.5.2-3" is one case, "5.5.2" and "5.5.2.*" are a section with those inside it, "7692:*" is all of an RFC,
 * "autobahn:6.4.*" goes by the Autobahn testsuite's numbers, and a word is the name of a rule. `*` stands for anything.
 */
export function matches({ id, autobahn, rule }: Pick<Case, "id" | "autobahn" | "rule">, pattern: string): boolean {
  if (pattern.startsWith("autobahn:")) return autobahn !== undefined && isIn(autobahn, pattern.slice("autobahn:".length));
  return isIn(id, pattern.replace(/^6455:/, "")) || rule.name === pattern;
}

/** The cases that one of the patterns means, and none of the others does; all without patterns. */
export function select(cases: readonly Case[], patterns: readonly string[], excluded: readonly string[] = []): Case[] {
  return cases.filter((item) => (patterns.length === 0 || patterns.some((pattern) => matches(item, pattern))) && !excluded.some((pattern) => matches(item, pattern)));
}

/** Those of the patterns that mean no case. */
export function unmatched(cases: readonly Case[], patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => !cases.some((item) => matches(item, pattern)));
}

function isIn(number: string, pattern: string): boolean {
  const whole = pattern.replace(/\.\*$/, "");
  const expression = whole.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*");
  return new RegExp(`^${expression}(?:$|[.-])`).test(number);
}
