/**
 * The page of one run: everything that a case did, in one file that can be sent to somebody.
 * @module
 */
import type { CaseResult, LogEntry, Report, Verdict } from "../wire/result.ts";
import { bar, htmlDocument, verdictButtons } from "./document.ts";
import { escapeMarkup, visible, visibleHead } from "./escape.ts";
import { countGroup, type Group, groupCases, groupId } from "./groups.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { rfcName, sectionName } from "./sections.ts";
import {
  capitalize, countAll, formatCount, formatDate, formatDuration, formatSection, formatTotals, ROLE_WORDS, sectionUrl, VERDICT_WORDS, worstOf,
} from "./words.ts";

/**
 * Renders one run as one HTML document, which asks no server for anything. Its list of cases, their rules and what was wrong can be read without a script; the
 * rest of a case is shown by one once it is opened. A section that is closed shows what did not pass. An anchor such as "#5.5.2-3" opens that case, "#rfc6455-5.5.2" that section.
 */
export function renderPage(report: Report): string {
  const groups = groupCases(report.results);
  return htmlDocument({
    title: `${report.agent}: WebSocket conformance`,
    verdict: worstOf(report.totals),
    style: PAGE_STYLE,
    script: PAGE_SCRIPT,
    data: { marks: VERDICT_WORDS, command: commandOfOne(report.command) },
    archive: groups.flatMap((group) => group.cases).map(bodyOf),
    body: [header(report), tools(report), main(groups), footer(report)].join("\n"),
  });
}

function header(report: Report): string {
  const { agent, role, url, started, duration, suite, seed, command, totals, complete } = report;
  const facts: [string, string][] = [
    [role === "server" ? "Server" : "Served at", `<code>${escapeMarkup(url)}</code>`],
    ["Run", `${escapeMarkup(formatDate(started))}, ${formatDuration(duration)}`],
    ["Suite", `isosocket ${escapeMarkup(suite)}, seed ${seed}`],
    ...(command === undefined ? [] : [["Again", `<code>${escapeMarkup(command)}</code>`] as [string, string]]),
  ];
  return `<header>
<p class="kicker">WebSocket conformance of a ${role}</p>
<h1>${escapeMarkup(agent)}</h1>
<p class="sum">${sum(totals)}</p>
${complete ? "" : `<p class="stopped">The run was stopped before its end: these are the cases that were done.</p>\n`}${bar(totals)}
<dl class="facts">${facts.map(([term, detail]) => `<dt>${term}</dt><dd>${detail}</dd>`).join("")}</dl>
</header>`;
}

function sum(totals: Report["totals"]): string {
  const all = countAll(totals);
  if (all === 0) return "No case was run.";
  if (totals.pass === all) return `Every one of ${formatCount(all)} cases passed.`;
  return `Of ${formatCount(all)} cases, ${formatTotals(totals).replace(/, ([^,]+ [^,]+)$/, " and $1")}.`;
}

function tools({ totals }: Report): string {
  const label = (verdict: Verdict | ""): string => verdict === "" ? `All ${formatCount(countAll(totals))}`
    : `${VERDICT_WORDS[verdict].mark} <span class="label">${VERDICT_WORDS[verdict].label} </span>${formatCount(totals[verdict])}`;
  return `<div class="tools" role="search"><div>
<label class="search"><span class="unseen">Search</span><input id="search" type="search" placeholder="Search cases, rules, reasons" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></label>
${verdictButtons(totals, label)}
<button type="button" class="choice" id="all" aria-expanded="false">Expand all</button>
<span class="count" id="count" aria-live="polite"></span>
</div></div>`;
}

function main(groups: readonly Group<CaseResult>[]): string {
  const rfcs = [...new Set(groups.map(({ rfc }) => rfc))];
  const parts = rfcs.map((rfc) => {
    const own = groups.filter((group) => group.rfc === rfc);
    const name = rfcName(rfc);
    return `<section class="rfc"><h2>RFC ${rfc}${name === undefined ? "" : ` <small>${escapeMarkup(name)}</small>`}</h2>\n${own.map(groupMarkup).join("\n")}\n</section>`;
  });
  return `<main>\n${parts.join("\n")}\n<p class="empty" id="empty"${groups.length === 0 ? "" : " hidden"}>There is no such case.</p>\n</main>`;
}

