/** Bytes back as they came, on `node:net`: what a WebSocket on Node is measured against. */
import { type AddressInfo, createServer } from "node:net";
import { ready } from "./control.ts";

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("data", (bytes) => socket.write(bytes));
  socket.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => ready((server.address() as AddressInfo).port));
