import net from "node:net";
import { describe, expect, it } from "vitest";
import { connect, type Message, type Socket } from "../index.node.ts";
import { finish, makeCertificate, objects, rawServer, startServer } from "./testing.ts";

const big = { maxMessage: Infinity, maxFragments: Infinity, maxQueued: Infinity };

async function next(socket: Socket<undefined>): Promise<Message> {
  const { value } = await socket[Symbol.asyncIterator]().next();
  return value as Message;
}

describe("isosocket serve", () => {
  it("echoes text as text and bytes as bytes", async () => {
    const server = await startServer();
    await using socket = await connect(server.url);
    socket.send("héllo");
    expect(await next(socket)).toBe("héllo");
    socket.send(new Uint8Array([0, 255]));
    expect(await next(socket)).toEqual(new Uint8Array([0, 255]));
    socket.send("");
    expect(await next(socket)).toBe("");
  });

  it("logs who came, and how it ended", async () => {
    const server = await startServer();
    const socket = await connect(`${server.url}room?x=1`);
    await server.until(/#1 open {2}127\.0\.0\.1:\d+, \/room\?x=1/);
    await socket.close(4001, "bye");
    await server.until(/#1 close 4001 private to the application "bye", 0 messages in/);
  });

  it("prints the URL alone when quiet", async () => {
    const server = await startServer("--quiet");
    await (await connect(server.url)).close();
    server.process.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    expect(server.stdout).toBe(`${server.url}\n`);
  });

  it("prints frames when verbose, and cannot be made to steer the terminal", async () => {
    const server = await startServer("--verbose");
    const socket = await connect(server.url);
    socket.send("a\x1b[2J");
    await server.until(/#1 frame <- text 5 bytes "a\\e\[2J"/);
    await server.until(/#1 frame -> text 5 bytes/);
    await socket.close();
    expect(server.stdout).not.toContain("\x1b");
  });

  it("prints objects with --json", async () => {
    const server = await startServer("--json");
    await (await connect(server.url)).close(1000, "done");
    await server.until(/"event":"close"/);
    expect(objects(server.stdout)).toMatchObject([
      { event: "listening", url: server.url, web: server.url.replace("ws", "http"), port: server.port, mode: "echo" },
      { event: "open", id: 1, target: "/", protocol: "" },
      { event: "close", id: 1, code: 1000, reason: "done", clean: true, meaning: "normal closure", messages: 0 },
    ]);
  });

  it("broadcasts to all others", async () => {
    const server = await startServer("--mode", "broadcast");
    const [a, b, c] = await Promise.all([connect(server.url), connect(server.url), connect(server.url)]);
    a.send("to all");
    expect([await next(b), await next(c)]).toEqual(["to all", "to all"]);
    b.send(new Uint8Array([1]));
    expect(await next(a)).toEqual(new Uint8Array([1]));
    await Promise.all([a.close(), b.close(), c.close()]);
  });

  it("takes 1 MiB and no more when nothing else is said", async () => {
    const server = await startServer();
    const socket = await connect(server.url);
    socket.send(new Uint8Array(2 ** 20 + 1));
    expect(await socket.closed).toMatchObject({ code: 1009 });
    await server.until(/#1 close .*the message is larger than the limit/);
  });

  it("takes large messages, and many small fragments, with --max-message", async () => {
    const server = await startServer("--max-message", "16MiB");
    await using socket = await connect(server.url, { limits: big });
    const large = "x".repeat(16 * 2 ** 20);
    socket.send(large);
    expect(await next(socket) === large).toBe(true);
    const piece = new Uint8Array(64).fill(7);
    for (let count = 65_536; count > 0; count--) {
      if (!socket.sendFragment(piece, count === 1)) await socket.writable();
    }
    expect(((await next(socket)) as Uint8Array).length).toBe(65_536 * 64);
  });

  it("does not read from who does not read", async () => {
    const server = await startServer();
    const socket = net.connect(server.port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    await new Promise((resolve) => socket.once("readable", resolve)); // and never again
    const frame = Buffer.concat([Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.alloc(65_536)]);
    let sent = 0;
    await new Promise<void>((resolve) => {
      const more = (): void => {
        let room = true;
        while (room && sent < 2_000) {
          room = socket.write(frame);
          sent++;
        }
        if (sent >= 2_000) resolve();
      };
      socket.on("drain", more);
      more();
      setTimeout(resolve, 1_000);
    });
    expect(sent).toBeLessThan(2_000); // 128 MB would mean that the server keeps it all
    socket.destroy();
  });

  it("chooses a subprotocol", async () => {
    const server = await startServer("--protocol", "chat", "--protocol", "news");
    await using socket = await connect(server.url, { protocols: ["news", "chat"] });
    expect(socket.protocol).toBe("news");
  });

  it("lets pages of its own host in, says which page it refused, and takes those it is told to", async () => {
    const origin = { headers: { Origin: "https://example.com" } };
    const server = await startServer();
    await (await connect(server.url, { headers: { Origin: server.url.replace("ws", "http").slice(0, -1) } })).close();
    await expect(connect(server.url, origin)).rejects.toThrow("403");
    await server.until(/refused a page of https:\/\/example\.com; to allow it: --origin https:\/\/example\.com/);
    const listed = await startServer("--origin", "https://example.com/page", "--origin", "same");
    await (await connect(listed.url, origin)).close();
    await (await connect(listed.url, { headers: { Origin: listed.url.replace("ws", "http").slice(0, -1) } })).close();
    await expect(connect(listed.url, { headers: { Origin: "https://example.org" } })).rejects.toThrow("403");
    const any = await startServer("--origin", "any");
    await (await connect(any.url, origin)).close();
  });

  it("has a page for browsers and text for curl", async () => {
    const server = await startServer("--protocol", "chat");
    const url = server.url.replace("ws", "http");
    const text = await fetch(url, { headers: { Accept: "*/*" } });
    expect([text.status, await text.text()]).toEqual([200, expect.stringContaining(`npx isosocket connect ${server.url}`)]);
    const page = await fetch(url, { headers: { Accept: "text/html,*/*" } });
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await page.text()).toContain("new WebSocket(url, [\"chat\"])");
    expect((await fetch(`${url}favicon.ico`)).status).toBe(404);
    expect((await fetch(url, { method: "POST" })).status).toBe(405);
    expect(await (await fetch(url, { method: "HEAD" })).text()).toBe("");
  });

  it.each([["SIGINT", 130], ["SIGHUP", 129]] as const)("closes all with 1001 at %s", async (signal, code) => {
    const server = await startServer();
    const sockets = await Promise.all([connect(server.url), connect(server.url)]);
    server.process.kill(signal);
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001, clean: true });
    expect(await server.ended).toBe(code);
    expect(server.stdout).toContain("closing 2 connections with 1001");
  });

  it("drains at SIGTERM: all that was read is answered, then 1001, and 0 when nothing was lost", async () => {
    const server = await startServer("--drain-window", "0");
    let echoed = 0;
    const sockets = await Promise.all(Array.from({ length: 5 }, () => connect(server.url, { message: () => void echoed++ })));
    for (const socket of sockets) for (let count = 0; count < 100; count++) socket.send(`${count}`);
    await expect.poll(() => echoed).toBe(500);
    server.process.kill("SIGTERM");
    server.process.kill("SIGTERM"); // as it comes to a group: one is passed on by the shell
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001, reason: "The server is shutting down", clean: true });
    expect(await server.ended).toBe(0);
    expect(server.stdout).toContain("Draining: closing 5 connections with 1001, once what was read is answered");
    expect(server.stdout).toContain("Drained: nothing was lost\n");
  });

  it("tells programs how draining went, with 1 when somebody was cut short, and ends at once at the second signal", async () => {
    for (const again of [false, true]) {
      const server = await startServer("--json", "--drain-window", "0");
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
      await server.until(/"event":"open"/);
      server.process.kill("SIGTERM");
      await server.until(/"event":"draining","open":1,"window":0/);
      if (again) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        server.process.kill("SIGTERM");
      }
      expect(await server.ended).toBe(again ? 143 : 1);
      if (!again) expect(objects(server.stdout).at(-1)).toEqual({ event: "drained", closed: 1, clean: 0, forced: 1 });
      socket.destroy();
    }
  });

  it("says whom it refused, and why", async () => {
    const server = await startServer();
    const socket = net.connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n"));
    socket.resume();
    await server.until(/refused 127\.0\.0\.1 with 400: Connection does not name "Upgrade"/);
    socket.destroy();
  });

  it("does not wait long for who does not answer, and not at all at the second Ctrl-C", async () => {
    const times: number[] = [];
    for (const again of [false, true]) {
      const server = await startServer();
      const socket = net.connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
      await server.until(/#1 open/);
      const began = performance.now();
      server.process.kill("SIGINT");
      await server.until(/Ending/);
      if (again) server.process.kill("SIGINT");
      expect(await server.ended).toBe(130);
      times.push(performance.now() - began);
      socket.destroy();
    }
    expect(times[1]).toBeLessThan(times[0]);
  });

  it("ends quietly when nobody reads its log any more", async () => {
    const server = await startServer();
    server.process.stdout?.destroy();
    for (let tries = 0; tries < 3; tries++) await connect(server.url).then((socket) => socket.close(), () => {});
    expect([await server.ended, server.stderr]).toEqual([0, ""]);
  });

  const certificate = makeCertificate();
  it.skipIf(certificate === undefined)("serves TLS (skipped without openssl)", async () => {
    const { cert, key } = certificate as { cert: string; key: string };
    const server = await startServer("--tls-cert", cert, "--tls-key", key);
    expect(server.url).toMatch(/^wss:/);
    await using socket = await connect(server.url, { tls: { rejectUnauthorized: false } });
    socket.send("secret");
    expect(await next(socket)).toBe("secret");
    expect(await finish(["serve", "--port", "0", "--tls-cert", cert])).toMatchObject({ code: 2, stderr: expect.stringContaining("add --tls-key FILE") });
    expect(await finish(["serve", "--port", "0", "--tls-key", key])).toMatchObject({ code: 2, stderr: expect.stringContaining("add --tls-cert FILE") });
    expect(await finish(["serve", "--port", "0", "--tls-cert", key, "--tls-key", key])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .* must be a certificate and its key in PEM.*\n$/) });
    const other = makeCertificate() as { cert: string; key: string };
    expect(await finish(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", other.key])).toMatchObject({ code: 1, stderr: expect.stringContaining("--tls-key is not the key of --tls-cert") });
  });
});

describe("a mistake at isosocket serve", () => {
  it("in the port says which is free", async () => {
    const port = await rawServer(() => {});
    const { code, stdout, stderr } = await finish(["serve", "--port", String(port)]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`error: Cannot listen on 127.0.0.1:${port}: the port is taken; stop what listens there, or choose another with --port ${port + 1}, or --port 0 for a free one\n`);
  });

  it.each([
    [["--host", "203.0.113.1"], 1, "--host names no address of this machine"],
    [["--port", "http"], 2, 'Cannot read --port "http"'],
    [["--mode", "ecko"], 2, 'Did you mean "echo"?'],
    [["--max-message", "lots"], 2, "64KiB or 16MiB, or unlimited"],
    [["--origin", "example"], 2, "https://example.com"],
    [["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"], 2, "there is no such file"],
    [["--prto", "1"], 2, 'There is no option "--prto". Did you mean "--port"?'],
    [["--port"], 2, "Option --port needs a value: --port PORT"],
    [["--port", "--quiet"], 2, "Option --port needs a value: --port PORT"],
    [["--quiet=yes"], 2, 'Option --quiet takes no value: leave "=yes" out'],
    [["8080"], 2, '"8080" is one argument too many for "serve"'],
  ])("such as %j is one sentence", async (args, code, said) => {
    const result = await finish(["serve", ...args]);
    expect(result).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(result.stderr).toContain(said);
  });

  it("at the command is one sentence", async () => {
    expect(await finish(["sevre"])).toMatchObject({ code: 2, stderr: 'error: There is no command "sevre". Did you mean "serve"?\n' });
    expect(await finish(["elephant"])).toMatchObject({ code: 2, stderr: 'error: There is no command "elephant". See "isosocket --help"\n' });
    expect(await finish(["help", "conect"])).toMatchObject({ code: 2, stderr: expect.stringContaining('"connect"') });
    expect(await finish(["--port", "1"])).toMatchObject({ code: 2, stderr: expect.stringContaining("needs a command before it") });
    expect(await finish(["ws://localhost/"])).toMatchObject({ code: 2, stderr: expect.stringContaining("isosocket connect ws://localhost/") });
  });
});
