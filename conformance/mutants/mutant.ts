/**
 * What a mutant is: the right echo peer with one rule broken, and the cases that must catch it.
 * @module
 */
import type { Case } from "../wire/case.ts";
import { matches } from "../wire/select.ts";
import type { Role } from "./peer/connection-rules.ts";
import { EchoPeer } from "./peer/echo.ts";
import { RIGHT, type Rules } from "./peer/rules.ts";

/** Which cases: a pattern as on the command line (`wire/select.ts`), or what they have in common. */
export type Which = string | ((item: Case) => boolean);

/** A deliberately broken peer. */
export interface Mutant {
  /** In a few words, with hyphens. */
  readonly name: string;
  /** The name of the rule it breaks: the cases of that rule must catch it. */
  readonly breaks: string;
  /** Which end it is; each of both when it is not said. */
  readonly role?: Role;
  /** What it does wrong, so that "It " can stand before it. */
  readonly says: string;
  /** The rules it has in place of the right ones; made anew for each connection where it keeps something. */
  readonly change: Partial<Rules> | (() => Partial<Rules>);
  /** Where it breaks a part of the rule alone: of that rule's cases just these catch it. */
  readonly only?: readonly Which[];
  /** Cases of other rules that may catch it too, as they need what it breaks. No further case may. */
  readonly alsoCaughtBy?: readonly { readonly cases: readonly Which[]; readonly because: string }[];
  /** What those who catch it say; `fail` when it is not said. With `non-strict`, those of other rules may say `fail`. */
  readonly verdict?: "non-strict";
  /** It is tried with the heavy cases, and those of its rule, alone. */
  readonly heavy?: true;
}

/** One connection to a mutant, or to the right peer. */
export function makePeer(mutant: Mutant | undefined, role: Role, where?: { readonly host: string; readonly target: string }): EchoPeer {
  const { change = {} } = mutant ?? {};
  return new EchoPeer(role, { ...RIGHT, ...typeof change === "function" ? change() : change }, where);
}

/** The roles a mutant has. */
export function rolesOf({ role }: Pick<Mutant, "role">): readonly Role[] {
  return role === undefined ? ["server", "client"] : [role];
}

/** Whether a case must catch a mutant, must not, or may. */
export function expectation(item: Case, { breaks, only, alsoCaughtBy = [] }: Mutant): "must" | "may" | "must not" {
  if (item.rule.name === breaks && (only === undefined || isAmong(item, only))) return "must";
  return alsoCaughtBy.some(({ cases }) => isAmong(item, cases)) ? "may" : "must not";
}

/** Whether a verdict says that a mutant was caught. */
export function isCaught(verdict: string, mutant: Mutant): boolean {
  return verdict === "fail" || verdict === mutant.verdict;
}

function isAmong(item: Case, which: readonly Which[]): boolean {
  return which.some((each) => typeof each === "string" ? matches(item, each) : each(item));
}
