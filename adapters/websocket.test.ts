/** What the class does on the wire and in what order, against servers of our own, of `ws`, and raw ones; beside undici's class. */
import { once } from "node:events";
import type net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket as UndiciWebSocket } from "undici";
import { WebSocketServer, type WebSocket as Peer } from "ws";
import { WebSocket } from "../index.node.ts";
import { ACCEPT, next, raw, story } from "./testing/events.ts";

const classes = [["isosocket", WebSocket], ["undici", UndiciWebSocket as unknown as typeof WebSocket]] as const;
let server: WebSocketServer;
let url: string;
const peers: Peer[] = [];

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: (offered) => [...offered].at(-1) ?? false });
  server.on("connection", (peer) => {
    peers.push(peer);
    peer.on("error", () => {});
    peer.on("message", (data, binary) => peer.send(data, { binary }));
  });
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
});
afterAll(() => {
  for (const peer of server.clients) peer.terminate();
  server.close();
});

async function open(Class: typeof WebSocket): Promise<WebSocket> {
  const socket = new Class(url);
  await next(socket, "open");
  return socket;
}

describe.each(classes)("%s", (_, Class) => {
  test("opens, tells the subprotocol in use, and closes without a code", async () => {
    const socket = new Class(`${url}/a?b`, ["one", "two"]);
    expect([socket.readyState, socket.protocol]).toEqual([0, ""]);
    const told = story(socket);
    await next(socket, "open");
    expect([socket.readyState, socket.protocol, socket.extensions]).toEqual([1, "two", expect.any(String)]);
    const closed = once(peers.at(-1) as Peer, "close");
    expect(socket.close()).toBe(undefined);
    expect(socket.readyState).toBe(2);
    expect(await told).toEqual(["open 1", "close 3", 1005, "", true]);
    expect((await closed)[0]).toBe(1005);
    expect([socket.readyState, socket.protocol, socket.bufferedAmount]).toEqual([3, "two", 0]);
    socket.close();
    expect(socket.readyState).toBe(3);
  });

  test.each([
    ["text", "text"], ["", ""], ["¥¥¥¥¥¥", "¥¥¥¥¥¥"], ["\ud801\udc07", "\ud801\udc07"], ["\ud807", "\ufffd"],
    [null, "null"], [undefined, "undefined"], [5, "5"], [{ toString: () => "an object" }, "an object"], [["a", 1], "a,1"], ["x".repeat(65_000), "x".repeat(65_000)],
  ])("sends %j as text", async (message, expected) => {
    const socket = await open(Class);
    expect(socket.send(message as string)).toBe(undefined);
    expect(socket.bufferedAmount).toBe(Buffer.byteLength(expected));
    const { data, origin } = await next(socket);
    expect([data, origin, socket.bufferedAmount]).toEqual([expected, url, 0]);
    socket.close();
  });

  const bytes = Uint8Array.from({ length: 64 }, (_, at) => at * 5);
  test.each([
    ["an ArrayBuffer", bytes.buffer, bytes], ["an empty ArrayBuffer", new ArrayBuffer(0), new Uint8Array(0)],
    ["a Uint8Array of a part", bytes.subarray(3, 9), bytes.slice(3, 9)], ["a Float64Array", new Float64Array(bytes.buffer, 8, 2), bytes.slice(8, 24)],
    ["a DataView", new DataView(bytes.buffer, 1, 2), bytes.slice(1, 3)], ["a Blob", new Blob([bytes, "x"]), Uint8Array.of(...bytes, 0x78)],
    ["70 000 bytes", new Uint8Array(70_000).fill(7), new Uint8Array(70_000).fill(7)],
  ])("sends %s as bytes, which come as binaryType says", async (_, message, expected) => {
    const socket = await open(Class);
    socket.send(message);
    expect(socket.bufferedAmount).toBe(expected.length);
    const { data: blob } = await next(socket);
    expect(blob).toBeInstanceOf(Blob);
    expect(Buffer.compare(new Uint8Array(await blob.arrayBuffer()), expected)).toBe(0);
    socket.binaryType = "arraybuffer";
    socket.send(message);
    const { data } = await next(socket);
    expect(data).toBeInstanceOf(ArrayBuffer);
    expect(Buffer.compare(new Uint8Array(data), expected)).toBe(0);
    socket.close();
  });

  test("cannot send before it is open", () => {
    const socket = new Class(url);
    socket.onerror = () => {};
    expect(() => socket.send("early")).toThrow(expect.objectContaining({ name: "InvalidStateError", constructor: DOMException }));
    socket.close();
  });

  test.each([[0], [500], [NaN], ["string"], [null], [0x1_0000 + 1000], [999], [1001], [2999], [5000]])("does not close with code %j", async (code) => {
    const socket = await open(Class);
    expect(() => socket.close(code as number)).toThrow(expect.objectContaining({ name: "InvalidAccessError", constructor: DOMException }));
    expect(socket.readyState).toBe(1);
    socket.close();
  });

  test("does not close with a reason of over 123 bytes", async () => {
    const socket = await open(Class);
    for (const reason of ["a".repeat(124), "é".repeat(62)]) {
      expect(() => socket.close(1000, reason)).toThrow(expect.objectContaining({ name: "SyntaxError" }));
    }
    socket.close(1000, "a".repeat(123));
    expect(socket.readyState).toBe(2);
    expect(() => socket.close(1001)).toThrow(expect.objectContaining({ name: "InvalidAccessError" })); // closing or not
  });

  test.each([[1000, "done", 1000, "done"], [3000, "\ud807", 3000, "\ufffd"], [4999, "", 4999, ""], [undefined, "", 1005, ""]])(
    "close(%j, %j) is answered with its own code and reason",
    async (code, reason, ...expected) => {
      const socket = await open(Class);
      socket.onmessage = () => expect.unreachable();
      socket.send("the answer comes too late");
      socket.close(code, reason);
      socket.close(1000, "again");
      expect((await story(socket)).slice(-3)).toEqual([...expected, true]);
    },
  );

  test.each([
    ["another status", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"],
    ["a redirect", "HTTP/1.1 301 Moved Permanently\r\nLocation: ws://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"],
    ["a wrong key", `${ACCEPT.replace("{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")}\r\n`],
    ["a subprotocol nobody asked for", `${ACCEPT}Sec-WebSocket-Protocol: foo\r\n\r\n`],
    ["no HTTP at all", "no HTTP\r\n\r\n"],
  ])("fails at an answer with %s", async (_, answer) => {
    expect(await story(new Class(await raw(answer, (socket) => socket.end())))).toEqual(["error 3", "close 3", 1006, "", false]);
  });

  test.each([["another case", `${ACCEPT}Sec-WebSocket-Protocol: Echo\r\n\r\n`], ["none", `${ACCEPT}\r\n`]])("fails when it asked for a subprotocol and gets %s", async (_, answer) => {
    expect(await story(new Class(await raw(answer), "echo"))).toEqual(["error 3", "close 3", 1006, "", false]);
  });

  test("fails where nothing listens, and at a blocked port, with events and not with an exception", async () => {
    for (const port of [1, 6000, 10_080, 2]) expect(await story(new Class(`ws://127.0.0.1:${port}/`))).toEqual(["error 3", "close 3", 1006, "", false]);
  });

  test("hears what came with the answer, and nothing behind a close frame", async () => {
    const socket = new Class(await raw(`${ACCEPT}\r\n\x81\x05first\x82\x00\x88\x02\x03\xe8\x81\x04late`, (peer) => setTimeout(() => peer.end(), 50)));
    expect(await story(socket)).toEqual(["open 1", "message 1first", "message 1[object Blob]", "close 3", 1000, "", true]);
  });

  test("a lost connection is an error and a close event with 1006", async () => {
    const socket = new Class(await raw(`${ACCEPT}\r\n\x81\x02hi`, (peer) => setTimeout(() => peer.destroy(), 50)));
    expect(await story(socket)).toEqual(["open 1", "message 1hi", "error 3", "close 3", 1006, "", false]);
  });

  test("a broken frame is, too, behind the messages before it", async () => {
    const socket = new Class(await raw(`${ACCEPT}\r\n\x81\x02hi\x83\x03LOL`, (peer) => peer.on("end", () => peer.end())));
    expect(await story(socket)).toEqual(["open 1", "message 1hi", "error 3", "close 3", 1006, "", false]);
  });

  test("fragments make one message", async () => {
    const socket = new Class(await raw(`${ACCEPT}\r\n\x01\x03fra\x89\x00\x00\x00\x80\x03gme\x81\x00`));
    expect((await next(socket)).data).toBe("fragme");
    socket.onerror = null;
  });
});
