/**
 * permessage-deflate (RFC 7692), for the `extensions` option of `connect`, `serve` and `attach`.
 * @module
 */
import { type DeflateCodec, type DeflateOptions, PermessageDeflate } from "./core/websocket/permessage-deflate.ts";

export type { Agreement, Extension, ExtensionSession } from "./core/websocket/extension.ts";
export type { DeflateCodec, DeflateOptions, DeflateSettings } from "./core/websocket/permessage-deflate.ts";
export { History } from "./core/websocket/history.ts";
export { PermessageDeflate };

/**
 * Compresses messages. One instance may serve any number of connections, and is what `maxMemory` counts for.
 * @param codec what compresses and restores, when it is not to be our own
 * @throws {RangeError} for an option out of its range
 */
export function permessageDeflate(options: DeflateOptions = {}, codec?: DeflateCodec): PermessageDeflate {
  return new PermessageDeflate(options, codec);
}
