import { describe, expect, test } from "vitest";
import type { Message, Socket } from "../index.node.ts";
import type { DrainOptions, DrainSummary } from "./drain.ts";
import type { ServeHandler } from "./handler.ts";
import { type MemoryServer, memoryServer, VirtualClock } from "./memory.ts";
import { failure } from "./testing/sockets.ts";

/** A server and clients on a clock that is held; each client keeps what it hears. */
async function start(handler: ServeHandler, clients = 1) {
  const clock = new VirtualClock();
  const server = memoryServer(handler, clock);
  const heard: Message[][] = [];
  const sockets: Socket<undefined>[] = [];
  for (let at = 0; at < clients; at++) {
    const messages: Message[] = heard[at] = [];
    sockets.push(await server.connect({ message: (_, message) => void messages.push(message), limits: { pingInterval: Infinity } }));
  }
  return { clock, server, sockets, heard };
}

/** Drains, and lets that much time pass. */
async function drained(server: MemoryServer, clock: VirtualClock, options: DrainOptions, time = 20_000): Promise<DrainSummary> {
  const summary = server.drain(options);
  await clock.advance(time);
  expect(clock.pending).toBe(0);
  return summary;
}

function later(clock: VirtualClock, delay: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(resolve, delay));
}

describe("what was accepted", () => {
  test("is answered before the close frame, however long a handler takes for each message", async () => {
    const processed: Message[] = [];
    const { clock, server, sockets: [client], heard: [acknowledged] } = await start({
      async message(socket, message) {
        processed.push(message);
        await later(clock, 100);
        socket.send(message);
      },
    });
    for (let count = 0; count < 10; count++) client.send(String(count)); // one chunk: all of it is read at once
    await clock.advance(50);
    expect(processed).toEqual(["0"]);
    expect(await drained(server, clock, { window: 0 })).toEqual({ closed: 1, clean: 1, forced: 0 });
    expect(processed).toHaveLength(10);
    expect(acknowledged).toEqual(processed);
    expect(await client.closed).toMatchObject({ code: 1001, reason: "", clean: true });
  });

  test("and what was not read is not processed: processed is what is acknowledged, while clients go on sending", async () => {
    let processed = 0;
    const { clock, server, sockets, heard } = await start({
      async message(socket, message) {
        processed++;
        await later(clock, 7);
        socket.send(message);
      },
    }, 20);
    let sent = 0;
    const load = (): void => {
      let open = false;
      for (const socket of sockets) {
        if (socket.state !== "open") continue;
        socket.send(`${sent++}`);
        open = true;
      }
      if (open) clock.schedule(load, 5);
    };
    load();
    await clock.advance(1_000);
    const summary = await drained(server, clock, { window: 500, timeout: 60_000 }, 61_000);
    expect(summary).toEqual({ closed: 20, clean: 20, forced: 0 });
    expect(processed).toBeGreaterThan(2_000);
    expect(processed).toBeLessThan(sent);
    expect(heard.flat()).toHaveLength(processed);
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 1001, clean: true });
  });

  test("is waited for where a loop reads it, too, and not where the loop has left", async () => {
    const { clock, server, sockets: [one, other], heard } = await start({
      async open(socket) {
        for await (const message of socket) {
          await later(clock, 50);
          socket.send(`got ${message}`);
          if (message === "leave") break;
        }
      },
    }, 2);
    for (const message of ["a", "b", "c"]) one.send(message);
    for (const message of ["leave", "x"]) other.send(message);
    await clock.advance(10);
    expect(await drained(server, clock, { window: 0 })).toEqual({ closed: 2, clean: 2, forced: 0 });
    expect(heard).toEqual([["got a", "got b", "got c"], ["got leave"]]);
  });

  test("is not waited for where nobody reads it", async () => {
    const { clock, server, sockets: [client] } = await start({ open: (socket) => void socket.send("news") });
    client.send("to nobody");
    await clock.advance(10);
    expect(await drained(server, clock, { window: 0 }, 100)).toEqual({ closed: 1, clean: 1, forced: 0 });
  });

  test("leaves before the close frame, when the peer reads slowly", async () => {
    const clock = new VirtualClock();
    const server = memoryServer({ message: (socket) => void socket.send(new Uint8Array(300_000)) }, clock);
    let received = 0;
    const client = await server.connect({
      limits: { maxHeld: Infinity, closeTimeout: Infinity },
      async message(_, message) {
        await later(clock, 400);
        received += message.length;
      },
    });
    for (let count = 0; count < 20; count++) client.send("more");
    await clock.advance(10);
    expect(await drained(server, clock, { window: 0, timeout: 60_000 }, 70_000)).toEqual({ closed: 1, clean: 1, forced: 0 });
    expect(received).toBe(20 * 300_000);
  });

  test("is answered when the handler itself drains the socket", async () => {
    const { clock, server, sockets: [client], heard } = await start({
      message(socket, message) {
        socket.send(`got ${message}`);
        if (message === "b") void socket.drain(1012, "bye");
      },
    });
    for (const message of ["a", "b", "c"]) client.send(message);
    await clock.advance(10);
    expect([heard[0], server.sockets.size]).toEqual([["got a", "got b", "got c"], 0]);
    expect(await client.closed).toMatchObject({ code: 1012, reason: "bye", clean: true });
  });

  test("a handler that fails meanwhile ends its own connection with 1011", async () => {
    const errors: unknown[] = [];
    const { clock, server, sockets: [client] } = await start({
      async message() {
        await later(clock, 50);
        throw new Error("boom");
      },
      error: (error) => void errors.push(error),
    });
    client.send("x");
    await clock.advance(10);
    expect(await drained(server, clock, { window: 0 })).toEqual({ closed: 1, clean: 1, forced: 0 });
    expect([errors.length, (await client.closed).code]).toEqual([1, 1011]);
  });
});

