/**
 * `npm test`: types, all tests, every conformance case on every runtime, and the coverage of each core module by its own test file.
 * Ends in one line with the count.
 *
 * `npm test -- adapters` runs only the test files whose path has that word, without the rest.
 * @module
 */
import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const whole = words.length === 0;
const total = { passed: 0, failed: 0, skipped: 0 };

async function step(title: string, args: readonly string[]): Promise<boolean> {
  console.log(`\n— ${title}`);
  return tell(await start(args, "inherit"));
}

/** The same beside other steps; what it prints is told of once it is waited for. */
function stepBeside(title: string, args: readonly string[], file: string): () => Promise<boolean> {
  const output = openSync(file, "w");
  const running = start(args, ["ignore", output, output]);
  return async () => {
    const end = await running;
    console.log(`\n— ${title}\n${readFileSync(file, "utf8").trimEnd()}`);
    return tell(end);
  };
}

async function start(args: readonly string[], stdio: StdioOptions): Promise<{ readonly good: boolean; readonly seconds: number }> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio });
  process.once("exit", () => child.kill()); // one beside the others must not outlive them
  const [code] = await once(child, "close") as [number | null];
  return { good: code === 0, seconds: (performance.now() - begin) / 1000 };
}

function tell({ good, seconds }: { readonly good: boolean; readonly seconds: number }): boolean {
  console.log(`  ${good ? "done" : "FAILED"} in ${seconds.toFixed(1)} s`);
  return good;
}

if (whole) {
  for (const [title, project] of [["types of the core, which knows no host", "core/tsconfig.json"], ["types of the rest", "tsconfig.json"]]) {
    if (!await step(title, ["node_modules/typescript/bin/tsc", "-p", project])) total.failed++;
  }
}

const folder = mkdtempSync(join(tmpdir(), "isosocket-test-"));
const report = join(folder, "report.json");
const columnCounts = join(folder, "counts.json");
// beside the tests, as it waits for two thirds of its time (measured: 10 s of CPU in 30 s, on Deno); told of behind them
const columns = whole ? stepBeside("every case on every runtime", ["conformance/run.ts", `--counts=${columnCounts}`], join(folder, "columns.txt")) : undefined;
const passedAll = await step("tests", [
  "node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...words,
]);
const counts = JSON.parse(readFileSync(report, "utf8")) as Record<"numPassedTests" | "numFailedTests" | "numPendingTests", number>;
total.passed = counts.numPassedTests;
total.skipped = counts.numPendingTests;
total.failed += counts.numFailedTests;
if (!passedAll && counts.numFailedTests === 0) total.failed++; // such as a file that does not load

if (columns !== undefined) {
  const good = await columns();
  const found = existsSync(columnCounts) ? JSON.parse(readFileSync(columnCounts, "utf8")) as typeof total : undefined;
  for (const kind of ["passed", "failed", "skipped"] as const) total[kind] += found?.[kind] ?? 0;
  if (!good && (found?.failed ?? 0) === 0) total.failed++;
}
rmSync(folder, { recursive: true });

if (whole && !await step("coverage of each core module by its own tests", ["test/coverage.ts"])) total.failed++;

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
