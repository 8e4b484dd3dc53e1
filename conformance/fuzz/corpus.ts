/**
 * The folder of what failed once.
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Failure } from "./session.ts";

/** Where it is unless somebody says otherwise. */
export const CORPUS: string = join(import.meta.dirname, "corpus");

/** The cases in all text files of a folder. */
export function readCorpus(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`Cannot read the corpus: there is no folder ${folder}`);
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt")).sort();
  return files.flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n")).filter((line) => line !== "" && !line.startsWith("#"));
}

/** Adds a case, unless it is there. */
export function addToCorpus(folder: string, { problem, text }: Failure): void {
  mkdirSync(folder, { recursive: true });
  if (!readCorpus(folder).includes(text)) appendFileSync(join(folder, "found.txt"), `# ${problem.replaceAll("\n", " ")}\n${text}\n`);
}
