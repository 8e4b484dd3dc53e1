import net, { type AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, serve, type Socket } from "../index.node.ts";
import type { ByteStreams } from "./pipe.ts";
import type { ServeHandler } from "./serve.ts";
import { acceptStream, connectStream } from "./streams.ts";
import { StreamPipe } from "./stream-pipe.ts";
import { take } from "./testing/sockets.ts";

const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
beforeEach(() => void process.on("unhandledRejection", onRejection));
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off("unhandledRejection", onRejection);
  expect(rejections.splice(0)).toEqual([]);
});

/** Two ends, each a pair of streams. */
function joined(strategy?: QueuingStrategy<Uint8Array>): [ByteStreams, ByteStreams] {
  const [up, down] = [0, 1].map(() => new TransformStream<Uint8Array, Uint8Array>({}, strategy));
  return [{ readable: down.readable, writable: up.writable }, { readable: up.readable, writable: down.writable }];
}

const echo: ServeHandler = {
  limits: { maxMessage: 32 << 20 },
  message: async (socket, message) => {
    if (!socket.send(message as string)) await socket.writable();
  },
};

async function open(handler: ServeHandler = echo, strategy?: QueuingStrategy<Uint8Array>): Promise<{ client: Socket<undefined>; server: Socket }> {
  const [ours, theirs] = joined(strategy);
  const accepted = acceptStream(theirs, handler);
  const client = await connectStream(ours, "ws://localhost/chat", { limits: { maxMessage: 32 << 20 } });
  return { client, server: await accepted as Socket };
}

describe.each([
  ["the default strategy", undefined],
  ["room counted in bytes", new ByteLengthQueuingStrategy({ highWaterMark: 16_384 })],
  ["no room ever", { highWaterMark: 0 }],
])("over two transform streams with %s", (_, strategy) => {
  test("messages of all sizes come back, and both sides agree on how it ended", async () => {
    const { client, server } = await open(echo, strategy as QueuingStrategy<Uint8Array>);
    expect(client.url).toBe("ws://localhost/chat");
    const sizes = [0, 125, 126, 65_535, 65_536, 3_000_000];
    for (const size of sizes) client.send(new Uint8Array(size).fill(size));
    client.send("ø");
    const messages = await take(client, sizes.length + 1);
    expect(messages.map((message) => message.length)).toEqual([...sizes, 1]);
    expect(messages[5]).toEqual(new Uint8Array(3_000_000).fill(3_000_000));
    expect(await client.close(4000, "enough")).toMatchObject({ code: 4000, reason: "enough", clean: true, fault: undefined });
    expect(await server.closed).toMatchObject({ code: 4000, reason: "enough", clean: true, fault: undefined });
  });

  test("a sender waits for a reader that does not read", async () => {
    const { client, server } = await open({}, strategy as QueuingStrategy<Uint8Array>);
    let sent = 0;
    let stuck = false;
    while (!stuck && sent < 10_000) {
      sent++;
      if (!client.send(new Uint8Array(10_000))) stuck = await Promise.race([client.writable().then(() => false), pause(20).then(() => true)]);
    }
    expect(stuck).toBe(true);
    expect(sent).toBeLessThan(100);
    let got = 0;
    for await (const message of server) if ((got += message.length) === sent * 10_000) break;
    expect(await client.writable()).toBe(true);
    expect((await client.close()).clean).toBe(true);
  });
});

test("terminate on one side ends the other with 1006, once", async () => {
  let closes = 0;
  const { client, server } = await open({ close: () => void closes++ });
  client.terminate();
  expect(await client.closed).toMatchObject({ code: 1006, clean: false });
  expect(await server.closed).toMatchObject({ code: 1006, clean: false });
  await pause(5);
  expect(closes).toBe(1);
});

test("a stream that fails ends the socket with 1006, whichever of the two it is, read or not", async () => {
  for (const which of ["readable", "writable"] as const) {
    const ways = joined();
    let failing!: { error(reason: Error): void };
    const broken: ByteStreams = which === "readable"
      ? { ...ways[0], readable: ways[0].readable.pipeThrough(new TransformStream({ start: (controller) => void (failing = controller) })) }
      : { ...ways[0], writable: new WritableStream({
        start: (controller) => void (failing = controller),
        write: async (piece) => {
          const writer = ways[0].writable.getWriter();
          await writer.write(piece);
          writer.releaseLock();
        },
      }) };
    void acceptStream(ways[1], {});
    const client = await connectStream(broken, "ws://localhost/");
    failing.error(new Error("unplugged"));
    expect(await client.closed).toMatchObject({ code: 1006, clean: false });
  }
});

