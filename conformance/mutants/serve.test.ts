/**
 * Over real sockets the verdicts are those of the same process.
 */
import { describe, expect, it } from "vitest";
import type { Case } from "../wire/case.ts";
import { casesForClients, testClients } from "../wire/client-tester.ts";
import { check } from "../wire/protocol-tester.ts";
import type { CaseResult } from "../wire/result.ts";
import { testServer } from "../wire/server-tester.ts";
import { MUTANTS } from "./all.ts";
import { makePeer, type Mutant } from "./mutant.ts";
import { casesInProcess } from "./run.ts";
import { connectMutant, serveMutant } from "./serve.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
/** A peer that fails by doing nothing costs an answer's time each. */
const PATIENCE = { answer: 3_000, drop: 3_000, failFast: 1_500 };
const RULES = ["reserved-bits", "opcodes", "stray-continuation", "ping-answered", "invalid-text", "close-body", "deflate-examples"];
const NAMES = ["ignores-rsv", "pongs-twice", "any-text"];

describe.each([undefined, ...NAMES])("%s", (name) => {
  const mutant = MUTANTS.find((each) => each.name === name);

  it("is a mutant", () => expect(mutant?.name).toBe(name));

  it("as a server gets the same verdicts over sockets", { timeout: LONG }, async () => {
    const cases = some("server");
    const server = await serveMutant(mutant);
    const results = await testServer(server.url, { cases, patience: PATIENCE, concurrency: 32 }).finally(() => server.close());
    expect(verdicts(results)).toEqual(verdicts(await inProcess(mutant, "server", cases)));
  });

  it("as a client gets the same verdicts over sockets", { timeout: LONG }, async () => {
    const cases = casesForClients(false, some("client"));
    const tester = await testClients(0, { cases, patience: PATIENCE });
    await connectMutant(mutant, tester.url, "mutant", cases.length);
    await tester.close();
    expect(verdicts(tester.results("mutant"))).toEqual(verdicts(await inProcess(mutant, "client", cases)));
  });
});

/** One in four of a few rules. */
function some(role: "server" | "client"): Case[] {
  return casesInProcess(role).filter(({ rule }) => RULES.includes(rule.name)).filter((_, at) => at % 4 === 0);
}

async function inProcess(mutant: Mutant | undefined, role: "server" | "client", cases: readonly Case[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const item of cases) results.push(await check(item, role, () => makePeer(mutant, role)));
  return results;
}

function verdicts(results: readonly CaseResult[]): string[] {
  return results.map(({ id, verdict }) => `${id} ${verdict}`).toSorted();
}
