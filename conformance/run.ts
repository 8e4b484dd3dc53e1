/**
 * `node conformance/run.ts [words]`: every case on every runtime there is, as one table. Fails when a case does, or when a runtime
 * does not end by itself.
 *
 * - `words`: only cases whose group and name contain them.
 * - `--on NAME`: only that runtime; may be given again.
 * - `--counts FILE`: writes how many passed, failed and were skipped, as JSON.
 * - ISOSOCKET_NODES in the environment: more programs that are Node 20 or later, separated by colons; each gets a column.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { chromiumColumn } from "./runtimes/chromium-process.ts";
import { nodeColumn } from "./runtimes/node-column.ts";
import { startControl } from "./runtimes/control.ts";
import type { Given } from "./runtimes/given.ts";
import { type Column, type Outcome, processColumn, ROOT, runColumn } from "./runtimes/start.ts";
import { WORKERD } from "./runtimes/workerd-process.ts";
import { countOf, toNotes, toTable } from "./runtimes/table.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { on: { type: "string", multiple: true }, counts: { type: "string" } } });
const begin = performance.now();
const folder = mkdtempSync(join(tmpdir(), "isosocket-conformance-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1)); // takes along what runs
// named at run time: tests' tools are no part of the suite
const { makeCertificates } = await import(join(ROOT, "test", "certificate.ts")) as { makeCertificates(): Given["certificates"] };
const certificates = makeCertificates();
const control = await startControl(certificates);

const COLUMNS: readonly Column[] = [
  processColumn("node", [process.execPath], ["conformance/runtimes/node.ts"]),
  // /proc, which tells what is open, is for those who are allowed everything
  processColumn("deno", ["deno/deno", ".bin/deno"], ["run", "--no-prompt", "--no-remote", "--no-check", "--allow-all", "conformance/runtimes/deno.ts"]),
  processColumn("bun", [`@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64"}/bin/bun`, ".bin/bun"], ["conformance/runtimes/bun.ts"]),
  WORKERD,
  chromiumColumn(control),
  ...(process.env["ISOSOCKET_NODES"] ?? "").split(":").filter((path) => path !== "").map((path) => nodeColumn(path)),
];

const outcomes: Outcome[] = [];
for (const column of COLUMNS) { // in turn: they would slow each other down
  if (values.on !== undefined && !values.on.includes(column.name)) continue;
  outcomes.push(await runColumn(column, { certificates, folder, cuts: column.name === "node" ? "every" : "some", only: positionals.join(" "), control: control.url }));
  await control.clear();
}
await control.close();

console.log(toTable(outcomes));
for (const line of toNotes(outcomes)) console.log(line);
const all = outcomes.flatMap(({ results }) => results);
const [passed, failed, skipped] = [countOf(all, "pass"), countOf(all, "fail"), countOf(all, "skip")];
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped, ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
if (values.counts !== undefined) writeFileSync(values.counts, JSON.stringify({ passed, failed, skipped }));
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
