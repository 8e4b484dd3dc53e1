import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import WsWebSocket from "ws";
import { connect, serve, WebSocket } from "./adapter.ts";

test("an adapter of a hundred lines is a server and a client", async () => {
  await using server = await serve({
    port: 0, hostname: "127.0.0.1", limits: { maxMessage: 8 << 20 },
    message: async (socket, message) => void (socket.send(message as string) || await socket.writable()),
  });
  const socket = await connect(server.url, { limits: { maxMessage: 8 << 20 } });
  const big = new Uint8Array(5 << 20).map((_, at) => at * 7);
  for (const message of ["hello", big, "bye"]) socket.send(message);
  const got = [];
  for await (const message of socket) if (got.push(message) === 3) break;
  expect(got[0]).toBe("hello");
  expect(Buffer.compare(got[1] as Uint8Array, big)).toBe(0);
  expect(got[2]).toBe("bye");
  expect(await socket.close(4000, "done")).toMatchObject({ code: 4000, clean: true });
});

test("it speaks with others, and closes as they do", async () => {
  await using server = await serve({ port: 0, hostname: "127.0.0.1", message: (socket, message) => void socket.send(message as string) });
  const peer = new WsWebSocket(server.url);
  await new Promise((resolve) => peer.once("open", resolve));
  peer.send("from ws");
  expect(String(await new Promise((resolve) => peer.once("message", resolve)))).toBe("from ws");
  peer.close(4001, "x");
  expect(await new Promise((resolve) => peer.once("close", resolve))).toBe(4001);
  const web = new WebSocket(server.url);
  const closed = new Promise<{ code: number }>((resolve) => web.onclose = resolve as never);
  web.onopen = () => web.close(4002);
  expect((await closed).code).toBe(4002);
});

test("what cannot be reached or listened on is the same error as everywhere", async () => {
  await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({ name: "HandshakeError", stage: "connect", code: "ECONNREFUSED" });
  await expect(serve({ unix: "/tmp/x" })).rejects.toThrow("Loop listens on TCP only");
});

test("docs/adapter.md shows it whole", () => {
  const path = join(import.meta.dirname, "../../docs/adapter.md");
  const source = readFileSync(join(import.meta.dirname, "adapter.ts"), "utf8");
  const text = readFileSync(path, "utf8");
  const shown = text.replace(/```ts\n[^]*?```/, () => `\`\`\`ts\n${source}\`\`\``);
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, shown);
  else expect(text).toBe(shown);
});
