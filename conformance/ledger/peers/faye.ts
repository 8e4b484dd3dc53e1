/**
 * What the server and the client of `faye-websocket` have in common.
 * @module
 */
import type FayeWebSocket from "faye-websocket";
import type { Means } from "./commands.ts";

/** 64 MiB. */
export const MAX_LENGTH: number = 64 * 1024 * 1024;

/** It takes bytes as a Buffer, and has pings. */
export function fayeMeans(socket: FayeWebSocket): Partial<Means> {
  return {
    send: (message) => socket.send(typeof message === "string" ? message : Buffer.from(message.buffer, message.byteOffset, message.length)),
    ping: (payload) => socket.ping(payload),
  };
}
