/**
 * A DEFLATE codec for tests, made of zlib's one-shot functions: apart from our own. It does not see whether a message ends
 * inside a block.
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { DeflateSettings } from "../websocket/deflate.ts";
import type { DeflateCodec } from "../websocket/permessage-deflate.ts";
import { concat } from "./frames.ts";

/** What a sender leaves away behind each message (RFC 7692, section 7.2.1). */
export const TAIL: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff);
/** A compressor's settings for tests that do not care. */
export const SETTINGS: DeflateSettings = { windowBits: 15, level: 6, memLevel: 8 };

/** zlib as a codec. */
export const zlibOneShot: DeflateCodec = {
  deflate: (data, { bytes }, settings) => deflated(data, bytes, settings),
  inflate(data, { bytes }, room) {
    try {
      return inflated(data, bytes, room);
    } catch (error) {
      return (error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE" ? "large" : "invalid";
    }
  },
};

/** `data` compressed up to and with the tail, behind `history`. */
export function deflated(data: Uint8Array, history: Uint8Array = EMPTY, settings: DeflateSettings = SETTINGS): Uint8Array {
  return Uint8Array.from(deflateRawSync(data, { ...settings, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary(history) }));
}

/**
 * What `data`, whose tail is missing, holds behind `history`.
 * @throws {Error} of zlib's
 */
export function inflated(data: Uint8Array, history: Uint8Array = EMPTY, room: number = 1 << 28): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(1, room), ...dictionary(history) };
  return Uint8Array.from(inflateRawSync(concat([data, TAIL]), options));
}

function dictionary(history: Uint8Array): { dictionary?: Uint8Array } {
  return history.length > 0 ? { dictionary: history } : {};
}

const EMPTY = new Uint8Array(0);
