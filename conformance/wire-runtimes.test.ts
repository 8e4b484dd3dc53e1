/**
 * Every wire case, against our server and our client on every runtime, through the commands that anybody would start. Of the long series of
 * compressed messages the other runtimes than Node get every fifth.
 * @module
 */
import { afterAll, describe, it } from "vitest";
import { type RuntimeName, RUNTIMES } from "./targets/start.ts";
import { Target } from "./testing.ts";
import type { Case } from "./wire/case.ts";
import { CASES } from "./wire/cases/all.ts";
import { casesForClients, testClients } from "./wire/client-tester.ts";
import type { CaseResult } from "./wire/result.ts";
import { casesForServer, testServer } from "./wire/server-tester.ts";
import { summarise } from "./wire/summary.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 400_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };

const summaries: string[] = [];
afterAll(() => console.log(summaries.join("\n")));

// one runtime after the other, its server and its client side by side
for (const runtime of RUNTIMES) {
  describe(`on ${runtime}`, () => {
    it.concurrent("our server passes every case", { timeout: LONG }, async ({ expect }) => {
      const server = await Target.server(runtime, "--deflate");
      const results = await testServer(server.url, { cases: casesOn(runtime), patience: CALM }).finally(() => server.end());
      note(`server on ${runtime}`, results);
      expect(notPassed(results)).toEqual([]);
      expect(results.length).toBe(casesForServer(server.url, casesOn(runtime)).filter(({ over }) => over !== "http2").length);
      expect(notCompressed(results)).toEqual([]);
      expect(server.errors.replace(/^drained .*\n/, "")).toBe("");
    });

    it.concurrent("our client passes every case", { timeout: LONG }, async ({ expect }) => {
      const tester = await testClients(0, { cases: casesOn(runtime), patience: CALM });
      const client = new Target("client-main.ts", "--runtime", runtime, "--url", tester.url, "--agent", "ours", "--deflate");
      const code = await client.ended;
      await tester.close();
      const results = tester.results("ours");
      note(`client on ${runtime}`, results);
      expect([code, client.errors.split("\n").at(-2)]).toEqual([0, "the report is made"]);
      expect(notPassed(results)).toEqual([]);
      expect(results.length).toBe(casesForClients(false, casesOn(runtime)).length);
      expect(notCompressed(results)).toEqual([]);
    });
  });
}

function casesOn(runtime: RuntimeName): readonly Case[] {
  return CASES.filter(({ rule }, at) => runtime === "node" || at % 5 === 0 || rule.name !== "compressed" && rule.name !== "parameters-kept");
}

/** Cases with messages of 256 bytes and more, of compressible data, that did not all come back at less than three quarters of their size. */
function notCompressed(results: readonly CaseResult[]): string[] {
  const due = results.filter(({ autobahn }) => /^(?:12\.[134]|13\.[1-7])\.(?:[3-9]|1\d)$/.test(autobahn ?? ""));
  return due.filter(({ compressed: { messages, payload, restored } = NOTHING }) => !(messages >= 3 && payload < restored * 0.75)).map(({ id }) => id);
}

const NOTHING = { messages: 0, payload: 0, restored: 0 };

/** Why, in a line each. */
function notPassed(results: readonly CaseResult[]): string[] {
  return results.filter(({ verdict }) => verdict !== "pass").map(({ id, verdict, reasons }) => `${id} ${verdict}: ${reasons.join("; ")}`);
}

function note(who: string, results: readonly CaseResult[]): void {
  const slowest = Math.max(...results.map(({ duration }) => duration));
  summaries.push(`${who} (slowest case: ${Math.round(slowest)} ms)`, summarise(results));
}
