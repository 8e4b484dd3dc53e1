/**
 * `engine.io`, what Socket.IO stands on. It speaks a protocol of its own in WebSocket messages, beginning with one it sends unasked, so no case about messages
 * applies. Not as by default: permessage-deflate is on.
 * @module
 */
import { Server } from "engine.io";
import { createWebServer, listenAt, ready } from "./program.ts";

const server = createWebServer();
const engine = new Server({ perMessageDeflate: true });
engine.attach(server);
server.listen(listenAt(), () => ready(server.address()));
