/**
 * What may grow, and the tables of it.
 * @module
 */
import type { Effort } from "./measure.ts";
import { OURS } from "./peers.ts";
import { type Runtime, RUNTIMES } from "./process.ts";
import { describe, number, TITLES } from "./report.ts";
import type { Place } from "./results.ts";
import { ECHO, type Scenario } from "./scenarios.ts";

/** One thing that grows. */
export interface Growth {
  readonly name: string;
  readonly title: string;
  /** What is counted in a step, and what one of it costs. */
  readonly amount: string;
  readonly steps: readonly number[];
  scenarioAt(step: number): Scenario;
  /** The cost of one unit from what one message, delivery or connection costs, in nanoseconds or bytes. */
  unitCost(cost: number, amount: number): number;
  readonly unit: string;
  /** Who is measured too, since the system's own costs grow as well. */
  readonly beside: readonly string[];
}

/** What one step came to on one runtime. */
export interface GrowthPoint {
  readonly growth: string;
  readonly runtime: Runtime;
  readonly peer: string;
  readonly amount: number;
  /** Microseconds of the server for a message or a delivery; bytes for a connection. */
  readonly cost: number;
}

/** What is known of all of them. */
export interface GrowthResults extends Effort {
  readonly place: Place;
  readonly date: string;
  readonly points: readonly GrowthPoint[];
}

/** Bytes of a fragment. */
const FRAGMENT = 16;

const RAW = ["raw net", "raw Bun.listen", "raw Deno.listen"];

/** All of them. */
export const GROWTHS: readonly Growth[] = [
  {
    name: "connections",
    title: "Connections, each with a message of 32 B in flight",
    amount: "connections",
    steps: [100, 300, 1000, 3000, 10_000, 20_000],
    scenarioAt: (connections) => scenario({ connections }),
    unitCost: (cost) => cost * 1000,
    unit: "ns a message",
    beside: RAW,
  },
  {
    name: "memory",
    title: "Connections that are idle",
    amount: "connections",
    steps: [1000, 3000, 10_000, 19_000],
    scenarioAt: (connections) => ({ ...scenario({ connections }), kind: "idle" }),
    unitCost: (cost) => cost,
    unit: "B a connection",
    beside: RAW,
  },
  {
    name: "size",
    title: "Message size, binary, on 4 connections",
    amount: "bytes",
    steps: [16, 128, 1024, 8192, 65_536, 524_288, 4_194_304, 16_777_216],
    scenarioAt: (size) => scenario({ size, binary: true, connections: 4 }),
    unitCost: (cost, size) => cost * 1000 / size,
    unit: "ns a byte",
    beside: RAW,
  },
  {
    name: "fragments",
    title: `Fragments of ${FRAGMENT} B in a message, on 10 connections`,
    amount: "fragments",
    steps: [1, 10, 100, 1000, 10_000, 100_000],
    scenarioAt: (fragments) => scenario({ fragments, size: fragments * FRAGMENT, binary: true, connections: 10 }),
    unitCost: (cost, fragments) => cost * 1000 / fragments,
    unit: "ns a fragment",
    beside: [],
  },
  {
    name: "subscribers",
    title: "Subscribers of a broadcast of 128 B, one at a time",
    amount: "subscribers",
    steps: [10, 100, 1000, 5000, 10_000],
    scenarioAt: (connections) => scenario({ connections, mode: "broadcast", size: 128 }),
    unitCost: (cost) => cost * 1000,
    unit: "ns a delivery",
    beside: ["ws", "Bun.serve", "Deno.upgradeWebSocket"],
  },
];

/** Of one server. */
function sameColumn(one: GrowthPoint, other: GrowthPoint): boolean {
  return one.runtime === other.runtime && one.peer === other.peer;
}

function scenario(load: Partial<Scenario["load"]>): Scenario {
  return { name: "growth", title: "growth", kind: "messages", client: false, load: { ...ECHO, ...load } };
}

/** The page of all tables. On each runtime what a unit costs, and that beside the least that it cost in smaller steps, and the same of others where they were measured. */
export function renderGrowth(results: GrowthResults): string {
  const { place, date, rounds, seconds, points } = results;
  const tables = GROWTHS.map(({ name, title, amount, unitCost, unit }) => {
    const found = points.filter(({ growth }) => growth === name);
    if (found.length === 0) return "";
    const columns = found.filter((point, at) => found.findIndex((each) => sameColumn(each, point)) === at).sort((one, other) => RUNTIMES.indexOf(one.runtime) - RUNTIMES.indexOf(other.runtime));
    const lines = [...new Set(found.map((point) => point.amount))].sort((one, other) => one - other).map((at) => {
      const cells = columns.map((first) => {
        const point = found.find((each) => sameColumn(each, first) && each.amount === at);
        if (point === undefined) return " | ";
        const each = unitCost(point.cost, at);
        const least = Math.min(...found.filter((smaller) => sameColumn(smaller, first) && smaller.amount <= at).map(({ cost, amount }) => unitCost(cost, amount)));
        return `${number(each)} | ${number(each / least)}`;
      });
      return `| ${at.toLocaleString("en-US")} | ${cells.join(" | ")} |\n`;
    });
    const heads = columns.map(({ runtime, peer }) => `${TITLES[runtime]}${peer === OURS ? "" : `, ${peer}`}: ${unit} | to the least above`);
    return `\n## ${title}\n\n| ${amount} | ${heads.join(" | ")} |\n|---|${columns.map(() => "---|---|").join("")}\n${lines.join("")}`;
  });
  return [
    "# How cost grows\n\n",
    `${describe(place, [{ date, rounds, seconds }])}\n\n`,
    "What one unit costs the server, and beside it the ratio to the least that it cost so far: 1.00 all the way down is linear or better. `npm run bench:growth` makes these tables; [docs/performance.md](../../docs/performance.md) says what there is to say of them.\n",
    ...tables,
  ].join("");
}
