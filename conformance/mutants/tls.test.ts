/**
 * The cases through TLS: a right server and a right client pass, and each that breaks one rule is caught by those of that rule.
 */
import { describe, expect, it } from "vitest";
import { makeCertificates } from "../../test/certificate.ts";
import { CASES } from "../wire/cases/all.ts";
import { testClients } from "../wire/client-tester.ts";
import type { CaseResult } from "../wire/result.ts";
import { testServer } from "../wire/server-tester.ts";
import { goThrough, serveTls, TLS_MUTANTS, type TlsRules } from "./tls.ts";

const cases = CASES.filter(({ over }) => over === "tls");
const certificates = makeCertificates();
/** Servers are asked all at once, clients one case after the other. */
const PATIENCE = { server: { answer: 10_000, drop: 10_000 }, client: { answer: 3_000, drop: 3_000 } };
const caught = new Set<string>();

describe.each(["server", "client"] as const)("a %s that speaks TLS", { timeout: 120_000 }, (role) => {
  it("passes when it is right", async () => {
    const results = await run(role, {});
    expect(results.filter(({ verdict }) => verdict !== "pass").map(({ title, reasons }) => [title, ...reasons])).toEqual([]);
    expect(results.length).toBe(cases.filter(({ only }) => (only ?? role) === role).length);
  });

  it.concurrent.each(TLS_MUTANTS.filter(({ roles }) => roles.includes(role)))("$name is caught by the cases of its rule", async ({ change, caughtBy }) => {
    const results = await run(role, change);
    const failing = results.filter(({ verdict }) => verdict !== "pass").map(({ title }) => title);
    for (const title of failing) caught.add(title);
    expect(failing).toEqual(results.map(({ title }) => title).filter((title) => caughtBy.test(title)));
  });
});

it("each case can fail somebody", () => {
  expect(cases.map(({ title }) => title).filter((title) => !caught.has(title))).toEqual([]);
});

async function run(role: "server" | "client", change: Partial<TlsRules>): Promise<CaseResult[]> {
  const patience = PATIENCE[role];
  if (role === "client") {
    const tester = await testClients(0, { cases, patience, tls: certificates, hostname: "localhost" });
    await goThrough(tester.url, "mutant", tester.count, change);
    await tester.close();
    return tester.results("mutant");
  }
  const server = await serveTls(certificates, change);
  try {
    return await testServer(server.url, { cases, patience, trust: { ca: certificates.ca }, concurrency: cases.length });
  } finally {
    await server.close();
  }
}
