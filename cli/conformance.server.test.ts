import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type net from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import type { Report } from "../conformance/mod.ts";
import { answering, finish, folder, freePort, makeCertificate, rawServer, start } from "./testing.ts";

const servers = new Set<{ close(): void }>();
afterEach(() => {
  for (const server of servers) server.close();
  servers.clear();
});

/** An echo server of the ws package, or one that does something else with a message. */
async function serve(onMessage: (socket: WebSocket, data: Buffer, isBinary: boolean) => void = (socket, data, isBinary) => socket.send(data, { binary: isBinary })): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 2 ** 25 });
  server.on("connection", (socket) => socket.on("error", () => {}).on("message", (data: Buffer, isBinary) => onMessage(socket, data, isBinary)));
  servers.add(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}/`;
}

/** Echoes long text with an end that is not its own: that fails, everything else is right. */
const shout = (): Promise<string> => serve((socket, data, isBinary) => socket.send(isBinary || data.length < 100 ? data : Buffer.from(`${data.toString()}!`), { binary: isBinary }));

/** Runs it without a report in the folder of the tests. */
const test = (url: string, ...args: string[]): ReturnType<typeof finish> => finish(["conformance", "server", url, ...args, ...(args.includes("--report") ? [] : ["--no-report"])]);

describe("isosocket conformance server", () => {
  it("passes a good server with 0, and says so in few lines", async () => {
    const { code, stdout, stderr } = await test(await serve(), "--cases", "5.5.2-1,5.5.2-2,7.4.1-1");
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+\n3 cases in [\d.]+ m?s: 3 passed\n$/);
    expect(stderr).toMatch(/^Testing ws:\/\/127\.0\.0\.1:\d+\/: 3 cases\n$/);
    expect(code).toBe(0);
  });

  it("fails a bad one with 1: rule, section, what was sent, expected and got, the bytes, and the command for those cases", async () => {
    const url = await shout();
    const { code, stdout, stderr } = await test(url, "--cases", "5.2-3,5.5.2-2");
    expect(code).toBe(1);
    expect(stdout).toContain("1 case failed\n");
    expect(stdout).toMatch(/✗ A frame's payload has any length[^]*RFC 6455, section 5\.2\n {4}5\.2-3 /);
    for (const row of ["sent", "expected", "got"]) expect(stdout).toMatch(new RegExp(`^ {6}${row} +\\S`, "m"));
    expect(stdout).toMatch(/<- text 127 bytes "\*+[^]*81 7f|81 7e 00 7f \| 2a 2a/);
    expect(stdout).toMatch(/2 cases in .*: 1 passed, 1 failed/);
    expect(stdout).toContain(`npx isosocket conformance server ${url} --cases 5.2-3 --verbose --no-report`);
    expect(stderr).toMatch(/^failed 5\.2-3 .*$/m);
  });

  it("prints the whole wire log of what did not pass with --verbose", async () => {
    const { stdout } = await test(await shout(), "--cases", "5.2-3", "--verbose");
    expect(stdout).toMatch(/-> GET \/ HTTP\/1\.1\n +Host: /);
    expect(stdout).toMatch(/-> close 1000 +88 82 (?:[0-9a-f]{2} ){4}\| 03 e8/);
  });

  it("writes a report, keeps those of other agents in its index, and says where the page is", async () => {
    const where = join(folder(), "deep", "report");
    const url = await serve();
    const first = await test(url, "--cases", "5.5.2-1", "--report", where, "--agent", "first");
    expect(first.stdout).toMatch(/^Report: file:\/\/.*\/deep\/report\/first-server\.html$/m);
    const second = await test(url, "--cases", "5.5.2-1", "--report", where, "--agent", "second");
    expect(second.stdout).toMatch(/^Report: file:\/\/.*\/deep\/report\/index\.html$/m);
    const index = readFileSync(join(where, "index.html"), "utf8");
    expect(index).toContain("first-server.html");
    expect(index).toContain("second-server.html");
    for (const name of ["junit.xml", "summary.md", "first-server.svg"]) expect(existsSync(join(where, name))).toBe(true);
    expect(JSON.parse(readFileSync(join(where, "first-server.json"), "utf8"))).toMatchObject({ agent: "first", role: "server", url, complete: true, totals: { pass: 1 } });
  });

  it("prints the report and nothing else on stdout with --json, JUnit with --junit, and writes both into files", async () => {
    const url = await shout();
    const where = folder();
    const json = await test(url, "--cases", "5.2-3", "--json", `--junit=${join(where, "junit.xml")}`);
    const report = JSON.parse(json.stdout) as Report;
    expect(report).toMatchObject({ schema: 1, role: "server", url, seed: 1, complete: true, totals: { pass: 0, fail: 1 }, command: `npx isosocket conformance server ${url} --cases 5.2-3` });
    expect(report.results[0]).toMatchObject({ id: "5.2-3", verdict: "fail" });
    expect(json.stderr).toContain("1 case failed");
    expect(readFileSync(join(where, "junit.xml"), "utf8")).toMatch(/^<\?xml[^]*<failure/);
    const junit = await test(url, "--cases", "5.2-3", "--junit", `--json=${join(where, "report.json")}`);
    expect(junit.stdout).toMatch(/^<\?xml[^]*<\/testsuites>\n$/);
    expect((JSON.parse(readFileSync(join(where, "report.json"), "utf8")) as Report).results.length).toBe(1);
  });

  describe("with --expect", () => {
    const cases = ["--cases", "5.2-3,5.5.2-2"];
    const good = { "5.2-3": "pass", "5.5.2-2": "pass" };
    const bad = { "5.2-3": "fail", "5.5.2-2": "pass" };
    const expecting = (value: unknown): string => {
      const file = join(folder(), "expected.json");
      writeFileSync(file, JSON.stringify(value));
      return file;
    };

    it("writes what to expect with --update, and says so where there is no file", async () => {
      const url = await shout();
      const file = join(folder(), "expected.json");
      expect(await test(url, ...cases, "--expect", file)).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no such file; add --update to write it from this run") });
      expect(await test(url, ...cases, "--expect", file, "--update")).toMatchObject({ code: 0, stdout: expect.stringContaining(`Wrote what to expect into ${file}`) });
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(bad);
    });

    it("fails for a change for the worse alone, and tells what got better", async () => {
      const [right, wrong] = [await serve(), await shout()];
      const [same, better, worse, report] = await Promise.all([
        test(wrong, ...cases, "--expect", expecting(bad)),
        test(right, ...cases, "--expect", expecting(bad)),
        test(wrong, ...cases, "--expect", expecting(good)),
        test(wrong, ...cases, "--expect", expecting({ results: [{ id: "5.2-3", verdict: "fail", reasons: ["another"] }, { id: "5.5.2-2", verdict: "pass" }] })),
      ]);
      expect([same.code, same.stdout]).toEqual([0, expect.stringContaining("Nothing got worse")]);
      expect([better.code, better.stdout]).toEqual([0, expect.stringMatching(/1 case got better[^]*Better: 5\.2-3 /)]);
      expect([worse.code, worse.stdout]).toEqual([1, expect.stringMatching(/1 case got worse[^]*Worse: 5\.2-3 /)]);
      expect([report.code, report.stdout]).toEqual([0, expect.stringMatching(/Nothing got worse[^]*Other: 5\.2-3 /)]);
    });

    it("expects nothing of cases that are left out, and keeps what is known of them", async () => {
      const file = expecting(good);
      const url = await shout();
      expect((await test(url, "--cases", "5.5.2-2", "--expect", file)).stdout).not.toContain("Not run");
      expect((await test(url, "--cases", "5.2-3", "--expect", file, "--update")).code).toBe(0);
      expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(bad);
    });
  });

  it("fails for what is not strict with --strict alone", async () => {
    const url = await serve(); // looks at text when all of a message is there
    const args = ["--cases", "8.1-3", "--timeout", "200"];
    const lax = await test(url, ...args);
    expect([lax.code, lax.stdout]).toEqual([0, expect.stringMatching(/^1 case not strict: allowed, but not best\n~ Text that is not UTF-8 fails the connection\n {2}8\.1-3: [^]*1 non-strict\n/)]);
    expect(await test(url, ...args, "--strict")).toMatchObject({ code: 1, stdout: expect.stringContaining("With --strict, non-strict cases fail the run") });
  });

  const certificate = makeCertificate();
  it.skipIf(certificate === undefined)("tests through TLS, and says how to trust (skipped without openssl)", async () => {
    const { cert, key } = certificate as { cert: string; key: string };
    const server = start(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", key, "--max-message", "64MiB"]);
    const [url] = await server.until(/wss:\/\/\S+?:\d+\//);
    expect(await test(url, "--cases", "5.5.2-1")).toMatchObject({ code: 2, stderr: expect.stringMatching(/certificate.*--ca FILE or --insecure/) });
    expect((await test(url, "--cases", "5.5.2-1", "--ca", cert)).code).toBe(0);
    expect((await test(url, "--cases", "5.5.2-1", "--insecure")).code).toBe(0);
  });

  it("ends with Ctrl-C after what is under way, writes the report as it is, and ends with 130", async () => {
    // every answer takes a while, so that few cases are through when it is interrupted
    const url = await serve((socket, data, isBinary) => void setTimeout(() => socket.send(data, { binary: isBinary }), data.length > 20 ? 0 : 300));
    const where = folder();
    const run = start(["conformance", "server", url, "--cases", "5.2,5.4,5.6", "--concurrency", "2", "--report", where, "--agent", "slow"]);
    await run.until(/Testing /);
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stdout).toMatch(/The run ended early: \d+ cases of \d+ did not run/);
    const report = JSON.parse(readFileSync(join(where, "slow-server.json"), "utf8")) as Report;
    expect(report.complete).toBe(false);
  });

  it("ends at once at the second Ctrl-C", async () => {
    let onCome = (): void => {};
    const came = new Promise<void>((resolve) => onCome = resolve);
    const port = await rawServer((socket) => { // takes everything, and says nothing
      socket.resume();
      onCome();
    });
    const run = start(["conformance", "server", `ws://127.0.0.1:${port}`, "--no-report", "--timeout", "600s"]);
    await came;
    run.process.kill("SIGINT");
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(130);
  });

  it("says when the server goes away in the middle, with what was found until then", async () => {
    const where = folder();
    let heard = 0;
    const url = await serve((socket, data, isBinary) => {
      if (++heard < 4) return socket.send(data, { binary: isBinary });
      for (const server of servers) server.close();
      socket.terminate();
    });
    const { code, stdout, stderr } = await test(url, "--cases", "5.2-1,5.2-2,5.2-3,5.2-4,5.2-5,5.2-9,5.2-10", "--concurrency", "1", "--report", where, "--agent", "gone");
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: The server is gone\. Cannot reach ws:.*ECONNREFUSED.*It was there until case 5\.2-\d+; its own log may say why/);
    expect(stdout).toMatch(/The run ended early: \d+ cases of 7 did not run/);
    expect(JSON.parse(readFileSync(join(where, "gone-server.json"), "utf8"))).toMatchObject({ complete: false });
  });
});

