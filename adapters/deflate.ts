/**
 * DEFLATE for permessage-deflate on every runtime: pako compresses, as it is plain JavaScript and synchronous, and our own code restores.
 * @module
 */
import {
  Z_DEFAULT_STRATEGY, Z_SYNC_FLUSH, zlibDeflate, zlibDeflateInit2, zlibDeflateReset, zlibDeflateSetDictionary, ZStream,
} from "pako";
import { inflate } from "../core/websocket/inflate.ts";
import type { DeflateCodec } from "../core/websocket/permessage-deflate.ts";
import { Compressors, type Streams } from "./compressors.ts";

const streams: Streams<ZStream> = {
  make({ windowBits, level, memLevel }, bytes, old) {
    const stream = old ?? new ZStream();
    if (old === undefined) zlibDeflateInit2(stream, level, DEFLATED, -windowBits, memLevel, Z_DEFAULT_STRATEGY);
    else zlibDeflateReset(stream);
    if (bytes.length > 0) zlibDeflateSetDictionary(stream, bytes);
    return stream;
  },
  reset: zlibDeflateReset,
  compress(stream, data) {
    const pieces: Uint8Array[] = [];
    feed(stream, data);
    do {
      makeRoom(stream);
      zlibDeflate(stream, Z_SYNC_FLUSH);
      if (stream.next_out > 0) pieces.push(scratch.slice(0, stream.next_out));
    } while (stream.avail_out === 0);
    return join(pieces);
  },
  close() {}, // it is all in the hands of the garbage collector
};

function feed(stream: ZStream, data: Uint8Array): void {
  stream.input = data;
  stream.next_in = 0;
  stream.avail_in = data.length;
}

function makeRoom(stream: ZStream): void {
  stream.output = scratch;
  stream.next_out = 0;
  stream.avail_out = scratch.length;
}

/** One array of them all. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** The only method there is (RFC 1950). */
const DEFLATED = 8;
/** At most 330 KiB each, 100 KiB with 12 window bits. */
const MAX_COMPRESSORS = 64;
/** Where streams write; it never outlives a call. */
const scratch = new Uint8Array(65_536);
const compressors = new Compressors(streams, MAX_COMPRESSORS);

/** pako to compress, our own to restore. */
export const pakoCodec: DeflateCodec = {
  deflate: (data, history, settings) => compressors.deflate(data, history, settings) as Uint8Array, // it does not fail
  inflate: (data, history, room) => inflate(data, history.bytes, room),
};
