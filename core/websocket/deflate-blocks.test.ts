import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { random } from "../testing/deflate-samples.ts";
import { BlockWriter } from "./deflate-blocks.ts";
import { Block, DISTANCE_SYMBOL, LENGTH_SYMBOL, MAX_BLOCK } from "./deflate-matches.ts";

const block = new Block();
const HISTORY = Buffer.alloc(32_768, "what may be referred to ");

/** A block of bytes and references, and what it says behind `before`. */
function fill(symbols: readonly (number | readonly [length: number, distance: number])[], before: Buffer): Buffer {
  const data = Buffer.alloc(before.length + symbols.length * 258);
  before.copy(data);
  let at = before.length;
  block.size = 0;
  for (const symbol of symbols) {
    if (typeof symbol === "number") {
      block.symbols[block.size++] = symbol;
      block.literals.counts[symbol]++;
      data[at++] = symbol;
      continue;
    }
    const [length, distance] = symbol;
    block.symbols[block.size++] = length << 16 | distance;
    block.literals.counts[LENGTH_SYMBOL[length]]++;
    block.distances.counts[DISTANCE_SYMBOL[distance]]++;
    for (const stop = at + length; at < stop; at++) data[at] = data[at - distance];
  }
  return data.subarray(before.length, at);
}

/** The blocks as a message: the type of the first. */
function write(...blocks: readonly (readonly (number | readonly [length: number, distance: number])[])[]): number {
  return bytesOf(...blocks)[0] >> 1 & 3;
}

/** The blocks as a message. */
function bytesOf(...blocks: readonly (readonly (number | readonly [length: number, distance: number])[])[]): Uint8Array {
  const writer = new BlockWriter();
  let all = HISTORY;
  for (const symbols of blocks) {
    const data = fill(symbols, all);
    writer.write(block, data);
    expect(block.literals.counts.some((count) => count > 0) || block.distances.counts.some((count) => count > 0)).toBe(false);
    all = Buffer.concat([all, data]);
  }
  writer.stored(new Uint8Array(0));
  const written = writer.take();
  expect([...written.subarray(-4)]).toEqual([0, 0, 0xff, 0xff]);
  expect(writer.take().length).toBe(0);
  expect(inflateRawSync(written, { dictionary: HISTORY, finishFlush: constants.Z_SYNC_FLUSH }).equals(all.subarray(HISTORY.length))).toBe(true);
  return written;
}
const many = (count: number, symbol: (at: number) => number): number[] => Array.from({ length: count }, (_, at) => symbol(at));

it("takes the way of the fewest bits: as it is, with the fixed codes, or with its own", () => {
  const next = random(1);
  expect(write(many(400, () => next() & 255))).toBe(0);
  expect(write([72, 101, 108, 108, 111])).toBe(1);
  expect(write(many(400, (at) => 97 + at % 3))).toBe(2);
});

it("makes of bytes what zlib makes of them, which has the same three ways, or few bytes more", () => {
  const bytes = fc.tuple(fc.integer({ min: 1, max: 1_500 }), fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 6 }), fc.nat()).map(([count, kinds, skew, seed]) => {
    const next = random(seed);
    return many(count, () => Math.floor((next() % 65_536 / 65_536) ** skew * kinds) * Math.floor(256 / kinds));
  });
  const total = { ours: 0, zlibs: 0 };
  fc.assert(fc.property(bytes, bytes, (one, other) => {
    for (const symbols of [one, other]) {
      const zlib = deflateRawSync(Uint8Array.from(symbols), { strategy: constants.Z_HUFFMAN_ONLY, level: 9, memLevel: 9, finishFlush: constants.Z_SYNC_FLUSH });
      const { length } = bytesOf(symbols);
      expect(length).toBeLessThanOrEqual(zlib.length + 4); // codes as good may be described in more bits, and where there are no distances zlib names two, which at times saves some
      total.ours += length;
      total.zlibs += zlib.length;
    }
    write(one, other, one); // whatever codes the block before had
  }), { numRuns: 200 });
  expect((total.zlibs - total.ours) / 400).toBeGreaterThan(0.8); // of each about a byte less, as runs of lengths go on from one code into the other
});

it("has room for the longest block as it is", () => {
  const next = random(2);
  expect(bytesOf(many(MAX_BLOCK, () => next() & 255)).length).toBe(MAX_BLOCK + 10);
});

it("writes each length and each distance, with either codes", () => {
  for (const few of [true, false]) {
    for (let length = 3; length <= 258; length += length > 250 ? 1 : 3) expect(write(few ? [[length, 100]] : [[length, 100], ...many(300, (at) => 65 + at % 2)])).toBe(few ? 1 : 2);
    for (let distance = 1; distance <= 32_768; distance += distance < 60 || distance > 32_760 ? 1 : 97) {
      expect(write(few ? [[3, distance]] : [[3, distance], ...many(300, (at) => 65 + at % 2)])).toBe(few ? 1 : 2);
    }
  }
});

it("describes any codes: none and one of distances, runs of any length, codes of any length", () => {
  expect(write(many(300, (at) => at % 2))).toBe(2);
  expect(write([...many(300, (at) => at % 2), [4, 1]])).toBe(2);
  for (let gap = 1; gap < 256; gap += gap < 20 ? 1 : 13) expect(write(many(200, (at) => at % 2 * gap))).toBe(2); // zeros between and behind
  for (let run = 2; run < 40; run++) write(many(run * 60, (at) => at % run)); // the same length again and again
  const fibonacci = [1, 1];
  while (fibonacci.length < 21) fibonacci.push(fibonacci[fibonacci.length - 1] + fibonacci[fibonacci.length - 2]);
  expect(write(fibonacci.flatMap((count, symbol) => many(count, () => symbol * 7)))).toBe(2);
});

it("goes on where the block before ended, in the middle of a byte", () => {
  const symbol = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(1, 2, 3), fc.tuple(fc.integer({ min: 3, max: 258 }), fc.integer({ min: 1, max: 32_768 })));
  fc.assert(fc.property(fc.array(fc.array(symbol, { minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 4 }), (blocks) => {
    write(...blocks);
  }), { numRuns: 300 });
});