describe("time", () => {
  test("each goes at its own point of the window, and is served until then", async () => {
    const { clock, server, sockets, heard } = await start({ message: (socket, message) => void socket.send(message) }, 4);
    const points = [0.75, 0, 0.5, 0.25];
    const left: number[][] = [];
    for (const [at, socket] of sockets.entries()) void socket.closed.then(() => left.push([at, clock.now()]));
    const began = clock.now();
    let next = 0;
    const summary = server.drain({ window: 1_000, random: () => points[next++] });
    await clock.advance(600);
    sockets[0].send("still there?");
    await clock.advance(400);
    expect(await summary).toEqual({ closed: 4, clean: 4, forced: 0 });
    expect(left.map(([at, time]) => [at, time - began])).toEqual([[1, 0], [3, 250], [2, 500], [0, 750]]);
    expect(heard[0]).toEqual(["still there?"]);
    expect(clock.pending).toBe(0);
  });

  test("without a word 3 seconds, at random", async () => {
    const { clock, server, sockets } = await start({}, 40);
    const times: number[] = [];
    for (const socket of sockets) void socket.closed.then(() => times.push(clock.now()));
    await drained(server, clock, {}, 3_000);
    expect(times).toHaveLength(40);
    for (const from of [0, 1_000, 2_000]) expect(times.some((time) => time >= from && time < from + 1_000)).toBe(true);
  });

  test("a window longer than the timeout ends with it, and forces nobody", async () => {
    const { clock, server } = await start({}, 10);
    expect(await drained(server, clock, { window: 60_000, timeout: 1_000 }, 1_000)).toEqual({ closed: 10, clean: 10, forced: 0 });
  });

  test("who left by himself is not waited for, and is neither clean nor forced", async () => {
    const { clock, server, sockets } = await start({}, 2);
    const summary = server.drain({ window: 1_000, random: () => 0.9 });
    sockets[0].terminate();
    await clock.advance(1_000);
    expect(await summary).toEqual({ closed: 2, clean: 1, forced: 0 });
    expect(clock.pending).toBe(0);
  });

  test("whose handler does not come to an end is closed at the timeout, with the code", async () => {
    const { clock, server, sockets: [client, idle] } = await start({ message: () => new Promise(() => {}) }, 2);
    client.send("x");
    await clock.advance(10);
    const summary = server.drain({ window: 100, timeout: 2_000 });
    await clock.advance(1_999);
    expect([client.state, idle.state]).toEqual(["open", "closed"]);
    await clock.advance(10);
    expect(await summary).toEqual({ closed: 2, clean: 1, forced: 1 });
    expect(await client.closed).toMatchObject({ code: 1001, clean: true });
    expect(clock.pending).toBe(0);
  });

  test("who does not answer the close frame is torn down: at closeTimeout, or a second behind the timeout", async () => {
    for (const [timeout, time] of [[10_000, 5_000], [2_000, 3_000]]) {
      const clock = new VirtualClock();
      const server = memoryServer({}, clock);
      await server.connect({ message: () => new Promise(() => {}), limits: { closeTimeout: 60_000 } });
      for (const socket of server.sockets) socket.send("never done with, so nothing is read behind it");
      await clock.advance(10);
      let summary: DrainSummary | undefined;
      void server.drain({ window: 0, timeout }).then((value) => summary = value);
      await clock.advance(time - 50);
      expect(summary).toBeUndefined();
      await clock.advance(100);
      expect(summary).toEqual({ closed: 1, clean: 0, forced: 1 });
    }
  });

  test("a second call gets the promise of the first; close cuts it short", async () => {
    const { clock, server, sockets: [client] } = await start({ message: () => new Promise(() => {}) });
    client.send("x");
    await clock.advance(10);
    const summary = server.drain({ window: 10_000, random: () => 0.5 });
    expect(server.drain()).toBe(summary);
    await clock.advance(100);
    await server.close(1012, "now");
    expect((await summary).closed).toBe(1);
    expect(await client.closed).toMatchObject({ code: 1012, reason: "now" });
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  test("a code that no frame may carry is refused, and nothing has begun", async () => {
    const { clock, server, sockets: [client] } = await start({});
    expect(() => server.drain({ code: 1005 })).toThrow(RangeError);
    expect(() => server.drain({ reason: "x".repeat(124) })).toThrow(RangeError);
    expect(() => [...server.sockets][0].drain(1006)).toThrow(RangeError);
    for (const time of [{ window: -1 }, { window: Infinity }, { window: NaN }, { timeout: -1 }, { timeout: NaN }]) {
      expect(() => server.drain(time)).toThrow(RangeError);
    }
    expect(client.state).toBe("open");
    expect(await drained(server, clock, { code: 4001, reason: "x".repeat(123) })).toMatchObject({ clean: 1 });
    expect((await client.closed).code).toBe(4001);
  });

  test("with nobody there it is over at once", async () => {
    const { clock, server } = await start({}, 0);
    expect(await server.drain()).toEqual({ closed: 0, clean: 0, forced: 0 });
    expect(clock.pending).toBe(0);
  });
});

describe("who comes late", () => {
  test("is answered 503 with Retry-After, also whose upgrade is being decided about", async () => {
    const refusals: unknown[] = [];
    const clock = new VirtualClock();
    let grant!: () => void;
    const server = memoryServer({
      upgrade: ({ path }) => path === "/slow" ? new Promise<undefined>((resolve) => grant = () => resolve(undefined)) : undefined,
      refused: ({ status, request }) => void refusals.push([status, request?.path]),
      open: () => expect.fail("it opened"),
    }, clock);
    const slow = failure(server.connect({ url: "ws://memory/slow" }));
    await clock.advance(10);
    const summary = server.drain({ window: 0 });
    const late = await failure(server.connect({ url: "ws://memory/late" }));
    expect(late).toMatchObject({ status: 503, body: "The server is going away" });
    expect(late.headers?.get("Retry-After")).toBe("5");
    grant();
    expect((await slow).status).toBe(503);
    await clock.advance(2_000);
    expect(await summary).toEqual({ closed: 0, clean: 0, forced: 0 });
    expect(refusals).toEqual([[503, "/late"], [503, "/slow"]]);
  });
});
