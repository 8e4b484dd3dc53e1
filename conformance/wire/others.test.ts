/**
 * Other people's ends, against the cases: a tester that fails them everywhere would be wrong itself.
 */
import { afterAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { deflateCases } from "./cases/deflate.ts";
import { CASES } from "./cases/all.ts";
import { testClients } from "./client-tester.ts";
import type { CaseResult } from "./result.ts";
import { testServer } from "./server-tester.ts";
import { summarise } from "./summary.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };
/** Autobahn's groups about compression. */
const COMPRESSED = CASES.filter(({ autobahn = "" }) => /^1[23]\./.test(autobahn));

const summaries: string[] = [];
afterAll(() => console.log(summaries.join("\n")));

describe("the ws package's server", () => {
  it("passes all compressed cases that Autobahn has", { timeout: LONG }, async () => {
    const results = await testWs({ perMessageDeflate: { threshold: 0 } }, COMPRESSED, CALM);
    expect(notPassed(results)).toEqual([]);
    expect(results.length).toBe(deflateCases().length);
  });

  it("passes most of the others", { timeout: LONG }, async () => {
    const cases = CASES.filter(({ heavy, deflate, autobahn }) => autobahn !== undefined && heavy !== true && deflate === undefined);
    const results = await testWs({ perMessageDeflate: false }, cases, { ...CALM, failFast: 1_000 });
    summaries.push("ws:", summarise(results));
    expect(notPassed(results).length).toBeLessThan(results.length / 4);
    expect(results.length).toBeGreaterThan(200);
  });
});

it("Node's own WebSocket passes compressed cases", { timeout: LONG }, async () => {
  const cases = COMPRESSED.filter(({ autobahn }) => [4, 10, 15].includes(Number(autobahn?.split(".").at(-1))));
  const tester = await testClients(0, { cases, patience: CALM });
  for (let number = 1; number <= cases.length; number++) {
    const socket = new WebSocket(`${tester.url}/runCase?case=${number}&agent=node`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data);
    await new Promise((resolve) => socket.onclose = resolve);
  }
  await tester.close();
  expect(notPassed(tester.results("node"))).toEqual([]);
  expect(tester.results("node").length).toBe(36);
});

async function testWs(options: object, cases: typeof CASES, patience: typeof CALM): Promise<CaseResult[]> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 64 * 1024 * 1024, ...options });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const { port } = server.address() as { port: number };
  return testServer(`ws://127.0.0.1:${port}`, { cases, patience }).finally(() => server.close());
}

function notPassed(results: readonly CaseResult[]): string[] {
  return results.filter(({ verdict }) => verdict !== "pass").map(({ id, verdict, reasons }) => `${id} ${verdict}: ${reasons.join("; ")}`);
}
