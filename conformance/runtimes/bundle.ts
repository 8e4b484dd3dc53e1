/**
 * One file of an entry and all it imports, for hosts that take no TypeScript.
 * @module
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { installed, ROOT } from "./start.ts";

const esbuild = installed("esbuild/bin/esbuild", ".bin/esbuild");

/** Bundles an entry of this folder. */
export function bundle(entry: string, file: string, ...options: readonly string[]): void {
  if (esbuild === undefined) throw new Error("Cannot bundle: esbuild is not installed (npm ci)");
  const args = [join(import.meta.dirname, entry), "--bundle", "--format=esm", "--target=esnext", "--log-level=error", `--outfile=${file}`];
  execFileSync(esbuild, [...args, ...options], { cwd: ROOT });
}
