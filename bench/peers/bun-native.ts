/** `Bun.serve`, with its own publishing for a broadcast. */
import { MAX_MESSAGE, ready, task } from "./control.ts";

interface BunSocket {
  send(message: string | Uint8Array, compress: boolean): number;
  subscribe(topic: string): void;
}

declare const Bun: {
  serve(options: object): { readonly port: number; upgrade(request: Request): boolean; publish(topic: string, message: string | Uint8Array): number };
};

const { mode, deflate } = task;
const compressor = deflate === "takeover" ? "dedicated" : "shared";
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request: Request) => server.upgrade(request) ? undefined : new Response(null, { status: 426 }),
  websocket: {
    maxPayloadLength: MAX_MESSAGE,
    backpressureLimit: MAX_MESSAGE,
    idleTimeout: 0,
    perMessageDeflate: deflate === "off" ? false : { compress: compressor, decompress: compressor },
    open(socket: BunSocket) {
      if (mode === "broadcast") socket.subscribe("all");
    },
    message(socket: BunSocket, message: string | Uint8Array) {
      if (mode === "echo") socket.send(message, deflate !== "off");
      else server.publish("all", message);
    },
  },
});
ready(server.port);
