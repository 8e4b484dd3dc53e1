/**
 * `npm run bench:growth [-- --rounds N --seconds S --runtime node,bun,deno --growth connections,size --out FOLDER]`: how the cost of our server grows with
 * connections, with the size of messages, with their fragments, and with the subscribers of a broadcast. What was measured before on the same machine with
 * the same versions stays.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { oneOf, readArguments, toNumber } from "../conformance/targets/arguments.ts";
import { type GrowthPoint, type GrowthResults, GROWTHS, renderGrowth } from "./growths.ts";
import { measure } from "./measure.ts";
import { OURS, PEERS } from "./peers.ts";
import { mostConnections, RUNTIMES } from "./process.ts";
import { number } from "./report.ts";
import { thisPlace } from "./results.ts";
import { median } from "./statistics.ts";

const { runtimes, growths, effort, out } = readArguments(() => {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "0.5" },
      runtime: { type: "string", default: RUNTIMES.join() },
      growth: { type: "string", default: GROWTHS.map(({ name }) => name).join() },
      out: { type: "string", default: join(import.meta.dirname, "results") },
    },
  });
  return {
    runtimes: values.runtime.split(",").map((name) => oneOf("--runtime", name, RUNTIMES)),
    growths: GROWTHS.filter(({ name }) => values.growth.split(",").includes(name)),
    effort: { rounds: toNumber("--rounds", values.rounds, 1, 1000), seconds: Number(values.seconds), warmUp: 1 },
    out: values.out,
  };
});

const points: GrowthPoint[] = [];
for (const { name, title, steps, scenarioAt, beside } of growths) {
  console.log(`\n${title}`);
  for (const step of steps) {
    const scenario = scenarioAt(step);
    const connections = Math.min(scenario.load.connections, mostConnections());
    const amount = step === scenario.load.connections ? connections : step;
    for (const runtime of runtimes) {
      for (const program of PEERS) {
        if (program.runtime !== runtime || program.client || !(program.name === OURS || beside.includes(program.name))) continue;
        const [{ rounds, error }] = await measure({ ...scenario, load: { ...scenario.load, connections } }, [program], effort); // alone: it may take all the files there may be
        if (error !== undefined) console.log(`  ${amount} with ${program.name} on ${runtime}: ${error}`);
        else points.push({ growth: name, runtime, peer: program.name, amount, cost: median(rounds.map(({ cost }) => cost)) });
      }
    }
    console.log(`  ${String(amount).padStart(10)}  ${points.filter((point) => point.growth === name && point.amount === amount).map(({ runtime, peer, cost }) => `${peer === OURS ? runtime : peer} ${number(cost)}`).join("  ")}`);
  }
}
const place = thisPlace();
const file = join(out, "growth.json");
const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as GrowthResults : undefined;
const kept = before === undefined || JSON.stringify(before.place) !== JSON.stringify(place) ? [] : before.points;
const others = kept.filter(({ growth, runtime }) => !points.some((point) => point.growth === growth && point.runtime === runtime));
const results: GrowthResults = { place, date: new Date().toISOString().slice(0, 10), ...effort, points: [...others, ...points] };
mkdirSync(out, { recursive: true });
writeFileSync(file, `${JSON.stringify(results).replaceAll("{\"growth\"", "\n{\"growth\"")}\n`);
writeFileSync(join(out, "growth.md"), renderGrowth(results));
process.exit();
