/**
 * DEFLATE for permessage-deflate on every runtime, by pako: it is plain JavaScript, synchronous, and can be stopped at a limit.
 * @module
 */
import {
  Z_BUF_ERROR, Z_DEFAULT_STRATEGY, Z_OK, Z_STREAM_END, Z_SYNC_FLUSH, zlibDeflate, zlibDeflateInit2, zlibDeflateReset, zlibDeflateSetDictionary, zlibInflate,
  zlibInflateInit2, zlibInflateReset, zlibInflateResetKeep, zlibInflateSetDictionary, ZStream,
} from "pako";
import type { History } from "../core/websocket/history.ts";
import type { DeflateCodec, DeflateSettings } from "../core/websocket/permessage-deflate.ts";

/** pako as a codec. */
export const pakoCodec: DeflateCodec = { deflate, inflate };

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
  const output = new Pieces(Number.POSITIVE_INFINITY);
  feed(stream, data);
  do {
    makeRoom(stream);
    zlibDeflate(stream, Z_SYNC_FLUSH);
    output.take(stream);
  } while (stream.avail_out === 0);
  return output.join();
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

function inflate(data: Uint8Array, history: History, room: number): Uint8Array | "large" | "invalid" {
  const stream = decompressor;
  zlibInflateReset(stream);
  if (history.bytes.length > 0) zlibInflateSetDictionary(stream, history.bytes);
  const output = new Pieces(room);
  const end = inflatePart(stream, data, output);
  if (typeof end === "string") return end;
  if (end === Z_STREAM_END) return output.join(); // a block marked as the last one ended the message: what the tail would complete is there
  const { length } = output;
  const verdict = inflatePart(stream, TAIL, output);
  if (typeof verdict === "string") return verdict;
  const complete = verdict === Z_STREAM_END || stream.data_type === AT_BLOCK; // the tail may complete a block marked as the last one, too
  return complete && output.length === length ? output.join() : "invalid";
}

/** Restores what `data` holds, also behind blocks marked as the last one (RFC 7692, section 7.2.3.4). */
function inflatePart(stream: ZStream, data: Uint8Array, output: Pieces): number | "large" | "invalid" {
  let last = 0;
  feed(stream, data);
  for (;;) {
    makeRoom(stream);
    const status = zlibInflate(stream, Z_SYNC_FLUSH);
    if (!output.take(stream)) return "large";
    if (status === Z_STREAM_END && stream.avail_in > 0) {
      if (++last > MAX_LAST_BLOCKS) return "invalid";
      zlibInflateResetKeep(stream);
    } else if (status !== Z_OK && status !== Z_BUF_ERROR) {
      return status === Z_STREAM_END ? status : "invalid";
    } else if (stream.avail_out > 0) {
      return status;
    }
  }
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

/** What one message comes to, in pieces of at most the scratch's size. */
class Pieces {
  length = 0;
  readonly #room: number;
  #pieces: Uint8Array[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  /** Copies what a stream wrote into the scratch. False, and no copy, past the room. */
  take({ next_out: count }: ZStream): boolean {
    this.length += count;
    if (this.length > this.#room) return false;
    if (count > 0) this.#pieces.push(scratch.slice(0, count));
    return true;
  }

  join(): Uint8Array {
    const pieces = this.#pieces;
    if (pieces.length === 1) return pieces[0];
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const piece of pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}

/** The only method there is (RFC 1950). */
const DEFLATED = 8;
/** What a sender leaves away behind each message (RFC 7692, section 7.2.1). */
const TAIL = new Uint8Array([0, 0, 0xff, 0xff]);
/** zlib's `data_type` between two blocks, at a byte's end, when the block before was not marked as the last. */
const AT_BLOCK = 128;
/** Each block marked as the last costs a reset; who sends more of them in a message means to waste our time. */
const MAX_LAST_BLOCKS = 1024;
/** At most 330 KiB each, 100 KiB with 12 window bits. */
const MAX_COMPRESSORS = 64;
/** Where streams write; it never outlives a call. */
const scratch = new Uint8Array(65_536);
/** Serves every connection: it is reset before each message, so that nobody's message can refer to another's. */
const decompressor: ZStream = new ZStream();
zlibInflateInit2(decompressor, -15);
