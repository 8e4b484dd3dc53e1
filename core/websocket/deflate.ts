/**
 * Compresses as permessage-deflate needs it (RFC 7692, section 7.2.1): a message, whole, behind a history. What comes out depends on these and on
 * the settings alone.
 *
 * What stands where in a history (`Places`) is kept for those that were used last. Whoever is not among them has it made again, so that a connection
 * that is idle keeps nothing but its history. Measured, 1 KiB of JSON with 12 window bits, in us, and what `node:zlib` takes with a compressor of
 * 100 KiB for each connection:
 *
 * |      | with context, of 1 and 50 kept | not kept | without context | zlib: with, of 1 and 50 | without |
 * |------|------------|----|------|----------|------|
 * | Node | 11.3, 12.1 | 16 | 13.3 | 13.7, 24 | 17.8 |
 * | Bun  | 8.9, 9.5   | 15 | 10.1 | 11.8, 21 | 16.5 |
 * | Deno | 10.0, 10.4 | 14 | 11.7 | 12.9, 27 | 17.9 |
 * @module
 */
import { BlockWriter } from "./deflate-blocks.ts";
import { Block, input, MAX_BLOCK, Places } from "./deflate-matches.ts";
import type { History } from "./history.ts";

/** How hard to compress. */
export interface DeflateSettings {
  /** How far back a reference may reach: 2 to this power, 9 to 15. */
  readonly windowBits: number;
  /** 0 (none) to 9 (best). */
  readonly level: number;
  /** 1 (least memory) to 9: what stands where is kept by 2 to this power times 128 hashes, of two bytes each. */
  readonly memLevel: number;
}

/**
 * `data` in blocks of which none is the last, up to and with an empty stored block: it ends in 00 00 FF FF. `data` is lent, the result is the
 * caller's own. The history is not changed: who sends the result pushes `data` to it.
 */
export function deflate(data: Uint8Array, history: History, settings: DeflateSettings): Uint8Array {
  const reach = 1 << settings.windowBits; // 2 ** n is a double once Bun has compiled it, and everything that meets it ten times as slow
  const places = placesOf(history, data.length, settings);
  const before = history.bytes;
  input.set(before);
  let start = before.length;
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < data.length; from += MAX_BLOCK) {
    if (from > 0) {
      pieces.push(writer.take());
      const kept = Math.min(start, reach);
      input.copyWithin(0, start - kept, start);
      start = kept;
    }
    const piece = data.length <= MAX_BLOCK ? data : data.subarray(from, from + MAX_BLOCK);
    const end = start + piece.length;
    input.set(piece, start);
    if (settings.level === 0) writer.stored(piece);
    else {
      const base = places.end - start;
      places.add(Math.max(0, start - 3), Math.min(start, end - 3), base); // those whose four bytes were not there yet
      places.find(block, start, end, base, reach, STEPS[settings.level]);
      writer.write(block, piece);
    }
    places.end = places.end + piece.length & 0xffff;
    start = end;
  }
  writer.stored(EMPTY);
  pieces.push(writer.take());
  return join(pieces);
}

/** What is kept for a history. */
interface Kept {
  readonly places: Places;
  /** Its settings in a number. */
  readonly kind: number;
  /** `History.total` behind what was compressed last. */
  total: number;
}

/** The latest at the end. Histories that keep nothing share one for each kind of settings. */
const kept = new Map<History | number, Kept>();

/** Those of a history that `length` more bytes will follow. */
function placesOf(history: History, length: number, { windowBits, level, memLevel }: DeflateSettings): Places {
  const kind = windowBits << 8 | level << 4 | memLevel;
  const key = history.size > 0 ? history : kind;
  let known = kept.get(key);
  kept.delete(key);
  if (known?.kind !== kind || known.total !== history.total && key !== kind) {
    known ??= takeOldest();
    const places = known?.kind === kind ? known.places : new Places(memLevel + 7, level < CHAINED ? 0 : 2 ** windowBits);
    input.set(history.bytes);
    places.add(0, history.bytes.length - 3, places.end);
    places.end = places.end + history.bytes.length & 0xffff;
    known = { places, kind, total: 0 };
  }
  known.total = history.total + length;
  kept.set(key, known);
  return known.places;
}

/** Once there are enough, what was not used for longest serves another. */
function takeOldest(): Kept | undefined {
  if (kept.size < MAX_KEPT) return undefined;
  const [[key, oldest]] = kept;
  kept.delete(key);
  return oldest;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** How many times a reference is looked for, by level. From `CHAINED` on all places of a hash are known, not only the latest. */
const STEPS = [0, 1, 2, 3, 4, 5, 8, 32, 128, 512];
const CHAINED = 6;
/** 8 KiB each with the usual settings, 192 at most. */
const MAX_KEPT = 128;
const EMPTY = new Uint8Array(0);
// neither outlives a call
const block = new Block();
const writer = new BlockWriter();
