/**
 * The server of `websocket-driver` on plain TCP, which reads the request itself. Not as by default: messages may have 64 MiB (one byte less is its default), and
 * requests for no WebSocket, which it leaves to the application, are answered. Its permessage-deflate is a package of its own that it does not bring along.
 * @module
 */
import net from "node:net";
import websocket from "websocket-driver";
import { drive, OPTIONS } from "./driver.ts";
import { listenAt, NO_WEBSOCKET, ready } from "./program.ts";

const server = net.createServer((connection) => {
  const driver = websocket.server(OPTIONS);
  driver.on("connect", () => websocket.isWebSocket(driver) ? driver.start() : connection.end(NO_WEBSOCKET));
  drive(driver, connection);
});
server.listen(listenAt(), () => ready(server.address()));
