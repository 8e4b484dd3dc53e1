import fc from "fast-check";
import { expect, it } from "vitest";
import { codesOf, HuffmanCode } from "./huffman.ts";

/** The codes of symbols as they are read, "" for none; the length says how many digits. */
function read(codes: Uint32Array, symbols: Iterable<number>): string[] {
  return Array.from(symbols, (symbol) => Array.from({ length: codes[symbol] >>> 16 }, (_, bit) => codes[symbol] >> bit & 1).join(""));
}

function codeOf(counts: readonly number[], limit = 15): HuffmanCode {
  const code = new HuffmanCode(Math.ceil(counts.length / 2) * 2, limit);
  code.counts.set(counts);
  code.build();
  return code;
}

/** The fewest bits there can be, by adding the two lightest over and over. */
function least(counts: readonly number[]): number {
  const weights = counts.filter((count) => count > 0).sort((a, b) => a - b);
  let bits = weights.length === 1 ? weights[0] : 0;
  while (weights.length > 1) {
    const both = weights[0] + weights[1];
    bits += both;
    weights.splice(0, 2);
    const at = weights.findIndex((weight) => weight >= both);
    weights.splice(at < 0 ? weights.length : at, 0, both);
  }
  return bits;
}

it("gives lengths the codes of the RFC's example (RFC 1951, 3.2.2)", () => {
  expect(read(codesOf([3, 3, 3, 3, 3, 2, 4, 4]), [0, 1, 2, 3, 4, 5, 6, 7])).toEqual(["010", "011", "100", "101", "110", "00", "1110", "1111"]);
  expect(read(codesOf([2, 1, 3, 3]), [0, 1, 2, 3])).toEqual(["10", "0", "110", "111"]);
});

it("has one bit for a single symbol, and nothing for none", () => {
  const one = codeOf([0, 0, 0, 7]);
  expect([one.size, one.used[0], ...read(one.codes, [3]), one.weigh(one.codes)]).toEqual([1, 3, "0", 7]);
  const none = codeOf([0, 0]);
  expect([none.size, none.weigh(none.codes)]).toEqual([0, 0]);
});

it("is the shortest there is, whole, and no code begins another", () => {
  const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 800 }));
  fc.assert(fc.property(fc.array(count, { minLength: 2, maxLength: 286 }), (counts) => {
    const code = codeOf(counts);
    const symbols = [...code.used.subarray(0, code.size)];
    expect(symbols).toEqual([...counts.keys()].filter((symbol) => counts[symbol] > 0));
    expect(code.weigh(code.codes)).toBe(least(counts));
    const codes = read(code.codes, symbols).sort();
    for (let at = 1; at < codes.length; at++) expect(codes[at].startsWith(codes[at - 1])).toBe(false);
    if (symbols.length > 1) expect(codes.reduce((sum, each) => sum + 2 ** -each.length, 0)).toBe(1);
  }), { numRuns: 300 });
});

it("keeps to a limit that the shortest would pass, and stays whole", () => {
  const fibonacci = [1, 1];
  while (fibonacci.length < 21) fibonacci.push(fibonacci[fibonacci.length - 1] + fibonacci[fibonacci.length - 2]); // 28656 in all
  const lengths = (counts: readonly number[], limit: number): number[] => {
    const { codes } = codeOf(counts, limit);
    return Array.from(counts, (_, symbol) => codes[symbol] >>> 16);
  };
  expect(Math.max(...lengths(fibonacci, 30))).toBe(20);
  for (const [counts, limit] of [[fibonacci, 15], [fibonacci.slice(0, 19), 7], [fibonacci, 5], [fibonacci.slice(0, 16), 4]] as const) {
    const limited = lengths(counts, limit);
    expect(Math.max(...limited)).toBe(limit);
    expect(limited.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
    expect(limited).toEqual([...limited].sort((a, b) => b - a)); // the rarest has the longest
    expect(lengths([...counts].reverse(), limit)).toEqual([...limited].reverse()); // wherever it stands
  }
});

it("counts up to 32768, and anew once it is cleared", () => {
  const code = codeOf([32_768, 63, 64, 4095, 4096, 1]);
  expect(read(code.codes, [0, 4, 3, 2, 1, 5]).map((each) => each.length)).toEqual([1, 2, 3, 4, 5, 5]);
  code.clear();
  expect([...code.counts]).toEqual([0, 0, 0, 0, 0, 0]);
  code.counts.set([1, 1]);
  code.build();
  expect([code.size, ...read(code.codes, [0, 1])]).toEqual([2, "0", "1"]);
});
