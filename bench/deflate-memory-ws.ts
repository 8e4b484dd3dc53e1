import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { collectGarbage } from "./deflate-memory-server.ts";

const choice = process.argv[2];
const without = choice === "no takeover";
const perMessageDeflate = choice === "off" ? false : { threshold: 0, serverNoContextTakeover: without, clientNoContextTakeover: without };
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate }, () => {
  collectGarbage();
  console.log((server.address() as AddressInfo).port);
});
server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
