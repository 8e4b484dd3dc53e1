/**
 * Puts reports into a folder.
 * @module
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Report } from "../wire/result.ts";
import { renderBadge } from "./badge.ts";
import { renderJUnit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderIndex } from "./matrix.ts";
import { renderPage } from "./page.ts";
import { slugsOf } from "./slug.ts";

/**
 * Writes a page, JSON and a badge for each report, and an index, JUnit XML and a Markdown summary of all; the folder is made when it is not there. What
 * links to other files comes last, and no file is ever there in half. Rejects with the error of the file system.
 * @returns The paths of what was written: `index.html` first, then those of each report.
 */
export async function writeReport(folder: string, reports: readonly Report[]): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const slugs = slugsOf(reports);
  const each = reports.flatMap((report, at): [string, string][] => [
    [`${slugs[at]}.html`, renderPage(report)],
    [`${slugs[at]}.json`, toJson(report)],
    [`${slugs[at]}.svg`, renderBadge("conformance", report)],
  ]);
  const all: [string, string][] = [
    ["junit.xml", renderJUnit(reports)],
    ["summary.md", renderMarkdown(reports)],
    ["index.html", renderIndex(reports)],
  ];
  for (const [name, text] of [...each, ...all]) await replaceFile(path.join(folder, name), text);
  return [...all.map(([name]) => name).reverse(), ...each.map(([name]) => name)].map((name) => path.join(folder, name));
}

/** JSON with a line for each result, so that two runs can be compared by line. */
function toJson({ results, ...head }: Report): string {
  return `${JSON.stringify(head, null, 1).slice(0, -2)},\n "results": [\n${results.map((result) => JSON.stringify(result)).join(",\n")}\n ]\n}\n`;
}

/** Under another name first: whoever reads meanwhile, or interrupts, finds the old file or the new one. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
