/**
 * Results as tables.
 * @module
 */
import { OURS } from "./peers.ts";
import { type Runtime, RUNTIMES } from "./process.ts";
import type { Row } from "./measure.ts";
import type { Entry, Place, Results } from "./results.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { median, ratios, type Spread, spreadOf } from "./statistics.ts";

/** What runtimes are called. */
export const TITLES: Readonly<Record<Runtime, string>> = { node: "Node", bun: "Bun", deno: "Deno" };

/** What one peer costs beside ours: below 1, ours costs less. */
export function compare(rows: readonly Row[], peer: string): Spread | undefined {
  const costs = (name: string): number[] => rows.find((row) => row.peer === name)?.rounds.map(({ cost }) => cost) ?? [];
  return spreadOf(ratios(costs(OURS), costs(peer)).filter(Number.isFinite));
}

/** The page that the folder of results shows. */
export function renderPage({ place, entries }: Results): string {
  const groups = RUNTIMES.flatMap((runtime) => [false, true].map((client) => ({ runtime, client, found: ordered(entries, runtime, client) }))).filter(({ found }) => found.length > 0);
  return [
    "# Results of `npm run bench`\n\n",
    `${describe(place, entries)}\n\n`,
    "Ratios are of processor time (of memory for idle connections), isosocket's to the peer's, in the same round: **below 1 isosocket costs less**. Medians, and in brackets the least and the most of all rounds. [docs/performance.md](../../docs/performance.md) says what is measured and how.\n\n",
    "![What each costs, isosocket being 1](chart.svg)\n",
    ...groups.map(({ runtime, client, found }) => `\n## ${TITLES[runtime]}${client ? ", clients" : ""}\n\n${renderRatios(found)}`),
    renderMemory(entries),
    "\n# Every figure\n",
    ...groups.map(({ runtime, client, found }) => `\n## ${TITLES[runtime]}${client ? ", clients" : ""}\n\n${renderFigures(found)}`),
  ].join("");
}

/** The README with its table made anew, between its marks: what ours costs beside the peers that matter most on each runtime. */
export function renderOverview(readme: string, { place, entries }: Results): string {
  const [start, end] = OVERVIEW.map((mark) => readme.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`Cannot write the overview: README.md has no "${OVERVIEW.join('" and "')}"`);
  const lines = SCENARIOS.flatMap((scenario) => {
    const cells = COLUMNS.map(([runtime, server, client]) => {
      const entry = entries.find((each) => each.runtime === runtime && each.scenario === scenario.name);
      const spread = entry === undefined ? undefined : compare(entry.rows, scenario.client ? client : server);
      return spread === undefined ? "" : number(spread.median);
    });
    return cells.every((cell) => cell === "") ? [] : [`| ${scenario.title} | ${cells.join(" | ")} |\n`];
  });
  const head = `| | ${COLUMNS.map(([runtime, name]) => `${TITLES[runtime]}: to ${name}`).join(" | ")} |\n|---|${COLUMNS.map(() => "---|").join("")}\n`;
  return `${readme.slice(0, start)}${OVERVIEW[0]}\n${head}${lines.join("")}\n${describe(place, entries)}\n${readme.slice(end)}`;
}

const OVERVIEW = ["<!-- bench -->", "<!-- /bench -->"] as const;

/** A runtime, and who takes part in it: a server, and for clients a client. */
const COLUMNS: readonly (readonly [runtime: Runtime, server: string, client: string])[] = [
  ["node", "ws", "ws"],
  ["node", "raw net", "raw net"],
  ["bun", "Bun.serve", "Bun's WebSocket"],
  ["bun", "raw Bun.listen", "raw Bun.connect"],
  ["deno", "Deno.upgradeWebSocket", "Deno's WebSocket"],
  ["deno", "raw Deno.listen", "raw Deno.connect"],
];

