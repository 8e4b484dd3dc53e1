import { describe, expect, it } from "vitest";
import type { Role } from "./frame-parser.ts";
import { type ClosingEvent, type Phase, PHASES } from "./phase.ts";

/** Every cell, spelled out: role, phase, event, the phase after it. */
const CELLS: readonly (readonly [Role, Phase, ClosingEvent, Phase])[] = [
  ["client", "open", "sendClose", "closing"],
  ["client", "open", "receiveClose", "waiting"],
  ["client", "open", "fault", "ending"],
  ["client", "open", "end", "ending"],
  ["client", "open", "timeout", "ended"],
  ["client", "closing", "sendClose", "closing"],
  ["client", "closing", "receiveClose", "waiting"],
  ["client", "closing", "fault", "ending"],
  ["client", "closing", "end", "ending"],
  ["client", "closing", "timeout", "ended"],
  ["client", "waiting", "sendClose", "waiting"],
  ["client", "waiting", "receiveClose", "waiting"],
  ["client", "waiting", "fault", "waiting"],
  ["client", "waiting", "end", "ending"],
  ["client", "waiting", "timeout", "ended"],
  ["client", "ending", "sendClose", "ending"],
  ["client", "ending", "receiveClose", "ending"],
  ["client", "ending", "fault", "ending"],
  ["client", "ending", "end", "ending"],
  ["client", "ending", "timeout", "ended"],
  ["client", "ended", "sendClose", "ended"],
  ["client", "ended", "receiveClose", "ended"],
  ["client", "ended", "fault", "ended"],
  ["client", "ended", "end", "ended"],
  ["client", "ended", "timeout", "ended"],
  ["server", "open", "sendClose", "closing"],
  ["server", "open", "receiveClose", "ending"],
  ["server", "open", "fault", "ending"],
  ["server", "open", "end", "ending"],
  ["server", "open", "timeout", "ended"],
  ["server", "closing", "sendClose", "closing"],
  ["server", "closing", "receiveClose", "ending"],
  ["server", "closing", "fault", "ending"],
  ["server", "closing", "end", "ending"],
  ["server", "closing", "timeout", "ended"],
  ["server", "waiting", "sendClose", "waiting"],
  ["server", "waiting", "receiveClose", "waiting"],
  ["server", "waiting", "fault", "waiting"],
  ["server", "waiting", "end", "ending"],
  ["server", "waiting", "timeout", "ended"],
  ["server", "ending", "sendClose", "ending"],
  ["server", "ending", "receiveClose", "ending"],
  ["server", "ending", "fault", "ending"],
  ["server", "ending", "end", "ending"],
  ["server", "ending", "timeout", "ended"],
  ["server", "ended", "sendClose", "ended"],
  ["server", "ended", "receiveClose", "ended"],
  ["server", "ended", "fault", "ended"],
  ["server", "ended", "end", "ended"],
  ["server", "ended", "timeout", "ended"],
];

const ORDER: readonly Phase[] = ["open", "closing", "waiting", "ending", "ended"];

describe("PHASES", () => {
  it.each(CELLS)("a %s that is %s goes by %s to %s (7.1)", (role, phase, event, after) => {
    expect(PHASES[role][phase][event]).toBe(after);
  });

  it("has no cell but these", () => {
    const cells = Object.entries(PHASES).flatMap(([role, rows]) =>
      Object.entries(rows).flatMap(([phase, row]) => Object.entries(row).map(([event, after]) => [role, phase, event, after])));
    expect(cells).toEqual(CELLS);
  });

  it("never goes back", () => {
    for (const [, phase, , after] of CELLS) expect(ORDER.indexOf(after)).toBeGreaterThanOrEqual(ORDER.indexOf(phase));
  });

  it("differs between the roles only where the server ends TCP first (7.1.1)", () => {
    const differing = CELLS.filter(([role, phase, event]) => role === "client" && PHASES.client[phase][event] !== PHASES.server[phase][event]);
    expect(differing.map(([, phase, event]) => [phase, event])).toEqual([["open", "receiveClose"], ["closing", "receiveClose"]]);
  });
});
