/**
 * One file of an entry and all it imports, for hosts that take no TypeScript.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const esbuild = ["esbuild/bin/esbuild", ".bin/esbuild"].map((path) => join(ROOT, "node_modules", path)).find((path) => existsSync(path));

/** Bundles an entry, named as seen from this folder. */
export function bundle(entry: string, file: string, ...options: readonly string[]): void {
  if (esbuild === undefined) throw new Error("Cannot bundle: esbuild is not installed (npm ci)");
  const args = [resolve(import.meta.dirname, entry), "--bundle", "--format=esm", "--target=esnext", "--log-level=error", `--outfile=${file}`];
  execFileSync(esbuild, [...args, ...options], { cwd: ROOT });
}
