import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { WebSocket as UndiciWebSocket } from "undici";
import { describe, expect, test } from "vitest";
import WsWebSocket, { type PerMessageDeflateOptions, WebSocketServer } from "ws";
import { type DeflateOptions, permessageDeflate } from "../index.deflate.ts";
import { connect, type Message, serve, type Socket } from "../index.node.ts";

const LIMITS = { maxMessage: 2 ** 22 };

/** `length` bytes that compress a little, with what came before among them. */
function payload(length: number, seed: number): Buffer {
  const noise = Buffer.from(Array.from({ length: Math.min(length, 997) }, (_, at) => (Math.imul(at + seed, 2_654_435_761) >>> 24) & (seed % 3 === 0 ? 255 : 63)));
  return Buffer.alloc(length, length === 0 ? undefined : noise);
}

/** Both types, in sizes from nothing to 300 KB, some of them twice: the second time all of it has been there. */
const MESSAGES: readonly Message[] = [...[0, 1, 5, 63, 64, 126, 500, 1000, 4096, 20_000, 65_536, 300_000], ...[20_000, 1000, 64, 5, 0]]
  .flatMap((length, at) => [Uint8Array.from(payload(length, at % 7)), payload(length, at % 7).toString("latin1").slice(0, length / 2)]);

function same(actual: Message, expected: Message): void {
  expect(typeof actual).toBe(typeof expected);
  expect(Buffer.from(actual as string).equals(Buffer.from(expected as string))).toBe(true);
}

type Peer = { send(data: string | Uint8Array, options?: { compress?: boolean }): void; messages(): AsyncIterator<Message>; close(): Promise<unknown>; extensions: string };

