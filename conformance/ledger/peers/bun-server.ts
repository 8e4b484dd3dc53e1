/**
 * `Bun.serve`. Not as by default: permessage-deflate is on, also for what is sent; messages may have 64 MiB (16 MiB is its default), and there may wait as much that was not yet sent.
 * @module
 */
import { type Message, respond } from "./commands.ts";
import { listenAt, ready, toBytes } from "./program.ts";

interface BunSocket {
  send(message: Message, compress: boolean): number;
  close(code?: number, reason?: string): void;
  ping(payload: string): number;
  terminate(): void;
}

declare const Bun: { serve(options: object): { readonly port: number; upgrade(request: Request): boolean } };

const { port, host: hostname } = listenAt();
const server = Bun.serve({
  port,
  hostname,
  fetch: (request: Request) => server.upgrade(request) ? undefined : new Response(null, { status: 400 }),
  websocket: {
    perMessageDeflate: true,
    maxPayloadLength: 64 * 1024 * 1024,
    backpressureLimit: 64 * 1024 * 1024,
    message: (socket: BunSocket, data: string | Uint8Array) => void respond(typeof data === "string" ? data : toBytes(data), {
      send: (message) => socket.send(message, true),
      close: (code, reason) => code === undefined ? socket.close() : socket.close(code, reason),
      ping: (payload) => socket.ping(payload),
      drop: () => socket.terminate(),
    }),
  },
});
ready(server);
