/**
 * The client of `ws`. Not as by default: nothing.
 * @module
 */
import { WebSocket } from "ws";
import { openWith, runCases, type WebLike } from "./client.ts";
import { tester } from "./program.ts";

await runCases(...tester(), openWith((url) => new WebSocket(url) as WebSocket & WebLike, (socket) => ({
  ping: (payload) => socket.ping(payload),
  drop: () => socket.terminate(),
})));
