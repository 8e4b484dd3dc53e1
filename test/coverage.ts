/**
 * `npm run coverage`: the tests of the core; every module of it must be covered whole, every branch, by the tests beside it alone:
 * `<module>.test.ts` and `<module>.*.test.ts`.
 *
 * - `npm run coverage -- mask`: of the modules whose path has that word.
 * - options are vitest's.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const options = process.argv.slice(2).filter((word) => word.startsWith("-"));
const words = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const modules = globSync("core/**/*.ts", { cwd: root }).filter((path) => !/(\.test|\.d)\.ts$/.test(path) && words.some((word) => path.includes(word)));
const files = words.length === 0 ? ["core/"] : modules.flatMap((path) => globSync(path.replace(/\.ts$/, "{,.*}.test.ts"), { cwd: root }));
if (files.length === 0) throw new Error(`Cannot cover "${words.join(" ")}": no module of that name has a test`);

const folder = mkdtempSync(join(tmpdir(), "isosocket-coverage-"));
const child = spawn(process.execPath, [
  "node_modules/vitest/vitest.mjs", "run", ...files, "--coverage", `--coverage.reportsDirectory=${folder}`,
  ...modules.map((path) => `--coverage.include=${path}`), ...options,
], { cwd: root, stdio: "inherit" });
[process.exitCode] = await once(child, "close") as [number];
rmSync(folder, { recursive: true, force: true });
