/**
 * `npm run simulate -- --runs 1000 --seed 1 --hours 0.5`: the chat in as many worlds, until one fails. It prints that one's seed and
 * the command that replays it; with `--runs 1` it prints the trace too. `--digests` prints each world's digest. `--pause` and `--weather`
 * are the milliseconds between two messages of a client and between two crashes, outages and leaps; `--faults` multiplies those of links.
 * @module
 */
import { parseArgs } from "node:util";
import { chat, type ChatSummary } from "./chat.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" }, runs: { type: "string", default: "100" }, hours: { type: "string", default: "0.25" },
    pause: { type: "string", default: "3000" }, weather: { type: "string", default: "120000" }, faults: { type: "string", default: "1" },
    digests: { type: "boolean", default: false },
  },
});
const [first, runs, hours, pause, weather, faults] = [values.seed, values.runs, values.hours, values.pause, values.weather, values.faults].map(Number);
if (![first, runs, hours, pause, weather, faults].every((value) => value >= 0)) {
  console.error("All options but --digests take a number");
  process.exit(2);
}

const start = performance.now();
const total = { processed: 0, delivered: 0, connections: 0, drained: 0 };
let told = start;
for (let seed = first; seed < first + runs; seed++) {
  let summary: ChatSummary;
  try {
    summary = await chat({ seed, minutes: hours * 60, pause, weather, faults, maxTrace: runs === 1 ? 1_000_000 : 2_000 });
  } catch (error) {
    if (runs === 1) for (const line of (error as { trace?: readonly string[] }).trace ?? []) console.log(line);
    console.log(`Seed ${seed} fails: ${(error as Error).stack}`);
    console.log(`Replay it with: npm run simulate -- --seed ${seed} --runs 1 --hours ${hours} --pause ${pause} --weather ${weather} --faults ${faults}`);
    process.exit(1);
  }
  for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += summary[name];
  if (values.digests) console.log(`${seed} ${summary.digest}`);
  if (values.digests || performance.now() - told < 5_000) continue;
  told = performance.now();
  console.log(`${seed - first + 1} of ${runs} worlds, ${speed(seed - first + 1)}`);
}
if (!values.digests) {
  const { processed, delivered, connections, drained } = total;
  console.log(`${runs} worlds, ${speed(runs)}: ${connections} connections, ${delivered} messages delivered, ${processed} processed and acknowledged, ${drained} drains`);
}

function speed(worlds: number): string {
  const seconds = (performance.now() - start) / 1000;
  return `${(worlds * hours).toFixed(1)} hours in ${seconds.toFixed(1)} s (${Math.round(worlds * hours * 3600 / seconds)} times as fast)`;
}
