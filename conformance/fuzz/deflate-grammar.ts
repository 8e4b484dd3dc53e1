/**
 * Compressed streams as a peer may send them: a fifth noise, three tenths of zlib's with changes, half put together from blocks of every
 * sort, marked as the last one or not, cut or with bytes behind.
 * @module
 */
import { constants, deflateRawSync } from "node:zlib";
import { join } from "./case.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

/** The compressed form of a message, its last four bytes away as they should be, or not. */
export function makeDeflated(random: Random, history: Uint8Array): Uint8Array {
  const kind = random.below(10);
  if (kind < 2) return random.bytes(random.small(60));
  const blocks = Array.from({ length: kind < 5 ? 1 : 1 + random.small(5) }, () => makeBlock(random, history));
  let bytes = join(blocks);
  if (random.below(4) > 0 && endsInTail(bytes)) bytes = bytes.slice(0, -4);
  if (random.once(8)) bytes = bytes.slice(0, random.below(bytes.length + 1));
  return kind < 5 ? mutate(random, bytes, WORDS) : bytes;
}

function makeBlock(random: Random, history: Uint8Array): Uint8Array {
  const data = makeMessage(random.below(KINDS), random.small(random.once(10) ? 5_000 : 200), random.next());
  if (random.once(5)) return stored(data, random.once(3), random.once(6));
  return Uint8Array.from(deflateRawSync(data, {
    level: random.below(10),
    strategy: random.once(4) ? constants.Z_FIXED : random.once(4) ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
    finishFlush: random.pick([constants.Z_SYNC_FLUSH, constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH, constants.Z_FINISH, constants.Z_PARTIAL_FLUSH]),
    ...(history.length > 0 && random.once(2) ? { dictionary: history } : {}),
  }));
}

/** A block that is not compressed (RFC 1951, section 3.2.4), maybe marked as the last one or with a length that is none. */
function stored(data: Uint8Array, last: boolean, wrong: boolean): Uint8Array {
  const piece = data.subarray(0, 65_535);
  const [low, high] = [piece.length & 255, piece.length >> 8];
  return join([Uint8Array.of(last ? 1 : 0, low, high, 255 - low, wrong ? high : 255 - high), piece]);
}

function endsInTail(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes.subarray(-4);
  return a === 0 && b === 0 && c === 255 && d === 255;
}

/** How many kinds of messages there are. */
export const KINDS = 5;

/** `length` bytes of a kind: noise, nothing, words, a run of each byte, text with characters of several bytes. */
export function makeMessage(kind: number, length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  const next = (): number => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 16;
  for (let at = 0; at < length;) {
    const word = kind === 2 ? PHRASES[next() % PHRASES.length] : kind === 4 ? LETTERS[next() % LETTERS.length] : undefined;
    if (word !== undefined && at + word.length <= length) {
      bytes.set(word, at);
      at += word.length;
    } else if (kind === 3) {
      const [byte, end] = [next(), Math.min(length, at + 1 + next() % 300)];
      bytes.fill(byte, at, end);
      at = end;
    } else {
      bytes[at++] = kind === 0 ? next() : kind === 1 ? 0 : 0x61;
    }
  }
  return bytes;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const PHRASES = ["{\"id\":", "message", ",\"text\":\"", "hello, ", "world", "\"}", "12", "isosocket "].map(encode);
const LETTERS = ["a", "é", "€", "😀", " ", "the "].map(encode);
const WORDS: readonly Uint8Array[] = [[0, 0, 255, 255], [0, 0, 0, 255, 255], [1, 0, 0, 255, 255], [3, 0], [0xf2, 0x48], [5], [6], [7], [0x63]].map((bytes) => Uint8Array.from(bytes));
