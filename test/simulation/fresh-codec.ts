/**
 * DEFLATE whose output depends on nothing but the message and its history. `isosocket/deflate` uses compressors again, and what pako makes of a
 * message in a used one may differ by some bytes from what it makes of it in a new one: a simulation that is to replay to the byte cannot use that.
 * @module
 */
import { Z_SYNC_FLUSH, zlibDeflate, zlibDeflateInit2, zlibDeflateSetDictionary, ZStream } from "pako";
import { pakoCodec } from "../../adapters/deflate.ts";
import type { DeflateCodec } from "../../core/websocket/permessage-deflate.ts";

/** Compresses each message in a stream of its own, with the history as dictionary. */
export const freshCodec: DeflateCodec = {
  deflate(data, history, { windowBits, level, memLevel }) {
    const stream = new ZStream();
    zlibDeflateInit2(stream, level, DEFLATED, -windowBits, memLevel, 0);
    if (history.bytes.length > 0) zlibDeflateSetDictionary(stream, history.bytes);
    stream.input = data;
    stream.next_in = 0;
    stream.avail_in = data.length;
    stream.output = new Uint8Array(data.length + (data.length >> 3) + 64); // more than what cannot be compressed grows to
    stream.next_out = 0;
    stream.avail_out = stream.output.length;
    zlibDeflate(stream, Z_SYNC_FLUSH);
    if (stream.avail_in > 0 || stream.avail_out === 0) throw new Error("The output has not enough room");
    return stream.output.slice(0, stream.next_out);
  },
  inflate: pakoCodec.inflate,
};

/** The only method there is. */
const DEFLATED = 8;
