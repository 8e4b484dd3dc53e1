/** The order of things, the send queue and failures: where classes differ from one another. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CloseEvent, connect, HandshakeError, serve, type Server, type Socket, WEB_SOCKET_LIMITS, WebSocket, type WebSocketInit } from "../index.node.ts";
import { isBadPort } from "./bad-port.ts";
import { queueTask } from "./task.ts";
import { ACCEPT, next, raw, story } from "./testing/events.ts";
import { webSocketClass } from "./websocket.ts";

let server: Server;
let url: string;
const peers: Socket[] = [];
let received: unknown[] = [];

beforeAll(async () => {
  server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    origins: "any",
    limits: { maxMessage: 16 << 20, maxQueued: Infinity },
    open: (socket) => void peers.push(socket),
    message: (socket, message) => {
      received.push(message);
      socket.send(message as string);
    },
  });
  url = server.url;
});
afterAll(() => server.close());

async function open(init?: WebSocketInit): Promise<WebSocket> {
  const socket = new WebSocket(url, init);
  await next(socket, "open");
  return socket;
}

const task = (): Promise<void> => new Promise(queueTask);

describe("the order of events", () => {
  test("promises settle between two messages of one packet, so that none is missed between two waits", async () => {
    const socket = await open();
    const peer = peers.at(-1) as Socket;
    for (let at = 0; at < 5; at++) peer.send(String(at));
    for (let at = 0; at < 5; at++) expect((await Promise.resolve(next(socket)).then((event) => event)).data).toBe(String(at));
    socket.close();
  });

  test("messages that wait in tasks are not delivered once the program has closed", async () => {
    const socket = await open();
    const heard: unknown[] = [];
    socket.onmessage = ({ data }) => {
      heard.push(data);
      socket.close();
    };
    for (let at = 0; at < 3; at++) (peers.at(-1) as Socket).send(String(at));
    await next(socket, "close");
    expect(heard).toEqual(["0"]);
  });

  test("binaryType counts when a message is delivered", async () => {
    const socket = await open();
    const kinds: unknown[] = [];
    socket.onmessage = ({ data }) => {
      kinds.push(data.constructor);
      socket.binaryType = "arraybuffer";
    };
    for (let at = 0; at < 2; at++) (peers.at(-1) as Socket).send(new Uint8Array(2));
    await next(socket);
    await next(socket);
    expect(kinds).toEqual([Blob, ArrayBuffer]);
    socket.close();
  });

  test("readyState is CLOSING from the server's close frame until TCP ends", async () => {
    let end!: () => void;
    const socket = new WebSocket(await raw(`${ACCEPT}\r\n\x81\x01m\x88\x02\x03\xe8`, (peer) => end = () => peer.end()));
    const told = story(socket);
    await next(socket);
    await task();
    expect(socket.readyState).toBe(2);
    socket.send("counted");
    socket.close();
    end();
    expect(await told).toEqual(["open 1", "message 1m", "close 3", 1000, "", true]);
    expect(socket.bufferedAmount).toBe(7);
  });

  test("nothing more comes after the close event, which may close again", async () => {
    const socket = await open();
    let closed = 0;
    socket.onclose = () => {
      closed++;
      socket.close();
      expect(socket.readyState).toBe(3);
    };
    socket.close();
    await next(socket, "close");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(closed).toBe(1);
  });

  test("closed while connecting, it fails, but not before the program has the turn again", async () => {
    const socket = new WebSocket(await raw(""));
    const told = story(socket);
    let later = false;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(socket.readyState).toBe(0);
    socket.addEventListener("error", () => expect(later).toBe(true));
    socket.close();
    expect(socket.readyState).toBe(2);
    queueMicrotask(() => later = true);
    expect(await told).toEqual(["error 3", "close 3", 1006, "", false]);
  });

  test("closed by its own open handler's event, it closes like any other", async () => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.close();
    expect(await story(socket)).toEqual(["open 2", "close 3", 1005, "", true]);
  });

  test("closed between the answer and the open event, it fails and never opens", async () => {
    const Hasty = webSocketClass((to, options) => connect(to, { ...options, open: (opened) => (options.open?.(opened), socket.close()) }));
    const socket = new Hasty(url);
    expect(await story(socket)).toEqual(["error 3", "close 3", 1006, "", false]);
    await expect.poll(() => (peers.at(-1) as Socket).state).toBe("closed");
  });

  test("connections to one host and port open one after the other, and a closed one gives up its turn", async () => {
    let connecting = 0;
    let most = 0;
    const slow = await raw("", (peer) => {
      most = Math.max(most, ++connecting);
      setTimeout(() => {
        connecting--;
        peer.end("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
      }, 20);
    });
    const sockets = [1, 2, 3, 4].map(() => new WebSocket(slow));
    const ends = sockets.map((socket) => next<CloseEvent>(socket, "close"));
    sockets[1].close();
    await ends[1];
    expect(sockets.map((socket) => socket.readyState)).toEqual([0, 3, 0, 0]);
    await Promise.all(ends);
    expect(most).toBe(1);
  });
});

describe("sending", () => {
  test("blobs keep their place among messages, and the close frame stays behind them", async () => {
    const socket = await open();
    const peer = peers.at(-1) as Socket;
    received = [];
    socket.send("1");
    socket.send(new Blob(["2"]));
    socket.send("3");
    const changed = Uint8Array.of(4);
    socket.send(changed);
    changed[0] = 0;
    socket.send(new Blob(["5"]));
    expect(socket.bufferedAmount).toBe(5);
    socket.close(3000, "behind");
    expect(await peer.closed).toMatchObject({ code: 3000, reason: "behind", clean: true });
    expect(received).toEqual(["1", Uint8Array.of(0x32), "3", Uint8Array.of(4), Uint8Array.of(0x35)]);
  });

  test("bufferedAmount counts payload bytes within a task, and falls once they have left", async () => {
    const socket = await open();
    socket.send("é");
    socket.send(new Uint8Array(200_000));
    expect(socket.bufferedAmount).toBe(200_002);
    await Promise.resolve();
    expect(socket.bufferedAmount).toBe(200_002);
    await next(socket);
    await next(socket);
    expect(socket.bufferedAmount).toBe(0);
    socket.close();
  });

  test("what is sent after close() is counted for good and not sent", async () => {
    const socket = await open();
    socket.send("sent");
    socket.close();
    socket.send("four");
    socket.send(new Blob(["blob"]));
    expect(socket.bufferedAmount).toBe(12);
    await next(socket, "close");
    expect(socket.bufferedAmount).toBe(8);
    socket.send("more");
    expect(socket.bufferedAmount).toBe(12);
  });

  test("what never left a lost connection stays counted", async () => {
    const socket = new WebSocket(await raw(`${ACCEPT}\r\n`, (peer) => {
      peer.pause();
      setTimeout(() => peer.destroy(), 100);
    }));
    await next(socket, "open");
    socket.send(new Uint8Array(32 << 20));
    expect((await story(socket)).at(-1)).toBe(false);
    expect(socket.bufferedAmount).toBe(32 << 20);
  });

  test("more than 16 MiB may wait, and large messages pass both ways", async () => {
    const socket = await open();
    socket.binaryType = "arraybuffer";
    for (let at = 0; at < 4; at++) socket.send(new Uint8Array(8 << 20));
    expect(socket.bufferedAmount).toBe(32 << 20);
    for (let at = 0; at < 4; at++) expect((await next(socket)).data.byteLength).toBe(8 << 20);
    socket.close();
  });

  test("a byte order mark is text like any other", async () => {
    const socket = await open();
    socket.send("\ufeffmark");
    expect((await next(socket)).data).toBe("\ufeffmark");
    socket.close();
  });

  test("shared memory and resizable buffers are refused, a detached buffer is empty", async () => {
    const socket = await open();
    const resizable = new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(4, { maxByteLength: 8 });
    for (const data of [new Uint8Array(new SharedArrayBuffer(4)), resizable, new Uint8Array(resizable)]) {
      expect(() => socket.send(data)).toThrow(TypeError);
    }
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    socket.send(detached);
    expect((await next(socket)).data.size).toBe(0);
    socket.send(new SharedArrayBuffer(1) as unknown as ArrayBuffer);
    expect((await next(socket)).data).toBe("[object SharedArrayBuffer]");
    socket.close();
  });

  test("a blob that cannot be read fails the connection", async () => {
    const socket = await open();
    const told = story(socket);
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = () => Promise.reject(new Error("gone"));
    socket.send(new Blob(["x"]));
    socket.send("behind");
    await task();
    Blob.prototype.arrayBuffer = arrayBuffer;
    expect(await told).toEqual(["error 3", "close 3", 1006, "", false]);
    expect(socket.bufferedAmount).toBe(7);
  });
});

describe("failures", () => {
  test("an error event is a plain Event that tells the reason besides", async () => {
    const socket = new WebSocket(await raw("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"));
    const event = await next<Event & { error: HandshakeError }>(socket, "error");
    expect([event.constructor, String(event), Object.keys(event).includes("error")]).toEqual([Event, "[object Event]", false]);
    expect(event.error).toBeInstanceOf(HandshakeError);
    expect(event.error.status).toBe(401);
  });

  test("a message past the limit fails the connection; the limit is 128 MiB unless it is said", async () => {
    expect(WEB_SOCKET_LIMITS.maxMessage).toBe(128 << 20);
    const socket = await open({ limits: { maxMessage: 10 } });
    const peer = peers.at(-1) as Socket;
    const failed = next<Event & { error: Error }>(socket, "error");
    socket.send("a".repeat(11));
    expect((await failed).error.message).toBe("The message is larger than the limit");
    expect((await peer.closed).code).toBe(1009);
  });

  test("port 0 and the other ports of the Fetch standard are blocked", () => {
    expect(Array.from({ length: 65_536 }, (_, port) => isBadPort(new URL(`ws://h:${port}/`))).filter(Boolean)).toHaveLength(82 + 1);
    for (const port of [0, 1, 22, 6697, 10_080]) expect(isBadPort(new URL(`ws://h:${port}/`))).toBe(true);
    expect(isBadPort(new URL("ws://h/"))).toBe(false);
  });
});
