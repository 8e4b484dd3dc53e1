/**
 * Who writes faster than the other side reads is slowed down, and loses nothing.
 * @module
 */
import type { ServeOptions } from "../../adapters/serve.ts";
import type { SocketLike } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import { type Case, group, type Runtime } from "./case.ts";
import { check, closeBoth, closing, equal, Failure, ignore, KIB, LARGE, MIB, pattern, pause, sameBytes, serving, soon, until } from "./tools.ts";

export const BACKPRESSURE_CASES: readonly Case[] = group("backpressure", [], {
  "a server's client that does not read": { needs: ["serves"], run: (runtime) => flood(runtime, "server", false) },
  "a client's server that does not read": { needs: ["serves"], run: (runtime) => flood(runtime, "client", false) },
  "the same over TLS, server to client": { needs: ["serves"], run: (runtime) => flood(runtime, "server", true) },
  "the same over TLS, client to server": { needs: ["serves"], run: (runtime) => flood(runtime, "client", true) },
  "a plain server that stops reading, and reads on later": {
    leavesWithout: "gives up a connection",
    async run(runtime) {
      await runtime.peers.listening("stops reading", async (server) => {
        const socket = await runtime.connect(`ws://127.0.0.1:${server.port}/`, { limits: LARGE });
        const total = 32 * MIB;
        let sent = 0;
        const flooding = (async (): Promise<void> => {
          for (; sent < total; sent += 256 * KIB) {
            if (!socket.send(pattern(256 * KIB)) && !(await socket.writable())) throw new Failure("the connection ended while it was written to");
          }
        })();
        flooding.catch(ignore);
        await stall(() => sent);
        check(sent < total, "it was never told to wait");
        await server.tell("resume");
        await soon(flooding, "all is sent", 20_000);
        await until(async () => (await server.look()).heard >= total, "all is received", 20_000);
        equal(socket.state, "open", "state");
        socket.terminate();
        await server.tell("drop");
        await soon(socket.closed, "the close");
      });
    },
  },
  "8 MiB leave before the close frame, and the close frame before the end": {
    needs: ["serves"],
    async run(runtime) {
      const { options, closed } = closing();
      const open: ServeOptions["open"] = async (socket) => {
        await pause(20);
        socket.send(pattern(8 * MIB));
        void socket.close(1000, "done");
      };
      await serving(runtime, { ...options, open }, async (server) => {
        const client = await runtime.peers.dial(server.port, true);
        await client.tell("pause");
        await pause(70);
        await client.tell("resume");
        await until(async () => (await client.look()).heard === 10 + 8 * MIB + 8, "all bytes", 10_000);
        check(sameBytes((await client.heard()).subarray(10, 10 + 8 * MIB), pattern(8 * MIB)), "the message came through unchanged");
        await client.write(Uint8Array.from([0x88, 0x82, 0, 0, 0, 0, 3, 232]));
        await client.ended("the server's end of stream");
        await client.end();
        check((await closed()).clean, "it closed cleanly");
        await client.tell("destroy");
      });
    },
  },
});

/** Waits until a number grows no more. */
async function stall(count: () => number): Promise<void> {
  let before = -1;
  while (before !== count()) {
    before = count();
    await pause(150);
  }
}

type Sender = Pick<SocketLike, "send" | "writable" | "bufferedAmount">;

/** One side floods another that does not read: it must be slowed down, and lose nothing. */
async function flood(runtime: Runtime, from: "client" | "server", tls: boolean): Promise<void> {
  const total = 40 * MIB;
  const size = 64 * KIB;
  let released = false;
  let received = 0;
  let order = true;
  const handler = {
    message(_: unknown, message: Message): Promise<void> | undefined {
      const sequence = new DataView((message as Uint8Array).buffer, (message as Uint8Array).byteOffset).getUint32(0);
      order &&= sequence === received / size;
      received += message.length;
      return received === size ? until(() => released, "reading goes on", 30_000) : undefined;
    },
  };
  let sent = 0;
  let done: unknown;
  let sender: Sender | undefined;
  const send = async (socket: Sender): Promise<void> => {
    sender = socket;
    while (sent < total) {
      const bytes = new Uint8Array(size);
      new DataView(bytes.buffer).setUint32(0, sent / size);
      sent += size;
      if (!socket.send(bytes) && !(await socket.writable())) throw new Failure("the connection ended while it was written to");
    }
  };
  const start = (socket: Sender): void => void send(socket).then(() => done = "sent", (error: unknown) => done = error);
  const { certificates } = runtime;
  // the server's side is worked from inside its own handler: a worker's sockets belong to who was handed them
  const server: ServeOptions = { ...(tls ? { tls: certificates } : {}), ...(from === "client" ? handler : { open: (socket) => start(socket) }) };
  await serving(runtime, server, async (_, url) => {
    const client = await runtime.connect(url, { tls: { ca: certificates.ca }, limits: LARGE, ...(from === "server" ? handler : {}) });
    if (from === "client") start(client);
    await until(() => sender !== undefined && received > 0, "the first message");
    await stall(() => sent);
    check(sent < total, "it was never told to wait");
    check((sender as Sender).bufferedAmount <= MIB, `${(sender as Sender).bufferedAmount} bytes wait in memory`);
    equal(received, size, "bytes delivered to a handler that was not done");
    released = true;
    await until(() => done !== undefined, "all is sent", 20_000);
    if (done !== "sent") throw done;
    await until(() => received === total, "all is received", 20_000);
    check(order, "the messages came out of order");
    await closeBoth(client);
  });
}
