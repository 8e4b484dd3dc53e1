import { expect, test } from "vitest";
import { RUNTIMES } from "../conformance/targets/start.ts";
import { drainUnderLoad, isWhole } from "./drain.ts";

test.each(RUNTIMES)("a server on %s that is ended under load loses nothing, and lets nobody in any more", { timeout: 60_000 }, async (runtime) => {
  const load = { connections: 50, inFlight: 8, seconds: 0.5, window: 200 };
  const report = await drainUnderLoad(runtime, load);
  expect(report).toMatchObject({
    acknowledged: report.processed, codes: { 1001: 50 }, letIn: 0, exitCode: 0, summary: { closed: 50, clean: 50, forced: 0 },
  });
  expect(isWhole(report, load)).toBe(true);
});
