import { collectGarbage } from "./deflate-memory-server.ts";

declare const Bun: {
  serve(options: {
    readonly port: number;
    readonly hostname: string;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
    readonly websocket: { readonly perMessageDeflate: boolean; message(socket: { send(message: string | Uint8Array, compress: boolean): number }, message: string | Uint8Array): void };
  }): { readonly port: number };
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, self) => self.upgrade(request) ? undefined : new Response("", { status: 426 }),
  websocket: { perMessageDeflate: process.argv[2] !== "off", message: (socket, message) => void socket.send(message, true) },
});
collectGarbage();
console.log(server.port);
