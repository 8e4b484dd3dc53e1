/**
 * The server of `ws`. Not as by default: permessage-deflate is on, and a message may have 131,072 fragments.
 * @module
 */
import { type ServerOptions, WebSocketServer } from "ws";
import { respond } from "./commands.ts";
import { listenAt, ready, toBytes } from "./program.ts";

const options: ServerOptions & { readonly maxFragments: number } = { ...listenAt(), perMessageDeflate: true, maxFragments: 131_072 }; // its types do not know that one
const server = new WebSocketServer(options);
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
