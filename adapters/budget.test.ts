import { describe, expect, test } from "vitest";
import type { State } from "../core/websocket/connection.ts";
import { Budget, DEFAULT_SERVER_LIMITS, type Holder } from "./budget.ts";
import type { ServeHandler } from "./handler.ts";
import { memoryServer, VirtualClock } from "./memory.ts";

/** Holds what it is told to, and keeps what was done to it. */
class FakeHolder implements Holder {
  bytesHeld = 0;
  state: State = "open";
  readonly heard: string[] = [];
  update!: () => void;
  end!: () => void;

  hold(bytes: number): void {
    this.bytesHeld = bytes;
    this.update();
  }

  throttle(throttled: boolean): void {
    this.heard.push(throttled ? "pause" : "resume");
  }

  giveUp(code: number): void {
    this.heard.push(`close ${code}`);
    this.state = "closing";
  }

  terminate(): void {
    this.heard.push("terminate");
    this.state = "closed";
    this.bytesHeld = 0;
    this.end();
  }
}

function start(policy: "pause" | "refuse" | "close", count = 4) {
  const clock = new VirtualClock();
  const budget = new Budget(1_000, policy, clock);
  const holders = Array.from({ length: count }, () => {
    const holder = new FakeHolder();
    budget.open();
    holder.update = () => budget.update(holder);
    holder.end = () => budget.end(holder);
    return holder;
  });
  return { clock, budget, holders };
}

describe("pausing", () => {
  test("who holds more than an equal share is paused as it grows past the limit, nobody else, and goes on when there is room", async () => {
    const { clock, budget, holders: [large, larger, small] } = start("pause");
    small.hold(240);
    large.hold(300);
    larger.hold(450);
    expect([large.heard, larger.heard, small.heard]).toEqual([[], [], []]);
    small.hold(250);
    larger.hold(500);
    expect([large.heard, larger.heard, small.heard]).toEqual([[], ["pause"], []]);
    await clock.advance(0); // all are looked at
    expect([large.heard, larger.heard, small.heard]).toEqual([["pause"], ["pause"], []]);
    larger.hold(450); // 1,000: there is room, and it is seen at the next look
    expect(larger.heard).toEqual(["pause"]);
    await clock.advance(100);
    expect([large.heard, larger.heard, small.heard]).toEqual([["pause", "resume"], ["pause", "resume"], []]);
    expect([budget.total, clock.pending]).toEqual([1_000, 0]);
  });

  test("what a transport wrote in silence is seen", async () => {
    const { clock, budget, holders: [one, other] } = start("pause");
    one.hold(900);
    other.hold(200);
    one.bytesHeld = 100; // and nobody says so
    expect(budget.total).toBe(1_100);
    await clock.advance(0);
    expect([budget.total, one.heard, other.heard, clock.pending]).toEqual([300, [], [], 0]);
  });

  test("that does not help for 5 seconds closes those that hold the most, until the rest has room", async () => {
    const { clock, holders: [first, second, third, fourth] } = start("pause");
    first.hold(390);
    second.hold(600);
    third.hold(700);
    fourth.hold(10);
    await clock.advance(4_900);
    expect([first, second, third, fourth].flatMap(({ heard }) => heard.filter((what) => what !== "pause"))).toEqual([]);
    await clock.advance(100);
    expect([first.heard, second.heard, third.heard]).toEqual([["pause"], ["pause"], ["pause", "close 1013"]]);
    third.bytesHeld = 650; // it takes its time
    await clock.advance(100);
    expect(third.heard).toEqual(["pause", "close 1013", "terminate"]);
    await clock.advance(100);
    expect([first.heard, second.heard, clock.pending]).toEqual([["pause", "resume"], ["pause", "resume"], 0]);
  });

  test("all of one size are all paused rather than none", () => {
    const { holders } = start("pause");
    for (const holder of holders) holder.hold(255);
    expect(holders[3].heard).toEqual(["pause"]);
  });
});

test("closing: those that hold the most, at once, and dropped when they do not let go", async () => {
  const { clock, holders: [one, other] } = start("close");
  one.hold(500);
  other.hold(600);
  await clock.advance(0);
  expect([one.heard, other.heard]).toEqual([[], ["close 1013"]]);
  await clock.advance(100);
  expect([one.heard, other.heard, clock.pending]).toEqual([[], ["close 1013", "terminate"], 1]);
  await clock.advance(100);
  expect([one.heard, clock.pending]).toEqual([[], 0]);
});

