/**
 * `npm test`: types, all tests, every conformance case on every runtime, and the coverage of each core module by its own test file.
 * Ends in one line with the count.
 *
 * `npm test -- adapters` runs only the test files whose path has that word, without the rest.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const whole = words.length === 0;
const total = { passed: 0, failed: 0, skipped: 0 };

function step(title: string, args: readonly string[]): boolean {
  const start = performance.now();
  console.log(`\n— ${title}`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  console.log(`  ${status === 0 ? "done" : "FAILED"} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return status === 0;
}

if (whole) {
  for (const [title, project] of [["types of the core, which knows no host", "core/tsconfig.json"], ["types of the rest", "tsconfig.json"]]) {
    if (!step(title, ["node_modules/typescript/bin/tsc", "-p", project])) total.failed++;
  }
}

const folder = mkdtempSync(join(tmpdir(), "isosocket-test-"));
const report = join(folder, "report.json");
const passedAll = step("tests", [
  "node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...words,
]);
const counts = JSON.parse(readFileSync(report, "utf8")) as Record<"numPassedTests" | "numFailedTests" | "numPendingTests", number>;
total.passed = counts.numPassedTests;
total.skipped = counts.numPendingTests;
total.failed += counts.numFailedTests;
if (!passedAll && counts.numFailedTests === 0) total.failed++; // such as a file that does not load

if (whole) {
  const file = join(folder, "counts.json");
  const good = step("every case on every runtime", ["conformance/run.ts", `--counts=${file}`]);
  const found = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as typeof total : undefined;
  for (const kind of ["passed", "failed", "skipped"] as const) total[kind] += found?.[kind] ?? 0;
  if (!good && (found?.failed ?? 0) === 0) total.failed++;
}
rmSync(folder, { recursive: true });

if (whole && !step("coverage of each core module by its own tests", ["test/coverage.ts"])) total.failed++;

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
