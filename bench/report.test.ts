import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderChart } from "./chart.ts";
import { type GrowthPoint, renderGrowth } from "./growths.ts";
import type { Row } from "./measure.ts";
import { compare, number, renderOverview, renderPage } from "./report.ts";
import { type Entry, merged, type Place, type Results, toJson } from "./results.ts";

const PLACE: Place = { cpu: "A <fast> one", cores: 4, system: "linux", pinned: true, versions: { node: "24.0.0", ws: "8.0.0" } };

function row(peer: string, ...costs: readonly number[]): Row {
  return { peer, rounds: costs.map((cost) => ({ cost, perSecond: 1000, wire: 34, busy: 0.5 })) };
}

function entry(scenario: string, ...rows: readonly Row[]): Entry {
  return { runtime: "node", scenario, date: "2026-01-01", rounds: 3, seconds: 1, warmUp: 2, rows };
}

const RESULTS: Results = {
  place: PLACE,
  entries: [
    entry("echo32", row("isosocket", 5, 6, 10), row("raw net", 4, 4, 4), row("ws", 10, 10, 10), { peer: "faye-websocket", rounds: [], error: "It ended" }),
    entry("idle", row("isosocket", 4000), row("ws", 8000)),
  ],
};

test("ours is compared round by round", () => {
  expect(compare(RESULTS.entries[0].rows, "ws")).toEqual({ median: 0.6, least: 0.5, most: 1 });
  expect(compare(RESULTS.entries[0].rows, "faye-websocket")).toBeUndefined();
});

test("the page has a table of ratios, and every figure", () => {
  const page = renderPage(RESULTS);
  expect(page).toContain("| | isosocket | to raw net | to ws | to faye-websocket |\n");
  expect(page).toContain("| 32 B, 1 in flight, 100 connections | 6.00 µs | 1.50 (1.25–2.50) | 0.60 (0.50–1.00) | failed |\n");
  expect(page).toContain("| 10,000 idle connections | 4,000 B |  | 0.50 (0.50–0.50) |  |\n");
  expect(page).toContain("| 32 B, 1 in flight, 100 connections | isosocket | 6.00 µs (5.00–10.0) | 1,000 | 34.0 | 50 % |\n");
  expect(page).toContain("| 32 B, 1 in flight, 100 connections | faye-websocket | It ended |");
});

test("the README's table is made anew between its marks", () => {
  const readme = renderOverview("above\n<!-- bench -->\nold\n<!-- /bench -->\nbelow\n", RESULTS);
  expect(readme).toMatch(/^above\n<!-- bench -->\n[^]*\n<!-- \/bench -->\nbelow\n$/);
  expect(readme).toContain("| 32 B, 1 in flight, 100 connections | 0.60 | 1.50 |  |  |  |  |\n");
  expect(readme).not.toContain("old");
  expect(() => renderOverview("no marks", RESULTS)).toThrow("Cannot write the overview");
});

test("what is in the repository is made of the results that are in it", () => {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");
  const results = JSON.parse(read("results/results.json")) as Results;
  expect(read("results/README.md")).toBe(renderPage(results)); // npm run bench -- --render makes them again
  expect(read("results/chart.svg")).toBe(renderChart(results));
  expect(read("../README.md")).toBe(renderOverview(read("../README.md"), results));
});

test("the chart has a dot for each ratio, where it is on the scale", () => {
  const chart = renderChart(RESULTS);
  expect(chart).toContain("<title>ws: 1.7×</title>");
  expect(chart).toContain("<title>raw net: 0.67×</title>");
  const open = chart.match(/<(svg|style|text|circle|title)[ >]/g)?.length;
  expect(chart.match(/<\/(svg|style|text|circle|title)>/g)).toHaveLength(open as number);
  expect(chart).not.toMatch(/NaN|undefined|Infinity/);
});

test("what was measured anew takes the place of what was there; what is from elsewhere goes", () => {
  const anew = entry("idle", row("isosocket", 1));
  expect(merged(RESULTS, PLACE, [anew]).entries).toEqual([RESULTS.entries[0], anew]);
  expect(merged(RESULTS, { ...PLACE, cores: 8 }, [anew]).entries).toEqual([anew]);
  expect(merged(undefined, PLACE, [anew]).entries).toEqual([anew]);
});

test("results are stored a line for each scenario on each runtime", () => {
  expect(JSON.parse(toJson(RESULTS))).toEqual(RESULTS);
  expect(toJson(RESULTS).split("\n")).toHaveLength(8);
});

test("growth is told by what a unit costs beside the least it cost before", () => {
  const point = (amount: number, cost: number, peer = "isosocket"): GrowthPoint => ({ growth: "size", runtime: "node", peer, amount, cost });
  const page = renderGrowth({ place: PLACE, date: "2026-01-01", rounds: 1, seconds: 1, warmUp: 1, points: [point(16, 1.6), point(16, 3.2, "raw net"), point(1024, 51.2), point(2048, 204.8)] });
  expect(page).toContain("| bytes | Node: ns a byte | to the least above | Node, raw net: ns a byte | to the least above |\n");
  expect(page).toContain("| 16 | 100 | 1.00 | 200 | 1.00 |\n| 1,024 | 50.0 | 1.00 |  |  |\n| 2,048 | 100 | 2.00 |  |  |\n");
});

test.each([[1234.5, "1,235"], [12.34, "12.3"], [0.5, "0.50"], [0.0371, "0.037"]])("%d is written %s", (value, text) => {
  expect(number(value)).toBe(text);
});
