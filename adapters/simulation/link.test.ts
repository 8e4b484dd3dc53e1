import { describe, expect, test } from "vitest";
import type { Close } from "../../core/websocket/close.ts";
import type { Socket } from "../socket.ts";
import type { Link } from "./link.ts";
import { simulate, type SimulatedServer, type World, type WorldOptions } from "./world.ts";

/** A client and a server that are connected, and the link between them. */
interface Connected {
  readonly world: World;
  readonly server: SimulatedServer;
  readonly client: Socket;
  readonly accepted: Socket;
  readonly link: Link;
  /** How each end was closed; undefined while it was not. */
  readonly ends: () => { client: Close | undefined; server: Close | undefined };
}

async function connected(options: WorldOptions = {}): Promise<Connected> {
  const world = simulate({ seed: 5, ...options });
  let ends: { client: Close | undefined; server: Close | undefined } = { client: undefined, server: undefined };
  const server = await world.serve({ port: 80, close: (_, close) => void (ends = { ...ends, server: close }) });
  const client = await world.run(world.connect("ws://localhost/", { close: (_, close) => void (ends = { ...ends, client: close }) }));
  const [accepted] = server.sockets as ReadonlySet<Socket>;
  const [link] = world.links;
  return { world, server, client, accepted, link, ends: () => ends };
}

describe("what befalls an open link", () => {
  test("a reset ends both at once, with 1006, and what was on its way is lost", async () => {
    const { world, client, link, ends, accepted } = await connected();
    client.send("lost");
    link.reset();
    await world.advance(40);
    expect(ends()).toMatchObject({ client: { code: 1006, clean: false }, server: { code: 1006, clean: false } });
    expect((await accepted[Symbol.asyncIterator]().next()).done).toBe(true);
    expect([world.links.size, world.timers]).toEqual([0, 0]);
  });

  test("an end of one side is heard by the other, which ends too", async () => {
    const { world, client, link, ends, accepted } = await connected();
    client.send("first");
    await world.advance(0);
    link.finish("client");
    await world.advance(200);
    expect(ends()).toMatchObject({ client: { code: 1006 }, server: { code: 1006 } });
    expect(await accepted[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "first" });
  });

  test("an end without a close frame is told as close, and `closing` is not told behind it", async () => {
    const world = simulate({ seed: 5 });
    const heard: string[] = [];
    await world.serve({ port: 80, closing: () => void heard.push("closing"), close: () => void heard.push("close") });
    await world.run(world.connect("ws://localhost/"));
    for (const link of world.links) link.finish("client");
    await world.advance(1_000);
    expect(heard).toEqual(["close"]);
  });

  test("silence is told to nobody: the server's ping finds out, 50 seconds later; the client's, too", async () => {
    const { world, link, ends } = await connected();
    link.silence();
    await world.advance(49_000);
    expect(ends()).toEqual({ client: undefined, server: undefined });
    await world.advance(2_000);
    expect(ends()).toMatchObject({ client: { fault: { name: "pongTimeout" } }, server: { fault: { name: "pongTimeout" } } });
    expect([world.links.size, world.timers]).toEqual([0, 0]);
  });

  test("silence that is over in time goes unnoticed: what was sent arrives then", async () => {
    const { world, client, link, ends, accepted } = await connected();
    link.silence(15_000);
    client.send("late");
    const arrived = accepted[Symbol.asyncIterator]().next().then(({ value }) => `${value as string} at ${world.now}`);
    const before = world.now;
    await world.advance(20_000);
    expect(await arrived).toBe(`late at ${before + 15_000}`);
    expect(ends()).toEqual({ client: undefined, server: undefined });
  });

  test("a side that stalls fills the buffers of the other, whose sends then wait", async () => {
    const { world, client, link, accepted } = await connected();
    link.stall("server", 5_000);
    let sent = 0;
    while (client.send(new Uint8Array(10_000))) {
      sent++;
      await world.advance(1);
    }
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(30);
    expect(link.buffered("server")).toBeGreaterThan(100_000);
    expect(link.buffered("client")).toBe(0);
    expect(client.bufferedAmount).toBeGreaterThan(0);
    let got = 0;
    const reading = (async () => {
      for await (const message of accepted) if ((got += message.length) > sent * 10_000) break;
    })();
    expect(await world.run(client.writable())).toBe(true);
    await world.run(reading);
    expect(got).toBe((sent + 1) * 10_000);
    expect(link.buffered("server")).toBe(0);
  });

  test.each([
    [{ after: 7 }, "7 B, gone"],
    [{ after: 7, by: "end" }, "7 B, end"],
    [{ after: 7, by: "silence" }, "7 B"],
  ] as const)("cut by %o", async (cut, told) => {
    const { world, accepted, link } = await connected({ network: { chunk: Infinity } });
    link.cut(cut);
    const before = world.trace.length;
    accepted.send("a message of some length");
    await world.advance(60);
    const lines = world.trace.slice(before).filter((line) => line.includes("to client")).map((line) => line.replace(/.*to client (gone|end|\d+ B).*/, "$1"));
    expect(lines.join(", ")).toBe(told);
  });

  test("what is in between may change bytes; the protocol notices", async () => {
    const { world, accepted, link, ends } = await connected();
    link.tamper("client", (bytes) => [bytes.map((byte) => byte ^ 0x70)]);
    accepted.send("hello");
    await world.advance(200);
    expect(ends().client?.fault?.name).toBeDefined();
    expect(ends().server).toMatchObject({ code: 1002 });
  });

  test("conditions change under way", async () => {
    const { world, accepted, client, link } = await connected();
    link.change({ delay: 5_000, jitter: 0, bandwidth: 100 });
    accepted.send("x".repeat(98));
    const before = world.now;
    await world.run(client[Symbol.asyncIterator]().next());
    expect(world.now - before).toBe(6_000); // 98 bytes and 2 of header take a second to send
  });
});

