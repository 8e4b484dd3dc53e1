import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { slugOf, slugsOf } from "./slug.ts";
import { hostileReport } from "./testing/hostile.ts";
import { sampleReport } from "./testing/sample.ts";
import { findAll, parseXml } from "./testing/xml.ts";
import { writeReport } from "./write.ts";

let folder = "";
beforeEach(async () => void (folder = await mkdtemp(path.join(os.tmpdir(), "isosocket-report-"))));
afterEach(() => rm(folder, { recursive: true }));

test("writes a page, JSON and a badge for each agent, and an index and summaries of all", async () => {
  const reports = [sampleReport({ cases: 30 }), sampleReport({ cases: 30, role: "client" })];
  const target = path.join(folder, "deep", "er");
  const paths = await writeReport(target, reports);
  expect(paths.map((file) => path.relative(target, file))).toEqual([
    "index.html", "summary.md", "junit.xml",
    "ws-8-23-0-server.html", "ws-8-23-0-server.json", "ws-8-23-0-server.svg",
    "ws-8-23-0-client.html", "ws-8-23-0-client.json", "ws-8-23-0-client.svg",
  ]);
  expect((await readdir(target)).sort()).toEqual(paths.map((file) => path.basename(file)).sort());
  const read = (name: string): Promise<string> => readFile(path.join(target, name), "utf8");
  expect(JSON.parse(await read("ws-8-23-0-server.json"))).toEqual(reports[0]);
  expect((await read("ws-8-23-0-server.json")).split("\n").filter((line) => line.startsWith(`{"id":`))).toHaveLength(reports[0].results.length);
  expect(findAll(parseXml(await read("junit.xml")), "testsuite")).toHaveLength(2);
  expect(await read("index.html")).toContain(`href="ws-8-23-0-client.html"`);
  for (const name of ["index.html", "ws-8-23-0-server.html"]) expect(await read(name)).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
});

test("replaces what was there, and of an empty run too", async () => {
  const report = sampleReport({ cases: 30 });
  await writeReport(folder, [report]);
  const empty = { ...report, results: [], complete: false, totals: { pass: 0, "non-strict": 0, unimplemented: 0, fail: 0 } };
  await writeReport(folder, [empty]);
  expect(JSON.parse(await readFile(path.join(folder, "ws-8-23-0-server.json"), "utf8"))).toEqual(empty);
  expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("leaves no half file when it cannot go on", async () => {
  await mkdir(path.join(folder, "ws-8-23-0-server.json"));
  await expect(writeReport(folder, [sampleReport({ cases: 30 })])).rejects.toThrow(/ws-8-23-0-server\.json/);
  expect((await readdir(folder)).sort()).toEqual(["ws-8-23-0-server.html", "ws-8-23-0-server.json"]);
});

test("names of files are the agent's in plain letters, and none leaves the folder", async () => {
  expect(["ws 8.23.0", "../../etc/passwd", "Café №5", "水", "", "A".repeat(300)].map((agent) => slugOf({ agent, role: "server" })))
    .toEqual(["ws-8-23-0-server", "etc-passwd-server", "cafe-no5-server", "agent-server", "agent-server", `${"a".repeat(80)}-server`]);
  expect(slugsOf(["a", "A", "a 2", "a"].map((agent) => ({ agent, role: "client" })))).toEqual(["a-client", "a-client-2", "a-2-client", "a-client-3"]);
  const paths = await writeReport(folder, [hostileReport()]);
  for (const file of paths) expect(path.dirname(file)).toBe(folder);
});
