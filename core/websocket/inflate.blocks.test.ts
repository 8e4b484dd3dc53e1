import fc from "fast-check";
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflate } from "./inflate.ts";

const NONE = new Uint8Array(0);
const MANY = 10_000_000;

/** What a sender sends: blocks without the last four bytes. */
function deflate(data: Uint8Array, options: object = {}): Uint8Array {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);
}

/** Bits in the order of RFC 1951: numbers with their lowest bit first, codes with their highest. */
class Bits {
  readonly #bits: number[] = [];

  number(value: number, count: number): this {
    for (let bit = 0; bit < count; bit++) this.#bits.push((value >> bit) & 1);
    return this;
  }
  code(...codes: string[]): this {
    for (const code of codes) this.#bits.push(...[...code].map(Number));
    return this;
  }
  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, at) => bytes[at >> 3] |= bit << (at & 7));
    return bytes;
  }
}

/** A block's head: not the last. */
function block(type: number): Bits {
  return new Bits().number(0, 1).number(type, 2);
}

/** A block with codes of its own, whose lengths have codes of the lengths given, by symbol. */
function dynamic(literals: number, distances: number, lengths: Readonly<Record<number, number>>): Bits {
  const bits = block(2).number(literals - 257, 5).number(distances - 1, 5).number(15, 4);
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]) bits.number(lengths[symbol] ?? 0, 3);
  return bits;
}

/** 138 lengths of 0, by the code "10" or whatever it is. */
function zeros(bits: Bits, code: string, count: number): Bits {
  return bits.code(code).number(count - 11, 7);
}

describe("what zlib compressed is restored", () => {
  const words = fc.array(fc.constantFrom("the ", "quick ", "brown ", "fox ", "{\"id\":", "12345", "\u00e9\u00e8", "\n"), { maxLength: 4_000 }).map((all) => Buffer.from(all.join("")));
  const noise = fc.tuple(fc.nat(), fc.nat({ max: 70_000 })).map(([seed, length]) => {
    let state = seed | 1;
    return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) | 0) >>> 16);
  });
  const skewed = fc.nat({ max: 200_000 }).map((length) => Uint8Array.from({ length }, (_, at) => Math.clz32((at * 2_654_435_761) >>> 0) * 7));
  const options = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    windowBits: fc.integer({ min: 9, max: 15 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_FIXED, constants.Z_RLE, constants.Z_FILTERED),
  });

  it("at any level, in any strategy, behind any history", () => {
    fc.assert(fc.property(fc.oneof(words, noise, skewed), options, fc.oneof(fc.constant(NONE), words), (data, how, before) => {
      if (data.length === 0) return;
      const history = before.subarray(-(2 ** how.windowBits));
      const sent = deflate(data, { ...how, ...(history.length > 0 ? { dictionary: history } : {}) });
      const restored = inflate(sent, history, data.length);
      expect(Buffer.compare(restored as Uint8Array, data)).toBe(0);
      expect(inflate(sent, history, data.length - 1)).toBe("large");
    }), { numRuns: 150 });
  });

  it("a text of half a megabyte with codes of all lengths", () => {
    const data = Buffer.from(Array.from({ length: 60_000 }, (_, at) => `${(at * 7919) % 1009} ${at.toString(36)};`).join(""));
    expect(Buffer.compare(inflate(deflate(data), NONE, MANY) as Uint8Array, data)).toBe(0);
  });

  it("spoilt, it is refused or something else, and never too long", () => {
    fc.assert(fc.property(words.filter(({ length }) => length > 0), options, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (data, how, where, flip, cut) => {
      const sent = deflate(data, how).slice();
      const at = where % sent.length;
      sent[at] ^= flip;
      const restored = inflate(cut ? sent.subarray(0, at) : sent, NONE, data.length);
      expect(typeof restored === "string" || restored.length <= data.length).toBe(true);
    }), { numRuns: 1_000 });
  });
});

