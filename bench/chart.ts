/**
 * Results as a picture: one line for each scenario, one dot for each peer, on a scale of ratios. It is one file, light or dark as the reader has it.
 * @module
 */
import { OURS, OWNING, PEERS } from "./peers.ts";
import { type Runtime, RUNTIMES } from "./process.ts";
import { compare, costText, TITLES } from "./report.ts";
import type { Entry, Results } from "./results.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { median } from "./statistics.ts";

const WIDTH = 900;
const LEFT = 330;
const RIGHT = 110;
const LINE = 22;
const STEPS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

/** The picture of all results. */
export function renderChart({ entries }: Results): string {
  const panels = RUNTIMES.flatMap((runtime) => {
    const lines = SCENARIOS.flatMap((scenario) => {
      const entry = entries.find((each) => each.runtime === runtime && each.scenario === scenario.name);
      const line = entry === undefined ? undefined : lineOf(scenario, entry);
      return line === undefined ? [] : [line];
    });
    return lines.length === 0 ? [] : [{ runtime, lines }];
  });
  const all = panels.flatMap(({ lines }) => lines.flatMap(({ dots }) => dots.map(({ factor }) => factor)));
  const scale = makeScale(Math.min(0.5, ...all), Math.max(2, ...all));
  let top = 64;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(renderPanel(panel, scale, top));
    top += 56 + panel.lines.length * LINE + 34;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Processor time for a message, isosocket being 1">
<style>${STYLE}</style>
<rect class="page" width="${WIDTH}" height="${top}" rx="8"/>
<text class="title" x="24" y="32">Processor time for one message, isosocket being 1</text>
<text class="quiet" x="24" y="51">To the right of the line: costs more than isosocket. For idle connections it is memory. Medians of ratios.</text>
${parts.join("")}</svg>
`;
}

interface Line {
  readonly scenario: Scenario;
  readonly cost: string;
  readonly dots: readonly { readonly peer: string; readonly factor: number }[];
}

function lineOf(scenario: Scenario, { rows }: Entry): Line | undefined {
  const ours = rows.find(({ peer }) => peer === OURS)?.rounds ?? [];
  const dots = rows.flatMap(({ peer }) => {
    const spread = peer === OURS ? undefined : compare(rows, peer);
    return spread === undefined || !(spread.median > 0) ? [] : [{ peer, factor: 1 / spread.median }];
  });
  return ours.length === 0 ? undefined : { scenario, cost: costText(scenario, median(ours.map(({ cost }) => cost))), dots };
}

/** Where a ratio is, between the ends. */
function makeScale(least: number, most: number): { readonly at: (factor: number) => number; readonly steps: readonly number[] } {
  const steps = STEPS.filter((step, at) => (STEPS[at + 1] ?? Infinity) > least && (STEPS[at - 1] ?? 0) < most);
  const low = Math.log(steps[0]);
  const high = Math.log(steps[steps.length - 1]);
  const at = (factor: number): number => LEFT + (Math.min(high, Math.max(low, Math.log(factor))) - low) / (high - low) * (WIDTH - LEFT - RIGHT);
  return { at, steps };
}

function renderPanel({ runtime, lines }: { readonly runtime: Runtime; readonly lines: readonly Line[] }, { at, steps }: ReturnType<typeof makeScale>, top: number): string {
  const peers = [...new Set([OURS, ...lines.flatMap(({ dots }) => dots.map(({ peer }) => peer))])];
  const first = top + 56;
  const bottom = first + lines.length * LINE;
  let x = 24;
  const legend = [...new Set(peers.map(classOf))].map((kind) => {
    const alike = peers.filter((peer) => classOf(peer) === kind);
    const text = alike.join(", ");
    const part = mark(alike[0], x + 5, top + 33) + `<text class="quiet" x="${round(x + 16)}" y="${top + 37}">${text}</text>`;
    x += 36 + text.length * 6.7;
    return part;
  });
  const grid = steps.map((step) => `<line class="${step === 1 ? "ours-line" : "grid"}" x1="${round(at(step))}" x2="${round(at(step))}" y1="${first - 4}" y2="${bottom}"/><text class="quiet" text-anchor="middle" x="${round(at(step))}" y="${bottom + 15}">${step}×</text>`);
  const rows = lines.map(({ scenario, cost, dots }, number) => {
    const y = first + number * LINE + LINE / 2;
    const factors = [1, ...dots.map(({ factor }) => factor)].map(at);
    return [
      `<text x="24" y="${y + 4}">${scenario.title}</text>`,
      `<line class="span" x1="${round(Math.min(...factors))}" x2="${round(Math.max(...factors))}" y1="${y}" y2="${y}"/>`,
      mark(OURS, at(1), y),
      ...dots.map(({ peer, factor }) => mark(peer, at(factor), y, `${peer}: ${factor >= 1 ? factor.toFixed(1) : factor.toFixed(2)}×`)),
      `<text class="quiet" text-anchor="end" x="${WIDTH - 24}" y="${y + 4}">${cost}</text>`,
    ].join("");
  });
  return `<text class="panel" x="24" y="${top + 14}">${TITLES[runtime]}</text><text class="quiet" text-anchor="end" x="${WIDTH - 24}" y="${top + 14}">isosocket, each</text>${legend.join("")}\n${grid.join("")}\n${rows.join("\n")}\n`;
}

/** A dot; a ring for raw sockets, which are no WebSocket. */
function mark(peer: string, x: number, y: number, title = ""): string {
  const said = title === "" ? "" : `<title>${title}</title>`;
  return `<circle class="${classOf(peer)}" cx="${round(x)}" cy="${round(y)}" r="5">${said}</circle>`;
}

function classOf(peer: string): string {
  if (peer === OURS) return "ours";
  if (PEERS.some(({ name, raw }) => name === peer && raw)) return "raw";
  return KINDS[peer] ?? "native";
}

/** Those that stand beside others of their runtime. */
const KINDS: Readonly<Record<string, string>> = { [OWNING]: "owning", ws: "ws", "ws without bufferutil": "ws-plain", "faye-websocket": "faye" };

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const STYLE = `
.page{fill:#fff}text{fill:#1f2328}.title{font-size:16px;font-weight:600}.panel{font-size:14px;font-weight:600}.quiet{fill:#656d76}
.grid{stroke:#d0d7de;stroke-width:1}.ours-line{stroke:#0969da;stroke-width:1.5}.span{stroke:#d0d7de;stroke-width:3;stroke-linecap:round}
circle{stroke:#fff;stroke-width:1}.ours{fill:#0969da}.owning{fill:#80ccff}.raw{fill:#fff;stroke:#656d76;stroke-width:2}.ws{fill:#cf222e}.ws-plain{fill:#f0a3a8}.faye{fill:#bf8700}.native{fill:#8250df}
@media(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.quiet{fill:#8d96a0}.grid,.span{stroke:#30363d}.ours-line{stroke:#4493f8}
circle{stroke:#0d1117}.ours{fill:#4493f8}.owning{fill:#1f4f8f}.raw{fill:#0d1117;stroke:#8d96a0}.ws{fill:#f85149}.ws-plain{fill:#8e3a3a}.faye{fill:#d29922}.native{fill:#ab7df8}}`;