/** Where and when. */
export function describe({ cpu, cores, system, pinned, versions }: Place, entries: readonly Pick<Entry, "date" | "rounds" | "seconds">[]): string {
  const dates = entries.map(({ date }) => date).sort();
  const when = dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`;
  const efforts = [...new Set(entries.map(({ rounds, seconds }) => `${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s`))].join(", ");
  const names = Object.entries(versions).map(([name, version]) => `${TITLES[name as Runtime] ?? name} ${version}`).join(", ");
  const where = pinned ? "peer and generator on a core each" : "not pinned to cores";
  return `${when}; ${cpu}, ${cores} cores, ${system}; ${where}; ${efforts}. ${names}.`;
}

/** Those of a runtime, as the scenarios are ordered. */
function ordered(entries: readonly Entry[], runtime: Runtime, client: boolean): (readonly [Scenario, Entry])[] {
  return SCENARIOS.filter((scenario) => scenario.client === client).flatMap((scenario) => {
    const entry = entries.find((each) => each.runtime === runtime && each.scenario === scenario.name);
    return entry === undefined ? [] : [[scenario, entry] as const];
  });
}

/** One line for each scenario, one column for each peer. */
export function renderRatios(found: readonly (readonly [Scenario, Entry])[]): string {
  const peers = [...new Set(found.flatMap(([, { rows }]) => rows.map(({ peer }) => peer)))].filter((peer) => peer !== OURS);
  const lines = found.map(([scenario, { rows }]) => {
    const ours = rows.find(({ peer }) => peer === OURS);
    const cells = peers.map((peer) => {
      const spread = compare(rows, peer);
      return spread === undefined ? (rows.find((row) => row.peer === peer)?.error === undefined ? "" : "failed") : withSpread(spread);
    });
    return `| ${scenario.title} | ${ours === undefined || ours.rounds.length === 0 ? "failed" : costText(scenario, median(ours.rounds.map(({ cost }) => cost)))} | ${cells.join(" | ")} |\n`;
  });
  return `| | isosocket | ${peers.map((peer) => `to ${peer}`).join(" | ")} |\n|---|---|${peers.map(() => "---|").join("")}\n${lines.join("")}`;
}

/** What an idle connection takes, of everybody. */
function renderMemory(entries: readonly Entry[]): string {
  const lines = entries.filter(({ scenario }) => scenario === "idle").flatMap(({ runtime, rows }) => rows.filter(({ rounds }) => rounds.length > 0).map(({ peer, rounds }) => (
    `| ${TITLES[runtime]} | ${peer} | ${Math.round(median(rounds.map(({ cost }) => cost))).toLocaleString("en-US")} |\n`
  )));
  return lines.length === 0 ? "" : `\n## Memory of an idle connection\n\n| on | | bytes |\n|---|---|---|\n${lines.join("")}`;
}

/** One line for each peer in each scenario. */
function renderFigures(found: readonly (readonly [Scenario, Entry])[]): string {
  const lines = found.flatMap(([scenario, { rows }]) => rows.map(({ peer, rounds, error }) => {
    if (error !== undefined) return `| ${scenario.title} | ${peer} | ${error} | | | |\n`;
    const spread = spreadOf(rounds.map(({ cost }) => cost)) as Spread;
    const middle = (key: "perSecond" | "wire" | "busy"): number => median(rounds.map((round) => round[key]));
    const cost = `${costText(scenario, spread.median)} (${number(spread.least)}–${number(spread.most)})`;
    if (scenario.kind === "idle") return `| ${scenario.title} | ${peer} | ${cost} | | | |\n`;
    return `| ${scenario.title} | ${peer} | ${cost} | ${Math.round(middle("perSecond")).toLocaleString("en-US")} | ${number(middle("wire"))} | ${Math.round(middle("busy") * 100)} % |\n`;
  }));
  return `| | | each | per second | bytes back for each | generator's core |\n|---|---|---|---|---|---|\n${lines.join("")}`;
}

/** A cost with its unit. */
export function costText({ kind }: Scenario, cost: number): string {
  return kind === "idle" ? `${Math.round(cost).toLocaleString("en-US")} B` : `${number(cost)} µs`;
}

function withSpread({ median: middle, least, most }: Spread): string {
  return `${number(middle)} (${number(least)}–${number(most)})`;
}

/** With about three digits. */
export function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value >= 0.095 ? value.toFixed(2) : value.toFixed(3);
}
