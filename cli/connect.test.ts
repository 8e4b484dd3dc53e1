import { mkdtempSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { acceptKey } from "../core/websocket/handshake.ts";
import type { Message } from "../index.node.ts";
import { answering, echo, finish, objects, rawServer, start, using } from "./testing.ts";

describe("isosocket connect in a pipe", () => {
  it("prints the answer to a line, and nothing else, on stdout", () => using(echo, async ({ url }) => {
    const { code, stdout, stderr } = await finish(["connect", url], "hi\n");
    expect([code, stdout]).toEqual([0, "hi\n"]);
    expect(stderr).toBe(`* connected to ${url}\n* closed: 1000 normal closure (we sent 1000, the server answered 1000)\n`);
    expect(await finish(["connect", url, "--quiet"], "hi")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
  }));

  it("sends each line as a message, empty ones too", () => {
    const got: Message[] = [];
    return using({ message: (_, message) => void got.push(message) }, async ({ url }) => {
      expect(await finish(["connect", url, "-q"], "one\r\n\nthree\u2028three\nlast")).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(got).toEqual(["one", "", "three\u2028three", "last"]);
    });
  });

  it("waits for answers that take a while, then closes with 1000", () => {
    let code = 0;
    return using({
      message: (socket, message) => new Promise((resolve) => setTimeout(() => resolve(socket.send(message)), 150)),
      close: (_, close) => void (code = close.code),
    }, async ({ url }) => {
      expect(await finish(["connect", url, "-q"], "1\n2\n3\n4\n")).toEqual({ code: 0, stdout: "1\n2\n3\n4\n", stderr: "" });
      expect(code).toBe(1000);
    });
  });

  it("waits as long as --wait says", () => using({
    message: (socket, message) => void setTimeout(() => socket.send(message), 1_500),
  }, async ({ url }) => {
    expect((await finish(["connect", url], "late\n")).stdout).toBe("");
    expect((await finish(["connect", url, "--wait", "4000"], "late\n")).stdout).toBe("late\n");
  }));

  it("reads until the server closes with --wait forever", () => using({
    open: async (socket) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      socket.send("news");
      void socket.close(1000, "done");
    },
  }, async ({ url }) => {
    const { code, stdout, stderr } = await finish(["connect", url, "--wait", "forever"]);
    expect([code, stdout]).toEqual([0, "news\n"]);
    expect(stderr).toContain('closed: 1000 normal closure "done" (the server sent 1000, we answered 1000)');
  }));

  it("passes much, both ways", () => using({
    limits: { maxMessage: 2 ** 24 },
    message: (socket, message) => socket.send(message) ? undefined : socket.writable(),
  }, async ({ url }) => {
    const input = Array.from({ length: 20_000 }, (_, at) => `${at} ${"x".repeat(500)}\n`).join("") + `${"y".repeat(2 ** 23)}\n`;
    const { code, stdout } = await finish(["connect", url, "-q"], input);
    expect(code).toBe(0);
    expect(stdout === input).toBe(true);
  }));

  it("sends bytes with --binary, and prints them as they are", () => {
    const got: Message[] = [];
    return using({ message: (socket, message) => (got.push(message), void socket.send(message)) }, async ({ url }) => {
      expect(await finish(["connect", url, "-q", "--binary"], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
      expect(got).toEqual([new Uint8Array([104, 105])]);
    });
  });

  it("prints bytes in hex without --binary", () => using({ open: (socket) => void socket.send(new Uint8Array([0, 255])) }, async ({ url }) => {
    expect((await finish(["connect", url, "-q"])).stdout).toBe("00ff\n");
  }));

  it("sends headers, origin and subprotocols", () => using({
    protocols: ["b"],
    origins: ["https://example.com"],
    open: (socket) => void socket.send(["X-One", "x-two", "Origin"].map((name) => socket.request.fields.get(name)).join()),
  }, async ({ url }) => {
    const { stdout, stderr } = await finish(["connect", url, "-H", "X-One: 1", "--header", "x-two: a: b", "--origin", "https://example.com", "--protocol", "a", "--protocol", "b"]);
    expect(stdout).toBe("1,a: b,https://example.com\n");
    expect(stderr).toContain("subprotocol b");
  }));

  it("adds a scheme, and says so", () => using(echo, async ({ port }) => {
    const { code, stdout, stderr } = await finish(["connect", `127.0.0.1:${port}`], "hi\n");
    expect([code, stdout]).toEqual([0, "hi\n"]);
    expect(stderr).toContain(`* no scheme was given: connecting to ws://127.0.0.1:${port}\n`);
  }));

  it("pings as often as --ping says, and shows pings, pongs and round trips", () => using({
    open: (socket) => void socket.ping(),
  }, async ({ url }) => {
    const { stderr } = await finish(["connect", url, "--ping", "0.1", "--wait", "500"]);
    expect(stderr).toMatch(/\* ping "ping 1" from the server, answered\n/);
    expect(stderr.match(/\* pong after \d+(\.\d)? ms\n/g)?.length).toBeGreaterThan(1);
  }));

  it("tells of pongs nobody asked for", async () => {
    const port = await rawServer((socket) => socket.once("data", (data) => {
      socket.write(Buffer.concat([Buffer.from(upgradeAnswer(data)), Buffer.from([0x8a, 1, 65])]));
    }));
    const run = start(["connect", `ws://127.0.0.1:${port}/`]);
    await run.until(/\* pong "A" from the server, not asked for/);
  });

  it("closes with --close, and shows heads and frames with --verbose", () => using(echo, async ({ url }) => {
    const { code, stdout, stderr } = await finish(["connect", url, "--close", "4000", "-v"], "hi\n");
    expect([code, stdout]).toEqual([0, "hi\n"]);
    expect(stderr).toContain("-> GET /\n");
    expect(stderr).toContain("<- 101 Switching Protocols\n");
    expect(stderr).toContain('-> text 2 bytes "hi"\n');
    expect(stderr).toContain("closed: 4000 private to the application\n  (we sent 4000, the server answered 4000)");
  }));

  it("prints objects with --json", () => using({ ...echo, protocols: ["chat"], open: (socket) => void socket.send(new Uint8Array([1])) }, async ({ url }) => {
    const { code, stdout, stderr } = await finish(["connect", url, "--json", "--ping", "0.15", "--wait", "400", "--protocol", "chat"], "hi\n");
    expect([code, stderr]).toEqual([0, ""]);
    const all = objects(stdout);
    expect(all[0]).toMatchObject({ event: "open", url, protocol: "chat", headers: { upgrade: "websocket", "sec-websocket-protocol": "chat" } });
    expect(all).toContainEqual({ event: "message", type: "text", data: "hi" });
    expect(all).toContainEqual({ event: "message", type: "binary", data: "01" });
    expect(all).toContainEqual({ event: "pong", data: expect.stringMatching(/^[0-9a-f]+$/), roundTrip: expect.any(Number) });
    expect(all.at(-1)).toEqual({
      event: "close", code: 1000, reason: "", clean: true, meaning: "normal closure",
      sent: { code: 1000, reason: "" }, received: { code: 1000, reason: "" }, fault: null,
    });
  }));

  it("goes to a unix socket", () => {
    const unix = join(mkdtempSync(join(tmpdir(), "isosocket-")), "socket");
    return using({ ...echo, unix }, async () => {
      expect(await finish(["connect", "--unix", unix, "-q"], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
    });
  });

  it("goes through a proxy", () => using(echo, async ({ url, port }) => {
    const proxy = await rawServer((socket) => socket.once("data", (data) => {
      expect(data.toString()).toContain(`CONNECT 127.0.0.1:${port} HTTP/1.1`);
      const through = net.connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
      through.on("error", () => {});
      socket.pipe(through).pipe(socket);
    }));
    expect(await finish(["connect", url, "-q", "--proxy", `http://127.0.0.1:${proxy}`], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
  }));

  it("follows redirects with --redirects", () => using(echo, async ({ url }) => {
    const port = await answering(`HTTP/1.1 302 Found\nLocation: ${url}\nContent-Length: 0\n\n`);
    expect(await finish(["connect", `ws://127.0.0.1:${port}/`, "--redirects", "1", "-q"], "hi\n")).toEqual({ code: 0, stdout: "hi\n", stderr: "" });
    expect(await finish(["connect", `ws://127.0.0.1:${port}/`])).toMatchObject({
      code: 1, stderr: `error: Cannot connect to ws://127.0.0.1:${port}/: the server answered 302 Found and points to ${url}; follow it with --redirects 5, or connect there\n`,
    });
  }));

  it("ends quietly when nobody reads on, such as head", () => using({
    open: async (socket) => {
      while (socket.send("line")) continue;
      while (await socket.writable()) while (socket.send("line")) continue;
    },
  }, async ({ url }) => {
    const run = start(["connect", url, "--quiet", "--wait", "forever"]);
    await run.until(/line\nline\n/);
    run.process.stdout?.destroy();
    expect([await run.ended, run.stderr]).toEqual([0, ""]);
  }));

  it("reads while it sends, and stops at a line that never ends", () => using(echo, async ({ url }) => {
    const run = start(["connect", url, "-q"]);
    run.type("x\n".repeat(3_000_000));
    await run.until(/x\nx\n/);
    run.process.kill("SIGKILL");
    const { code, stderr } = await finish(["connect", url, "-q", "--max-message", "64KiB"], "y".repeat(100_000));
    expect([code, stderr]).toEqual([1, "error: A line of stdin is longer than 64 KiB; send it with a larger --max-message\n"]);
  }));

  it("closes at Ctrl-C, and exits with 130", () => using({}, async ({ url }) => {
    const run = start(["connect", url]);
    await run.until(/connected to/);
    run.process.kill("SIGINT");
    expect(await run.ended).toBe(130);
    expect(run.stderr).toContain("(we sent 1000, the server answered 1000)");
  }));

  it("gives an attempt up at Ctrl-C", async () => {
    const port = await rawServer(() => {});
    const run = start(["connect", `ws://127.0.0.1:${port}/`]);
    await run.until(/still connecting to/);
    run.process.kill("SIGINT");
    expect([await run.ended, run.stdout]).toEqual([130, ""]);
  });
});

describe("how a connection ends", () => {
  it.each([
    [1000, "", 0, "closed: 1000 normal closure (the server sent 1000, we answered 1000)"],
    [1001, "", 0, "closed: 1001 going away"],
    [4000, "own", 0, 'closed: 4000 private to the application "own"'],
    [1008, "no", 1, 'closed: 1008 policy violation "no"'],
    [1011, "", 1, "closed: 1011 internal error"],
  ])("%i %s is exit code %i", (code, reason, exit, said) => using({ open: (socket) => void socket.close(code, reason) }, async ({ url }) => {
    const result = await finish(["connect", url, "--wait", "forever"]);
    expect(result).toMatchObject({ code: exit, stderr: expect.stringContaining(said) });
  }));

  it("without a close frame is exit code 1", () => using({ open: (socket) => void setTimeout(() => socket.terminate(), 50) }, async ({ url }) => {
    expect(await finish(["connect", url, "--wait", "forever"])).toMatchObject({
      code: 1, stderr: expect.stringContaining("closed: 1006 the connection ended without a close frame\n  (the server sent no close frame, we did not answer)"),
    });
  }));

  it("by a fault of the server's is exit code 1, and names the rule", async () => {
    const port = await rawServer((socket) => socket.once("data", (data) => {
      socket.write(Buffer.concat([Buffer.from(upgradeAnswer(data)), Buffer.from([0x81, 0x81, 0, 0, 0, 0, 65])]));
      socket.on("data", () => socket.end());
    }));
    const { code, stderr } = await finish(["connect", `ws://127.0.0.1:${port}/`, "--wait", "forever"]);
    expect(code).toBe(1);
    expect(stderr).toContain("a server's frame is masked\n  (we sent 1002, the server did not answer)");
  });

  it("by a message over --max-message is exit code 1", () => using({ open: (socket) => void socket.send("x".repeat(2_000)) }, async ({ url }) => {
    const { code, stderr } = await finish(["connect", url, "--max-message", "1KiB", "--wait", "forever"]);
    expect(code).toBe(1);
    expect(stderr).toContain("the message is larger than the limit");
  }));
});

/** The 101 that belongs to a request. */
function upgradeAnswer(request: Buffer): string {
  const key = /Sec-WebSocket-Key: (.+)\r\n/.exec(request.toString())?.[1] ?? "";
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`;
}