describe("malformed blocks are refused (RFC 1951)", () => {
  const one = dynamic(257, 1, { 0: 1, 1: 1 }); // "0" is length 0, "1" is length 1
  it.each<[string, Bits | Uint8Array]>([
    ["a type that is reserved (3.2.3)", block(3)],
    ["a stored block whose length is not told twice (3.2.4)", Uint8Array.of(0, 1, 0, 1, 0, 7)],
    ["a stored block that ends too early", Uint8Array.of(0, 9, 0, 0xf6, 0xff, 7)],
    ["287 codes of literals and lengths (3.2.7)", dynamic(287, 1, { 0: 1, 1: 1 })],
    ["31 codes of distances", dynamic(257, 31, { 0: 1, 1: 1 })],
    ["more codes for lengths than there are", dynamic(257, 1, { 0: 1, 1: 1, 2: 1 })],
    ["fewer codes for lengths than there are", dynamic(257, 1, { 0: 2 })],
    ["a code for lengths that is none", dynamic(257, 1, { 0: 1 }).code("1")],
    ["a repetition of nothing", dynamic(257, 1, { 0: 1, 16: 1 }).code("1").number(0, 2)],
    ["a repetition past the last code", zeros(zeros(dynamic(257, 1, { 0: 1, 18: 1 }), "1", 138), "1", 138)],
    ["no code for the end of a block", zeros(zeros(dynamic(257, 1, { 1: 1, 18: 1 }), "1", 138), "1", 120)],
    ["too few literals", zeros(zeros(dynamic(257, 1, { 2: 1, 18: 1 }), "1", 138), "1", 118).code("0", "0")],
    ["too many literals", one.code(..."1".repeat(258))],
    ["two distances that leave codes unused", zeros(zeros(dynamic(257, 2, { 1: 2, 2: 2, 18: 1 }), "0", 138), "0", 118).code("10", "11", "11")],
    ["a distance that no code has", zeros(zeros(dynamic(258, 1, { 1: 1, 18: 1 }), "1", 138), "1", 118).code("0", "0", "0").code("1", "1")],
    ["the end in the middle of the codes", dynamic(257, 1, { 0: 1, 1: 1 }).code("0")],
    ["the symbol 286", block(1).code("11000110")],
    ["the distance 30", block(1).code("0000001", "11110")],
    ["a distance before the beginning", block(1).code("0000001", "00000", "0000000")],
    ["a literal in the tail that was left away", block(1).code("00110000").number(0, 5)],
    ["no end", Uint8Array.of(0x4b)],
    ["a code that no symbol has", zeros(zeros(dynamic(257, 1, { 1: 1, 18: 1 }), "1", 138), "1", 118).code("0", "0").code("1")],
  ])("%s", (_, bits) => {
    expect(inflate(bits instanceof Uint8Array ? bits : bits.bytes(), NONE, MANY)).toBe("invalid");
  });

  it("but a single distance of one bit is a whole code", () => {
    const bits = zeros(zeros(dynamic(257, 1, { 1: 1, 18: 1 }), "1", 138), "1", 118).code("0", "0"); // the end of a block, and one distance
    expect(inflate(bits.code("0").number(0, 3).bytes(), NONE, MANY)).toEqual(NONE);
  });
});

it("a distance may have 15 bits of code and 13 more", () => {
  const lengths = [...Array.from({ length: 15 }, (_, at) => at + 1), 18];
  const codeOf = (symbol: number): string => lengths.indexOf(symbol).toString(2).padStart(4, "0");
  const bits = zeros(zeros(dynamic(258, 30, Object.fromEntries(lengths.map((symbol) => [symbol, 4]))), codeOf(18), 138), codeOf(18), 118);
  bits.code(codeOf(1), codeOf(1)); // the end of a block, and a reference of three bytes
  zeros(bits, codeOf(18), 14);
  for (let symbol = 14; symbol < 30; symbol++) bits.code(codeOf(Math.min(symbol - 13, 15)));
  const history = Uint8Array.from({ length: 32_768 }, (_, at) => (at * 31) >> 3);
  for (let i = 0; i < 8; i++) bits.code("1", "1".repeat(15)).number(5_000, 13); // from each bit of a byte
  bits.code("0").number(0, 3);
  const from = 32_768 - 24_577 - 5_000;
  expect(inflate(bits.bytes(), history, MANY)).toEqual(history.slice(from, from + 24));
});

describe("blocks one behind another", () => {
  it("may be of different types, and refer to each other", () => {
    const data = Buffer.from("abcabcabcabc".repeat(40));
    const blocks = [0, 1, 9].map((level) => deflateRawSync(data, { level, finishFlush: constants.Z_SYNC_FLUSH }));
    const sent = Buffer.concat([...blocks, deflateRawSync(data, { strategy: constants.Z_FIXED, finishFlush: constants.Z_SYNC_FLUSH })]).subarray(0, -4);
    expect(Buffer.compare(inflate(sent, NONE, MANY) as Uint8Array, Buffer.concat([data, data, data, data]))).toBe(0);
  });

  it("a stored one of any length, also where the array has to grow", () => {
    for (const length of [1, 60_000, 98_304, 98_305, 300_000]) {
      const data = Buffer.alloc(length, "0123456789");
      const sent = deflate(data, { level: 0 });
      expect(Buffer.compare(inflate(sent, NONE, length) as Uint8Array, data)).toBe(0);
      expect(inflate(sent, NONE, length - 1)).toBe("large");
    }
  });

  it("behind one marked as the last, and with or without what is left away behind that", () => {
    const last = deflateRawSync(Buffer.from("one"));
    const sent = Buffer.concat([last, deflate(Buffer.from("two"))]);
    expect(Buffer.from(inflate(sent, NONE, MANY) as Uint8Array).toString()).toBe("onetwo");
    expect(Buffer.from(inflate(last, NONE, MANY) as Uint8Array).toString()).toBe("one");
  });
});
