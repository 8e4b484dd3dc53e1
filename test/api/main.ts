/**
 * `npm run fuzz:api -- --runs N --seed S`: the public API under N random values an entry. What fails is printed with the command that repeats it.
 * @module
 */
import { parseArgs } from "node:util";
import { ENTRIES } from "./entries.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" }, only: { type: "string" }, path: { type: "string" } } });
const runs = Number(values.runs ?? 100_000);
const seed = Number(values.seed ?? Math.floor(Date.now() % 2 ** 31));
const uncaught: unknown[] = [];
for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, (error) => uncaught.push(error));

const entries = ENTRIES.filter(({ name }) => values.only === undefined || name === values.only);
if (entries.length === 0) {
  console.error(`There is no entry "${values.only}": it is one of ${ENTRIES.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
console.log(`seed ${seed}`);
for (const entry of entries) {
  const start = performance.now();
  const count = Math.ceil(runs / entry.cost);
  try {
    const { refused, done } = await entry.run(count, seed, values.path);
    console.log(`${entry.name}: ${count} runs, ${done} done, ${refused} refused, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    const { message, cause } = error as Error;
    const path = /path: "([\d:]+)"/.exec(message)?.[1];
    console.log(`${entry.name}: ${message.replace(/\n\nHint.*/s, "")}\n${String(cause)}\nagain: npm run fuzz:api -- --runs ${runs} --seed ${seed} --only "${entry.name}"${path === undefined ? "" : ` --path ${path}`}`);
    process.exitCode = 1;
  }
}
for (const error of uncaught) console.log("uncaught:", error);
if (uncaught.length > 0) process.exitCode = 1;
process.exit();
