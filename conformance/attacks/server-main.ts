/**
 * `npm run attack -- server [words] [--on node,attach,deno,bun,workerd] [--url ws://127.0.0.1:9001] [--long]`: attacks on our
 * server, or with `--url` on anybody's that echoes and takes messages of 1 MiB.
 * @module
 */
import { parseArgs } from "node:util";
import { oneOf } from "../targets/arguments.ts";
import { describe, isGood, type Outcome, select, tabulate } from "./attack.ts";
import { attackServer, attackUrl, SERVER_ATTACKS, SERVER_NAMES, type ServerOptions } from "./server.ts";

/** Leads the attacks that are asked for; true when nothing is to be complained of. */
export async function main(args: readonly string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { on: { type: "string" }, url: { type: "string" }, long: { type: "boolean", default: false } },
  });
  const { long, url } = values;
  const options: ServerOptions = { long, attacks: select(SERVER_ATTACKS, positionals), onOutcome: (outcome) => console.log(describe(outcome)) };
  const names = values.on === undefined ? SERVER_NAMES : values.on.split(",").map((name) => oneOf("--on", name, SERVER_NAMES));
  const runs: [title: string, run: () => Promise<Outcome[]>][] = url === undefined
    ? names.map((name) => [`our server on ${name}`, () => attackServer(name, options)])
    : [[url, () => attackUrl(url, options)]];
  const sums: string[] = [];
  const all: Outcome[] = [];
  for (const [title, run] of runs) {
    const outcomes = await run();
    const sum = tabulate(title, outcomes).split("\n").at(-1) as string;
    console.log(sum);
    sums.push(sum);
    all.push(...outcomes);
  }
  if (sums.length > 1) console.log(["", ...sums].join("\n"));
  return isGood(all);
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)) ? 0 : 1); // what a victim left open holds nothing up