describe("what befalls a dial", () => {
  async function failure(dial: (link: Link) => void): Promise<{ error: unknown; after: number }> {
    const world = simulate({ seed: 3, dial });
    await world.serve({ port: 80 });
    const error = await world.run(world.connect("ws://localhost/").catch((reason: unknown) => reason));
    const after = world.now;
    await world.advance(30_000);
    expect([world.links.size, world.timers]).toEqual([0, 0]);
    return { error, after };
  }

  test("refused", async () => {
    expect(await failure((link) => link.refuse())).toMatchObject({ error: { stage: "connect", code: "ECONNREFUSED" }, after: 40 });
  });

  test("unanswered", async () => {
    expect(await failure((link) => link.hang())).toMatchObject({ error: { stage: "connect", code: "ETIMEDOUT" }, after: 10_000 });
  });

  test("cut within the answer", async () => {
    expect(await failure((link) => link.cut({ after: 40 }))).toMatchObject({ error: { stage: "response" } });
  });

  test("cut within the request, which the server never sees whole", async () => {
    expect(await failure((link) => link.cut({ after: 40, to: "server", by: "end" }))).toMatchObject({ error: { stage: "response" } });
  });

  test("silent from the first byte: nobody waits longer than the handshake may take", async () => {
    const { error, after } = await failure((link) => link.cut({ after: 0, by: "silence" }));
    expect([error, after]).toMatchObject([{ stage: "response", code: "ETIMEDOUT" }, 10_000]);
  });

  test("by no one: nobody listens there, or on another port", async () => {
    const world = simulate({ seed: 1 });
    await world.serve({ port: 80, hostname: "here.example" });
    for (const url of ["ws://there.example/", "ws://here.example:81/"]) {
      await expect(world.run(world.connect(url))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
    await expect(world.run(world.connect("ws://here.example/"))).resolves.toMatchObject({ state: "open" });
    await expect(world.run(world.connect("wss://here.example:80/"))).rejects.toMatchObject({ stage: "tls" });
    await world.serve({ port: 443, tls: { cert: "", key: "" } });
    await expect(world.run(world.connect("ws://here.example:443/"))).rejects.toMatchObject({ stage: "response" });
    await expect(world.serve({ port: 80, hostname: "here.example" })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
