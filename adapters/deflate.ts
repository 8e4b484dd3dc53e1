/**
 * DEFLATE for permessage-deflate on every runtime: pako compresses, as it is plain JavaScript and synchronous, and our own code restores.
 * @module
 */
import {
  Z_DEFAULT_STRATEGY, Z_SYNC_FLUSH, zlibDeflate, zlibDeflateInit2, zlibDeflateReset, zlibDeflateSetDictionary, ZStream,
} from "pako";
import type { History } from "../core/websocket/history.ts";
import { inflate } from "../core/websocket/inflate.ts";
import type { DeflateCodec, DeflateSettings } from "../core/websocket/permessage-deflate.ts";

/** pako to compress, our own to restore. */
export const pakoCodec: DeflateCodec = { deflate, inflate: (data, history, room) => inflate(data, history.bytes, room) };

/** A compressor, and up to where it knows the history it last compressed for. */
interface Compressor {
  readonly stream: ZStream;
  /** Its settings in a word. */
  readonly kind: string;
  /** `History.total` behind the last thing it compressed. */
  total: number;
}

function deflate(data: Uint8Array, history: History, settings: DeflateSettings): Uint8Array {
  const compressor = compressorFor(history, settings);
  compressor.total = history.total + data.length;
  const { stream } = compressor;
  const pieces: Uint8Array[] = [];
  feed(stream, data);
  do {
    makeRoom(stream);
    zlibDeflate(stream, Z_SYNC_FLUSH);
    if (stream.next_out > 0) pieces.push(scratch.slice(0, stream.next_out));
  } while (stream.avail_out === 0);
  return join(pieces);
}

/**
 * The compressors of the histories that were used last, the latest at the end. A history that is not among them gets the oldest's, with itself as
 * the dictionary: that costs about twice the time, and an idle connection holds no compressor. Histories that keep nothing share one of each kind.
 */
const compressors = new Map<History | string, Compressor>();

function compressorFor(history: History, settings: DeflateSettings): Compressor {
  const { windowBits, level, memLevel } = settings;
  const kind = `${windowBits} ${level} ${memLevel}`;
  const key = history.size === 0 ? kind : history;
  const known = compressors.get(key);
  const compressor = known?.kind === kind ? known : oldest(kind) ?? { stream: makeCompressor(settings), kind, total: 0 };
  compressors.delete(key);
  compressors.set(key, compressor);
  if (compressor !== known || key === kind || compressor.total !== history.total) {
    zlibDeflateReset(compressor.stream);
    if (history.bytes.length > 0) zlibDeflateSetDictionary(compressor.stream, history.bytes);
  }
  return compressor;
}

/** Once there are enough compressors, the one not used for longest goes, or serves again if it is of the kind. */
function oldest(kind: string): Compressor | undefined {
  if (compressors.size < MAX_COMPRESSORS) return undefined;
  const [[history, compressor]] = compressors;
  compressors.delete(history);
  return compressor.kind === kind ? compressor : undefined;
}

function makeCompressor({ windowBits, level, memLevel }: DeflateSettings): ZStream {
  const stream = new ZStream();
  zlibDeflateInit2(stream, level, DEFLATED, -windowBits, memLevel, Z_DEFAULT_STRATEGY);
  return stream;
}

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
