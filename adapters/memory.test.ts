import { describe, expect, test } from "vitest";
import { memoryServer, VirtualClock } from "./memory.ts";
import { memoryPair } from "./memory-pair.ts";
import type { ServeHandler } from "./serve.ts";
import { take } from "./testing/sockets.ts";

const echo: ServeHandler = { message: (socket, message) => void socket.send(message as string) };

async function both(handler: ServeHandler = {}, options: object = {}) {
  const clock = new VirtualClock();
  const server = memoryServer(handler, clock);
  const client = await server.connect(options);
  const [accepted] = server.sockets;
  return { clock, server, client, accepted };
}

test("a client and a server in one process", async () => {
  const server = memoryServer({ ...echo, protocols: ["chat"], upgrade: ({ path }) => ({ data: path }) });
  const client = await server.connect({ protocols: ["chat"], url: "ws://memory/room" });
  expect([client.url, client.protocol, [...server.sockets][0].data]).toEqual(["ws://memory/room", "chat", "/room"]);
  client.send("hello");
  client.send(new Uint8Array([1, 2]));
  expect(await take(client, 2)).toEqual(["hello", new Uint8Array([1, 2])]);
  expect(await client.close(4000, "enough")).toMatchObject({ code: 4000, reason: "enough", clean: true });
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("10,000 messages come back in order", async () => {
  const { client } = await both(echo, { limits: { maxQueued: 1 << 30 } });
  for (let count = 0; count < 10_000; count++) client.send(String(count));
  const messages = await take(client, 10_000);
  expect(messages).toEqual(Array.from({ length: 10_000 }, (_, at) => String(at)));
  await client.close();
});

test("a sender waits for a reader that does not read, and goes on when it does", async () => {
  const { client, accepted } = await both();
  let sent = 0;
  while (client.send(new Uint8Array(10_000)) || await Promise.race([client.writable(), rest()])) sent += 10_000;
  sent += 10_000;
  expect(sent).toBeLessThan(400_000);
  expect(client.bufferedAmount).toBeGreaterThan(65_000);
  let got = 0;
  for await (const message of accepted) if ((got += message.length) === sent) break;
  expect(await client.writable()).toBe(true);
  expect(client.bufferedAmount).toBe(0);
  await client.close();
});

describe("time", () => {
  test("goes by only when it is told to: a quiet connection lives on pings", async () => {
    const pings: number[] = [];
    const { clock, client, accepted } = await both({ ping: () => void pings.push(clock.now()) });
    await clock.advance(29_000);
    expect(pings).toEqual([]);
    await clock.advance(3_600_000);
    expect(pings.length).toBeGreaterThan(50);
    expect([client.state, accepted.state]).toEqual(["open", "open"]);
    const trip = client.ping();
    await clock.advance(0);
    expect(await trip).toBe(0);
    await client.close();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test("a peer that never answers a ping is given up", async () => {
    const { clock, client, accepted } = await both({ message: () => new Promise(() => {}) });
    client.send("this one is worked on for ever, so nothing more is read");
    await clock.advance(30_000 + 19_999);
    expect(client.state).toBe("open");
    await clock.advance(1);
    expect(await client.closed).toMatchObject({ code: 1006, clean: false, fault: { name: "pongTimeout" } });
    await clock.advance(0);
    expect(accepted.state).toBe("open"); // it does not read
  });

  test("a close that is never answered ends after closeTimeout", async () => {
    const { clock, client } = await both({ message: () => new Promise(() => {}) });
    client.send("stuck");
    await clock.advance(0);
    const closed = client.close(4000);
    await clock.advance(4_999);
    expect(client.state).toBe("closing");
    await clock.advance(1);
    expect(await closed).toMatchObject({ code: 1006, clean: false, fault: { name: "closeTimeout" } });
  });

  test("an attempt without an answer is given up", async () => {
    const clock = new VirtualClock();
    const server = memoryServer({ upgrade: () => new Promise<undefined>(() => {}) }, clock);
    const attempt = server.connect({ limits: { handshakeTimeout: 3_000 } }).catch((error: Error) => error.message);
    await clock.advance(3_000);
    expect(await attempt).toBe("Cannot connect to ws://memory/: no answer to the handshake within 3000 ms");
    expect(server.sockets.size).toBe(0);
  });

  test("timers fire in order, and a cancelled one does not", async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.schedule(() => {
      fired.push(`b at ${clock.now()}`);
      clock.schedule(() => fired.push(`c at ${clock.now()}`), 5);
    }, 20);
    clock.schedule(() => fired.push(`a at ${clock.now()}`), 10);
    const cancel = clock.schedule(() => fired.push("never"), 15);
    cancel();
    cancel();
    await clock.advance(25);
    expect(fired).toEqual(["a at 10", "b at 20", "c at 25"]);
    expect([clock.now(), clock.pending]).toEqual([25, 0]);
  });
});

test("closing the server closes every socket with 1001", async () => {
  const { server, client } = await both();
  await server.close();
  expect(await client.closed).toMatchObject({ code: 1001, clean: true });
  await expect(server.connect()).rejects.toThrow("Cannot connect to ws://memory/");
});

test("terminate on one side ends the other with 1006", async () => {
  const { client, accepted } = await both();
  accepted.terminate();
  expect(await client.closed).toMatchObject({ code: 1006, clean: false });
});

test("a pair carries bytes both ways and ends one side at a time", async () => {
  const heard: string[] = [];
  const script = (name: string) => ({
    outputEnded: false, paused: false, deadline: 1e9,
    receive: (input: Uint8Array) => void heard.push(`${name} got ${input.join()}`),
    receiveEnd: () => void heard.push(`${name} heard the end`),
    takeOutput: () => [], handleTimeout: () => {},
  });
  const [one, other] = memoryPair(new VirtualClock());
  one.write([new Uint8Array([1]), new Uint8Array([2])]);
  one.end();
  one.run(script("one"));
  await rest();
  expect(heard).toEqual([]); // nobody reads there yet
  other.run(script("other"));
  await rest();
  other.write([new Uint8Array([3])]);
  await rest();
  expect(heard).toEqual(["other got 1", "other got 2", "other heard the end", "one got 3"]);
});

function rest(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 5));
}
