/** isosocket through its public `serve` and `connect`, as anybody would write it; the same on each runtime. */
import type { ConnectOptions } from "../../adapters/connect.ts";
import type { ServeOptions } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import { PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { connectAll, MAX_MESSAGE, ready, task, url } from "./control.ts";

/** What is used of it. */
export interface Ours {
  serve(options: ServeOptions): Promise<{ readonly port: number }>;
  connect(url: string, options: ConnectOptions): Promise<unknown>;
}

/** Does the task of this process. */
export async function run({ serve, connect }: Ours): Promise<void> {
  const lend = process.env["LEND"] !== "0";
  const limits = { maxMessage: MAX_MESSAGE, maxFragments: Number.POSITIVE_INFINITY, maxQueued: MAX_MESSAGE };
  if (task.port !== 0) return connectAll(() => connect(url, { lend, limits, message: echo }));
  const without = task.deflate === "no-takeover";
  const sockets = new Set<Socket<unknown>>();
  const { port } = await serve({
    hostname: "127.0.0.1",
    port: 0,
    lend,
    limits,
    extensions: task.deflate === "off" ? [] : [new PermessageDeflate({ serverNoContextTakeover: without, clientNoContextTakeover: without })],
    ...(task.mode === "echo"
      ? { message: echo }
      : {
        open: (socket) => void sockets.add(socket),
        close: (socket) => void sockets.delete(socket),
        message(_, message) {
          const full = [...sockets].filter((socket) => !socket.send(message));
          return full.length === 0 ? undefined : Promise.all(full.map((socket) => socket.writable()));
        },
      }),
  });
  ready(port);
}

/** Where a reader is slow, its sender is not read from. */
function echo(socket: Pick<Socket<unknown>, "send" | "writable">, message: Message): Promise<unknown> | undefined {
  return socket.send(message) ? undefined : socket.writable();
}
