/**
 * The server of `faye-websocket`, on `node:http`. Not as by default: messages may have 64 MiB (one byte less is its default), and requests for no WebSocket,
 * which it leaves to the application, are answered. Its permessage-deflate is a package of its own that it does not bring along.
 * @module
 */
import FayeWebSocket from "faye-websocket";
import { converse } from "./client.ts";
import { fayeMeans, MAX_LENGTH } from "./faye.ts";
import { createWebServer, listenAt, NO_WEBSOCKET, ready } from "./program.ts";

const server = createWebServer();
server.on("upgrade", (request, socket, body) => {
  if (!FayeWebSocket.isWebSocket(request)) return socket.end(NO_WEBSOCKET);
  const peer = new FayeWebSocket(request, socket, body, [], { maxLength: MAX_LENGTH });
  return converse(peer, undefined, fayeMeans(peer));
});
server.listen(listenAt(), () => ready(server.address()));
