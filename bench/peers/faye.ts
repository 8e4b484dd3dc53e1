/** `faye-websocket`, on `node:http`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import FayeWebSocket from "faye-websocket";
import { MAX_MESSAGE, ready, task } from "./control.ts";

const sockets = new Set<FayeWebSocket>();
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  const peer = new FayeWebSocket(request, socket, head, [], { maxLength: MAX_MESSAGE });
  sockets.add(peer);
  peer.addEventListener("close", () => sockets.delete(peer));
  peer.addEventListener("message", ({ data }) => {
    if (task.mode === "echo") peer.send(data);
    else for (const each of sockets) each.send(data);
  });
});
server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
