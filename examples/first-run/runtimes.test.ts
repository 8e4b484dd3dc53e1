/** The first run on every runtime at once: servers side by side, and one room through all of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { connect, type Socket } from "../../index.node.ts";
import { type FirstRun, type FirstRunOptions, startFirstRun } from "./server.ts";
import type { ServerStatus } from "./servers.ts";

type Heard = Record<string, unknown>;
const NAMES = ["node", "deno", "bun", "workerd"] as const;
const PATIENCE = { timeout: 40_000, interval: 50 };

async function listServers(run: { url: string }): Promise<(ServerStatus & { url: string })[]> {
  const list = await (await fetch(new URL("/servers", run.url))).json() as ServerStatus[];
  return list.map((server) => ({ url: run.url.replace("http", "ws"), ...server }));
}

async function settled(run: { url: string }): Promise<(ServerStatus & { url: string })[]> {
  return vi.waitFor(async () => {
    const servers = await listServers(run);
    expect(servers.map(({ state }) => state)).not.toContain("starting");
    return servers;
  }, PATIENCE);
}

async function nextOf(socket: Socket<undefined>, type: string, to?: string): Promise<Heard> {
  for await (const message of socket) {
    const record = JSON.parse(message as string) as Heard;
    if (record["type"] === type && (to === undefined || record["to"] === to)) return record;
  }
  throw new Error(`The watch ended before "${type}"`);
}

/** A chat, and the list of what it hears. */
async function enter(url: string, query: string): Promise<{ chat: Socket<undefined>; heard: Heard[] }> {
  const heard: Heard[] = [];
  const chat = await connect(new URL(`/chat?${query}`, url), { message: (_, message) => void heard.push(JSON.parse(message as string) as Heard) });
  return { chat, heard };
}

describe("four servers", () => {
  let run: FirstRun;
  let servers: (ServerStatus & { url: string })[];

  beforeAll(async () => {
    run = await startFirstRun();
    servers = await settled(run);
  }, 60_000);
  afterAll(() => run.close());
  afterEach(async () => { // nobody stays for the next test
    for (const chat of here.splice(0)) await chat.close();
  });
  const here: Socket<undefined>[] = [];

  async function enterAll(query: (server: ServerStatus) => string): Promise<{ name: string; chat: Socket<undefined>; heard: Heard[] }[]> {
    const all = await Promise.all(servers.map(async (server) => ({ name: server.title, ...await enter(server.url, query(server)) })));
    here.push(...all.map(({ chat }) => chat));
    return all;
  }

  it("come up, and tell their versions", () => {
    expect(servers.map(({ name, state, reason }) => ({ name, state, reason }))).toEqual(NAMES.map((name) => ({ name, state: "open", reason: undefined })));
    for (const { version, url } of servers) {
      expect(version).toMatch(/^[0-9]+[.-][0-9]+[.-][0-9]+/);
      expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:[0-9]+\/$/);
    }
    expect(new Set(servers.map(({ url }) => url)).size).toBe(4);
  });

  it("are one room: what is said through one is heard on all, once, and in its sender's order", async () => {
    const all = await enterAll(({ title }) => `name=${title}`);
    await expect.poll(() => all[0].heard.at(-1), PATIENCE).toMatchObject({ here: 4 });
    const many = 50;
    for (let count = 0; count < many; count++) for (const { chat } of all) chat.send(`message ${count}`);
    for (const { name, heard } of all) {
      const said = (): Heard[] => heard.filter(({ text }) => text !== undefined);
      await expect.poll(() => said().length, PATIENCE).toBe(4 * many);
      expect(new Set(said().map(({ id }) => id)).size).toBe(4 * many);
      for (const { name: sender } of all) {
        const theirs = said().filter(({ from }) => from === sender);
        expect(theirs.map(({ text }) => text)).toEqual(Array.from({ length: many }, (_, count) => `message ${count}`));
        expect(theirs.every(({ through, own }) => through === sender && own === (sender === name ? true : undefined))).toBe(true);
      }
    }
  });

  it("count somebody who is on all of them once", async () => {
    const [{ heard }] = await enterAll(() => `person=${randomUUID()}&name=Witness`);
    const person = randomUUID();
    const ada = await enterAll(() => `person=${person}&name=Ada`);
    ada[2].chat.send("It is me");
    for (const each of ada) await expect.poll(() => each.heard.at(-1), PATIENCE).toMatchObject({ text: "It is me", through: "Bun", own: true });
    for (const { chat } of ada) await chat.close();
    const news = (): unknown[] => heard.map(({ note, text }) => note ?? text).filter((line) => /Ada|me/.test(line as string));
    await expect.poll(news, PATIENCE).toEqual(["Ada joined", "It is me", "Ada left"]);
  });

  it.each(NAMES)("let pages watch and order: %s", async (name) => {
    const { url } = servers.find((server) => server.name === name) as { url: string };
    const id = randomUUID();
    const watch = await connect(new URL(`/watch?id=${id}`, url));
    expect(await nextOf(watch, "ready")).toMatchObject({ maxBinary: 131_072 });
    const { chat } = await enter(url, `id=${id}&name=Ada`);
    expect(await nextOf(watch, "handshake")).toMatchObject({ response: { line: "HTTP/1.1 101 Switching Protocols" } });
    expect(await nextOf(watch, "frame", "page")).toMatchObject({ masked: false, passed: { frames: 1 } });
    chat.send("Hello");
    expect(await nextOf(watch, "frame", "server")).toMatchObject({ masked: true, length: 5, payload: btoa("Hello"), passed: { frames: 1, bytes: 11 } });
    watch.send(`{"do":"measure"}`);
    expect(await nextOf(watch, "measured")).toEqual({ type: "measured", milliseconds: expect.any(Number) as number });
    watch.send(`{"do":"ping"}`);
    expect(await nextOf(watch, "roundTrip")).toMatchObject({ ping: 1, milliseconds: expect.any(Number) as number });
    watch.send(`{"do":"close","code":1013,"reason":"later"}`);
    expect(await chat.closed).toMatchObject({ code: 1013, reason: "later", clean: true });
    expect(await nextOf(watch, "close")).toMatchObject({ clean: true, server: { code: 1013 }, page: { code: 1013 } });
    await watch.close();
  });

  it.each(NAMES)("take the page they belong to, and no other, and one hub: %s", async (name) => {
    const { url } = servers.find((server) => server.name === name) as { url: string };
    const { port } = new URL(run.url);
    // Node's own asks for the host the page came from, by whichever name
    for (const origin of name === "node" ? [run.url.slice(0, -1)] : [`http://127.0.0.1:${port}`, `http://localhost:${port}`]) {
      await (await connect(new URL("/chat", url), { headers: { Origin: origin } })).close();
    }
    await expect(connect(new URL("/chat", url), { headers: { Origin: "https://example.com" } })).rejects.toMatchObject({ status: 403 });
    await expect(connect(new URL("/relay", url))).rejects.toMatchObject({ status: 403 });
    await expect(connect(new URL("/relay", url), { headers: { Authorization: "Bearer undefined" } })).rejects.toMatchObject({ status: 403 });
  });
});

