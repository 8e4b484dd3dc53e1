/**
 * `npm run bench [-- --rounds N --seconds S --runtime node,bun,deno --scenario echo32,pipe32 --quick --out FOLDER]`: our server and our client on each
 * runtime, beside a raw TCP echo on that runtime and the peers that install from npm. What there is: `npm run bench -- --list`.
 *
 * Results go to `bench/results/` and the table of the README, those of `--quick` to `bench-report/`; what was measured before on the same machine with the same versions stays.
 * `--render` makes the pages and the chart again, and measures nothing.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readArguments, toNumber } from "../conformance/targets/arguments.ts";
import { renderChart } from "./chart.ts";
import { type Effort, measure, type Row } from "./measure.ts";
import { OURS, PEERS } from "./peers.ts";
import { type Runtime, RUNTIMES } from "./process.ts";
import { compare, costText, number, renderOverview, renderPage, TITLES } from "./report.ts";
import { type Entry, merged, type Results, thisPlace, toJson } from "./results.ts";
import { type Scenario, SCENARIOS, suits } from "./scenarios.ts";
import { median } from "./statistics.ts";

const RESULTS = join(import.meta.dirname, "results");
const README = join(import.meta.dirname, "../README.md");

const { runtimes, scenarios, effort, out, render } = readArguments(() => {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      runtime: { type: "string", default: RUNTIMES.join() },
      scenario: { type: "string", default: SCENARIOS.map(({ name }) => name).join() },
      quick: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  if (values.list) {
    for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(20)}${title}`);
    process.exit();
  }
  const seconds = Number(values.seconds ?? (values.quick ? 0.3 : 1));
  if (!(seconds > 0 && seconds <= 60)) throw new Error(`Cannot use --seconds "${values.seconds}": it must be a number up to 60`);
  return {
    render: values.render,
    runtimes: chosen("--runtime", values.runtime, RUNTIMES, (runtime) => runtime),
    scenarios: chosen("--scenario", values.scenario, SCENARIOS, ({ name }) => name),
    effort: { rounds: toNumber("--rounds", values.rounds ?? (values.quick ? "2" : "7"), 1, 1000), seconds, warmUp: values.quick ? 0.5 : 2 } satisfies Effort,
    out: values.out ?? (values.quick ? join(import.meta.dirname, "../bench-report") : RESULTS),
  };
});

const file = join(out, "results.json");
const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as Results : undefined;
if (render && before !== undefined) {
  write(before);
  process.exit();
}
const place = thisPlace();
const entries: Entry[] = [];
for (const runtime of runtimes) {
  for (const scenario of scenarios) {
    const programs = PEERS.filter((program) => program.runtime === runtime && suits(program, scenario));
    if (programs.length === 0) continue;
    const rows = await measure(scenario, programs, effort, showProgress);
    entries.push({ runtime, scenario: scenario.name, date: new Date().toISOString().slice(0, 10), ...effort, rows });
    print(runtime, scenario, rows);
    write(merged(before, place, entries)); // what is interrupted has what it came to
  }
}
console.log(`\n${join(out, "README.md")}`);
process.exit();

/** What a list of names stands for, in the order of what there is. */
function chosen<Thing>(option: string, list: string, things: readonly Thing[], nameOf: (thing: Thing) => string): Thing[] {
  const names = list.split(",");
  for (const name of names) {
    if (!things.some((thing) => nameOf(thing) === name)) throw new Error(`Cannot use ${option} "${name}": it must be one of ${things.map(nameOf).join(", ")}`);
  }
  return things.filter((thing) => names.includes(nameOf(thing)));
}

/** What is being done, on one line of a terminal that the next thing takes. */
function showProgress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

/** One scenario as soon as it is done. */
function print(runtime: Runtime, scenario: Scenario, rows: readonly Row[]): void {
  showProgress("");
  console.log(`\n${TITLES[runtime]}: ${scenario.title}`);
  for (const { peer, rounds, error } of rows) {
    if (error !== undefined) {
      console.log(`  ${peer.padEnd(24)}failed: ${error}`);
      continue;
    }
    const cost = costText(scenario, median(rounds.map((round) => round.cost)));
    const speed = scenario.kind === "idle" ? "" : `${Math.round(median(rounds.map(({ perSecond }) => perSecond))).toLocaleString("en-US")}/s`;
    const spread = peer === OURS ? undefined : compare(rows, peer);
    console.log(`  ${peer.padEnd(24)}${cost.padStart(12)}${speed.padStart(14)}${spread === undefined ? "" : `   ours ${number(spread.median)} (${number(spread.least)}–${number(spread.most)})`}`);
  }
}

function write(results: Results): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(file, toJson(results));
  writeFileSync(join(out, "README.md"), renderPage(results));
  writeFileSync(join(out, "chart.svg"), renderChart(results));
  if (out === RESULTS) writeFileSync(README, renderOverview(readFileSync(README, "utf8"), results));
}
