import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect, serve as serveNowhere } from "./browser.ts";
import type { NativeConnectOptions as Options } from "./native.ts";
import type { NativeSocket } from "./native-socket.ts";
import { take } from "./testing/sockets.ts";
import { type Close, type Message, serve, type Server, type Socket } from "../index.node.ts";

// Node's own WebSocket stands for a browser's; test/browser.test.ts has the real one.

let server: Server;
let closes: Close[] = [];
const big = { maxMessage: 32 << 20, maxQueued: 64 << 20 };

beforeAll(async () => {
  server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    protocols: ["chat"],
    limits: big,
    upgrade: ({ path }) => path === "/secret" ? { status: 401 } : path === "/never" ? new Promise<undefined>(() => {}) : undefined,
    message: (socket, message) => {
      if (message === "close me") void socket.close(4002, "as you wish");
      else if (message === "close me without a code") void socket.close(null);
      else if (message === "drop me") socket.terminate();
      else if (message === "flood me") void flood(socket);
      else socket.send(message as string);
    },
    close: (_, close) => void closes.push(close),
  });
});
beforeEach(async () => {
  await expect.poll(() => server.sockets.size).toBe(0); // the last test's are told of by then
  closes = [];
});
afterAll(() => server.close());

async function flood(socket: Socket): Promise<void> {
  const piece = new Uint8Array(100_000);
  while (socket.state === "open") if (!socket.send(piece)) await socket.writable();
}

const open = (options: Options = {}, path = ""): Promise<NativeSocket<undefined>> => connect(`${server.url}${path}`, options);

test("messages come back, and `closed` tells both sides' code and reason", async () => {
  const socket = await open({ protocols: ["other", "chat"] });
  expect([socket.url, socket.protocol, socket.state, socket.remoteAddress]).toEqual([server.url, "chat", "open", undefined]);
  const sent: Message[] = ["", "ø😀", new Uint8Array(0), new Uint8Array(2_000_000).fill(3), "x".repeat(70_000)];
  for (const message of sent) socket.send(message as string);
  expect(await take(socket, 5)).toEqual(sent);
  const closing = socket.close(4000, "enough");
  expect(socket.state).toBe("closing");
  expect(socket.send("late")).toBe(false);
  const close = await closing;
  expect(close).toEqual({
    code: 4000, reason: "enough", clean: true, fault: undefined,
    sent: { code: 4000, reason: "enough" }, received: { code: 4000, reason: "enough" },
  });
  expect(socket.state).toBe("closed");
  expect(await socket.writable()).toBe(false);
  expect(await take(socket, 1)).toEqual([]);
  await expect.poll(() => closes).toMatchObject([{ code: 4000, reason: "enough", clean: true }]);
});

test("the peer closes, with a code, without one, or at once", async () => {
  for (const [message, expected] of [
    ["close me", { code: 4002, reason: "as you wish", clean: true, received: { code: 4002 } }],
    ["close me without a code", { code: 1005, reason: "", clean: true, received: { code: 1005 } }],
    ["drop me", { code: 1006, clean: false, sent: undefined, received: undefined }],
  ] as const) {
    const socket = await open();
    socket.send(message);
    expect(await socket.closed).toMatchObject(expected);
  }
});

test("what the platform answered a close frame with is what the server heard", async () => {
  const socket = await open();
  socket.send("close me");
  const { sent } = await socket.closed;
  await expect.poll(() => closes.length).toBe(1);
  expect(closes[0].received?.code).toEqual(sent?.code);
});

