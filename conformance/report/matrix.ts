/**
 * The index over several agents: how many cases each passed, and a matrix of cases and agents.
 * @module
 */
import { type CaseInfo, type CaseResult, countVerdicts, type Report, type Verdict } from "../wire/result.ts";
import { bar, htmlDocument, verdictButtons } from "./document.ts";
import { escapeMarkup, visible } from "./escape.ts";
import { type Group, groupCases, groupId } from "./groups.ts";
import { MATRIX_SCRIPT } from "./matrix-script.ts";
import { MATRIX_STYLE } from "./matrix-style.ts";
import { rfcName, sectionName } from "./sections.ts";
import { slugsOf } from "./slug.ts";
import { capitalize, formatCount, formatDate, formatSection, formatTotals, ROLE_WORDS, VERDICT_WORDS, WORST_FIRST, worstOf } from "./words.ts";

/** A report, and where its page is. */
interface Column {
  readonly report: Report;
  readonly file: string;
  readonly results: ReadonlyMap<string, CaseResult>;
}

/** The matrix of servers, or that of clients. */
interface Matrix {
  readonly role: Report["role"];
  readonly columns: readonly Column[];
  readonly groups: readonly Group<CaseInfo>[];
}

/**
 * Renders the index as one HTML document, which asks no server for anything. It links to the pages of the agents under the names that `slugsOf` gives their
 * reports in the same order. The tables of agents and of sections can be read without a script; the cases of a section are shown by one once it is opened. A case that an
 * agent was not asked is an empty cell. An anchor such as "#5.5.2-3" opens that case, and "#clients" or "#clients/5.5.2-3" the other matrix.
 */
export function renderIndex(reports: readonly Report[]): string {
  const slugs = slugsOf(reports);
  const columns = reports.map((report, at): Column => ({ report, file: `${slugs[at]}.html`, results: new Map(report.results.map((result) => [result.id, result])) }));
  const matrices = (["server", "client"] as const).map((role) => matrixOf(role, columns.filter(({ report }) => report.role === role)));
  const used = matrices.filter((matrix) => matrix.columns.length > 0);
  const all = countVerdicts(reports.flatMap(({ results }) => results));
  return htmlDocument({
    title: "WebSocket conformance",
    verdict: worstOf(all),
    style: MATRIX_STYLE,
    script: MATRIX_SCRIPT,
    data: { words: VERDICT_WORDS, roles: used.map(dataOf) },
    body: [header(reports, used), `<main>${used.map(agents).join("\n")}</main>`, tools(all), `<main>${used.map(table).join("\n")}
<p class="empty" id="empty"${used.length === 0 ? "" : " hidden"}>There is no such case.</p></main>`, footer()].join("\n"),
  });
}

function matrixOf(role: Report["role"], columns: readonly Column[]): Matrix {
  const cases = new Map<string, CaseInfo>();
  for (const { results } of columns) for (const [id, result] of results) if (!cases.has(id)) cases.set(id, result);
  return { role, columns, groups: groupCases([...cases.values()]) };
}

function header(reports: readonly Report[], matrices: readonly Matrix[]): string {
  const cases = new Set(reports.flatMap(({ results }) => results.map(({ id }) => id))).size;
  const parts = matrices.map(({ role, columns }) => `${columns.length} ${(columns.length === 1 ? ROLE_WORDS[role].one : ROLE_WORDS[role].many).toLowerCase()}`);
  const suites = [...new Set(reports.map(({ suite }) => suite))].map(escapeMarkup).join(", ");
  const dates = reports.map(({ started }) => started).sort();
  const when = reports.length === 0 ? "" : ` Run ${escapeMarkup(formatDate(dates[dates.length - 1]))}.`;
  const tabs = matrices.map(({ role, columns }, at) => (
    `<button type="button" role="tab" data-role="${role}" aria-selected="${at === 0}" aria-controls="${role}-matrix">${ROLE_WORDS[role].many} ${columns.length}</button>`
  ));
  return `<header class="top">
<p class="kicker">What they do on the wire, case by case</p>
<h1>WebSocket conformance</h1>
<p class="sum">${parts.join(" and ") || "No agents"}, ${formatCount(cases)} cases.</p>
<p class="kicker">Suite of isosocket ${suites}.${when}</p>
${matrices.length > 1 ? `<div class="roles" role="tablist">${tabs.join("")}</div>` : ""}</header>`;
}

function agents({ role, columns }: Matrix): string {
  const verdicts: readonly Verdict[] = ["pass", "non-strict", "unimplemented", "fail"];
  const head = verdicts.map((verdict) => `<th scope="col" class="number">${VERDICT_WORDS[verdict].label}</th>`).join("");
  const rows = columns.map(({ report, file }) => {
    const { agent, totals, complete, started } = report;
    const numbers = verdicts.map((verdict) => (
      `<td class="number ${verdict}${totals[verdict] === 0 ? " zero" : ""}" data-mark="${VERDICT_WORDS[verdict].mark}">${formatCount(totals[verdict])}</td>`
    ));
    return `<tr><th scope="row"><a href="${escapeMarkup(file)}">${escapeMarkup(agent)}</a>${complete ? "" : ` <span class="early">stopped early</span>`}</th>`
      + `<td class="share">${bar(totals)}</td>${numbers.join("")}<td class="when">${escapeMarkup(formatDate(started).slice(0, 10))}</td></tr>`;
  });
  return `<section class="role" data-role="${role}"><h2>${ROLE_WORDS[role].many}</h2>
<table class="agents"><thead><tr><th scope="col">Agent</th><th scope="col" class="share"><span class="unseen">Share</span></th>${head}<th scope="col" class="when">Run</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></section>`;
}

