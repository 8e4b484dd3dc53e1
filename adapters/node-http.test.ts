import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { attach, connect, type ServeHandler } from "../index.node.ts";
import { makeCertificates } from "../test/certificate.ts";
import { failure } from "./testing/sockets.ts";

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(server: http.Server = http.createServer((_, response) => response.end("a page"))): Promise<{ server: http.Server; at: string }> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, at: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const echo = (prefix: string): ServeHandler => ({ message: (socket, message) => void socket.send(`${prefix} ${message}`) });

async function ask(url: string, options = {}): Promise<unknown> {
  const socket = await connect(url, options);
  socket.send("hi");
  for await (const message of socket) {
    await socket.close();
    return message;
  }
  return undefined;
}

test("sockets and pages share a server", async () => {
  const { server, at } = await start();
  attach(server, echo("any"));
  expect(await ask(`ws://${at}/x`)).toBe("any hi");
  expect(await (await fetch(`http://${at}/`)).text()).toBe("a page");
});

test("several share one, by path or by function; what none wants is 404", async () => {
  const { server, at } = await start();
  attach(server, { path: "/a", ...echo("a") });
  attach(server, { path: (request) => request.headers["x-to"] === "b", ...echo("b") });
  expect(await ask(`ws://${at}/a?q=1`)).toBe("a hi");
  expect(await ask(`ws://${at}/other`, { headers: { "X-To": "b" } })).toBe("b hi");
  expect(await failure(connect(`ws://${at}/ab`))).toMatchObject({ status: 404, body: "No WebSocket is served at this path" });
});

test.each(["before", "behind"])("somebody else's listener %s ours keeps its requests, and takes none of ours", async (order) => {
  const { server, at } = await start();
  const other = new WebSocketServer({ noServer: true });
  const listen = (): void => void server.on("upgrade", (request, socket, head) => {
    if (request.url === "/hmr") other.handleUpgrade(request, socket, head, (peer) => peer.on("message", (data) => peer.send(`hmr ${data}`)));
  });
  if (order === "before") listen();
  attach(server, { path: "/app", ...echo("app") });
  if (order === "behind") listen();
  expect(await ask(`ws://${at}/app`)).toBe("app hi");
  expect(await ask(`ws://${at}/hmr`)).toBe("hmr hi");
});

test("a socket that another listener has taken is left to it, even where ours takes every path", async () => {
  const { server, at } = await start();
  const other = new WebSocketServer({ server });
  other.on("connection", (peer) => peer.on("message", (data) => peer.send(`ws ${data}`)));
  attach(server, echo("ours"));
  expect(await ask(`ws://${at}/`)).toBe("ws hi");
  other.close();
});

test("closing detaches, closes the sockets with 1001, and leaves the server", async () => {
  const { server, at } = await start();
  const attachment = attach(server, echo("x"));
  const socket = await connect(`ws://${at}/`);
  expect(attachment.sockets.size).toBe(1);
  await attachment.close();
  expect(await socket.closed).toMatchObject({ code: 1001, clean: true });
  expect((await failure(connect(`ws://${at}/`))).status).toBe(404);
  expect(await (await fetch(`http://${at}/`)).text()).toBe("a page");
});

test("the rules of the handshake and of Origin hold here too", async () => {
  const { server, at } = await start();
  attach(server, echo("x"));
  expect((await failure(connect(`ws://${at}/`, { headers: { Origin: "https://evil.example" } }))).status).toBe(403);
  const answer = await new Promise<number | undefined>((resolve) =>
    http.get(`http://${at}/`, { headers: { Connection: "Upgrade", Upgrade: "websocket" } }, (response) => resolve(response.statusCode)));
  expect(answer).toBe(426);
});

test("https works the same", async () => {
  const certificates = makeCertificates();
  const { server, at } = await start(https.createServer({ key: certificates.key, cert: certificates.cert }) as unknown as http.Server);
  attach(server, { ...echo("tls"), upgrade: ({ secure }) => ({ headers: { "X-Secure": String(secure) } }) });
  const socket = await connect(`wss://${at}/`, { tls: { ca: certificates.ca } });
  expect(socket.response.fields.get("X-Secure")).toBe("true");
  await socket.close();
});

test("300 upgrades that are reset while the hook decides leave the process and its sockets in order", async () => {
  const { server, at } = await start();
  const attachment = attach(server, { upgrade: () => new Promise<void>((resolve) => setTimeout(resolve, 10)) });
  const [host, port] = at.split(":");
  const { default: net } = await import("node:net");
  await Promise.all(Array.from({ length: 300 }, () => new Promise<void>((resolve) => {
    const socket = net.connect(Number(port), host, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
      setTimeout(() => socket.resetAndDestroy(), 3);
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  })));
  await expect.poll(() => attachment.sockets.size).toBe(0);
  await (await connect(`ws://${at}/`)).close();
});