describe("a server that", () => {
  async function start(options: FirstRunOptions): Promise<FirstRun> {
    const run = await startFirstRun(options);
    onTestFinished(() => run.close());
    return run;
  }

  function makeFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "first-run-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  function makeProgram(script: string): string {
    const program = join(makeFolder(), "program");
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    return program;
  }

  it("does not start is listed with the reason, and the others work", async () => {
    const run = await start({
      others: { deno: "/nonexistent/deno", bun: makeProgram("echo >&2 'no bun today'; exit 3"), workerd: makeProgram(`[ "$1" = --version ] || exit 4`) },
    });
    expect(await settled(run)).toMatchObject([
      { name: "node", state: "open" },
      { name: "deno", state: "failed", reason: "It is not installed here: npm ci installs it" },
      { name: "bun", state: "failed", reason: "Its process ended with code 3: no bun today" },
      { name: "workerd", state: "failed", reason: "Its process ended with code 4 before it listened" },
    ]);
    const { chat, heard } = await enter(run.url.replace("http", "ws"), "name=Ada");
    chat.send("Hello?");
    await expect.poll(() => heard.at(-1)).toMatchObject({ text: "Hello?", own: true });
  }, 60_000);

  it("dies is listed with the reason, and whoever was there has left", async () => {
    const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
    const note = join(makeFolder(), "pid");
    const run = await start({ others: { bun: makeProgram(`echo $$ > ${note}; exec ${bun} "$@"`) } });
    const [node, other] = await settled(run);
    expect(other).toMatchObject({ name: "bun", state: "open" });
    const { heard } = await enter(node.url, "name=Ada");
    const grace = await enter(other.url, "name=Grace");
    await expect.poll(() => heard.at(-1), PATIENCE).toMatchObject({ note: "Grace joined", here: 2 });
    process.kill(Number(readFileSync(note, "utf8")), "SIGKILL");
    expect(await grace.chat.closed).toMatchObject({ code: 1006 });
    await expect.poll(() => heard.at(-1), PATIENCE).toMatchObject({ note: "Grace left", here: 1 });
    await expect.poll(async () => (await listServers(run))[1], PATIENCE).toMatchObject({ state: "ended", reason: "Its process was ended by SIGKILL" });
  }, 60_000);
});

describe("when it ends", () => {
  it("every chat is closed with 1001", async () => {
    const run = await startFirstRun();
    const chats = await Promise.all((await settled(run)).map(async ({ url }) => (await enter(url, "name=Ada")).chat));
    expect(chats).toHaveLength(4);
    await run.close();
    for (const chat of chats) expect(await chat.closed).toMatchObject({ code: 1001, reason: "The server stops", clean: true });
  }, 60_000);

  it("while the others still start, they do not stay", async () => {
    const run = await startFirstRun();
    await run.close();
    await expect(fetch(run.url)).rejects.toThrow();
  }, 60_000);

  /** Runs a command to where all four servers are up. */
  async function command(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ child: ChildProcess; urls: string[] }> {
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    const url = await new Promise<string>((resolve) => {
      let output = "";
      child.stdout.on("data", (chunk) => {
        const found = /http:\S+/.exec(output += String(chunk));
        if (found !== null) resolve(found[0]);
      });
    });
    const servers = await settled({ url });
    expect(servers.map(({ state }) => state)).toEqual(["open", "open", "open", "open"]);
    return { child, urls: servers.map((server) => server.url) };
  }

  async function allGone(urls: readonly string[]): Promise<void> {
    for (const url of urls) await expect.poll(() => connect(url).catch(({ code }) => code as string), PATIENCE).toBe("ECONNREFUSED");
  }

  const script = fileURLToPath(new URL("server.ts", import.meta.url));

  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)("by %s, no server is left", async (signal) => {
    const { child, urls } = await command(process.execPath, [script, "--port", "0"]);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    expect(await ended).toBe(signal === "SIGKILL" ? null : 0);
    await allGone(urls);
  }, 60_000);

  it("because npm's shell was ended, no server is left", async () => {
    const { child, urls } = await command("sh", ["-c", `"${process.execPath}" "${script}" --port 0; exit`], { npm_lifecycle_event: "start" });
    child.kill("SIGTERM"); // the shell, which does not pass it on
    await allGone(urls);
  }, 60_000);
});
