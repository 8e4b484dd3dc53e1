import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connect } from "../index.node.ts";
import type { Report } from "../conformance/mod.ts";
import { finish, folder, freePort, makeCertificate, rawServer, type Run, start } from "./testing.ts";

/**
 * A client as others write them for the Autobahn testsuite: on the package ws, in a file of its own. Its second argument is the agent's name, its third what
 * it does: all, only so many cases, or text with an end that is not its own.
 */
const CLIENT = `
import { createRequire } from "node:module";
const { WebSocket } = createRequire(${JSON.stringify(import.meta.url)})("ws");
const [,, url = process.env.ISOSOCKET_URL, agent = "ws", does = "all"] = process.argv;
const ask = (path, onMessage = () => {}) => new Promise((resolve) => {
  const socket = new WebSocket(new URL(path, url), { rejectUnauthorized: false });
  socket.on("message", (data, isBinary) => onMessage(socket, data, isBinary)).on("error", () => {}).on("close", resolve);
});
let count = 0;
await ask("/getCaseCount", (_, data) => { count = Number(data); });
console.log("\\x1b[2Jgoing through", count, "cases as", agent);
const last = Number.isNaN(Number(does)) ? count : Number(does);
for (let number = 1; number <= last; number++) {
  await ask("/runCase?case=" + number + "&agent=" + agent, (socket, data, isBinary) => {
    socket.send(does === "shout" && !isBinary && data.length > 100 ? data + "!" : data, { binary: isBinary });
  });
}
if (last < count) process.exit(7);
await ask("/updateReports?agent=" + agent);
if (does === "stay") setInterval(() => {}, 1_000);
`;

const file = join(folder(), "client.mjs");
writeFileSync(file, CLIENT);

const test = (args: readonly string[], ...client: string[]): ReturnType<typeof finish> => finish(["conformance", "client", "--port", "0", "--no-report", ...args, "--", process.execPath, ...client]);
const CASES = ["--cases", "5.2-3,5.5.2-1,5.5.2-2"];

/** Starts it without a command. */
async function listen(...args: string[]): Promise<Run & { readonly url: string }> {
  const run = start(["conformance", "client", "--port", "0", ...args]);
  const [url] = await run.until(/wss?:\/\/\S+?:\d+/);
  return Object.defineProperty(run, "url", { value: url }) as Run & { url: string };
}

/** Goes through cases as a client does. */
async function go(url: string, agent: string, count: number, isThrough = true): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const socket = await connect(new URL(`/runCase?case=${number}&agent=${agent}`, url), { message: (socket, message) => void socket.send(message) });
    await socket.closed;
  }
  if (isThrough) await (await connect(new URL(`/updateReports?agent=${agent}`, url))).closed;
}