function tools(all: Readonly<Record<Verdict, number>>): string {
  const label = (verdict: Verdict | ""): string => verdict === "" ? "All" : `${VERDICT_WORDS[verdict].mark}<span class="label"> ${VERDICT_WORDS[verdict].label}</span>`;
  return `<div class="tools" role="search"><div>
<label class="search"><span class="unseen">Search</span><input id="search" type="search" placeholder="Search cases, rules, reasons" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"></label>
${verdictButtons(all, label)}
<button type="button" class="choice" id="differ" aria-pressed="false" title="Cases in which the agents do not end alike">≠ <span class="label">Where they </span>differ</button>
<span class="count" id="count" aria-live="polite"></span>
</div></div>`;
}

function table(matrix: Matrix): string {
  const { role, columns, groups } = matrix;
  const head = columns.map(({ report, file }) => `<th scope="col" class="agent"><a href="${escapeMarkup(file)}" title="${escapeMarkup(report.agent)}">${escapeMarkup(report.agent)}</a></th>`);
  const rows = groups.map((group, index) => {
    const isFirst = group.rfc !== groups[index - 1]?.rfc;
    return `${isFirst ? rfcRow(group.rfc, columns.length) : ""}${groupRow(matrix, group)}`;
  });
  return `<section class="role" data-role="${role}" id="${role}-matrix" aria-label="${ROLE_WORDS[role].many}, case by case">
<div class="matrix${columns.length < 6 ? " few" : columns.length > 12 ? " many" : ""}" tabindex="-1"><table><thead><tr><th scope="col">Numbers count cases: ✗ failed, ~ non-strict</th>${head.join("")}</tr></thead>
${rows.join("\n")}
</table></div></section>`;
}

function rfcRow(rfc: number, columns: number): string {
  const name = rfcName(rfc);
  return `<tbody class="rfc-row" data-rfc="${rfc}"><tr><th scope="rowgroup">RFC ${rfc}${name === undefined ? "" : `<small>${escapeMarkup(name)}</small>`}</th>${columns === 0 ? "" : `<td colspan="${columns}"></td>`}</tr></tbody>\n`;
}

function groupRow({ columns }: Matrix, group: Group<CaseInfo>): string {
  const { rfc, section, cases } = group;
  const key = groupId(group);
  const cells = columns.map(({ report, file, results }) => {
    const totals = countVerdicts(cases.flatMap(({ id }) => results.get(id) ?? []));
    const worst = worstOf(totals);
    if (worst === undefined) return "<td></td>";
    const number = worst === "fail" || worst === "non-strict" ? totals[worst] : "";
    const title = `${report.agent}, ${section}: ${formatTotals(totals)}`;
    return `<td><a class="${worst}" href="${escapeMarkup(`${file}#${key}`)}" title="${escapeMarkup(title)}" data-says="${escapeMarkup(formatTotals(totals))}">${VERDICT_WORDS[worst].mark}${number}<span class="unseen"> ${escapeMarkup(title)}</span></a></td>`;
  });
  return `<tbody class="group" data-rfc="${rfc}" data-key="${escapeMarkup(key)}"><tr class="group-row"><th scope="row"><button type="button" class="toggle" aria-expanded="false">`
    + `<span class="number">${escapeMarkup(section)}</span><span class="name">${escapeMarkup(sectionName(rfc, section) ?? formatSection(rfc, section))}</span>`
    + `<span class="size">${formatCount(cases.length)}</span></button></th>${cells.join("")}</tr></tbody>`;
}

function footer(): string {
  const means: Readonly<Record<Verdict, string>> = { pass: "as the rule wants it", "non-strict": "allowed, but not best", unimplemented: "not done, as it may be", fail: "a rule was broken" };
  const legend = [...WORST_FIRST].reverse().map((verdict) => `<span><b class="mark ${verdict}">${VERDICT_WORDS[verdict].mark}</b>${VERDICT_WORDS[verdict].label}: ${means[verdict]}</span>`);
  return `<footer><p class="legend">${legend.join("")}<span>An empty cell: not asked</span></p>
<p class="on-screen"><kbd>/</kbd> search, <kbd>d</kbd> where they differ, arrow keys move between cells, <kbd>Enter</kbd> opens the wire log.</p>
<noscript><p>The cases of a section are shown by a script, which does not run here; the pages of the agents list them without one.</p></noscript></footer>
<div id="card" role="tooltip" hidden></div>`;
}

/** What the script makes the rows of cases from. A verdict is its place in the list of words; "." stands for a case that was not asked. */
function dataOf({ role, columns, groups }: Matrix): unknown {
  return {
    role,
    agents: columns.map(({ report, file }) => ({ name: visible(report.agent), file })),
    groups: groups.map((group) => ({
      key: groupId(group),
      cases: group.cases.map(({ id, title, rule, autobahn }) => ({
        id, title: visible(title), rule: visible(rule), autobahn,
        verdicts: columns.map(({ results }) => LETTERS[results.get(id)?.verdict ?? ""]).join(""),
        reasons: Object.fromEntries(columns.flatMap(({ results }, at) => {
          const reasons = results.get(id)?.reasons ?? [];
          return reasons.length === 0 ? [] : [[at, reasons.map((reason) => visible(capitalize(reason)))]];
        })),
      })),
    })),
  };
}

const LETTERS: Readonly<Record<Verdict | "", string>> = { pass: "p", "non-strict": "n", unimplemented: "u", fail: "f", "": "." };