test("refusing: those that are open go on", async () => {
  const { clock, budget, holders: [one] } = start("refuse");
  one.hold(1_001);
  await clock.advance(60_000);
  expect([one.heard, budget.isFull]).toEqual([[], true]);
  one.hold(1_000);
  expect(budget.isFull).toBe(false);
  await clock.advance(100);
  expect(clock.pending).toBe(0);
});

test("who is gone is not counted, and leaves no timer", async () => {
  const { clock, budget, holders } = start("pause");
  for (const holder of holders) holder.hold(400);
  for (const holder of holders) {
    holder.end();
  }
  expect([budget.total, clock.pending]).toEqual([0, 0]);
});

describe("a server", () => {
  const limits = { maxMemory: 4_000_000 };

  /** Clients that send nearly a megabyte of a message in small pieces, and never its end. */
  async function flood(handler: ServeHandler, count: number) {
    const clock = new VirtualClock();
    const server = memoryServer(handler, clock);
    const clients = [];
    for (let at = 0; at < count; at++) clients.push(await server.connect({ limits: { pingInterval: Infinity } }));
    for (let count = 0; count < 120; count++) for (const client of clients) client.sendFragment(new Uint8Array(8_192), false);
    await clock.advance(10);
    const held = (): number => [...server.sockets].reduce((sum, socket) => sum + socket.bytesHeld, 0);
    return { clock, server, clients, held };
  }

  test("lets its connections hold no more than twice the limit for a while, and then no more than the limit; who is small is served as ever", async () => {
    const { clock, server, clients, held } = await flood({ limits, message: (socket, message) => void socket.send(message) }, 16);
    const small = await server.connect();
    small.send("still served?");
    await clock.advance(10);
    expect((await small[Symbol.asyncIterator]().next()).value).toBe("still served?");
    expect(held()).toBeGreaterThan(4_000_000);
    expect(held()).toBeLessThan(9_000_000); // of 15,728,640 that were sent: those that held less than their share got theirs, too
    await clock.advance(60_000); // nobody finishes a message: pausing does not help, and who goes on may be the next to go
    expect(held()).toBeLessThanOrEqual(4_000_000);
    const ends = await Promise.all(clients.map((client) => Promise.race([client.closed, undefined])));
    expect(ends.filter((end) => end !== undefined).length).toBeGreaterThan(0);
    const codes = [1013, 1006, 1008]; // the last for a message that does not go on
    for (const end of ends) if (end !== undefined) expect(codes).toContain(end.code);
    expect(small.state).toBe("open");
    await server.close();
    expect(server.sockets.size).toBe(0);
  });

  test("pausing lets output go, and nothing is lost", async () => {
    const clock = new VirtualClock();
    const server = memoryServer({ limits: { maxMemory: 300_000, maxQueued: Infinity }, message: (socket, message) => void socket.send(message) }, clock);
    let received = 0;
    const slow = await server.connect({
      limits: { maxHeld: Infinity, maxQueued: Infinity },
      message: async (_, message) => {
        await new Promise<void>((resolve) => clock.schedule(resolve, 3));
        received += message.length;
      },
    });
    let most = 0;
    const watch = (): void => {
      for (const socket of server.sockets) most = Math.max(most, socket.bytesHeld);
      if (received < 40_000_000 && clock.now() < 20_000) clock.schedule(watch, 1);
    };
    watch();
    for (let count = 0; count < 4_000; count++) slow.send(new Uint8Array(10_000));
    await clock.advance(20_001);
    expect(received).toBe(40_000_000);
    expect(most).toBeLessThan(600_000);
    expect(slow.state).toBe("open");
    await server.close();
  });

  test("refuses who comes while it holds too much", async () => {
    const { server, clock } = await flood({ limits, overflow: { memory: "refuse" } }, 6);
    await expect(server.connect()).rejects.toMatchObject({ status: 503, body: "The server holds as much as it takes" });
    for (const socket of server.sockets) socket.terminate();
    await clock.advance(10);
    await (await server.connect()).close();
  });

  test("the default is 256 MiB and 65,536 connections; Infinity lifts it", async () => {
    expect(DEFAULT_SERVER_LIMITS).toMatchObject({ maxMemory: 268_435_456, maxConnections: 65_536, maxMessage: 1_048_576 });
    const { held, clock } = await flood({ limits: { maxMemory: Infinity } }, 3);
    await clock.advance(10_000);
    expect(held()).toBeGreaterThan(1_500_000);
  });
});
