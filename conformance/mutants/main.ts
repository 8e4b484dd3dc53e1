/**
 * `npm run mutants [-- NAME …]`: runs the mutants, or those whose name or rule is so, through the cases in process, and prints each with
 * its rule and how many cases caught it. It fails where the wrong cases did, or not the right ones, or a case is failed by no mutant.
 *
 * `--all` holds each against every case, which takes an hour; without it, against those of its rule and a part of the others. `--right` runs the peer that breaks no rule alone.
 *
 * `npm run mutants -- serve NAME [--port 9001]` serves a mutant, or with the name "right" the right peer, until it is interrupted.
 * @module
 */
import { parseArgs } from "node:util";
import { MUTANTS } from "./all.ts";
import type { Case } from "../wire/case.ts";
import { serveMutant } from "./serve.ts";
import { casesInProcess, daily, type Surprise, tryMutant, tryRight } from "./run.ts";

const { values: { all, right, port }, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: "boolean", default: false }, right: { type: "boolean", default: false }, port: { type: "string", default: "0" } } });
/** Cases told of one rule. */
const MOST_TOLD = 20;

if (positionals[0] === "serve") {
  const mutant = MUTANTS.find(({ name }) => name === positionals[1]);
  if (mutant === undefined && positionals[1] !== "right") {
    console.error(`Cannot serve "${positionals[1] ?? ""}": no mutant has that name`);
    process.exit(2);
  }
  console.log(`ready ${(await serveMutant(mutant, Number(port))).url}`);
} else {
  process.exitCode = await runAll();
}

/** Its exit code. */
async function runAll(): Promise<number> {
  let failed = 0;
  for (const role of ["server", "client"] as const) {
    const results = await tryRight(role);
    for (const { id, verdict, title, reasons } of results.filter((result) => result.verdict !== "pass")) {
      console.log(`the right peer, a ${role}: ${verdict} in ${id} (${title}): ${reasons.join("; ")}`);
      failed++;
    }
  }
  const chosen = right ? [] : MUTANTS.filter(({ name, breaks }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(breaks));
  if (positionals.length > 0 && chosen.length === 0) {
    console.error(`Cannot run "${positionals.join(" ")}": no mutant has that name, and none breaks that rule`);
    return 2;
  }
  const caught = new Set<string>();
  for (const mutant of chosen) {
    const { caughtBy, surprises } = await tryMutant(mutant, all ? (cases) => cases : daily);
    for (const { id } of caughtBy) caught.add(id);
    failed += surprises.length + (caughtBy.size === 0 ? 1 : 0);
    console.log(`${mutant.name.padEnd(36)} ${mutant.breaks.padEnd(24)} caught by ${caughtBy.size}`);
    if (positionals.length > 0) for (const { says } of surprises) console.log(`    ${says}`);
    else tellShortly(surprises);
  }
  if (positionals.length === 0 && !right) {
    const asked = new Set((["server", "client"] as const).flatMap((role) => casesInProcess(role, { heavy: true })));
    const never = [...asked].filter(({ id }) => !caught.has(id));
    console.log(`\n${chosen.length} mutants; ${asked.size - never.length} of ${asked.size} cases are failed by at least one`);
    tellByRule("failed by none", never);
    if (all) failed += never.length;
  }
  return failed === 0 ? 0 : 1;
}

function tellShortly(surprises: readonly Surprise[]): void {
  for (const role of ["server", "client"] as const) {
    for (const caught of [true, false]) {
      tellByRule(`a ${role}, ${caught ? "caught too by" : "not caught by"}`, surprises.filter((each) => each.role === role && each.caught === caught).map(({ item }) => item));
    }
  }
}

function tellByRule(what: string, cases: readonly Case[]): void {
  for (const rule of new Set(cases.map((item) => item.rule))) {
    const ids = cases.filter((item) => item.rule === rule).map(({ id }) => id);
    console.log(`    ${what} ${rule.name}: ${ids.slice(0, MOST_TOLD).join(" ")}${ids.length > MOST_TOLD ? ` and ${ids.length - MOST_TOLD} more` : ""}`);
  }
}


