/**
 * Every wire case, against our server and our client on every runtime, through the commands that anybody would start.
 * @module
 */
import { afterAll, describe, it } from "vitest";
import { RUNTIMES } from "./targets/start.ts";
import { Target } from "./testing.ts";
import { type Result, summarise } from "./wire/case.ts";
import { CASES } from "./wire/cases.ts";
import { testClients } from "./wire/client-tester.ts";
import { testServer } from "./wire/server-tester.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };

const summaries: string[] = [];
afterAll(() => console.log(summaries.join("\n")));

// one runtime after the other, its server and its client side by side
for (const runtime of RUNTIMES) {
  describe(`on ${runtime}`, () => {
    it.concurrent("our server passes every case", { timeout: LONG }, async ({ expect }) => {
      const server = await Target.server(runtime, "--deflate");
      const results = await testServer(server.url, { patience: CALM }).finally(() => server.end());
      note(`server on ${runtime}`, results);
      expect(results.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
      expect(results.length).toBe(CASES.filter(({ only }) => only !== "client").length);
      expect(notCompressed(results)).toEqual([]);
      expect(server.errors.replace(/^drained .*\n/, "")).toBe("");
    });

    it.concurrent("our client passes every case", { timeout: LONG }, async ({ expect }) => {
      const tester = await testClients(0, { patience: CALM });
      const client = new Target("client-main.ts", "--runtime", runtime, "--url", tester.url, "--agent", "ours", "--deflate");
      const code = await client.ended;
      await tester.close();
      const results = tester.results("ours");
      note(`client on ${runtime}`, results);
      expect([code, client.errors.split("\n").at(-2)]).toEqual([0, "the report is made"]);
      expect(results.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
      expect(results.length).toBe(CASES.filter(({ only }) => only !== "server").length);
      expect(notCompressed(results)).toEqual([]);
    });
  });
}

/** Cases with messages of 256 bytes and more, of compressible data, that did not all come back at less than three quarters of their size. */
function notCompressed(results: readonly Result[]): string[] {
  const due = results.filter(({ id }) => /^(?:12\.[134]|13\.[1-7])\.(?:[3-9]|1\d)$/.test(id));
  return due.filter(({ compressed: { messages, payload, restored } }) => !(messages >= 3 && payload < restored * 0.75)).map(({ id }) => id);
}

function note(who: string, results: readonly Result[]): void {
  const slowest = Math.max(...results.map(({ duration }) => duration));
  summaries.push(`${who} (slowest case: ${Math.round(slowest)} ms)`, summarise(results));
}
