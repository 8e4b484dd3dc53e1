/** `ws`. It uses bufferutil when that is installed; WS_NO_BUFFER_UTIL=1 in the environment keeps it from that. */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { MAX_MESSAGE, ready, task } from "./control.ts";

const { mode, deflate } = task;
const without = deflate === "no-takeover";
const server: WebSocketServer = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  maxPayload: MAX_MESSAGE,
  perMessageDeflate: deflate === "off" ? false : { threshold: 0, serverNoContextTakeover: without, clientNoContextTakeover: without },
}, () => ready((server.address() as AddressInfo).port));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, binary) => {
    if (mode === "echo") socket.send(data, { binary });
    else for (const each of server.clients) each.send(data, { binary });
  });
});
