/**
 * `npm run coverage`: every module of the core must be covered whole, every branch of it, by the tests beside it alone: `<module>.test.ts` and `<module>.*.test.ts`.
 * @module
 */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
/** Interfaces and re-exports only: there is nothing to run. */
const WITHOUT_CODE: ReadonlySet<string> = new Set(["core/mod.ts", "core/protocol.ts", "core/websocket/handler.ts"]);

interface Share {
  readonly pct: number;
}
type Total = Record<"lines" | "statements" | "functions" | "branches", Share>;

const modules = globSync("core/**/*.ts", { cwd: root })
  .filter((path) => !/(\.test|\.d)\.ts$/.test(path) && !path.startsWith("core/testing/") && !WITHOUT_CODE.has(path))
  .sort();
const words = process.argv.slice(2);
const wanted = words.length === 0 ? modules : modules.filter((path) => words.some((word) => path.includes(word)));
const queue = [...wanted];
const problems: string[] = [];

async function cover(path: string): Promise<string> {
  const tests = globSync(path.replace(/\.ts$/, "{,.*}.test.ts"), { cwd: root });
  if (tests.length === 0) return "has no test file";
  const folder = mkdtempSync(join(tmpdir(), "isosocket-coverage-"));
  const child = spawn(process.execPath, [
    "node_modules/vitest/vitest.mjs", "run", ...tests, "--coverage", `--coverage.include=${path}`,
    "--coverage.reporter=json-summary", `--coverage.reportsDirectory=${folder}`, "--reporter=dot",
  ], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => output += piece);
  await new Promise((resolve) => child.on("close", resolve));
  try {
    const { total } = JSON.parse(readFileSync(join(folder, "coverage-summary.json"), "utf8")) as { total: Total };
    const missing = Object.entries(total).filter(([, share]) => typeof share.pct === "number" && share.pct < 100);
    return missing.filter(([kind]) => kind !== "branchesTrue").map(([kind, { pct }]) => `${kind} ${pct} %`).join(", ");
  } catch {
    return `gave no figures:\n${output}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function work(): Promise<void> {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const problem = await cover(path);
    console.log(`  ${problem === "" ? "100 %" : "short"}  ${path}${problem === "" ? "" : `: ${problem}`}`);
    if (problem !== "") problems.push(path);
  }
}

await Promise.all(Array.from({ length: Math.min(4, cpus().length) }, work));
console.log(`  ${wanted.length - problems.length} of ${wanted.length} modules are covered whole`);
process.exitCode = problems.length === 0 ? 0 : 1;
