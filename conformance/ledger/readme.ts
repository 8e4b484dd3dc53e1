/**
 * The tables in the ledger's README, made from its results.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Entry, Finding } from "./entry.ts";
import { PEERS } from "./peers.ts";

/** The results there are, in the order of the peers. */
export function readEntries(folder: string): Entry[] {
  return PEERS.map(({ id }) => join(folder, `${id}.json`)).filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, "utf8")) as Entry);
}

/** The README with its tables made anew; what stands above its mark is left. */
export function renderTable(readme: string, entries: readonly Entry[]): string {
  const end = readme.indexOf(MARK);
  if (end < 0) throw new Error(`Cannot write the table: README.md has no "${MARK}"`);
  return `${readme.slice(0, end)}${MARK}\n\n${summary(entries)}\n${entries.map(details).join("")}`;
}

/** The project's README with its table made anew, between its marks. */
export function renderOverview(readme: string, entries: readonly Entry[]): string {
  const [start, end] = OVERVIEW.map((mark) => readme.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`Cannot write the overview: README.md has no "${OVERVIEW.join('" and "')}"`);
  const rows = [...new Set(entries.map(({ agent }) => agent))].map((agent) => {
    const cell = (role: string): string => {
      const totals = entries.find((entry) => entry.agent === agent && entry.role === role)?.totals;
      return totals === undefined ? " | " : `${totals.pass} | ${totals.fail}`;
    };
    return `| ${agent} | ${cell("server")} | ${cell("client")} |\n`;
  });
  return `${readme.slice(0, start)}${OVERVIEW[0]}\n| | server: pass | fail | client: pass | fail |\n|---|---|---|---|---|\n${rows.join("")}${readme.slice(end)}`;
}

function summary(entries: readonly Entry[]): string {
  const rows = entries.map(({ agent, role, totals }) => `| ${agent} | ${role} | ${totals.pass} | ${totals["non-strict"]} | ${totals.unimplemented} | ${totals.fail} |\n`);
  return `| peer | role | pass | non-strict | not implemented | fail |\n|---|---|---|---|---|---|\n${rows.join("")}`;
}

function details(entry: Entry): string {
  const { agent, role, command, start, settings, limits, cases, unimplemented } = entry;
  const failures = cases.filter(({ verdict }) => verdict === "fail");
  const lax = cases.filter(({ verdict }) => verdict === "non-strict");
  return [
    `\n## ${agent}, ${role}\n\n`,
    `\`${command}\`; by hand \`${start}\`.`,
    settings === undefined ? " All is as by default.\n" : ` Not as by default: ${settings.replace(/\.$/, "")}.\n`,
    limits === undefined ? "" : `\nNot all cases: ${limits}.\n`,
    ...unimplemented.map(({ reason, cases: ids }) => `\nNot implemented: ${reason} (${listed(ids)}).\n`),
    lax.length === 0 ? "" : `\nNot strict:\n\n${grouped(lax).map(([rule, each]) => `- ${rule}: ${sentence(each)}\n`).join("")}`,
    failures.length === 0 ? "" : `\nFailures:\n\n${grouped(failures).map(([rule, each]) => `- ${rule}: ${sentence(each)}\n${bytes(each[0])}`).join("")}`,
  ].join("");
}

/** Those of the same section and rule are told together. */
function grouped(cases: readonly Finding[]): [rule: string, cases: Finding[]][] {
  const groups = new Map<string, Finding[]>();
  for (const each of cases) {
    const key = `${sectionOf(each.id)}, "${each.rule}"`;
    groups.set(key, [...groups.get(key) ?? [], each]);
  }
  return [...groups];
}

function sectionOf(id: string): string {
  const [, rfc = "6455", section] = /^(?:(\d+):)?(.*)-\d+$/.exec(id) ?? [];
  return `RFC ${rfc}, section ${section}`;
}

function sentence(cases: readonly Finding[]): string {
  return `${listed(cases.map(({ id }) => id))}. ${cases[0].title}: ${escaped(cases[0].reasons.join("; "))}.`;
}

function listed(ids: readonly string[]): string {
  return ids.length <= 6 ? ids.join(", ") : `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more`;
}

function bytes({ sent = [], received = [] }: Finding): string {
  const lines = (who: string, list: readonly string[]): string[] => (list.length === 0 ? ["nothing"] : list).flatMap((text) => text.split(/\r?\n/)).map((line) => `  ${who} ${line}\n`);
  return `\n  \`\`\`\n${[...lines("sent:    ", sent), ...lines("received:", received)].join("")}  \`\`\`\n`;
}

/** Text of a peer's is no markup. */
function escaped(text: string): string {
  return text.replace(/[<|`*]/g, "\\$&");
}

/** What is between them is made. */
const OVERVIEW = ["<!-- ledger -->", "<!-- /ledger -->"] as const;
/** What is below is made. */
const MARK = "<!-- made by npm run ledger -->";
