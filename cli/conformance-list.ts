/**
 * `isosocket conformance --list`: the cases and their rules.
 * @module
 */
import { describeCase } from "../conformance/mod.ts";
import { groupCases } from "../conformance/report/groups.ts";
import { sectionName } from "../conformance/report/sections.ts";
import { formatSection } from "../conformance/report/words.ts";
import type { ConformanceOptions } from "./conformance-options.ts";
import { byRule, wrapped } from "./conformance-words.ts";
import { EXIT } from "./exit.ts";
import { count, painter } from "./terminal.ts";

/** Prints them by section, those of one rule together; with `--json` as JSON. */
export async function listCases({ cases, json }: ConformanceOptions): Promise<number> {
  const { stdout } = process;
  const paint = painter(stdout);
  const width = Math.min(120, stdout.isTTY ? stdout.columns : 100);
  const infos = cases.map((item) => ({ ...describeCase(item), name: item.rule.name }));
  if (json !== undefined) {
    stdout.write(`${JSON.stringify(infos, null, 1)}\n`);
    return EXIT.ok;
  }
  for (const { rfc, section, cases } of groupCases(infos)) {
    const name = sectionName(rfc, section);
    stdout.write(`${paint("bold", `${formatSection(rfc, section)}${name === undefined ? "" : `: ${name}`}`)}\n`);
    for (const those of byRule(cases, (info) => info.name)) {
      stdout.write(`\n  ${wrapped(`${paint("cyan", those[0].name)}: ${those[0].rule}`, width, 4)}\n`);
      for (const { id, title } of those) stdout.write(`    ${wrapped(`${id.padEnd(12)} ${title}`, width, 17)}\n`);
    }
    stdout.write("\n");
  }
  stdout.write(`${count(cases.length, "case")}\n`);
  return EXIT.ok;
}
