/**
 * permessage-deflate as the targets speak it.
 * @module
 */
import type { Extension } from "../../core/websocket/extension.ts";
import { PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";

/** With context takeover both ways, with none, or not at all. */
export const DEFLATE_MODES = ["takeover", "no-takeover", "off"] as const;
export type DeflateMode = typeof DEFLATE_MODES[number];

/** What to offer or to agree to. */
export function deflateExtensions(mode: DeflateMode): readonly Extension[] {
  if (mode === "off") return [];
  const without = mode === "no-takeover";
  return [new PermessageDeflate({ serverNoContextTakeover: without, clientNoContextTakeover: without })];
}
