/**
 * A column for another Node, which may be too old for TypeScript and so gets one bundled file.
 * @module
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { type Column, processColumn } from "./start.ts";

/** A column for the Node at that path. */
export function nodeColumn(path: string): Column {
  const missing = existsSync(path) ? undefined : `there is no Node at ${path}`;
  const name = missing === undefined ? `node ${execFileSync(path, ["--version"], { encoding: "utf8" }).trim().slice(1)}` : path;
  return {
    name,
    missing,
    start(given, onLine) {
      const file = join(given.folder, "node.mjs");
      bundle("node.ts", file, "--platform=node", "--target=node20");
      return processColumn(name, [path], [file]).start(given, onLine);
    },
  };
}
