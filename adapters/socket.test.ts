import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Message, serve, type Server, type Socket } from "../index.node.ts";
import { memoryServer } from "./memory.ts";
import { take } from "./testing/sockets.ts";

let server: Server;
let accepted: Socket[] = [];

beforeAll(async () => {
  server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    limits: { maxMessage: 32 << 20, maxQueued: 32 << 20 },
    open: (socket) => void accepted.push(socket),
    message: async (socket, message) => {
      if (!socket.send(message as string)) await socket.writable();
    },
  });
});
afterAll(() => server.close());

const open = (options = {}): Promise<Socket<undefined>> => connect(server.url, { limits: { maxMessage: 32 << 20, maxQueued: 32 << 20 }, ...options });

test("text comes back as text, bytes as bytes, in order", async () => {
  const socket = await open();
  socket.send("text");
  socket.send(new Uint8Array([1, 2, 3]));
  socket.send(new Uint16Array([0x0201]).buffer);
  socket.send(new DataView(new ArrayBuffer(4), 1, 2));
  expect(await take(socket, 4)).toEqual(["text", new Uint8Array([1, 2, 3]), new Uint8Array([1, 2]), new Uint8Array(2)]);
  await socket.close();
});

test.each([0, 125, 126, 65_535, 65_536, 1 << 20, 16 << 20])("a message of %i bytes comes back whole", async (size) => {
  const socket = await open();
  const data = new Uint8Array(size).map((_, at) => at * 31);
  socket.send(data);
  const [back] = await take(socket, 1);
  expect(Buffer.compare(back as Uint8Array, data)).toBe(0);
  await socket.close();
});

test("leaving a loop keeps the socket, and the next loop goes on", async () => {
  const socket = await open();
  for (const message of ["1", "2", "3"]) socket.send(message);
  expect(await take(socket, 1)).toEqual(["1"]);
  expect(await take(socket, 2)).toEqual(["2", "3"]);
  await socket.close();
});

test("the loop ends when the connection does, and `closed` tells both sides' code and reason", async () => {
  const socket = await open();
  const rest = take(socket, 10);
  const close = await socket.close(4000, "enough");
  expect(await rest).toEqual([]);
  expect(close).toEqual({
    code: 4000, reason: "enough", clean: true, fault: undefined,
    sent: { code: 4000, reason: "enough" }, received: { code: 4000, reason: "enough" },
  });
  expect(socket.state).toBe("closed");
  expect(socket.send("late")).toBe(false);
  expect(await socket.writable()).toBe(false);
  expect(await socket.ping()).toBeUndefined();
});

test("what may not be sent is refused before a byte is written", async () => {
  const socket = await open();
  expect(() => socket.send({} as never)).toThrow("Cannot send a message of type object: it must be a string or bytes; for objects, JSON.stringify");
  expect(() => socket.send(null as never)).toThrow(TypeError);
  expect(() => socket.close(1005)).toThrow("Cannot close with code 1005: reserved for local use");
  expect(() => socket.close(1000, "x".repeat(124))).toThrow(RangeError);
  expect(() => socket.close(1000, new Float32Array(20) as never)).toThrow(TypeError);
  expect(socket.state).toBe("open");
  expect(socket.bufferedAmount).toBe(0);
  await socket.close();
});

test("send says when to slow down, and writable when to go on", async () => {
  const socket = await open();
  const piece = new Uint8Array(140_000);
  expect(socket.send(piece)).toBe(true);
  expect(socket.send(piece)).toBe(false);
  expect(socket.bufferedAmount).toBeGreaterThan(280_000);
  expect(await socket.writable()).toBe(true);
  await take(socket, 2);
  await socket.close();
});

test("past maxQueued send throws, and what was taken before still arrives", async () => {
  const socket = await open({ limits: { maxQueued: 1000 } });
  socket.send(new Uint8Array(900));
  expect(() => socket.send(new Uint8Array(200))).toThrow("Cannot send 200 bytes: 908 are queued already, and maxQueued is 1000");
  expect(await take(socket, 1)).toEqual([new Uint8Array(900)]);
  await socket.close();
});

test("a ping tells the round trip", async () => {
  const socket = await open();
  const trips = await Promise.all([socket.ping(), socket.ping()]);
  for (const trip of trips) expect(trip).toBeGreaterThan(0);
  await socket.close();
});

test("fragments are one message, and may not change their type", async () => {
  const socket = await open();
  socket.sendFragment("a\ud83d", false);
  expect(() => socket.sendFragment(new Uint8Array(1), true)).toThrow(TypeError);
  expect(() => socket.send("x")).toThrow("the last one has no final fragment yet");
  socket.sendFragment("\ude00b", true);
  expect(await take(socket, 1)).toEqual(["a😀b"]);
  await socket.close();
});

test("a handler hears everything in order, frames too when it asks", async () => {
  const heard: string[] = [];
  const socket = await open({
    open: () => void heard.push("open"),
    message: (_: Socket, message: Message) => void heard.push(`message ${message}`),
    ping: (_: Socket, data: Uint8Array) => void heard.push(`ping ${data.length}`),
    close: () => void heard.push("close"),
    frame: (_: Socket, { direction, opcode, masked, length }: { direction: string; opcode: number; masked: boolean; length: number }) =>
      void heard.push(`${direction} ${opcode} ${masked} ${length}`),
  });
  socket.send("hi");
  await expect.poll(() => heard.length).toBe(4);
  await socket.close();
  expect(heard).toEqual([
    "open", "sent 1 true 2", "received 1 false 2", "message hi", "sent 8 true 2", "received 8 false 2", "close",
  ]);
});

test("after close() nothing is delivered any more, however much the peer still sends", async () => {
  accepted = [];
  const heard: Message[] = [];
  const socket = await open({ message: (_: Socket, message: Message) => void heard.push(message) });
  await expect.poll(() => accepted.length).toBe(1);
  for (let count = 0; count < 100; count++) accepted[0].send("late");
  const close = await socket.close();
  expect(close.clean).toBe(true);
  expect(heard).toEqual([]);
});

test("a consumer that never reads does not keep a close from ending", async () => {
  accepted = [];
  const socket = await open();
  await expect.poll(() => accepted.length).toBe(1);
  const peer = accepted[0];
  for (let count = 0; count < 20; count++) peer.send(new Uint8Array(60_000));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await socket.close()).clean).toBe(true);
});

test("await using closes with 1000", async () => {
  accepted = [];
  {
    await using socket = await open();
    await expect.poll(() => accepted.length).toBe(1);
    expect(socket.state).toBe("open");
  }
  expect(await accepted[0].closed).toMatchObject({ code: 1000, clean: true });
});

test("a server's socket tells the answer that its client got, also the bare one, and the same each time", async () => {
  for (const protocols of [[], ["chat"]]) {
    const server = memoryServer({ protocols: ["chat"] });
    const client = await server.connect({ protocols });
    const [socket] = server.sockets;
    const { status, reason, fields } = socket.response;
    expect([status, reason, [...fields]]).toEqual([101, "Switching Protocols", [...client.response.fields]]);
    expect(socket.response).toBe(socket.response);
    expect([socket.protocol, socket.extensions]).toEqual([protocols[0] ?? "", ""]);
    await server.close();
  }
});
