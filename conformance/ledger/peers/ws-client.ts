/**
 * The client of `ws`. Not as by default: a message may have 131,072 fragments.
 * @module
 */
import { type ClientOptions, WebSocket } from "ws";
import { openWith, runCases, type WebLike } from "./client.ts";
import { tester } from "./program.ts";

const options: ClientOptions & { readonly maxFragments: number } = { maxFragments: 131_072 }; // its types do not know that one
await runCases(...tester(), openWith((url) => new WebSocket(url, options) as WebSocket & WebLike, (socket) => ({
  ping: (payload) => socket.ping(payload),
  drop: () => socket.terminate(),
})));
