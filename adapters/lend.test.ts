import { expect, test } from "vitest";
import { connect, type Message, serve, type ServeOptions } from "../index.node.ts";
import { lender } from "../core/bytes/lender.ts";
import { makeCertificates } from "../test/certificate.ts";

const SIZE = 100_000;
const LARGE = 900_000;
const LIMITS = { maxMessage: 1 << 20, maxQueued: 32 << 20 };

/** Bytes that no other message has at the same place. */
function message(number: number, size = SIZE): Uint8Array {
  return new Uint8Array(size).map((_, at) => at * 7 + (at >> 8) + number * 13);
}

async function served<T>(options: ServeOptions, use: (url: string) => Promise<T>): Promise<T> {
  const server = await serve({ port: 0, hostname: "127.0.0.1", lend: true, limits: LIMITS, ...options });
  try {
    return await use(server.url);
  } finally {
    await server.close();
  }
}

/** Sends so many messages, and takes what comes back: so many for each. */
async function exchange(url: string, count: number, perMessage = 1, size = SIZE): Promise<Uint8Array[]> {
  const socket = await connect(url, { limits: LIMITS });
  const sending = (async () => {
    for (let number = 0; number < count; number++) if (!socket.send(message(number, size))) await socket.writable();
  })();
  const back: Message[] = [];
  for await (const each of socket) if (back.push(each) === count * perMessage) break;
  await sending;
  await socket.close();
  return back as Uint8Array[];
}

function expectAll(back: readonly Uint8Array[], numbers: readonly number[]): void {
  expect(back.map((bytes, at) => Buffer.compare(bytes, message(numbers[at])))).toEqual(numbers.map(() => 0));
}

const COUNT = 24;
const ORDER = Array.from({ length: COUNT }, (_, number) => number);

test("what is lent is used again once the handler has returned", async () => {
  const buffers = new Set<unknown>();
  await served({ message: (socket, data) => void (buffers.add((data as Uint8Array).buffer), socket.send("next")) }, async (url) => {
    const socket = await connect(url, { limits: LIMITS });
    for (const number of ORDER) {
      socket.send(message(number));
      await socket[Symbol.asyncIterator]().next();
    }
    await socket.close();
  });
  expect(buffers.size).toBeLessThan(COUNT / 2);
});

test("what is lent may be sent: it stays as it is until it has left", async () => {
  const echo: ServeOptions = { message: (socket, data) => socket.send(data as Uint8Array) ? undefined : socket.writable() };
  await served(echo, async (url) => expectAll(await exchange(url, COUNT), ORDER));
});

test("a part of it too, whole or in fragments, to many, and late", async () => {
  const parts: ServeOptions = {
    async message(socket, data) {
      const bytes = data as Uint8Array;
      await new Promise(setImmediate); // others are read meanwhile: they get other memory
      socket.sendFragment(bytes.subarray(0, 40_000), false);
      socket.sendFragment(bytes.subarray(40_000), true);
      if (!socket.send(bytes)) await socket.writable();
    },
  };
  await served(parts, async (url) => {
    const all = await Promise.all([exchange(url, COUNT, 2), exchange(url, COUNT, 2), exchange(url, COUNT, 2)]);
    for (const back of all) expectAll(back, ORDER.flatMap((number) => [number, number]));
  });
});

test("a reader that waits holds up nobody's memory but its own", async () => {
  await served({ limits: { ...LIMITS, maxQueued: 64 << 20 }, message: (socket, data) => void socket.send(data as Uint8Array) }, async (url) => {
    const slow = await connect(url, { limits: LIMITS });
    const sent = ORDER.map((number) => message(number, LARGE));
    for (const data of sent) slow.send(data); // more than the system takes: the answers wait at the server
    const others = await exchange(url, COUNT, 1, LARGE);
    expect(others.map((bytes, at) => Buffer.compare(bytes, sent[at]))).toEqual(ORDER.map(() => 0));
    let at = 0;
    for await (const back of slow) {
      expect(Buffer.compare(back as Uint8Array, sent[at++])).toBe(0);
      if (at === COUNT) break;
    }
    await slow.close();
  });
});

test("over TLS it is given back once it has left, though nothing follows", async () => {
  const had: Uint8Array[] = [];
  const { ca, cert, key } = makeCertificates();
  await served({ hostname: "localhost", tls: { cert, key }, message: (socket, data) => void (had.push(data as Uint8Array), socket.send(data as Uint8Array)) }, async (url) => {
    const socket = await connect(url, { tls: { ca } });
    socket.send(message(1, 10_000));
    expect((await socket[Symbol.asyncIterator]().next()).value).toEqual(message(1, 10_000));
    await expect.poll(() => had.map((bytes) => lender.hold(bytes) && (lender.giveBack(bytes), true))).toEqual([false]);
    await socket.close();
  });
});

test("a handler that fails gives back what it had", async () => {
  let had = new Uint8Array(0);
  const failing: ServeOptions = {
    error: () => {},
    message(_, data) {
      had = data as Uint8Array<ArrayBuffer>;
      throw new Error("no");
    },
  };
  await served(failing, async (url) => {
    const socket = await connect(url, { limits: LIMITS });
    socket.send(message(1));
    expect((await socket.closed).code).toBe(1011);
  });
  expect(had.length).toBe(SIZE);
  expect(lender.hold(had)).toBe(false);
});

test("without `lend`, and for a loop, each has an array of its own", async () => {
  const kept: Uint8Array[] = [];
  await served({ lend: false, message: (socket, data) => void (kept.push(data as Uint8Array), socket.send("next")) }, async (url) => {
    const socket = await connect(url, { lend: true, limits: LIMITS });
    for (const number of ORDER) {
      socket.send(message(number));
      await socket[Symbol.asyncIterator]().next();
    }
    await socket.close();
  });
  expectAll(kept, ORDER);
  expect(kept.every((bytes) => bytes.buffer.byteLength === SIZE && !lender.hold(bytes))).toBe(true);
  await served({ lend: true, async open(socket) { for await (const data of socket) if (kept.push(data as Uint8Array) === 2 * COUNT) void socket.close(); } }, async (url) => {
    const socket = await connect(url, { limits: LIMITS });
    for (const number of ORDER) if (!socket.send(message(number))) await socket.writable();
    await socket.closed;
  });
  expectAll(kept, [...ORDER, ...ORDER]);
});
