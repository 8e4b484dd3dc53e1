import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { attach, connect, type Refusal, serve, type ServeHandler, type ServeOptions, type Server } from "../index.node.ts";
import { failure } from "./testing/sockets.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function start(options: ServeOptions): Promise<Server> {
  const server = await serve({ port: 0, hostname: "127.0.0.1", ...options });
  ends.push(() => server.close());
  return server;
}

/** The same handler attached to a `node:http` server. */
async function startAttached(options: ServeHandler): Promise<{ url: string; port: number; drain: Server["drain"]; sockets: { readonly size: number } }> {
  const server = http.createServer((_, response) => response.end("a page"));
  const attachment = attach(server, options);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
    return attachment.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/`, port, drain: attachment.drain, sockets: attachment.sockets };
}

const UPGRADE = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/** A plain client that sends something, if only nothing. */
function plain(port: number, bytes: string): Promise<{ socket: net.Socket; heard: () => string; ended: Promise<void> }> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.write(bytes);
      resolve({ socket, heard: () => text, ended: new Promise((done) => socket.once("close", () => done())) });
    });
    let text = "";
    socket.on("data", (data) => text += data.toString("latin1"));
    socket.on("error", () => {});
    ends.push(() => socket.destroy());
  });
}

/** A client that gets in, soon. */
async function getsIn(url: string): Promise<void> {
  await expect.poll(() => connect(url).then((socket) => socket.close().then(() => "in"), () => "refused")).toBe("in");
}

describe.each([["serve", start], ["attach", startAttached]] as const)("the number of connections, with %s", (name, begin) => {
  test("one more is answered 503 with Retry-After, and gets in once another has left", async () => {
    const refusals: Refusal[] = [];
    const { url } = await begin({ limits: { maxConnections: 2 }, refused: (refusal) => void refusals.push(refusal) });
    const [one] = [await connect(url), await connect(url)];
    const error = await failure(connect(`${url}third`));
    expect(error).toMatchObject({ stage: "response", status: 503, body: "The server has as many connections as it takes" });
    expect(error.headers?.get("Retry-After")).toBe("5");
    expect(refusals).toMatchObject([{ status: 503, message: error.body, remoteAddress: "127.0.0.1", request: { path: "/third" } }]);
    await one.close();
    await getsIn(url);
  });

  test("a slot is given back however a connection ends", async () => {
    let decide = (): void => {};
    const { url, port, sockets } = await begin({
      limits: { maxConnections: 1, handshakeTimeout: 150 },
      upgrade: ({ header }) => {
        const how = header("X-How");
        if (how === "throw") throw new Error("on purpose");
        if (how === "no") return { status: 403 };
        return how === undefined ? undefined : new Promise<undefined>((resolve) => decide = () => resolve(undefined));
      },
      message: () => Promise.reject(new Error("on purpose")),
      error: () => {},
    });
    const how = (value: string): string => UPGRADE.replace("Host", `X-How: ${value}\r\nHost`);
    const kinds: readonly (readonly [bytes: string, end?: (client: Awaited<ReturnType<typeof plain>>) => unknown])[] = [
      [how("no")],
      [how("throw")],
      [UPGRADE.replace("13", "12")],
      [UPGRADE, ({ socket }) => socket.end()],
      [UPGRADE, ({ socket }) => socket.resetAndDestroy()],
      [UPGRADE, ({ socket }) => socket.write(Buffer.from([0x81, 0x80, 0, 0, 0, 0]))], // the handler fails
      [UPGRADE, ({ socket }) => socket.write(Buffer.from([0xff]))],
      [how("wait"), ({ socket }) => socket.resetAndDestroy()],
      [how("wait"), ({ socket }) => socket.end()],
      [how("wait"), () => decide()],
      [how("wait")], // the handshake's time is up
    ];
    for (const [bytes, end] of kinds) {
      const client = await plain(port, bytes);
      await new Promise((resolve) => setTimeout(resolve, 30));
      end?.(client);
      if (bytes === how("wait") && end !== undefined) decide();
      client.socket.end();
      await getsIn(url);
    }
    await expect.poll(() => sockets.size).toBe(0);
  });

  test("one more is dropped without an answer, where that is asked for", async () => {
    const { url, port } = await begin({ limits: { maxConnections: 1 }, overflow: { connections: "drop" } });
    const socket = await connect(url);
    const client = await plain(port, UPGRADE);
    await client.ended;
    expect(client.heard()).toBe("");
    await socket.close();
    await getsIn(url);
  });

  test("a server that drains answers 503 for as long as it does, and loses nothing", async () => {
    let answer: (() => void) | undefined;
    const { url, port, drain } = await begin({
      message: (socket) => new Promise<void>((resolve) => answer = () => resolve(void socket.send("done"))),
    });
    const silent = await plain(port, "");
    const socket = await connect(url); // who came before it is accepted by now
    socket.send("do");
    await expect.poll(() => answer).toBeDefined();
    const drained = drain({ window: 0, code: 1012, reason: "back soon" });
    if (name === "attach") expect((await failure(connect(url))).status).toBe(503);
    else {
      expect((await failure(connect(url))).code).toBe("ECONNREFUSED");
      await silent.ended;
      expect(silent.heard()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n.*Retry-After: 5\r\n/s);
    }
    expect(socket.state).toBe("open");
    answer?.();
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe("done");
    expect(await drained).toEqual({ closed: 1, clean: 1, forced: 0 });
    expect(await socket.closed).toMatchObject({ code: 1012, reason: "back soon", clean: true });
    if (name === "attach") expect((await failure(connect(url))).status).toBe(404);
  });
});

test("handshakes under way count, silent ones too; where too many wait for their refusal the next are dropped", async () => {
  const { url, port } = await start({ limits: { maxConnections: 3, handshakeTimeout: 60_000 } });
  const holders = await Promise.all(Array.from({ length: 3 }, (_, at) => plain(port, at === 0 ? "GET / HT" : "")));
  await expect.poll(async () => (await failure(connect(url))).status).toBe(503);
  const waiting = await Promise.all(Array.from({ length: 300 }, () => plain(port, "")));
  await expect.poll(() => waiting.filter(({ socket }) => socket.destroyed).length).toBe(300 - 256);
  waiting.find(({ socket }) => !socket.destroyed)?.socket.write(UPGRADE);
  await expect.poll(() => waiting.filter(({ heard }) => heard().startsWith("HTTP/1.1 503 ")).length).toBe(1);
  for (const { socket } of [...waiting, ...holders]) socket.destroy();
  await getsIn(url);
});

describe("refusals are told", () => {
  test("whoever refuses, the protocol's own too, and no answer to a request for a page is one", async () => {
    const refusals: Refusal[] = [];
    const refused = (refusal: Refusal): void => void refusals.push(refusal);
    const { url, port } = await start({
      request: () => ({ status: 404 }),
      upgrade: ({ path }) => path === "/no" ? { status: 401, body: "who are you?" } : undefined,
      refused,
    });
    const hasty = await start({ limits: { handshakeTimeout: 500 }, refused });
    await failure(connect(`${url}no`));
    await failure(connect(url, { headers: { Origin: "https://evil.example" } }));
    await (await plain(port, "nonsense\r\n\r\n")).ended;
    await (await plain(hasty.port, "GET / HTTP/1.1\r\n")).ended;
    await fetch(url.replace("ws:", "http:"));
    expect(refusals.map(({ status, message, request }) => [status, request?.path, message.slice(0, 9)])).toEqual([
      [401, "/no", "who are y"], [403, "/", "A page of"], [400, undefined, expect.any(String)], [408, undefined, "The reque"],
    ]);
  });

  test.each(["throws", "rejects"])("what the hook %s goes to `error`", async (how) => {
    const errors: unknown[] = [];
    const error = new Error("on purpose");
    const { url } = await start({
      upgrade: () => ({ status: 403 }),
      refused() {
        if (how === "throws") throw error;
        return Promise.reject(error);
      },
      error: (each) => void errors.push(each),
    });
    expect((await failure(connect(url))).status).toBe(403);
    expect(errors).toEqual([error]);
  });
});

test("a close hook may ask for the address of who is gone; so may anybody who asked before", async () => {
  const seen: unknown[] = [];
  const gone = (socket: { remoteAddress: string | undefined; remotePort: number | undefined }): void => void seen.push([socket.remoteAddress, typeof socket.remotePort]);
  const told = await start({ close: gone });
  await (await connect(told.url)).close();
  await expect.poll(() => seen).toEqual([["127.0.0.1", "number"]]);
  const asking = await start({ open: gone });
  const client = await connect(asking.url);
  await expect.poll(() => seen.length).toBe(2);
  const [socket] = asking.sockets;
  await client.close();
  await socket.closed;
  await expect.poll(() => asking.sockets.size).toBe(0);
  expect([socket.remoteAddress, seen[1]]).toEqual(["127.0.0.1", ["127.0.0.1", "number"]]);
});
