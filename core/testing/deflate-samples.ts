/**
 * What there is to compress in tests, and how.
 * @module
 */
import fc from "fast-check";
import type { DeflateSettings } from "../websocket/deflate.ts";
import { History } from "../websocket/history.ts";

/** What messages are like. */
export const KINDS = ["noise", "zeros", "words", "json", "runs"] as const;

/** A history of that size, which has seen the pieces. */
export function history(size: number, ...pieces: readonly Uint8Array[]): History {
  const kept = new History(size);
  for (const piece of pieces) kept.push(piece);
  return kept;
}

/** Numbers that look random, the same ones for a seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9 >>> 0;
    return (Math.imul(state ^ (state >>> 13), 0x297a_2d39) ^ (state >>> 16)) >>> 0;
  };
}

/** `length` bytes of a kind. */
export function payload(kind: (typeof KINDS)[number], length: number, seed: number): Buffer {
  const next = random(seed);
  if (kind === "zeros") return Buffer.alloc(length);
  if (kind === "noise") return Buffer.from(Uint32Array.from({ length: (length >> 2) + 1 }, next).buffer, 0, length);
  const words = ["isosocket ", "message ", "€uro ", "the ", "\n", "frame ", `${seed}`];
  const parts: string[] = [];
  for (let size = 0; size < length; size += parts.at(-1)?.length ?? 0) {
    const word = words[next() % words.length];
    parts.push(kind === "words" ? word : kind === "json" ? JSON.stringify({ id: next() % 1000, word, on: next() % 2 === 0 }) : word[0].repeat(next() % 600 + 1));
  }
  return Buffer.from(parts.join("")).subarray(0, length);
}

/** Mostly short, seldom of many blocks. */
export const anyPayload: fc.Arbitrary<Buffer> = fc.record({
  kind: fc.constantFrom(...KINDS),
  length: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 2000 }) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 70_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 4, 258, 259, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_072) }),
  seed: fc.nat(),
}).map(({ kind, length, seed }) => payload(kind, length, seed));

/** All that a compressor can be asked. */
export const anySettings: fc.Arbitrary<DeflateSettings> = fc.record({
  windowBits: fc.integer({ min: 9, max: 15 }), level: fc.integer({ min: 0, max: 9 }), memLevel: fc.integer({ min: 1, max: 9 }),
});
