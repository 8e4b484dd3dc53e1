import { describe, expect, it } from "vitest";
import { echoClient, echoServer } from "../echo-protocol.ts";
import { CASES } from "./cases/all.ts";
import { check } from "./protocol-tester.ts";
import type { CaseResult } from "./result.ts";

describe.each([["server", echoServer], ["client", echoClient]] as const)("our core as an echo %s, in process", (role, make) => {
  it("passes every case that needs no socket", { timeout: 120_000 }, async () => {
    const results: CaseResult[] = [];
    for (const item of CASES) {
      if ((item.only ?? role) === role && item.over === undefined && item.heavy !== true) results.push(await check(item, role, make));
    }
    expect(results.filter(({ verdict }) => verdict !== "pass").map(({ id, reasons }) => `${id}: ${reasons.join("; ")}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(500);
  });
});

it("says who a case is for", async () => {
  const item = CASES.find(({ only }) => only === "client");
  await expect(check(item!, "server", echoServer)).rejects.toThrow(`Cannot ask a server case ${item!.id}: it is for clients`);
});
