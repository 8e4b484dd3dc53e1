/**
 * `npm run bench:codec`: what parsing, writing, masking, text and compression cost in process, on Node, Bun and Deno, beside what others do for
 * the same. `-- --ms 5` for a short look, which is not stored; a runtime's name for that one alone.
 * @module
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandOf } from "../../conformance/targets/start.ts";
import { RUNTIMES, type Runtime } from "../process.ts";
import { type Place, thisPlace } from "../results.ts";
import type { CodecRow } from "./run.ts";

/** Runs all of it on one runtime. */
export function runOn(runtime: Runtime, milliseconds: number): readonly CodecRow[] {
  const [program, ...usual] = commandOf(runtime);
  const args = runtime === "deno" ? ["run", "--allow-all"] : usual; // what is compared reads its environment
  const output = execFileSync(program, [...args, join(import.meta.dirname, "run.ts"), String(milliseconds)], {
    encoding: "utf8", maxBuffer: 2 ** 24, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  return (JSON.parse(output.trim().split("\n").at(-1) as string) as { rows: readonly CodecRow[] }).rows;
}

/** Tables in Markdown, one for each kind of work. */
export function toTables(rows: readonly CodecRow[]): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.map((group) => {
    const mine = rows.filter((row) => row.group === group);
    const [ours, ...others] = Object.keys(mine[0].ns);
    const head = ["ns per message", ours, ...others.flatMap((who) => [who, "ratio"])];
    const lines = mine.map(({ name, ns }) => [name, show(ns[ours]), ...others.flatMap((who) => [show(ns[who]), ratio(ns[who], ns[ours])])]);
    return [`**${group}**`, "", ...[head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...lines].map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
  }).join("\n\n");
}

function show(ns: number | null | undefined): string {
  return ns == null ? "-" : ns < 100 ? ns.toFixed(1) : Math.round(ns).toLocaleString("en");
}

/** How many times as long the other takes. */
function ratio(other: number | null | undefined, ours: number | null | undefined): string {
  return other == null || ours == null ? "-" : (other / ours).toFixed(2);
}

function toPage(place: Place, date: string, results: Readonly<Record<string, readonly CodecRow[]>>): string {
  const versions = Object.entries(place.versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return `# What the codec costs in process\n\nBy \`npm run bench:codec\` on ${date}: ${place.cpu}, ${place.cores} cores, ${place.system}. ${versions}.\nMedians; a ratio says how many times as long the other takes.\n`
    + Object.entries(results).map(([runtime, rows]) => `\n## ${runtime}\n\n${toTables(rows)}\n`).join("");
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { ms: { type: "string" } }, allowPositionals: true });
  const runtimes = RUNTIMES.filter((runtime) => positionals.length === 0 || positionals.includes(runtime));
  const results: Record<string, readonly CodecRow[]> = {};
  for (const runtime of runtimes) {
    results[runtime] = runOn(runtime, Number(values.ms ?? 100));
    console.log(`\n## ${runtime}\n\n${toTables(results[runtime])}`);
  }
  if (values.ms === undefined && runtimes.length === RUNTIMES.length) {
    const date = new Date().toISOString().slice(0, 10);
    const [place, folder] = [thisPlace(), join(import.meta.dirname, "../results")];
    writeFileSync(join(folder, "codec.md"), toPage(place, date, results));
    writeFileSync(join(folder, "codec.json"), `${JSON.stringify({ place, date, results }, undefined, 1)}\n`);
  }
}
