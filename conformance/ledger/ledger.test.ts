/**
 * The peers of the ledger start, echo and obey; what is kept of a run says what it should; and what is committed fits what is installed. All cases: `npm run ledger`.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isMissing } from "../../test/chromium.ts";
import { binary, text } from "../frames.ts";
import type { Case, Draft, Rule } from "../wire/case.ts";
import type { CaseResult } from "../wire/result.ts";
import { type Entry, toEntry, toJson } from "./entry.ts";
import { type LedgerPeer, nameOf, PEERS, settingsOf, shownCommand } from "./peers.ts";
import { readEntries, renderTable } from "./readme.ts";
import { runPeer } from "./run.ts";

const here = import.meta.dirname;
const rule: Rule = { name: "ledger", section: "1", says: "A peer echoes, and does what it is told" };
const drafts: Omit<Draft, "rule">[] = [
  { title: "text", send: [{ frames: [text("köln")] }], expect: [text("köln")] },
  { title: "binary", send: [{ frames: [binary(new Uint8Array([0, 255, 1]))] }], expect: [binary(new Uint8Array([0, 255, 1]))] },
  { title: "sends text", send: [{ command: "send text 5" }], expect: [text("xxxxx")] },
  { title: "sends binary", send: [{ command: "send binary 300" }], expect: [binary(new Uint8Array(300))] },
  { title: "closes", send: [{ command: "close 4001 over and out" }], end: "begun", answers: [4001], reason: "over and out" },
  { title: "closes without a code", send: [{ command: "close" }], end: "begun", answers: [undefined, 1000] },
];
const cases: readonly Case[] = drafts.map((draft, at) => ({ id: `1-${at + 1}`, rule, ...draft }));
const echoing = PEERS.filter(({ path }) => path === undefined);

/** On a busy machine, in milliseconds. */
const LONG = 60_000;

function canStart({ on }: LedgerPeer): boolean {
  return on !== "chromium" || !isMissing; // that one has told it
}

describe.each(echoing.filter(canStart))("$id", (peer) => {
  it("echoes, and does what it is told", { timeout: LONG }, async () => {
    const results = await runPeer(peer, cases);
    expect(results.map(({ title, verdict, reasons }) => [title, verdict, ...reasons])).toEqual(cases.map(({ title }) => [title, "pass"]));
  });
});

it("a peer that speaks a protocol of its own starts, and is asked only what it must refuse", { timeout: LONG }, async () => {
  const engine = PEERS.find(({ id }) => id === "engine-server") as LedgerPeer;
  const refused: Case = {
    id: "1-7", rule, title: "another version", ask: { request: ({ line, fields }) => ({ line, fields: fields.map(([name, value]) => [name, name === "Sec-WebSocket-Version" ? "12" : value]) }), opens: "fail", refuses: "pass" },
  };
  expect((await runPeer(engine, [...cases, refused])).map(({ id, verdict }) => [id, verdict])).toEqual([["1-7", "pass"]]);
});

it("names every peer, with its version and how it is started", () => {
  expect(new Set(PEERS.map(({ id }) => id)).size).toBe(PEERS.length);
  for (const peer of PEERS) {
    expect(peer.id.endsWith(`-${peer.role}`)).toBe(true);
    expect(shownCommand(peer)).toMatch(/^(?:node|deno run|bun) .*conformance\/(?:ledger\/peers|targets)\/[a-z-]+\.ts .*9001/);
    expect(shownCommand(peer)).not.toMatch(/ \//);
  }
  expect(settingsOf(PEERS.find(({ id }) => id === "bun-server") as LedgerPeer)).toMatch(/^permessage-deflate is on, .*64 MiB/);
  expect(settingsOf(PEERS.find(({ id }) => id === "node-client") as LedgerPeer)).toBeUndefined();
});

describe("what is kept", () => {
  const result = (id: string, verdict: CaseResult["verdict"], reasons: string[], log: CaseResult["log"] = []): CaseResult => ({
    id, title: "title", rule: "rule", rfc: 6455, section: "5.1", sends: [], accepts: { pass: "", fail: "" }, verdict, reasons, duration: Math.random(), log,
  });
  const frame = (by: "tester" | "peer", header: string, payload: string): CaseResult["log"][number] => ({
    at: Math.random(), by, kind: "frame", fin: true, rsv: 0, opcode: 1, masked: by === "tester", length: payload.split(" ").length, header, payload,
  });
  const entry = toEntry({ agent: "a 1", role: "server", command: "c", start: "s" }, [
    result("5.1-1", "pass", []),
    result("5.1-2", "unimplemented", ["it does not"]),
    result("5.1-3", "unimplemented", ["it does not"]),
    result("5.2-1", "fail", ["it sent *that*"], [
      { at: 1, by: "tester", kind: "head", text: "GET / HTTP/1.1\r\n\r\n" },
      frame("tester", "81 82 01 02 03 04", "61 62"),
      frame("peer", "81 02", "61 63"),
    ]),
    result("5.2-2", "fail", ["it refused"], [{ at: 1, by: "peer", kind: "head", text: "HTTP/1.1 400 Bad Request\r\nDate: now\r\nSec-WebSocket-Accept: abc=\r\n\r\n" }]),
  ]);

  it("is the numbers, and of failures the bytes that are not made by chance", () => {
    expect(entry.totals).toEqual({ pass: 1, "non-strict": 0, unimplemented: 2, fail: 2 });
    expect(entry.unimplemented).toEqual([{ reason: "it does not", cases: ["5.1-2 to 3"] }]);
    expect(entry.cases[0]).toMatchObject({ id: "5.2-1", sent: ["81 82 | 61 62"], received: ["81 02 | 61 63"] });
    expect(entry.cases[1].received).toEqual(["HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Accept: …"]);
    expect(JSON.parse(toJson(entry))).toEqual(entry);
  });

  it("is told in the README", () => {
    const readme = renderTable("# top\n<!-- made by npm run ledger -->\nold", [entry]);
    expect(readme).toMatch(/^# top\n/);
    expect(readme).not.toContain("old");
    expect(readme).toContain("| a 1 | server | 1 | 0 | 2 | 2 |");
    expect(readme).toContain('- RFC 6455, section 5.2, "rule": 5.2-1, 5.2-2. title: it sent \\*that\\*.');
    expect(() => renderTable("# top", [])).toThrow("Cannot write the table");
  });
});

describe("what is committed", () => {
  const folder = join(here, "results");
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];

  it("has every peer, at the version that is installed", { timeout: LONG }, async () => {
    expect(files).toEqual(PEERS.map(({ id }) => `${id}.json`).sort());
    for (const peer of PEERS.filter(canStart)) {
      const { agent, role, command, start, settings } = JSON.parse(readFileSync(join(folder, `${peer.id}.json`), "utf8")) as Entry;
      expect([agent, role, command, start]).toEqual([await nameOf(peer), peer.role, `npm run ledger -- ${peer.id}`, shownCommand(peer)]);
      expect(settings).toBe(settingsOf(peer));
    }
  });

  it("is what the README's table says", () => {
    const readme = readFileSync(join(here, "README.md"), "utf8");
    expect(renderTable(readme, readEntries(folder))).toBe(readme);
  });
});