test("streams are released once, when all is over", async () => {
  let released = 0;
  const [ours, theirs] = joined();
  const accepted = acceptStream(theirs, {}, { release: () => void released++ });
  const client = await connectStream(ours, "ws://localhost/");
  expect(released).toBe(0);
  await client.close();
  await (await accepted)?.closed;
  await expect.poll(() => released).toBe(1);
});

test("the end of our side leaves the other's side open", async () => {
  const [ours, theirs] = joined();
  const heard: string[] = [];
  const pipe = new StreamPipe(theirs);
  const driver = pipe.run({
    outputEnded: false, paused: false, deadline: 1e9,
    receive: (input) => void heard.push(`${input.length} bytes`), receiveEnd: () => void heard.push("end"),
    takeOutput: () => [], handleTimeout: () => {},
  });
  driver.flush();
  pipe.end();
  expect((await ours.readable.getReader().read()).done).toBe(true);
  const writer = ours.writable.getWriter();
  await writer.write(new Uint8Array(3));
  await writer.close();
  await expect.poll(() => heard).toEqual(["3 bytes", "end", "end"]); // of the stream, and of all
  await pipe.closed;
});

test("a request that is refused gives no socket, and the client an error with the status", async () => {
  const [ours, theirs] = joined();
  const accepted = acceptStream(theirs, { upgrade: () => ({ status: 401, body: "who are you?" }) });
  await expect(connectStream(ours, "ws://localhost/")).rejects.toMatchObject({ name: "HandshakeError", status: 401, body: "who are you?" });
  expect(await accepted).toBeUndefined();
});

test("streams that end before the request give no socket", async () => {
  const [ours, theirs] = joined();
  const accepted = acceptStream(theirs, {});
  await ours.writable.close();
  expect(await accepted).toBeUndefined();
});

test("a URL of wss: is taken at its word, and an attempt can be aborted", async () => {
  const [ours, theirs] = joined();
  const accepted = acceptStream(theirs, {}, { secure: true, remoteAddress: "192.0.2.1", remotePort: 7 });
  const client = await connectStream(ours, "wss://example.com/");
  expect((await accepted)?.url).toBe("wss://example.com/");
  expect((await accepted)?.remoteAddress).toBe("192.0.2.1");
  await client.close();
  const controller = new AbortController();
  const attempt = connectStream(joined()[0], "ws://localhost/", { signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  await expect(attempt).rejects.toThrow("changed my mind");
});

test("options that choose where to connect are refused", async () => {
  await expect(connectStream(joined()[0], "ws://localhost/", { proxy: "http://localhost/" } as object)).rejects.toThrow(
    `Cannot use option "proxy": the streams are connected already`,
  );
});

describe("over node sockets made into streams", () => {
  test("a client of streams against serve", async () => {
    const server = await serve({ port: 0, hostname: "127.0.0.1", ...echo });
    const socket = net.connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
    const client = await connectStream(Duplex.toWeb(socket) as unknown as ByteStreams, server.url, { limits: { maxMessage: 32 << 20 } });
    for (let count = 0; count < 1000; count++) client.send(`message ${count}`);
    client.send(new Uint8Array(5_000_000));
    const messages = await take(client, 1001);
    expect(messages[999]).toBe("message 999");
    expect(messages[1000].length).toBe(5_000_000);
    const theirs = [...server.sockets][0];
    expect(await client.close(4001)).toMatchObject({ code: 4001, clean: true });
    expect(await theirs.closed).toMatchObject({ code: 4001, clean: true });
    await expect.poll(() => socket.destroyed).toBe(true);
    await server.close();
  });

  test("a server of streams against connect", async () => {
    const sockets: Promise<Socket | undefined>[] = [];
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(acceptStream(Duplex.toWeb(socket) as unknown as ByteStreams, echo));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = await connect(url);
    client.send("hello");
    expect(await take(client, 1)).toEqual(["hello"]);
    expect(await client.close()).toMatchObject({ code: 1000, clean: true });
    expect(await (await sockets[0])?.closed).toMatchObject({ code: 1000, clean: true });
    const dropped = await connect(url);
    const theirs = await sockets[1];
    dropped.terminate();
    expect(await theirs?.closed).toMatchObject({ code: 1006, clean: false });
    await new Promise((resolve) => server.close(resolve));
  });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
