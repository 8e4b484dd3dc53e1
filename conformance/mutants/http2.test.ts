/**
 * The cases in HTTP/2: a right server passes, each that breaks one rule is caught by those of that rule, and a server without HTTP/2 is not asked.
 */
import { describe, expect, it } from "vitest";
import { CASES } from "../wire/cases/all.ts";
import type { CaseResult } from "../wire/result.ts";
import { testServer } from "../wire/server-tester.ts";
import { serveStreams, STREAM_MUTANTS } from "./http2.ts";

const cases = CASES.filter(({ over }) => over === "http2");
const caught = new Set<string>();

describe("a server of streams", () => {
  it("passes when it is right", async () => {
    const results = await run({});
    expect(results.filter(({ verdict }) => verdict !== "pass").map(({ title, reasons }) => [title, ...reasons])).toEqual([]);
    expect(results.length).toBe(cases.length);
  });

  it.each(STREAM_MUTANTS)("$name is caught by the cases of its rule", async ({ change, caughtBy }) => {
    const results = await run(change);
    const failing = results.filter(({ verdict }) => verdict !== "pass").map(({ title }) => title);
    for (const title of failing) caught.add(title);
    expect(failing).toEqual(cases.map(({ title }) => title).filter((title) => caughtBy.some((pattern) => pattern.test(title))));
  });

  it("can be failed by each case", () => {
    expect(cases.map(({ title }) => title).filter((title) => !caught.has(title))).toEqual([]);
  });

  it("is not asked when it allows no extended CONNECT", async () => {
    expect(await run({ allows: false })).toEqual([]);
  });
});

async function run(change: Parameters<typeof serveStreams>[0]): Promise<CaseResult[]> {
  const server = await serveStreams(change);
  try {
    return await testServer(server.url, { cases, patience: { answer: 4_000, drop: 4_000 }, concurrency: cases.length });
  } finally {
    await server.close();
  }
}
