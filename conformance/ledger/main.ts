/**
 * `npm run ledger [-- word …]`: runs the suite against every peer of the ledger, or those whose name is or contains a word, one after the other. Writes their results into
 * `results/`, the table in `README.md`, and pages with everything into the folder that `--report` names (ledger-report).
 *
 * `--check` writes no results: it fails where they would not be the same, and prints how.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createReport } from "../report/create.ts";
import { writeReport } from "../report/write.ts";
import { drainProcesses } from "../targets/start.ts";
import { CASES } from "../wire/cases/all.ts";
import type { Report } from "../wire/result.ts";
import { type Entry, toEntry, toJson } from "./entry.ts";
import { type LedgerPeer, nameOf, PEERS, settingsOf, shownCommand } from "./peers.ts";
import { readEntries, renderOverview, renderTable } from "./readme.ts";
import { runPeer } from "./run.ts";

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false }, report: { type: "string", default: "ledger-report" } },
});
const chosen = PEERS.filter(({ id }) => words.length === 0 || words.some((word) => PEERS.some((peer) => peer.id === word) ? id === word : id.includes(word)));
if (chosen.length === 0) {
  console.error(`Cannot run "${words.join(" ")}": the peers are ${PEERS.map(({ id }) => id).join(", ")}`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    drainProcesses(); // some have processes of their own
    setTimeout(() => process.exit(1), 500);
  });
}
const folder = join(import.meta.dirname, "results");
mkdirSync(folder, { recursive: true });
const { version: SUITE } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as { readonly version: string };
const reports: Report[] = [];
for (const peer of chosen) {
  try {
    const { report, entry } = await test(peer);
    reports.push(report);
    keep(peer, entry);
  } catch (error) {
    console.error(`${peer.id}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
const [page] = await writeReport(values.report, reports);
console.log(`${page} has all of it`);
if (!values.check) {
  const readme = join(import.meta.dirname, "README.md");
  writeFileSync(readme, renderTable(readFileSync(readme, "utf8"), readEntries(folder)));
  const project = join(import.meta.dirname, "../../README.md");
  writeFileSync(project, renderOverview(readFileSync(project, "utf8"), readEntries(folder)));
}

async function test(peer: LedgerPeer): Promise<{ readonly report: Report; readonly entry: Entry }> {
  const start = new Date();
  const agent = await nameOf(peer);
  const results = await runPeer(peer, CASES.filter(({ robustness }) => robustness !== true), ({ done, of }) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${peer.id}: ${done} of ${of} `);
  });
  const settings = settingsOf(peer);
  const entry = toEntry({
    agent,
    role: peer.role,
    command: `npm run ledger -- ${peer.id}`,
    start: shownCommand(peer),
    ...settings === undefined ? {} : { settings },
    ...peer.limits === undefined ? {} : { limits: peer.limits.reason },
  }, results);
  const { totals, role, command } = entry;
  const duration = Date.now() - start.getTime();
  if (process.stderr.isTTY) process.stderr.write("\r");
  console.log(`${peer.id}: ${Object.entries(totals).map(([verdict, count]) => `${count} ${verdict}`).join(", ")}; ${agent}, ${Math.round(duration / 1000)} s`);
  const report = createReport(results, { suite: SUITE, agent, role, url: "ws://127.0.0.1", started: start, duration, seed: 1, complete: true, command });
  return { report, entry };
}

/** Writes an entry, or tells how it differs from the one that is there. */
function keep({ id }: LedgerPeer, entry: Entry): void {
  const file = join(folder, `${id}.json`);
  const now = toJson(entry);
  if (!values.check) return writeFileSync(file, now);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (before === now) return;
  process.exitCode = 1;
  const [old, new_] = [before, now].map((text) => new Set(text.split("\n").map((line) => line.replace(/,$/, ""))));
  for (const line of old) if (!new_.has(line)) console.log(`- ${line}`);
  for (const line of new_) if (!old.has(line)) console.log(`+ ${line}`);
}
