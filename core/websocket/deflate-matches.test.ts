import fc from "fast-check";
import { expect, it } from "vitest";
import { anyPayload, payload, random } from "../testing/deflate-samples.ts";
import { Block, DISTANCE_SYMBOL, input, LENGTH_SYMBOL, MAX_BLOCK, Places } from "./deflate-matches.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** What `data` is behind `before`, bytes as they are and references as [length, distance]. The counts are checked, and set back. */
function find(data: Uint8Array, before: Uint8Array, { reach = 32_768, steps = 8, chained = 0, places = new Places(15, chained) } = {}): string {
  const block = new Block();
  input.set(before);
  input.set(data, before.length);
  const end = before.length + data.length;
  const base = places.end;
  places.add(0, Math.min(before.length, end - 3), base);
  places.find(block, before.length, end, base, reach, steps);
  places.end = places.end + end & 0xffff;
  let at = before.length;
  let text = "";
  for (const symbol of block.symbols.subarray(0, block.size)) {
    const [length, distance] = [symbol >>> 16, symbol & 0xffff];
    if (length === 0) {
      if (symbol !== input[at++]) expect(symbol).toBe(input[at - 1]);
      text += String.fromCharCode(symbol);
      block.literals.counts[symbol]--;
      continue;
    }
    if (length < 4 || length > 258 || distance > Math.min(reach, at)) expect([length, distance]).toEqual("allowed");
    if (Buffer.compare(input.subarray(at, at + length), input.subarray(at - distance, at - distance + length)) !== 0) expect([length, distance]).toEqual("right");
    at += length;
    text += `[${length},${distance}]`;
    block.literals.counts[LENGTH_SYMBOL[length]]--;
    block.distances.counts[DISTANCE_SYMBOL[distance]]--;
  }
  expect(at).toBe(end);
  expect([...block.literals.counts, ...block.distances.counts].every((count) => count === 0)).toBe(true);
  return text;
}

it("says again what was said, from four bytes on", () => {
  expect(find(bytes("abcd"), bytes("abcd"))).toBe("[4,4]");
  expect(find(bytes("abc"), bytes("abc"))).toBe("abc");
  expect(find(bytes("aaaaaaaa"), bytes(""))).toBe("a[7,1]");
  expect(find(new Uint8Array(600), bytes(""))).toBe("\0[258,1][258,1][83,1]");
  expect(find(bytes(""), bytes("abcd"))).toBe("");
});

it("refers to what is nearest, or to what is longer where it is looked for", () => {
  const before = bytes("the cat sat, the dog sat, the cow sat. ");
  expect(find(bytes("the cow"), before)).toBe("[7,13]");
  expect(find(bytes("the cat"), before)).toBe("[7,39]");
  expect(find(bytes("the cat"), before, { steps: 0 })).toBe("[5,13]at");
  // what ends as wanted begins otherwise; only among all that begins alike there is more
  const other = bytes("one two 1, one two 2, six two 1, ");
  expect(find(bytes("one two 1, "), other)).toBe("[8,22]1, ");
  expect(find(bytes("one two 1, "), other, { chained: 32_768 })).toBe("[11,33]");
  expect(find(bytes("one two 1, "), other, { chained: 32_768, steps: 1 })).toBe("[8,22]1, ");
});

it("lets a short reference give way to one that has begun within it", () => {
  // "1,na" is known before ",name:" is seen to be part of more
  expect(find(bytes("1,name:zoe,"), bytes("1,naif 2,name:zoe, "))).toBe("1[10,12]");
  expect(find(bytes("81,name:zoe,"), bytes("81,naif 2,name:zoe, "))).toBe("81[10,13]");
  expect(find(bytes("abc1,name:zoe,"), bytes("abc1,naif 2,name:zoe, "))).toBe("[7,22][7,15]"); // what is left of it is one still
});

it("reaches as far as it may", () => {
  const noise = payload("noise", 1000, 1);
  const message = noise.subarray(0, 20);
  expect(find(message, noise, { reach: 1000 })).toBe("[20,1000]");
  expect(find(message, noise, { reach: 999 })).not.toContain(",1000]");
});

it("is right whatever stands in the table, and wherever it counts from", () => {
  const next = random(3);
  for (const chained of [0, 512, 32_768]) {
    fc.assert(fc.property(anyPayload, anyPayload, fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(8, 12, 16), (before, data, end, hashBits) => {
      const places = new Places(hashBits, chained);
      places.end = end;
      input.set(Uint32Array.from({ length: 1000 }, next));
      places.add(0, 900, next() & 0xffff); // of another
      for (let turn = 0; turn < 2; turn++) find(data.subarray(0, MAX_BLOCK), before.subarray(0, 32_768), { places, reach: 512 << next() % 7, steps: next() % 20 });
    }), { numRuns: 40 });
  }
});