/** A WHATWG-like socket of somebody else's, open. */
async function theirs(socket: WebSocket): Promise<Peer> {
  socket.binaryType = "arraybuffer";
  const queue: Message[] = [];
  let wake = (): void => {};
  let over: unknown;
  socket.addEventListener("message", ({ data }) => {
    queue.push(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
    wake();
  });
  const closed = new Promise((resolve) => socket.addEventListener("close", (event) => {
    resolve(over = event.code);
    wake();
  }));
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", (event) => reject(new Error((event as ErrorEvent).message)));
  });
  return {
    send: (data, options) => (socket as unknown as WsWebSocket).send(data, (options ?? {}) as never),
    async *messages() {
      for (;;) {
        while (queue.length > 0) yield queue.shift() as Message;
        if (over !== undefined) throw new Error(`it ended with ${String(over)}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    close: () => (socket.close(1000), closed),
    extensions: socket.extensions,
  };
}

function ours(socket: Socket<undefined>): Peer {
  return {
    send: (data, options) => void socket.send(data as string, options),
    messages: () => socket[Symbol.asyncIterator](),
    close: () => socket.close(1000),
    extensions: socket.extensions,
  };
}

/** Sends everything, some of it not compressed, and wants all of it back. */
async function exchange(peer: Peer): Promise<void> {
  const echoes = peer.messages();
  for (const [at, message] of MESSAGES.entries()) peer.send(message, { compress: at % 5 !== 4 });
  for (const message of MESSAGES) same((await echoes.next()).value, message);
}

/** Our server, which echoes: whole messages, some of them in fragments, some not compressed. */
async function withOurs(options: DeflateOptions, body: (url: string) => Promise<void>): Promise<void> {
  let count = 0;
  const extension = permessageDeflate(options);
  const server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    limits: LIMITS,
    extensions: [extension],
    message: (socket, message) => {
      const way = count++ % 7;
      if (way !== 2 && way !== 3) return void socket.send(message as string, { compress: way !== 5 });
      const cut = Math.floor(message.length / 3);
      for (const [start, end, final] of [[0, cut, false], [cut, cut, false], [cut, undefined, true]] as const) {
        socket.sendFragment(message.slice(start, end) as string, final, { compress: way === 2 });
      }
    },
  });
  try {
    await body(server.url);
  } finally {
    await server.close();
  }
  expect(extension.memory).toBe(0);
}

/** The server of `ws`, which echoes; some of it not compressed. */
async function withWs(options: PerMessageDeflateOptions, body: (url: string) => Promise<void>): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0, ...options } });
  let count = 0;
  server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data as Buffer, { binary, compress: count++ % 6 !== 5 })));
  await once(server, "listening");
  try {
    await body(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** With takeover and without, each way; windows small and large; from the first byte. */
const OURS: readonly DeflateOptions[] = [
  {}, { threshold: 0, serverMaxWindowBits: 15, clientMaxWindowBits: 15 }, { serverNoContextTakeover: true }, { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 }, { serverMaxWindowBits: 9, clientMaxWindowBits: 10, level: 9, memLevel: 1 },
];
const WS: readonly PerMessageDeflateOptions[] = [
  {}, { serverNoContextTakeover: true }, { clientNoContextTakeover: true }, { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 10, clientMaxWindowBits: 11 },
];

describe.each(OURS)("our server of %j", (options) => {
  test.each(WS)("and the client of ws of %j", async (theirOptions) => {
    await withOurs(options, async (url) => {
      const peer = await theirs(new WsWebSocket(url, { perMessageDeflate: { threshold: 0, ...theirOptions } }) as unknown as WebSocket);
      expect(peer.extensions).toBe("permessage-deflate");
      await exchange(peer);
      await peer.close();
    });
  });

  test.each([["undici", UndiciWebSocket], ["Node's global", WebSocket]] as const)("and the client of %s", async (_, Client) => {
    await withOurs(options, async (url) => {
      const peer = await theirs(new (Client as typeof WebSocket)(url));
      expect(peer.extensions).toContain("permessage-deflate");
      await exchange(peer);
      await peer.close();
    });
  });

  test.each(OURS)("and our client of %j", async (theirOptions) => {
    await withOurs(options, async (url) => {
      const peer = ours(await connect(url, { limits: LIMITS, extensions: [permessageDeflate(theirOptions)] }));
      expect(peer.extensions).toContain("permessage-deflate");
      await exchange(peer);
      await peer.close();
    });
  });
});

describe.each(WS)("the server of ws of %j", (theirOptions) => {
  test.each(OURS)("and our client of %j", async (options) => {
    await withWs(theirOptions, async (url) => {
      // that server does not take an offer that asks for less than its own options say
      const socket = await connect(url, { limits: LIMITS, extensions: [permessageDeflate(options), permessageDeflate()] });
      const peer = ours(socket);
      expect(peer.extensions).toContain("permessage-deflate");
      await exchange(peer);
      const echoes = peer.messages();
      for (const [piece, final] of [["a".repeat(5000), false], ["", false], ["b".repeat(70_000), false], ["", true]] as const) socket.sendFragment(piece, final);
      same((await echoes.next()).value, "a".repeat(5000) + "b".repeat(70_000));
      await peer.close();
    });
  });
});

test("who offers nothing is served without, and who is answered nothing goes on without", async () => {
  await withOurs({}, async (url) => {
    for (const peer of [
      ours(await connect(url, { limits: LIMITS })), await theirs(new WsWebSocket(url, { perMessageDeflate: false }) as unknown as WebSocket),
    ]) {
      expect(peer.extensions).toBe("");
      await exchange(peer);
      await peer.close();
    }
  });
  const plain = await serve({ port: 0, hostname: "127.0.0.1", limits: LIMITS, message: (socket, message) => void socket.send(message as string) });
  const peer = ours(await connect(plain.url, { limits: LIMITS, extensions: [permessageDeflate()] }));
  expect(peer.extensions).toBe("");
  await exchange(peer);
  await peer.close();
  await plain.close();
});

test("150 connections at once, each of which refers to its own messages", async () => {
  await withOurs({}, async (url) => {
    const sockets = await Promise.all(Array.from({ length: 150 }, () => connect(url, { extensions: [permessageDeflate()] })));
    for (let round = 0; round < 5; round++) {
      await Promise.all(sockets.map(async (socket, at) => {
        const message = `${at} says the same again and again, `.repeat(5 + round);
        const echo = socket[Symbol.asyncIterator]().next();
        socket.send(message);
        same((await echo).value as Message, message);
      }));
    }
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

test("the history of clients that leave in any way is given back: reset in the request, while it is decided, behind the answer, in a message", async () => {
  const extension = permessageDeflate();
  let asked = 0;
  const server = await serve({
    port: 0,
    hostname: "127.0.0.1",
    extensions: [extension],
    upgrade: async ({ path }) => {
      asked++;
      if (path === "/slow") await new Promise((resolve) => setTimeout(resolve, 50));
    },
    error: () => {},
    message: (socket, message) => void socket.send(message as string),
  });
  const request = (path: string): string => [
    `GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Extensions: permessage-deflate", "", "",
  ].join("\r\n");
  let most = 0;
  await Promise.all(Array.from({ length: 60 }, async (_, at) => {
    const socket = net.connect(server.port, "127.0.0.1").on("error", () => {});
    await once(socket, "connect");
    if (at % 4 === 0) socket.write(request("/").slice(0, -2));
    else socket.write(request(at % 4 === 1 ? "/slow" : "/"));
    if (at % 4 > 1) await once(socket, "data");
    most = Math.max(most, extension.memory);
    if (at % 4 === 3) socket.write(Uint8Array.of(0x41, 0x83, 0, 0, 0, 0, 0xf2, 0x48, 0xcd)); // half of a compressed message
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
  }));
  expect(asked).toBeGreaterThanOrEqual(30); // of the others the reset may be all that is seen
  expect(most).toBeGreaterThan(0);
  await expect.poll(() => extension.memory, { timeout: 10_000 }).toBe(0);
  await server.close();
});
