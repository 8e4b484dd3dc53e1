/**
 * `npm run attack -- client [words] [--on node,deno,bun,workerd] [--long] [--brief]`
 * @module
 */
import { parseArgs } from "node:util";
import { toRuntime } from "../targets/arguments.ts";
import { RUNTIMES } from "../targets/start.ts";
import { describe, isGood, type Outcome, select, tabulate } from "./attack.ts";
import { makeCertificates } from "./client-certificates.ts";
import { attackClients, CLIENT_ATTACKS } from "./client.ts";

/** Leads the attacks that are asked for; true when nothing is to be complained of. */
export async function main(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { on: { type: "string" }, long: { type: "boolean", default: false }, brief: { type: "boolean", default: false } },
  });
  const { long, brief } = values;
  const runtimes = values.on === undefined ? RUNTIMES : values.on.split(",").map(toRuntime);
  const certificates = makeCertificates();
  const all: Outcome[] = [];
  for (const runtime of runtimes) {
    const outcomes = await attackClients({
      runtime, certificates, long, brief, attacks: select(CLIENT_ATTACKS, positionals), onOutcome: (outcome) => console.log(describe(outcome)),
    });
    console.log(tabulate(`our client on ${runtime}`, outcomes).split("\n").at(-1));
    all.push(...outcomes);
  }
  return isGood(all);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2)) ? 0 : 1;
