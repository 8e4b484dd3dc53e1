import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Role } from "../core/websocket/frame-parser.ts";
import { DEFAULT_LIMITS } from "../core/websocket/limits.ts";
import { type ClosingEvent, type Phase, PHASES } from "../core/websocket/phase.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "..", name), "utf8");

/** The closing table as a diagram. Events that change nothing are left out. */
function draw(role: Role): string {
  const lines: string[] = [];
  for (const [phase, row] of Object.entries(PHASES[role]) as [Phase, Record<ClosingEvent, Phase>][]) {
    const targets = new Map<Phase, ClosingEvent[]>();
    for (const [event, next] of Object.entries(row) as [ClosingEvent, Phase][]) {
      if (next !== phase) targets.set(next, [...(targets.get(next) ?? []), event]);
    }
    for (const [next, events] of targets) lines.push(`    ${phase} --> ${next}: ${events.join(", ")}`);
  }
  // the tables hold rows that a role never enters, such as `waiting` for a server
  const entered = new Set<string>(["open"]);
  for (let size = 0; size < entered.size;) {
    size = entered.size;
    for (const line of lines) {
      const [from, to] = line.trim().split(/ --> |: /);
      if (entered.has(from)) entered.add(to);
    }
  }
  const drawn = lines.filter((line) => entered.has(line.trim().split(" ")[0]));
  return ["```mermaid", "stateDiagram-v2", "    [*] --> open", ...drawn, "    ended --> [*]", "```"].join("\n");
}

test("docs/closing.md is drawn from the closing table", () => {
  const path = "docs/closing.md";
  const text = read(path);
  const drawn = text.replace(/(<!-- (client|server) -->\n)[^]*?(?=\n<!-- end -->)/g, (_, start: string, role: Role) => start + draw(role));
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(join(import.meta.dirname, "..", path), drawn);
  else expect(text).toBe(drawn); // UPDATE_DOCS=1 draws it anew
});

test("README's table of limits names every limit", () => {
  const text = read("README.md");
  for (const name of Object.keys(DEFAULT_LIMITS)) expect(text).toContain(`\`${name}\``);
});
