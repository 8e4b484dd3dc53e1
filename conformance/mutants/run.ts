/**
 * Runs mutants through the cases, in process.
 * @module
 */
import type { Case } from "../wire/case.ts";
import { CASES } from "../wire/cases/all.ts";
import { check } from "../wire/protocol-tester.ts";
import type { CaseResult } from "../wire/result.ts";
import { expectation, isCaught, makePeer, type Mutant, rolesOf } from "./mutant.ts";
import type { Role } from "./peer/connection-rules.ts";

/** What the cases said of a mutant. */
export interface Trial {
  readonly mutant: Mutant;
  /** Those that caught it. */
  readonly caughtBy: ReadonlySet<Case>;
  /** What is not as the mutant says: who should have caught it and did not, and the other way round. */
  readonly surprises: readonly Surprise[];
}

/** A case that is wrong about a mutant, or a mutant that is wrong about itself. */
export interface Surprise {
  readonly item: Case;
  readonly role: Role;
  /** It caught the mutant. */
  readonly caught: boolean;
  /** All of it in a line. */
  readonly says: string;
}

/** The cases that can be asked in process: without sockets, TLS and HTTP/2. */
export function casesInProcess(role: Role, { heavy = false, cases = CASES }: { readonly heavy?: boolean; readonly cases?: readonly Case[] } = {}): Case[] {
  return cases.filter((item) => (item.only ?? role) === role && item.over === undefined && (heavy || item.heavy !== true));
}

/**
 * Those of them that are for every day: all of the rule that a mutant breaks, but few of those that differ in sizes and data alone, and one in
 * sixteen of the others, which are other ones for another mutant; of what is compressed, fewer.
 */
export function daily(cases: readonly Case[], { name, breaks }: Pick<Mutant, "name" | "breaks">): Case[] {
  const start = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  return cases.filter(({ rule, deflate, heavy }, at) => {
    if (heavy === true) return true;
    if (SERIES.includes(rule.name)) return (at + (rule.name === breaks ? 0 : start)) % (rule.name === breaks ? 10 : 400) === 0;
    return rule.name === breaks || (at + start) % (deflate === undefined ? 16 : 80) === 0;
  });
}

/** Runs a mutant through the cases that `pick` leaves, in each of its roles. */
export async function tryMutant(mutant: Mutant, pick: (cases: readonly Case[], mutant: Mutant) => readonly Case[] = daily): Promise<Trial> {
  const caughtBy = new Set<Case>();
  const surprises: Surprise[] = [];
  for (const role of rolesOf(mutant)) {
    const { heavy = false, breaks } = mutant;
    const asked = casesInProcess(role, { heavy }).filter((item) => !heavy || item.heavy === true || item.rule.name === breaks);
    for (const item of pick(asked, mutant)) {
      const result = await check(item, role, () => makePeer(mutant, role));
      const caught = isCaught(result.verdict, mutant);
      if (caught) caughtBy.add(item);
      if (expectation(item, mutant) === (caught ? "must not" : "must")) surprises.push({ item, role, caught, says: describeSurprise(mutant, role, result, item) });
    }
  }
  return { mutant, caughtBy, surprises };
}

/** Runs the right peer through all cases. */
export async function tryRight(role: Role, cases: readonly Case[] = casesInProcess(role)): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const item of cases) results.push(await check(item, role, () => makePeer(undefined, role)));
  return results;
}

function describeSurprise({ name }: Mutant, role: Role, { verdict, reasons, id, title }: CaseResult, { rule }: Case): string {
  return `${name}, a ${role}: ${verdict} in ${id} of ${rule.name} (${title})${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
}

/** Rules whose many cases differ in sizes and data. */
const SERIES = ["compressed", "parameters-kept"];
