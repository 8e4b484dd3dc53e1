/** The first run as a newcomer meets it: over HTTP, over WebSockets and from the command line; page.test.ts has the browser. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, type Socket } from "../../index.node.ts";
import { type FirstRun, startFirstRun } from "./server.ts";

let run: FirstRun;

beforeEach(async () => {
  run = await startFirstRun({ others: {} });
});

afterEach(() => run.close());

describe("over HTTP", () => {
  const files = [
    ["/", "text/html; charset=utf-8", "<!doctype html>"],
    ["/style.css", "text/css; charset=utf-8", "--paper"],
    ["/page.js", "text/javascript; charset=utf-8", "import { learnMeanings"],
    ["/link.js", "text/javascript; charset=utf-8", "new WebSocket"],
  ] as const;

  it.each(files)("serves %s", async (path, type, part) => {
    const answer = await fetch(new URL(path, run.url));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await answer.text()).toContain(part);
  });

  it("allows nothing from elsewhere", async () => {
    const policy = (await fetch(run.url)).headers.get("content-security-policy");
    const { host } = new URL(run.url);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host} ws://127.0.0.1:*;`);
    expect(policy).not.toContain("unsafe");
  });

  it("answers HEAD without a body", async () => {
    const answer = await fetch(run.url, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await answer.text()).toBe("");
  });

  it.each(["/nothing", "/server.ts", "/../package.json", "/%2e%2e/package.json", "//style.css"])("has no %s", async (path) => {
    const answer = await fetch(`${run.url.slice(0, -1)}${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("can only be read", async () => {
    const answer = await fetch(run.url, { method: "POST" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("over WebSockets", () => {
  const open = (path: string): Promise<Socket<undefined>> => connect(new URL(path, run.url.replace("http", "ws")));
  const next = async (socket: Socket<undefined>): Promise<Record<string, unknown>> => {
    const { value } = await socket[Symbol.asyncIterator]().next();
    return JSON.parse(value as string) as Record<string, unknown>;
  };
  const nextOf = async (socket: Socket<undefined>, type: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const record = await next(socket);
      if (record["type"] === type) return record;
    }
  };

  it.each([
    ["/watch", 400], ["/watch?id=1", 400], ["/watch?id=11111111-1111-1111-1111-111111111111", 400],
    ["/chat?id=x", 400], ["/elsewhere", 404],
  ])("refuses %s with %i", async (path, status) => {
    await expect(open(path)).rejects.toMatchObject({ stage: "response", status });
  });

  it("lets one watch an id, and nobody else", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    expect(await next(watch)).toMatchObject({ type: "ready" });
    await expect(open(`/watch?id=${id}`)).rejects.toMatchObject({ status: 403 });
    await watch.close();
    const again = await open(`/watch?id=${id}`);
    expect(await next(again)).toMatchObject({ type: "ready" });
  });

  it("shows a watch its own chat only, and not the watch itself", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}&name=Ada`);
    const other = await open("/chat?name=Grace");
    expect(await next(watch)).toMatchObject({ type: "ready" });
    expect(await next(watch)).toMatchObject({ type: "servers", servers: [{ name: "node", state: "open", version: process.versions.node }] });
    expect(await next(watch)).toMatchObject({ type: "handshake", response: { line: "HTTP/1.1 101 Switching Protocols" } });
    expect(await next(watch)).toMatchObject({ type: "frame", number: 1, to: "page", name: "text", masked: false });
    expect(await next(watch)).toMatchObject({ type: "frame", number: 2, to: "page", name: "text" }); // Grace joined
    chat.send("Hello");
    expect(await next(watch)).toMatchObject({
      type: "frame", number: 3, to: "server", fin: true, rsv: 0, opcode: 1, masked: true, length: 5, payload: btoa("Hello"),
    });
    await other.close();
  });

  it("keeps the first 1024 bytes of a payload", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await nextOf(watch, "frame");
    chat.send(new Uint8Array(70_000));
    const frame = await nextOf(watch, "frame");
    expect(frame).toMatchObject({ length: 70_000, name: "binary" });
    expect(atob(frame["payload"] as string)).toHaveLength(1024);
  });

  it("sends text to everybody and bytes to their sender", async () => {
    const ada = await open("/chat?name=Ada");
    const grace = await open("/chat?name=%20Grace%0a%20Hopper%20");
    expect(await next(ada)).toEqual({ id: "hub 1", note: "Ada joined", here: 1 });
    expect(await next(ada)).toMatchObject({ note: "Grace Hopper joined", here: 2 });
    expect(await next(grace)).toMatchObject({ note: "Grace Hopper joined", here: 2 });
    ada.send(Uint8Array.of(1, 2, 3));
    ada.send("<b>hello</b>");
    expect((await ada[Symbol.asyncIterator]().next()).value).toEqual(Uint8Array.of(1, 2, 3));
    expect(await next(ada)).toEqual({ id: "Node 1", from: "Ada", through: "Node", text: "<b>hello</b>", own: true });
    expect(await next(grace)).toEqual({ id: "Node 1", from: "Ada", through: "Node", text: "<b>hello</b>" });
    await ada.close();
    expect(await next(grace)).toMatchObject({ note: "Ada left", here: 1 });
  });

  it("closes who says too much, with the code for it", async () => {
    const chat = await open("/chat");
    chat.send("x".repeat(2001));
    expect(await chat.closed).toMatchObject({ code: 1009 });
  });

  it.each(["no JSON", "[]", "null", `{"do":"fly"}`, `{"do":"close","code":1005,"reason":""}`, `{"do":"close","code":1000}`])(
    "takes no order such as %s", async (order) => {
      const watch = await open(`/watch?id=${randomUUID()}`);
      watch.send(order);
      expect(await watch.closed).toMatchObject({ code: 1008 });
    },
  );

  it("tells how a chat was closed, by its server", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await nextOf(watch, "frame");
    watch.send(JSON.stringify({ do: "close", code: 1013, reason: "later" }));
    expect(await chat.closed).toMatchObject({ code: 1013, reason: "later", clean: true });
    expect(await nextOf(watch, "close")).toMatchObject({
      clean: true,
      server: { code: 1013, reason: "later", meaning: "try again later" },
      page: { code: 1013, reason: "later" },
    });
  });

  it("tells the watches how the chats ended when it stops, then closes them", async () => {
    const id = randomUUID();
    const watch = await open(`/watch?id=${id}`);
    const chat = await open(`/chat?id=${id}`);
    await run.close();
    expect(await chat.closed).toMatchObject({ code: 1001, clean: true });
    expect(await nextOf(watch, "close")).toMatchObject({ server: { code: 1001 } });
    expect(await watch.closed).toMatchObject({ code: 1001, clean: true });
  });
});

describe("from the command line", () => {
  /** Runs until it prints what matches, or ends. */
  function command(args: string[], until: RegExp, env: NodeJS.ProcessEnv = {}): Promise<{ output: string; stop(): Promise<number | null> }> {
    const { PORT: _, ...inherited } = process.env;
    const child = spawn(process.execPath, [fileURLToPath(new URL("server.ts", import.meta.url)), ...args], { env: { ...inherited, ...env } });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const stop = (): Promise<number | null> => {
      child.kill("SIGINT");
      return ended;
    };
    return new Promise((resolve) => {
      let output = "";
      const hear = (chunk: Buffer): void => {
        output += chunk.toString();
        if (until.test(output)) resolve({ output, stop });
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      void ended.then(() => resolve({ output, stop }));
    });
  }

  async function occupy(port: number): Promise<net.Server> {
    const server = net.createServer();
    await new Promise<void>((resolve) => {
      server.once("error", () => resolve()); // taken already, which does as well
      server.listen(port, "127.0.0.1", resolve);
    });
    return server;
  }

  it("prints a URL, and ends at Ctrl-C with its chats closed", async () => {
    const { output, stop } = await command(["--port", "0"], /Ctrl-C/);
    const url = /http:\/\/127\.0\.0\.1:[0-9]+\//.exec(output)?.[0] as string;
    expect(output).toContain("two tabs");
    expect((await fetch(url)).status).toBe(200);
    const chat = await connect(`${url.replace("http", "ws")}chat`);
    const started = performance.now();
    expect(await stop()).toBe(0);
    expect(await chat.closed).toMatchObject({ code: 1001, clean: true });
    expect(performance.now() - started).toBeLessThan(3_000); // when it would end by force
  });

  it("says in one sentence that the chosen port is taken", async () => {
    const server = await occupy(0);
    const { port } = server.address() as net.AddressInfo;
    for (const [args, env] of [[["--port", String(port)], {}], [[], { PORT: String(port) }]] as const) {
      const { output, stop } = await command([...args], /^never$/, env);
      expect(await stop()).toBe(1);
      expect(output).toBe(`Cannot listen on port ${port}: it is taken. Choose another one: npm start -- --port ${port + 1}\n`);
    }
    server.close();
  });

  it("takes the next free port when nobody chose one", async () => {
    const server = await occupy(8080);
    const { output, stop } = await command([], /Ctrl-C/);
    expect(output).toMatch(/http:\/\/127\.0\.0\.1:80(?:[89][0-9]|100)\//);
    expect(output).toMatch(/Port 8080 is taken, so it is 8(?:0[89][1-9]|090|100)\b/);
    await stop();
    server.close();
  });

  it("refuses a port that is none", async () => {
    const { output, stop } = await command(["--port", "http"], /^never$/);
    expect(await stop()).toBe(1);
    expect(output).toBe(`Cannot listen on port "http": it is not a number of 0 to 65535\n`);
  });
});
