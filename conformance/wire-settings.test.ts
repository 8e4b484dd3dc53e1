/**
 * permessage-deflate with each of its settings, on the wire: whatever is offered and answered, what was agreed is kept to.
 */
import { describe, it } from "vitest";
import { connect, serve } from "../adapters/node.ts";
import { type DeflateOptions, PermessageDeflate } from "../core/websocket/permessage-deflate.ts";
import { runEchoClient } from "./targets/echo-client.ts";
import { MAX_MESSAGE, modeHandler } from "./targets/echo-server.ts";
import { CASES } from "./wire/cases/all.ts";
import { testClients } from "./wire/client-tester.ts";
import type { CaseResult } from "./wire/result.ts";
import { testServer } from "./wire/server-tester.ts";

/** Wall-clock time, in milliseconds: the machine may be busy with other things. */
const LONG = 180_000;
const CALM = { answer: 30_000, drop: 30_000, failFast: 10_000 };

const SETTINGS: readonly DeflateOptions[] = [
  { threshold: 0 },
  { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true, level: 1 },
  { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { threshold: 0, serverMaxWindowBits: 15, clientMaxWindowBits: 15, level: 9, memLevel: 9 },
  { threshold: 0, serverNoContextTakeover: true, clientMaxWindowBits: 14, memLevel: 1 },
  { threshold: 0, maxMemory: 0 },
];

/** Of group 13 a middle, a large and a fragmented case each, and of the table of offers another part for each of the settings. */
function casesFor(at: number): typeof CASES {
  return CASES.filter(({ id, autobahn = "" }) => {
    if (autobahn.startsWith("13.")) return /\.(?:5|10|15)$/.test(autobahn);
    const offers = /^7692:(?:5\.1|7\.1)/.test(id);
    return offers && Number(id.split("-")[1]) % SETTINGS.length === at || /^7692:(?:6\.2|7\.2\.3)-/.test(id);
  });
}

describe.each(SETTINGS.map((settings, at) => [JSON.stringify(settings), settings, at] as const))("with %s", (_, settings, at) => {
  it("our server keeps to what it agrees to", { timeout: LONG }, async ({ expect }) => {
    const extensions = [new PermessageDeflate(settings)];
    const server = await serve({ ...modeHandler({ mode: "echo", maxMessage: MAX_MESSAGE }), extensions, port: 0, hostname: "127.0.0.1" });
    const results = await testServer(server.url, { cases: casesFor(at), patience: CALM });
    await server.close();
    expect(notOk(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });

  it("our client keeps to what is answered", { timeout: LONG }, async ({ expect }) => {
    const tester = await testClients(0, { cases: casesFor(at), patience: CALM });
    const extensions = [new PermessageDeflate(settings)];
    await runEchoClient(connect, { role: "client", url: tester.url, agent: "ours", maxMessage: MAX_MESSAGE, deflate: "takeover" }, extensions, () => {});
    await tester.close();
    const results = tester.results("ours");
    expect(notOk(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });
});

/** What a peer did not agree to cannot be asked: that depends on the settings, and is no fault. */
function notOk(results: readonly CaseResult[]): { id: string; verdict: string; reasons: readonly string[] }[] {
  const others = results.filter(({ verdict }) => verdict !== "pass" && verdict !== "unimplemented");
  return others.map(({ id, verdict, reasons }) => ({ id, verdict, reasons }));
}