test("a handler hears everything in order, one message at a time", async () => {
  const heard: string[] = [];
  const socket = await open({
    open: () => void heard.push("open"),
    message: async (_, message) => {
      heard.push(`begin ${message as string}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      heard.push(`end ${message as string}`);
    },
    closing: () => void heard.push("closing"),
    close: () => void heard.push("close"),
  });
  socket.send("1");
  socket.send("2");
  await expect.poll(() => heard.length).toBe(5);
  await socket.close();
  expect(heard).toEqual(["open", "begin 1", "end 1", "begin 2", "end 2", "closing", "close"]);
});

test("messages that wait as the peer closes are delivered all the same", async () => {
  const heard: Message[] = [];
  const socket = await open({ message: (_, message) => (heard.push(message), new Promise(() => {})) });
  for (const message of ["1", "2", "3", "close me"]) socket.send(message);
  expect((await socket.closed).code).toBe(4002);
  expect(heard).toEqual(["1", "2", "3"]);
});

test("a handler that fails is told of, and ends the socket with the private double of 1011", async () => {
  const errors: unknown[] = [];
  const socket = await open({
    message: () => {
      throw new Error("on purpose");
    },
    error: (error) => void errors.push((error as Error).message),
  });
  socket.send("x");
  expect(await socket.closed).toMatchObject({ sent: { code: 4011, reason: "The application failed" }, clean: true });
  expect(errors).toEqual(["on purpose"]);
});

test("what nobody reads is limited: past maxHeld it is closed with the private double of 1008", async () => {
  const socket = await open({ limits: { maxHeld: 1_000_000 } });
  socket.send("flood me");
  expect(await socket.closed).toMatchObject({ sent: { code: 4008, reason: "Too much is held" } });
  const held = await take(socket, 100);
  expect(held.length).toBe(10); // what came before can still be read
});

test("send says when to slow down, writable when to go on, and maxQueued is kept", async () => {
  const socket = await open({ limits: { maxQueued: 3_000_000 } });
  const piece = new Uint8Array(1_000_000);
  expect(socket.send(piece)).toBe(false);
  socket.send(piece);
  expect(() => socket.send(new Uint8Array(3_000_000))).toThrow(/^Cannot send 3000000 bytes: [0-9]+ are queued already, and maxQueued is 3000000$/);
  expect(await Promise.all([socket.writable(), socket.writable()])).toEqual([true, true]);
  expect(socket.bufferedAmount).toBeLessThan(65_536);
  await take(socket, 2);
  expect(await socket.writable()).toBe(true);
  await socket.close();
});

test("terminate settles at once", async () => {
  const socket = await open();
  socket.terminate();
  expect(await socket.closed).toMatchObject({ code: 1006, clean: false });
  expect(socket.state).toBe("closed");
  socket.terminate();
});

test("a close that is never answered ends after closeTimeout", async () => {
  const sockets = new Set<net.Socket>();
  const silent = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (head) => {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(String(head))?.[1];
      void crypto.subtle.digest("SHA-1", Buffer.from(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)).then((hash) => {
        socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${Buffer.from(hash).toString("base64")}\r\n\r\n`);
      });
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const socket = await connect(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`, { limits: { closeTimeout: 50 } });
  expect(await socket.close(4000)).toMatchObject({ code: 1006, clean: false, sent: { code: 4000 } });
  for (const each of sockets) each.destroy();
  silent.close();
});

test("await using closes with 1000", async () => {
  {
    await using socket = await open();
    expect(socket.state).toBe("open");
  }
  await expect.poll(() => closes).toMatchObject([{ code: 1000, clean: true }]);
});

describe("what cannot be", () => {
  test("is refused with a sentence", async () => {
    const refused: [object, string][] = [
      [{ headers: {} }, `Cannot use option "headers": a browser sends no headers of its own with a WebSocket; pass a token in the URL or as a subprotocol`],
      [{ tls: {} }, `Cannot use option "tls": the platform decides whom to trust`],
      [{ proxy: "http://x/" }, `Cannot use option "proxy": the platform has its own settings for that`],
      [{ unix: "/x" }, `Cannot use option "unix": the platform connects to hosts only`],
      [{ redirects: 1 }, `Cannot use option "redirects": the platform decides; browsers follow none`],
      [{ ping: () => {} }, `Cannot use option "ping": the platform pings by itself or not at all`],
      [{ limits: { pingInterval: 1 } }, `Cannot use option "limits.pingInterval": the platform pings by itself or not at all`],
      [{ limits: { maxFrame: 1 } }, `Cannot use option "limits.maxFrame": the platform reads and writes the frames, within limits of its own`],
    ];
    for (const [options, message] of refused) {
      await expect(open(options)).rejects.toThrow(message);
      await expect(open(options)).rejects.toBeInstanceOf(TypeError);
    }
    await expect(serveNowhere()).rejects.toThrow("A page cannot listen: serve on Node, Deno, Bun or Workers, and connect to that from here");
    const socket = await open();
    await expect(socket.ping()).rejects.toThrow("Cannot ping: the platform's WebSocket has no way to");
    expect(() => socket.sendFragment("x", true)).toThrow("Cannot send a fragment");
    expect(() => socket.send({} as never)).toThrow("Cannot send a message of type object");
    expect(() => socket.close(1001)).toThrow("Cannot close with code 1001: the platform allows 1000 and 3000 to 4999 only");
    expect(() => socket.close(1005)).toThrow("Cannot close with code 1005: reserved for local use");
    expect(() => socket.close(4000, "x".repeat(124))).toThrow(RangeError);
    expect(socket.state).toBe("open");
    await socket.close(null);
    await expect.poll(() => closes).toMatchObject([{ code: 1005, clean: true }]);
  });

  test("a URL or subprotocol that may not be used", async () => {
    await expect(connect("ftp://localhost/")).rejects.toThrow(`Cannot connect to "ftp:": the scheme must be ws or wss`);
    await expect(connect("/chat")).rejects.toThrow("it is no absolute URL");
    await expect(open({ protocols: ["a b"] })).rejects.toBeInstanceOf(TypeError);
    await expect(open({ protocols: ["a", "a"] })).rejects.toThrow(/^Cannot connect to ws:/);
  });

  test("an attempt that fails, is aborted, or takes too long", async () => {
    await expect(open({}, "secret")).rejects.toMatchObject({ name: "HandshakeError", stage: "connect", url: `${server.url}secret` });
    await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({ name: "HandshakeError" });
    await expect(open({ limits: { handshakeTimeout: 30 } }, "never")).rejects.toMatchObject({
      code: "ETIMEDOUT", message: `Cannot connect to ${server.url}never: it did not open within 30 ms`,
    });
    const controller = new AbortController();
    const attempt = open({ signal: controller.signal }, "never");
    controller.abort(new Error("changed my mind"));
    await expect(attempt).rejects.toThrow("changed my mind");
    await expect(open({ signal: controller.signal })).rejects.toThrow("changed my mind");
  });

  test("an abort after it opened means nothing", async () => {
    const controller = new AbortController();
    const socket = await open({ signal: controller.signal });
    controller.abort();
    socket.send("still here");
    expect(await take(socket, 1)).toEqual(["still here"]);
    await socket.close();
  });
});