describe("a server that cannot be tested", () => {
  it("is told of in a sentence, with 2", async () => {
    const result = await test(`ws://127.0.0.1:${await answering("HTTP/1.1 404 Not Found\nContent-Length: 0\n\n")}`);
    expect(result).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: Cannot test ws:[^\n]+answered 404 Not Found[^\n]+\n$/) });
    expect(await test(`ws://127.0.0.1:${await freePort()}`)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: Cannot reach ws:.*nothing listens there \(ECONNREFUSED\); start the server first[^\n]+\n$/) });
  });

  it("is tested all the same when its opening handshake is wrong, and what it says cannot steer the terminal", async () => {
    const port = await rawServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 101 \x1b[2JGo\r\nServer: \x1b[31mred\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \x1b[2Jno\r\n\r\n")));
    const { code, stdout, stderr } = await test(`ws://127.0.0.1:${port}`, "--cases", "5.5.2-1", "-v");
    expect([code, stderr]).toEqual([1, expect.stringContaining("its opening handshake is wrong: its Sec-WebSocket-Accept is \\e[2Jno")]);
    expect(stdout).toContain("\\e[31mred");
    expect(stdout + stderr).not.toContain("\x1b");
  });
});

describe("files", () => {
  it("that cannot be written are told", async () => {
    const where = folder();
    const url = await serve();
    writeFileSync(join(where, "file"), "");
    mkdirSync(join(where, "taken"));
    expect(await test(url, "--cases", "5.5.2-1", `--json=${join(where, "taken")}`)).toMatchObject({ code: 1, stderr: expect.stringContaining("Cannot write --json") });
    expect(await test(url, "--cases", "5.5.2-1", "--report", join(where, "file"))).toMatchObject({ code: 1, stderr: expect.stringMatching(/Cannot write --report.*choose another folder, or --no-report/) });
  });
});

describe("isosocket conformance --list", () => {
  it("prints cases by section and rule, those of a role, and JSON", async () => {
    const { code, stdout } = await finish(["conformance", "--list", "--cases", "5.5.2"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^RFC 6455, section 5\.5\.2: Pings\n\n {2}ping-answered: A ping is answered[^]* {4}5\.5\.2-1 +\S/)]);
    const listed = JSON.parse((await finish(["conformance", "client", "--list", "--json", "--cases", "4.1-*,5.5.2-1"])).stdout) as { id: string; name: string; rule: string }[];
    expect(listed.find(({ id }) => id === "5.5.2-1")).toMatchObject({ name: "ping-answered", section: "5.5.2" });
  });
});
