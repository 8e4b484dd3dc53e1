/**
 * The WebSocket that a runtime has of its own: Node (it is undici's), Deno or Bun. Not as by default: nothing.
 * @module
 */
import { openWith, runCases, type WebLike } from "./client.ts";
import { tester } from "./program.ts";

await runCases(...tester(), openWith((url) => new WebSocket(url) as unknown as WebLike, (socket) => {
  const { ping, terminate } = socket as Partial<Record<"ping" | "terminate", (data?: string) => void>>; // Bun has these as well
  return {
    ...(ping === undefined ? {} : { ping: (payload) => ping.call(socket, payload) }),
    ...(terminate === undefined ? {} : { drop: () => terminate.call(socket) }),
  };
}));
