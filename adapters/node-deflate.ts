/**
 * Compression by `node:zlib` (Node, Bun and Deno). What comes in is restored by our own code, which stops at a limit and tells where a message ends.
 *
 * `deflateRawSync` makes a compressor for each message. The one inside a stream can be driven synchronously, and kept: that takes parts of the
 * stream that are not documented, so that they are tried first, and what is documented does without them. Measured, 1 KiB of JSON, in us:
 *
 * |      | with context, of 1, 16, 50 kept | `deflateRawSync` | without context | `deflateRawSync` |
 * |------|------------------|------|------|------|
 * | Node | 13.8, 15.2, 17.4 | 21.3 | 16.6 | 19.0 |
 * | Bun  | 11.5, 14.5, 20.0 | 20.6 | 15.6 | 18.0 |
 * | Deno | 12.5, 14.7, 20.9 | (it ignores dictionaries) | 16.1 | 19.6 |
 *
 * Many compressors do not fit into the processor's cache, so that Bun keeps fewer: an echo server for 50 connections spends 38 us a message with
 * `deflateRawSync` and 52 with 50 kept.
 * @module
 */
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import { History } from "../core/websocket/history.ts";
import { inflate } from "../core/websocket/inflate.ts";
import type { DeflateCodec, DeflateSettings } from "../core/websocket/permessage-deflate.ts";
import { Compressors, type Streams } from "./compressors.ts";
import { join, pakoCodec } from "./deflate.ts";

/** What we use of `node:zlib`. */
export interface Zlib {
  createDeflateRaw: typeof createDeflateRaw;
  deflateRawSync: typeof deflateRawSync;
}

/** `node:zlib` as a codec. */
export const zlibCodec: DeflateCodec = makeZlibCodec({ createDeflateRaw, deflateRawSync }, "Bun" in globalThis ? 16 : 64);

/**
 * A codec that finds out at its first message what `zlib` can do: not all runtimes know dictionaries, or let a stream be driven. It keeps
 * `maxCompressors` at most, about 100 KiB each with 12 window bits.
 */
export function makeZlibCodec(zlib: Zlib, maxCompressors: number): DeflateCodec {
  let deflate: DeflateCodec["deflate"] | undefined;
  return {
    deflate(data, history, settings) {
      deflate ??= choose(zlib, maxCompressors);
      return deflate(data, history, settings);
    },
    inflate: pakoCodec.inflate,
  };
}

function choose(zlib: Zlib, maxCompressors: number): DeflateCodec["deflate"] {
  const once: DeflateCodec["deflate"] = (data, { bytes }, settings) => (
    zlib.deflateRawSync(data, { ...settings, finishFlush: constants.Z_SYNC_FLUSH, ...(bytes.length > 0 ? { dictionary: bytes } : {}) })
  );
  const hasDictionaries = works(once);
  const documented = hasDictionaries ? once : pakoCodec.deflate;
  if (!canBeDriven(zlib)) return documented;
  const kept = new Compressors(makeStreams(zlib, hasDictionaries), maxCompressors);
  const deflate: DeflateCodec["deflate"] = (data, history, settings) => kept.deflate(data, history, settings) ?? documented(data, history, settings);
  return works(deflate) ? deflate : documented;
}

