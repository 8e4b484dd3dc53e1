/**
 * More connections than a server takes, and more memory than they may hold together.
 * @module
 */
import { type Case, group } from "./case.ts";
import { check, closeBoth, echo, equal, failing, KIB, MIB, next, pattern, pause, serving, until } from "./tools.ts";

export const CROWD_CASES: readonly Case[] = group("crowd", ["serves", "listens"], {
  async "one more is answered 503, and gets in when another has left, however it left"(runtime) {
    await serving(runtime, { ...echo, limits: { maxConnections: 3 } }, async (server, url) => {
      const [leaves, stays] = [await runtime.connect(url), await runtime.connect(url)];
      const silent = await runtime.peers.dial(server.port, false);
      const error = await until503(() => runtime.connect(url));
      equal(error.headers?.get("Retry-After"), "5", "Retry-After");
      await closeBoth(leaves);
      await getsIn(() => runtime.connect(url));
      await silent.tell("reset");
      stays.terminate();
      for (let count = 0; count < 3; count++) await getsIn(() => runtime.connect(url));
    });
  },
  async "who says nothing during the TLS handshake counts too"(runtime) {
    const { certificates } = runtime;
    const options = { limits: { maxConnections: 2 }, overflow: { connections: "drop" }, tls: certificates } as const;
    await serving(runtime, { ...echo, ...options }, async (server, url) => {
      const connect = (): ReturnType<typeof runtime.connect> => runtime.connect(url, { tls: { ca: certificates.ca } });
      const silent = [await runtime.peers.dial(server.port, false), await runtime.peers.dial(server.port, false)];
      await pause(50);
      await failing(connect());
      for (const each of silent) await each.tell("reset");
      await getsIn(connect);
    });
  },
  async "who holds the most is slowed down, then closed; who is small is served as ever"(runtime) {
    const limits = { maxMemory: 2 * MIB, maxMessage: 64 * MIB };
    await serving(runtime, { ...echo, limits }, async (server, url) => {
      const small = await runtime.connect(url);
      const large = await Promise.all(Array.from({ length: 4 }, () => runtime.connect(url, { limits: { maxQueued: 64 * MIB } })));
      for (const socket of large) for (let count = 0; count < 512; count++) socket.sendFragment(pattern(16 * KIB), false);
      let most = 0;
      let ended = 0;
      for (const socket of large) void socket.closed.then(() => ended++);
      await until(() => {
        most = Math.max(most, [...server.sockets].reduce((sum, { bytesHeld }) => sum + bytesHeld, 0));
        return most > 2 * MIB && server.sockets.size < 5;
      }, "one of them is let go", 15_000);
      check(most < 12 * MIB, `${most} bytes were held, of 32 MiB that were sent`);
      small.send("still there?");
      equal(await next(small), "still there?", "the answer");
      equal(small.state, "open", "the small one");
      for (const socket of large) socket.terminate();
      await until(() => ended === large.length, "all large ones are gone");
    });
  },
});

/** A slot is taken, or given back, a little after the other side knows. */
async function until503(connect: () => Promise<{ terminate(): void }>): Promise<Awaited<ReturnType<typeof failing>>> {
  let error: Awaited<ReturnType<typeof failing>> | undefined;
  await until(async () => {
    error = await failing(connect() as Parameters<typeof failing>[0]).catch(() => undefined);
    return error?.status === 503;
  }, "one more is answered 503");
  return error as Awaited<ReturnType<typeof failing>>;
}

async function getsIn(connect: () => Promise<Parameters<typeof closeBoth>[0]>): Promise<void> {
  await until(async () => {
    const socket = await connect().catch(() => undefined);
    if (socket !== undefined) await closeBoth(socket);
    return socket !== undefined;
  }, "one more gets in");
}
