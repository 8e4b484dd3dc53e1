/**
 * permessage-deflate (RFC 7692), for the `extensions` option of `connect`, `serve` and `attach`.
 * @module
 */
import { pakoCodec } from "./adapters/deflate.ts";
import { type DeflateCodec, type DeflateOptions, PermessageDeflate } from "./core/websocket/permessage-deflate.ts";

export type { Agreement, Extension, ExtensionSession } from "./core/websocket/extension.ts";
export type { DeflateCodec, DeflateOptions, DeflateSettings } from "./core/websocket/permessage-deflate.ts";
export { History } from "./core/websocket/history.ts";
export { PermessageDeflate };

/**
 * Compresses messages. One instance may serve any number of connections, and is what `maxMemory` counts for.
 * @param codec what compresses, when it is not to be the runtime's best
 * @throws {RangeError} for an option out of its range
 */
export function permessageDeflate(options: DeflateOptions = {}, codec: DeflateCodec = pakoCodec): PermessageDeflate {
  return new PermessageDeflate(codec, options);
}
