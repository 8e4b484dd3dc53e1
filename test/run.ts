/**
 * `npm test`: types, all tests, the coverage of each core module by its own test files, and every conformance case on every runtime.
 * Ends in what failed, each in a few lines, and one line with the count.
 *
 * `npm test -- adapters` runs only the test files whose path has that word, without the rest.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { failuresOfColumns, failuresOfTests, tail } from "./failures.ts";

const VITEST = "node_modules/vitest/vitest.mjs";
const root = join(import.meta.dirname, "..");
const words = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

const folder = mkdtempSync(join(tmpdir(), "isosocket-test-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
// of the many processes that tests start, each would compile the same modules again (measured: the command line's help in 0.3 s in place of 0.6)
const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") };

/** A program that has ended. */
interface End {
  readonly good: boolean;
  /** What it printed. */
  readonly output: string;
}

/** Runs a program. What it prints is shown as it comes, or, where others run beside it, at once when it has ended. */
async function step(title: string, args: readonly string[], { beside = false } = {}): Promise<End> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill()); // one beside the others must not outlive them
  let output = "";
  const head = `\n— ${title}\n`;
  if (!beside) process.stdout.write(head);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!beside) process.stdout.write(text);
    });
  }
  const [code] = await once(child, "close") as [number | null];
  if (beside) process.stdout.write(`${head}${output}`);
  console.log(`  ${code === 0 ? "done" : "FAILED"} in ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  return { good: code === 0, output: stripVTControlCharacters(output) };
}

/** Counts what came of a step, and notes why it failed. */
function count(title: string, { good, output }: End, path?: string, told: readonly string[] = []): void {
  const counts = path !== undefined && existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) as Partial<typeof total & typeof VITEST_TOTAL> : {};
  total.passed += counts.passed ?? counts.numPassedTests ?? 0;
  total.skipped += counts.skipped ?? counts.numPendingTests ?? 0;
  if (good) return;
  total.failed += counts.failed || counts.numFailedTests || 1; // 1 for such as a file that does not load
  failures.push(`${title}\n${told.length > 0 ? told.join("\n") : tail(output)}`);
}

const VITEST_TOTAL = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };

async function types(title: string, project: string): Promise<void> {
  count(title, await step(title, ["node_modules/typescript/bin/tsc", "-p", project], { beside: true }));
}

async function test(title: string, program: string, ...args: readonly string[]): Promise<void> {
  const path = join(folder, `${basename(program)}.json`);
  const end = await step(title, [program, ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${path}`]);
  count(title, end, path, failuresOfTests(end.output));
}

async function columns(): Promise<void> {
  const [title, path] = ["every case on every runtime", join(folder, "columns.json")];
  const end = await step(title, ["conformance/run.ts", `--counts=${path}`], { beside: true });
  count(title, end, path, failuresOfColumns(end.output));
}

if (words.length > 0) {
  await test("tests", VITEST, "run", ...words);
} else {
  // the columns beside the tests, as they wait for two thirds of their time (measured: 10 s of CPU in 30 s, on Deno)
  const beside = [types("types of the core, which knows no host", "core/tsconfig.json"), types("types of the rest", "tsconfig.json"), columns()];
  await test("tests of the core, and the coverage of each of its modules by its own", "test/coverage.ts");
  await test("tests of all else", VITEST, "run", "--exclude=core/**");
  await Promise.all(beside);
}

for (const failure of failures) console.log(`\nFAILED: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
