/**
 * The server of `ws`. Not as by default: permessage-deflate is on.
 * @module
 */
import { WebSocketServer } from "ws";
import { respond } from "./commands.ts";
import { listenAt, ready, toBytes } from "./program.ts";

const server = new WebSocketServer({ ...listenAt(), perMessageDeflate: true });
server.on("listening", () => ready(server.address()));
server.on("connection", (socket) => {
  socket.on("error", () => {}); // what a peer does wrong
  socket.on("message", (data, isBinary) => respond(isBinary ? toBytes(data as Buffer) : String(data), {
    send: (message) => socket.send(message),
    close: (code, reason) => code === undefined ? socket.close() : socket.close(code, reason),
    ping: (payload) => socket.ping(payload),
    drop: () => socket.terminate(),
  }));
});
