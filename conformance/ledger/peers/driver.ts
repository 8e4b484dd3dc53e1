/**
 * What the server and the client of `websocket-driver` have in common.
 * @module
 */
import type { Duplex } from "node:stream";
import type { Driver } from "websocket-driver";
import { type Means, type Message, respond } from "./commands.ts";
import { toBytes } from "./program.ts";

/** 64 MiB. */
export const OPTIONS: { readonly maxLength: number } = { maxLength: 64 * 1024 * 1024 };

/** Puts it on a transport, as its README does, and answers what comes. It cannot end TCP itself: that is left to who uses it, at its `close` event. */
export function drive(driver: Driver, transport: Duplex, hear: (message: Message, means: Means) => unknown = respond): void {
  const means: Means = {
    send: (message) => typeof message === "string" ? driver.text(message) : driver.binary(Buffer.from(message.buffer, message.byteOffset, message.length)),
    close: (code, reason) => driver.close(reason, code),
    ping: (payload) => driver.ping(payload),
    drop: () => transport.destroy(),
  };
  transport.on("error", () => {});
  driver.on("error", () => {});
  driver.on("close", () => transport.end());
  driver.on("message", ({ data }) => hear(typeof data === "string" ? data : toBytes(data), means));
  transport.pipe(driver.io).pipe(transport);
}