function groupMarkup(group: Group<CaseResult>): string {
  const { rfc, section, cases } = group;
  const totals = countGroup(group);
  const tally = [
    `<span class="${totals.pass === cases.length ? "pass" : ""}">${formatCount(totals.pass)} of ${formatCount(cases.length)}</span>`,
    ...(["unimplemented", "non-strict", "fail"] as const).filter((verdict) => totals[verdict] > 0)
      .map((verdict) => `<span class="${verdict}">${VERDICT_WORDS[verdict].mark} ${formatCount(totals[verdict])}<span class="unseen"> ${VERDICT_WORDS[verdict].past}</span></span>`),
  ];
  return `<section class="group" id="${escapeMarkup(groupId(group))}"><h3><button type="button" class="toggle" aria-expanded="false">`
    + `<span class="number">${escapeMarkup(section)}</span><span class="name">${escapeMarkup(sectionName(rfc, section) ?? formatSection(rfc, section))}</span>`
    + `<span class="tally">${tally.join(" ")}</span>${bar(totals)}</button></h3>\n<div class="cases">\n${cases.map(caseMarkup).join("\n")}\n</div></section>`;
}

function caseMarkup({ id, title, rule, rfc, section, autobahn, verdict, reasons, duration }: CaseResult): string {
  const { mark, past } = VERDICT_WORDS[verdict];
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
  const why = reasons.length === 0 ? "" : `<span class="why">${escapeMarkup(capitalize(reasons[0]))}${more}</span>`;
  const known = autobahn === undefined ? "" : `<span class="autobahn">Autobahn ${escapeMarkup(autobahn)}</span> · `;
  const list = reasons.length === 0 ? "" : `<ul class="reasons">${reasons.map((reason) => `<li>${escapeMarkup(capitalize(reason))}</li>`).join("")}</ul>`;
  return `<details class="case ${verdict}" id="${escapeMarkup(id)}" data-verdict="${verdict}"><summary>`
    + `<span class="mark ${verdict}" title="${past}">${mark}</span><span class="unseen">${past}</span><span class="id">${escapeMarkup(id)}</span>`
    + `<span class="title">${escapeMarkup(title)}${why}</span><span class="aside">${known}${formatDuration(duration)}</span></summary>`
    + `<div class="body"><p class="rule">${escapeMarkup(rule.replace(/\.$/, ""))}. <a href="${escapeMarkup(sectionUrl(rfc, section))}">${escapeMarkup(formatSection(rfc, section))}</a></p>${list}</div></details>`;
}

function footer({ role }: Report): string {
  return `<footer><p class="on-screen"><kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous case, <kbd>n</kbd> <kbd>p</kbd> next and previous failure, <kbd>Enter</kbd> open.</p>
<noscript><p>The wire log of a case is shown by a script, which does not run here; it stands in the JSON beside this page, too.</p></noscript>
<p>${ROLE_WORDS[role].one} tested by the conformance suite of isosocket. Non-strict is allowed, but not best; unimplemented is what a peer need not do.</p></footer>`;
}

/** What a case shows once it is opened, beside what stands in its row. What cannot be seen is made visible here, so that the script has text only. */
function bodyOf({ sends, accepts, log, compressed }: CaseResult): unknown {
  return {
    sends: sends.map((line) => visible(capitalize(line))),
    accepts: Object.fromEntries(Object.entries(accepts).map(([verdict, text]) => [verdict, visible(capitalize(text))])),
    log: log.map(entryOf),
    compressed,
  };
}

function entryOf(entry: LogEntry): LogEntry {
  if (entry.kind === "head") return { ...entry, text: visibleHead(entry.text) };
  if (entry.kind === "note") return { ...entry, text: visible(entry.text) };
  return entry.kind === "frame" && entry.says !== undefined ? { ...entry, says: visible(entry.says) } : entry;
}

/** The command for one case, with "{id}" in its place; undefined when the command itself names cases. */
function commandOfOne(command: string | undefined): string | undefined {
  if (command === undefined || / --cases[ =]/.test(command)) return undefined;
  const [before, ...behind] = visible(command).split(" -- ");
  return [`${before} --cases {id}`, ...behind].join(" -- ");
}
