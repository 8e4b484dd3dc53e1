/**
 * Every wire case, against our server and our client on every runtime, through the commands that anybody would start.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { RUNTIMES, type RuntimeName } from "./targets/start.ts";
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
      const server = await Target.server(runtime);
      const results = await testServer(server.url, { patience: CALM }).finally(() => server.end());
      note(`server on ${runtime}`, results);
      expect(results.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
      expect(results.length).toBe(CASES.length);
      expect(server.errors).toBe("");
    });

    it.concurrent("our client passes every case", { timeout: LONG }, async ({ expect }) => {
      const tester = await testClients(0, { patience: CALM });
      const client = new Target("client-main.ts", "--runtime", runtime, "--url", tester.url, "--agent", "ours");
      const code = await client.ended;
      const results = tester.results("ours");
      await tester.close();
      note(`client on ${runtime}`, results);
      expect([code, client.errors.split("\n").at(-2)]).toEqual([0, "the report is made"]);
      expect(results.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
      expect(results.length).toBe(CASES.length);
    });
  });
}

function note(who: string, results: readonly Result[]): void {
  const slowest = Math.max(...results.map(({ duration }) => duration));
  summaries.push(`${who} (slowest case: ${Math.round(slowest)} ms)`, summarise(results));
}

/** A command of `targets/` that runs. */
class Target {
  url = "";
  /** What it printed to stderr. */
  errors = "";
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(command: string, ...args: readonly string[]) {
    const child = this.#process = spawn(process.execPath, [join(import.meta.dirname, "targets", command), ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.on("data", (text) => this.errors += String(text));
    this.ended = new Promise((resolve) => child.once("close", resolve));
  }

  /** A server, once it listens. */
  static async server(runtime: RuntimeName, ...args: readonly string[]): Promise<Target> {
    const target = new Target("main.ts", "--runtime", runtime, "--port", "0", ...args);
    target.url = await new Promise((resolve, reject) => {
      let printed = "";
      target.#process.stdout?.on("data", (text) => {
        const [, url] = /^ready (\S+)\n/.exec(printed += String(text)) ?? [];
        if (url !== undefined) resolve(url);
      });
      void target.ended.then((code) => reject(new Error(`it ended with ${code}: ${target.errors}`)));
    });
    return target;
  }

  /** Ends it; what it started must go with it, or its pipes stay open and this does not settle. */
  async end(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.ended;
  }
}