describe("isosocket conformance client -- COMMAND", () => {
  it("starts it, tests it, and ends with the verdict", async () => {
    const good = await test(CASES, file);
    expect(good.stdout).toMatch(/^Testing clients at ws:\/\/127\.0\.0\.1:\d+: 3 cases\nws\n3 cases in [\d.]+ m?s: 3 passed\n$/);
    expect([good.code, good.stderr]).toEqual([0, ""]);
    const bad = await test(CASES, file, "{url}", "loud", "shout");
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringMatching(/1 case failed[^]*5\.2-3 [^]*loud\n3 cases in .*: 2 passed, 1 failed[^]*npx isosocket conformance client --cases 5\.2-3 --verbose --no-report -- \S+ \S+ \{url\} loud shout/)]);
  });

  it("says which cases were not reached, how the command ended, and what it printed, with 1", async () => {
    const where = folder();
    const { code, stdout, stderr } = await finish(["conformance", "client", "--port", "0", ...CASES, "--report", where, "--", process.execPath, file, "{url}", "half", "2"]);
    expect(code).toBe(1);
    expect(stdout).toContain("The run ended early: 1 case of 3 did not run");
    expect(stderr).toMatch(/half stopped after 2 of 3 cases: ".*node": it ended with exit code 7, and it printed last: \\e\[2Jgoing through 3 cases as half/);
    expect(JSON.parse(readFileSync(join(where, "half-client.json"), "utf8"))).toMatchObject({ complete: false, role: "client", agent: "half" });
  });

  it("ends one that does not end by itself, once it asked for its report", async () => {
    const { code, stdout } = await test(CASES, file, "{url}", "stays", "stay");
    expect([code, stdout]).toEqual([0, expect.stringContaining("3 passed")]);
  });

  it("prints what the command prints with --verbose, made harmless, and the report alone on stdout with --json", async () => {
    const { code, stdout, stderr } = await test([...CASES, "--verbose", "--json", "--agent", "renamed"], file);
    expect([code, JSON.parse(stdout) as Report]).toEqual([0, expect.objectContaining({ agent: "renamed", role: "client", complete: true })]);
    expect(stderr).toContain("| \\e[2Jgoing through 3 cases as ws");
    expect(stderr).not.toContain("\x1b");
  });

  it("says with 2 when it cannot be started, or no client comes", async () => {
    expect(await finish(["conformance", "client", "--port", "0", "--", "no-such-program"])).toMatchObject({ code: 2, stderr: 'error: Cannot start "no-such-program": there is no such program\n' });
    expect(await finish(["conformance", "client", "--port", "0", "--", "node client.js"])).toMatchObject({ code: 2, stderr: expect.stringContaining("write it without quotes, a word each") });
    expect(await test([], "-e", "console.log('oops'); process.exit(3)")).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: No client came to ws:.*it ended with exit code 3, and it printed last: oops\n$/) });
  });
});

describe("isosocket conformance client", () => {
  it("serves any number of clients, one after the other or at once, until Ctrl-C, which is no failure once all are through", async () => {
    const where = folder();
    const run = await listen(...CASES, "--report", where);
    await Promise.all([go(run.url, "first", 3), go(run.url, "second", 3)]);
    await run.until(/first is through/);
    await go(run.url, "third", 3);
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(0);
    for (const agent of ["first", "second", "third"]) expect(run.stdout).toContain(`${agent}\n3 cases in `);
    expect(run.stdout).toMatch(/Report: file:.*index\.html/);
    expect(readFileSync(join(where, "index.html"), "utf8")).toContain("third-client.html");
  });

  it("ends at Ctrl-C with 130 while a client is in the middle, and when nobody came", async () => {
    const run = await listen(...CASES, "--no-report");
    await go(run.url, "half", 2, false);
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stdout).toContain("1 case of 3 did not run");
    const nobody = await listen("--no-report");
    nobody.process.kill("SIGTERM");
    expect(await nobody.ended).toBe(143);
  });

  it("ends when the first client is through with --once", async () => {
    const run = await listen(...CASES, "--once", "--no-report", "--quiet");
    await go(run.url, "one", 3);
    expect(await run.ended).toBe(0);
  });

  it("says that the port is taken, with 2", async () => {
    const port = await rawServer(() => {});
    expect(await finish(["conformance", "client", "--port", String(port)])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: Cannot listen on 127\.0\.0\.1:\d+: the port is taken; .*--port 0 for a free one\n$/) });
    expect(await finish(["conformance", "client", "--host", "203.0.113.1", "--port", String(await freePort())])).toMatchObject({ code: 2, stderr: expect.stringContaining("--host names no address of this machine") });
  });

  const certificate = makeCertificate();
  it.skipIf(certificate === undefined)("listens for TLS (skipped without openssl)", async () => {
    const { cert, key } = certificate as { cert: string; key: string };
    const { code, stdout } = await test([...CASES, "--tls-cert", cert, "--tls-key", key], file);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Testing clients at wss://127.0.0.1:")]);
    expect(await finish(["conformance", "client", "--port", "0", "--tls-cert", key, "--tls-key", key])).toMatchObject({ code: 2, stderr: expect.stringContaining("must be a certificate and its key in PEM") });
  });
});
