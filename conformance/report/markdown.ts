/**
 * A summary in Markdown, for the page of a build or a comment.
 * @module
 */
import { type Report, VERDICTS, type Verdict } from "../wire/result.ts";
import { visible } from "./escape.ts";
import { countGroup, type Group, groupCases, groupId } from "./groups.ts";
import { sectionName } from "./sections.ts";
import { capitalize, countAll, formatCount, formatDate, formatDuration, formatSection, sectionUrl, VERDICT_WORDS, worstOf } from "./words.ts";

/** How many cases of one agent that did not pass are written out: builds show no more than a megabyte. */
const MOST_CASES = 200;

/** A table of agents, a table of sections, then what failed and why, agent by agent. */
export function renderMarkdown(reports: readonly Report[]): string {
  return `${["# WebSocket conformance", agents(reports), sections(reports), ...reports.map(failures)].filter((part) => part !== "").join("\n\n")}\n`;
}

function agents(reports: readonly Report[]): string {
  const labels = VERDICTS.map((verdict) => VERDICT_WORDS[verdict].label);
  return table(["Agent", "Role", ...labels, "Time"], reports.map((report) => [
    `${escapeMarkdown(report.agent)}${report.complete ? "" : " (stopped early)"}`,
    report.role,
    ...VERDICTS.map((verdict) => formatCount(report.totals[verdict])),
    formatDuration(report.duration),
  ]), 2);
}

function sections(reports: readonly Report[]): string {
  const grouped = reports.map((report) => new Map(groupCases(report.results).map((group) => [groupId(group), group])));
  const all = groupCases(reports.flatMap(({ results }) => results));
  if (all.length === 0) return "";
  const rows = all.map(({ rfc, section }) => [
    `${linkTo({ rfc, section })}${sectionName(rfc, section) === undefined ? "" : `: ${sectionName(rfc, section)}`}`,
    ...grouped.map((groups) => cell(groups.get(groupId({ rfc, section })))),
  ]);
  const columns = reports.map((report) => `${escapeMarkdown(report.agent)}${reports.length > 1 ? ` (${report.role})` : ""}`);
  const legend = (["fail", "non-strict", "unimplemented"] as const).map((verdict) => `${VERDICT_WORDS[verdict].mark} ${VERDICT_WORDS[verdict].past}`).join(", ");
  return `## By section\n\nPassed of all; ${legend}.\n\n${table(["Section", ...columns], rows, 1)}`;
}

function cell(group: Group<{ readonly verdict: Verdict }> | undefined): string {
  if (group === undefined) return "";
  const totals = countGroup(group);
  const worst = worstOf(totals);
  const rest = (["fail", "non-strict", "unimplemented"] as const).filter((verdict) => totals[verdict] > 0);
  const marks = rest.map((verdict) => ` ${VERDICT_WORDS[verdict].mark}${totals[verdict]}`).join("");
  const share = `${totals.pass}/${countAll(totals)}`;
  return `${worst === "fail" ? `**${share}**` : share}${marks}`;
}

function failures(report: Report): string {
  const { agent, role, totals } = report;
  const head = `## ${escapeMarkdown(agent)} (${role})\n\n${facts(report)}`;
  const parts = (["fail", "non-strict"] as const).filter((verdict) => totals[verdict] > 0).map((verdict) => {
    const cases = groupCases(report.results.filter((result) => result.verdict === verdict)).flatMap((group) => group.cases);
    const lines = cases.slice(0, MOST_CASES).map(({ id, title, rfc, section, rule, reasons }) => [
      `- **${escapeMarkdown(id)}** ${escapeMarkdown(title)}`,
      ...reasons.map((reason) => `  - ${escapeMarkdown(capitalize(reason))}`),
      `  - Rule (${linkTo({ rfc, section })}): ${escapeMarkdown(rule)}`,
    ].join("\n"));
    const left = cases.length - lines.length;
    return [`### ${VERDICT_WORDS[verdict].label}: ${formatCount(cases.length)}`, "", ...lines, ...(left > 0 ? [`- and ${formatCount(left)} more`] : [])].join("\n");
  });
  return [head, ...(parts.length === 0 ? ["No case failed."] : parts)].join("\n\n");
}

function facts({ url, started, suite, seed, command }: Report): string {
  const again = command === undefined ? "" : ` Again: ${codeSpan(command)}`;
  return `At ${codeSpan(url)}, ${escapeMarkdown(formatDate(started))}, suite ${escapeMarkdown(suite)}, seed ${seed}.${again}`;
}

function linkTo({ rfc, section }: { readonly rfc: number; readonly section: string }): string {
  return `[${escapeMarkdown(formatSection(rfc, section))}](${sectionUrl(rfc, section)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[], textColumns: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => at < textColumns ? "---" : "--:")), ...rows.map(line)].join("\n");
}

/** Text that means nothing to Markdown, calls nobody and stays on its line. */
export function escapeMarkdown(text: string): string {
  return visible(text).replace(/\s+/g, " ")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replace(/[\\`*_{}[\]()#!|~$]|:(?=\/\/|\w+:)/g, "\\$&")
    .replaceAll("@", "@&#8288;");
}

/** Text as code; the fence is longer than any in it. */
function codeSpan(text: string): string {
  const line = visible(text).replace(/\s+/g, " ").replaceAll("|", "\\|");
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}
