/// <reference types="bun" />
import { collectGarbage } from "./deflate-memory-server.ts";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, self) => self.upgrade(request) ? undefined : new Response("", { status: 426 }),
  websocket: { perMessageDeflate: process.argv[2] !== "off", message: (socket, message) => void socket.send(message, true) },
});
collectGarbage();
console.log(server.port);
