import { afterAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { type Result, summarise, type Verdict } from "./wire/case.ts";
import { CASES } from "./wire/cases.ts";
import { type Flaw, serveFlawed } from "./wire/flawed-server.ts";
import { testServer } from "./wire/server-tester.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };

const summaries: string[] = [];
afterAll(() => console.log(summaries.join("\n")));

describe("the cases", () => {
  it("are all of Autobahn's groups 1 to 7, 9, 10, 12 and 13, each once", () => {
    const sizes = [1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 13].map((group) => CASES.filter(({ id }) => id.startsWith(`${group}.`)).length);
    expect(sizes).toEqual([16, 11, 7, 10, 20, 145, 37, 54, 1, 90, 126]);
    expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
  });
});

describe.concurrent("a server with one flaw", () => {
  /** A few of each group: what the flaws below touch, and neighbours of it. */
  const some = CASES.filter(({ id }) => [
    "1.1.2", "2.1", "2.10", "2.7", "3.1", "3.2", "3.6", "3.7", "4.1.1", "4.1.3", "5.3", "5.9", "5.12", "5.15", "5.18", "6.2.1",
    "6.3.1", "6.20.1", "7.1.1", "7.1.3", "7.1.4", "7.3.2", "7.5.1", "7.7.1", "7.9.4", "7.9.5",
  ].includes(id));
  const everything = some.map(({ id }) => id);
  const failing: readonly (readonly [Flaw, readonly string[]])[] = [
    ["none", []],
    ["utf8", ["6.3.1", "6.20.1", "7.5.1"]],
    ["reservedBits", ["3.1", "3.2", "3.6", "3.7"]],
    ["opcodes", ["4.1.1", "4.1.3"]],
    ["closeCodes", ["7.9.4", "7.9.5"]],
    ["pings", ["2.1", "2.10"]],
    ["stays", everything],
    ["strays", ["5.9", "5.12", "5.15", "5.18"]],
    ["chatty", ["7.1.3", "7.1.4"]],
    ["masks", everything],
  ];

  it.for(failing)("%s fails exactly the cases it breaks", { timeout: LONG }, async ([flaw, expected], { expect }) => {
    expect(rest(await runSome(flaw), "ok").map(({ id }) => id)).toEqual(expected);
  });

  it("is not strict where it loses what came before a fault", { timeout: LONG }, async ({ expect }) => {
    const results = await runSome("swallows");
    expect(rest(results, "ok").map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(["3.2 non-strict", "4.1.3 non-strict", "5.15 non-strict"]);
  });

  async function runSome(flaw: Flaw): Promise<Result[]> {
    const server = await serveFlawed(flaw);
    const results = await testServer(server.url, { cases: some, patience: { answer: 3_000, drop: 3_000 }, concurrency: some.length });
    await server.close();
    return results;
  }
});

describe("the ws package's server", () => {
  it("passes most cases", { timeout: LONG }, async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 64 * 1024 * 1024, perMessageDeflate: false });
    await new Promise((resolve) => server.once("listening", resolve));
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const { port } = server.address() as { port: number };
    const results = await testServer(`ws://127.0.0.1:${port}`, { cases: CASES.filter(({ id, deflate }) => !id.startsWith("9.") && deflate === undefined), patience: { ...CALM, failFast: 1_000 } });
    server.close();
    note("ws", results);
    expect(rest(results, "ok").length).toBeLessThan(results.length / 4);
  });
});

function note(who: string, results: readonly Result[]): void {
  summaries.push(`${who}:`, summarise(results));
}

function rest(results: readonly Result[], verdict: Verdict): { id: string; verdict: Verdict; reasons: readonly string[] }[] {
  return results.filter((result) => result.verdict !== verdict).map(({ id, verdict, reasons }) => ({ id, verdict, reasons }));
}