/** Whether messages arrive, also one that refers to the one before, and it does refer to it. */
function works(deflate: DeflateCodec["deflate"]): boolean {
  try {
    for (const takeover of [true, false]) {
      const sent = new History(takeover ? 2 ** SAMPLE_SETTINGS.windowBits : 0);
      const lengths = [0, 1].map(() => {
        const blocks = deflate(SAMPLE, sent, SAMPLE_SETTINGS);
        const message = inflate(blocks.subarray(0, -4), sent.bytes, SAMPLE.length);
        sent.push(SAMPLE);
        return message instanceof Uint8Array && message.join() === SAMPLE.join() ? blocks.length : Number.NaN;
      });
      if (takeover ? !(lengths[1] < lengths[0]) : lengths[1] !== lengths[0]) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Inside a stream of `node:zlib`. */
interface Handle {
  /** Compresses what it can; how much room and input are left is in the stream's `_writeState` then, unless it failed. */
  writeSync(flush: number, input: Uint8Array, inputAt: number, inputLength: number, output: Uint8Array, outputAt: number, outputLength: number): void;
  reset(): void;
  close(): void;
}

/** A stream of `node:zlib`, as it is on Node since 10, on Bun and on Deno. */
interface Stream {
  _handle: Handle | null;
  readonly _writeState: Uint32Array;
  _processChunk(data: Uint8Array, flush: number): Uint8Array;
  on(event: "error", listener: () => void): void;
}

/**
 * Whether the runtime drives its handles as we do: native code may end the process when it is called in another way, so a false handle listens
 * first. Deno calls another function, which is also told where what is left is to be written; its `writeSync` does that by itself.
 */
function canBeDriven(zlib: Zlib): boolean {
  let call: unknown[] = [];
  try {
    const stream = makeStream(zlib, SAMPLE_SETTINGS);
    const { _handle: handle, _writeState: state } = stream;
    if (!(state instanceof Uint32Array) || state.length !== 2) return false;
    if (handle === null || [handle.writeSync, handle.reset, handle.close].some((method) => typeof method !== "function")) return false;
    const listen = (...args: unknown[]): void => {
      if (args.length >= 7) call = args;
    };
    stream._handle = new Proxy(handle, { get: (target, key) => typeof Reflect.get(target, key) === "function" ? listen : Reflect.get(target, key) });
    state.set([LEAST_CHUNK - 1, 0]); // a byte came out, and nothing is left
    const { length } = stream._processChunk(SAMPLE, constants.Z_SYNC_FLUSH);
    handle.close();
    const [flush, input, inputAt, inputLength, output, outputAt, outputLength, last = state] = call;
    return length === 1 && call.length <= 8 && flush === constants.Z_SYNC_FLUSH && input === SAMPLE && inputAt === 0 && inputLength === SAMPLE.length
      && output instanceof Uint8Array && outputAt === 0 && outputLength === LEAST_CHUNK && last === state;
  } catch {
    return false;
  }
}

function makeStream(zlib: Zlib, { windowBits, level, memLevel }: DeflateSettings, dictionary?: Uint8Array): Stream {
  const stream = zlib.createDeflateRaw({ windowBits, level, memLevel, chunkSize: LEAST_CHUNK, ...(dictionary && { dictionary }) }) as unknown as Stream;
  stream.on("error", () => {}); // we see it by ourselves
  return stream;
}

/** Driven by their handles. A stream that knew a dictionary knows it again after a reset: so an old one is closed, not used again. */
function makeStreams(zlib: Zlib, hasDictionaries: boolean): Streams<Stream> {
  return {
    make(settings, bytes, old) {
      if (old !== undefined) close(old);
      if (hasDictionaries && bytes.length > 0) return makeStream(zlib, settings, bytes);
      const stream = makeStream(zlib, settings);
      if (bytes.length === 0 || compress(stream, bytes) !== undefined) return stream; // what comes out is for nobody
      close(stream);
      return undefined;
    },
    reset: (stream) => stream._handle?.reset(),
    compress,
    close,
  };
}

/** Undefined when it failed. */
function compress(stream: Stream, data: Uint8Array): Uint8Array | undefined {
  const { _handle: handle, _writeState: state } = stream;
  if (handle === null) return undefined;
  const pieces: Uint8Array[] = [];
  let left = data.length;
  do {
    state[0] = FAILED;
    handle.writeSync(constants.Z_SYNC_FLUSH, data, data.length - left, left, scratch, 0, scratch.length);
    if (state[0] > scratch.length) return undefined;
    pieces.push(scratch.slice(0, scratch.length - state[0]));
    left = state[1];
  } while (state[0] === 0);
  return join(pieces);
}

/** At once: what zlib keeps is far more than what the garbage collector sees. */
function close(stream: Stream): void {
  stream._handle?.close();
  stream._handle = null;
}

const SAMPLE = new TextEncoder().encode("a message, and what refers to a message");
const SAMPLE_SETTINGS: DeflateSettings = { windowBits: 9, level: 6, memLevel: 1 };
/** The least there may be of a stream's own output buffer, which is not used. */
const LEAST_CHUNK = 64;
/** More than there is room for. */
const FAILED = 0xffff_ffff;
/** Where handles write; it never outlives a call. */
const scratch = new Uint8Array(65_536);
