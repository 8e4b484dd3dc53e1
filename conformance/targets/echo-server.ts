/**
 * Servers for a suite or a load generator to be pointed at, on any runtime.
 * @module
 */
import type { ServeHandler } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Limits } from "../../core/websocket/limits.ts";

/** Each message goes back to its sender, or to everybody. */
export type Mode = "echo" | "broadcast";

/** A handler for `serve`. Text stays text; where a reader is slow, its sender is not read from. */
export function modeHandler({ mode, maxMessage }: { readonly mode: Mode; readonly maxMessage: number }): ServeHandler {
  const shared: ServeHandler = { origins: "any", limits: liftedLimits(maxMessage) };
  if (mode === "echo") return { ...shared, message: (socket, message) => socket.send(message) ? undefined : socket.writable() };
  const sockets = new Set<Socket>();
  return {
    ...shared,
    open: (socket) => void sockets.add(socket),
    close: (socket) => void sockets.delete(socket),
    message(_, message) {
      const full = [...sockets].filter((socket) => !socket.send(message));
      return full.length === 0 ? undefined : Promise.all(full.map((socket) => socket.writable()));
    },
  };
}

/** Limits that no suite runs into: only a message has one. */
export function liftedLimits(maxMessage: number): Partial<Limits> {
  const none = Number.POSITIVE_INFINITY;
  return { maxMessage, maxFragments: none, maxQueued: none, maxHeld: none, maxPendingPongs: none };
}

/** The largest message when nothing else is said, in bytes. */
export const MAX_MESSAGE: number = 64 * 1024 * 1024;
