/**
 * Restores compressed messages by itself, each rule on its own (RFC 1951, section 3.2; RFC 7692, section 7.2.2): a mutant replaces one. It is
 * slow, and shares nothing with zlib, which keeps its rules to itself.
 * @module
 */
import { concat, hex } from "../../frames.ts";
import { DISTANCE_BITS, DISTANCES, LENGTH_BITS, LENGTHS, ORDER } from "../../wire/blocks.ts";
import { DEFLATE_RULES, type DeflateRules } from "./deflate-rules.ts";

/** What blocks may be. */
export interface InflateRules {
  /** 3.2.3: a block may say that it is the last. */
  readonly takesFinal: boolean;
  /** 7.2.2: what is behind a block that says it is the last is read too. */
  readonly readsBehindFinal: boolean;
  /** 7.2.2: what is behind such a block may refer to what is before it. */
  readonly keepsBehindFinal: boolean;
  /** 3.2.3: a block behind one that says it is the last begins with a byte of its own. */
  readonly alignsBehindFinal: boolean;
  /** 3.2.4: the longest stored block, in bytes. */
  readonly maxStored: number;
  /** 3.2.4: the length of a stored block is told twice, and must be the same. */
  readonly wantsConfirmation: boolean;
  /** 3.2.5: how long and how far back a reference is. */
  reference(length: number, distance: number): readonly [length: number, distance: number];
  /** 3.2.3: a reference may be longer than it reaches back: what it has copied so far is there already. */
  readonly seesOwnCopy: boolean;
  /** 3.2.5: how far back a reference may reach at most, in a window of so many bytes. */
  reach(window: number): number;
  /** 7.2.2: earlier messages that may be referred to: all. */
  keep(window: Uint8Array, message: Uint8Array): Uint8Array;
  /** 3.2.7: a block needs codes for distances, and of those so many. */
  readonly leastDistances: number;
  /** 3.2.7: the longest code, in bits. */
  readonly maxLiteralBits: number;
  readonly maxDistanceBits: number;
  /** 3.2.7: a repetition may go on from the codes for literals into those for distances, but not past them. */
  readonly repeatsAcross: boolean;
  readonly repeatsPast: boolean;
  /** 3.2.7: the first length repeats none. */
  readonly repeatsNothing: boolean;
  /** 3.2.7: a block needs a code for its end. */
  readonly wantsEnd: boolean;
  /** 3.2.7: where there is one code of one bit, the other stands for nothing. */
  readonly takesUnusedCode: boolean;
  /** 3.2.7: a block that holds nothing is skipped. */
  readonly goesOnBehindEmpty: boolean;
  /** What a message may become, as a multiple of its payload. */
  readonly maxGrowth: number;
}

/** As they should be. */
export const INFLATE_RULES: InflateRules = {
  takesFinal: true,
  readsBehindFinal: true,
  keepsBehindFinal: true,
  alignsBehindFinal: true,
  maxStored: 65_535,
  wantsConfirmation: true,
  reference: (length, distance) => [length, distance],
  seesOwnCopy: true,
  reach: (window) => window,
  keep: (window, message) => concat([window, message]).subarray(-32_768),
  leastDistances: 0,
  maxLiteralBits: 15,
  maxDistanceBits: 15,
  repeatsAcross: true,
  repeatsPast: false,
  repeatsNothing: false,
  wantsEnd: true,
  takesUnusedCode: false,
  goesOnBehindEmpty: true,
  maxGrowth: Number.POSITIVE_INFINITY,
};

/** How a peer restores messages whose inflater has these rules in place of the right ones. Made anew for each connection. */
export function inflating(change: Partial<InflateRules>): () => Pick<DeflateRules, "decompress"> {
  const rules = { ...INFLATE_RULES, ...change };
  return () => {
    let window: Uint8Array = new Uint8Array(0);
    return {
      decompress: (payload, codec, maxMessage) => {
        const { theirs } = codec;
        if (payload.length > MAY_BE_BOMB && DEFLATE_RULES.decompress(payload, codec, maxMessage) === "size") return "size";
        try {
          const message = new Inflater(concat([payload, hex("00 00 ff ff")]), window, rules.reach(2 ** theirs.bits), rules).run();
          if (message.length > payload.length * rules.maxGrowth) return "data";
          if (theirs.takeover) window = rules.keep(window, message);
          return message;
        } catch {
          return "data";
        }
      },
    };
  };
}

/** Codes by their lengths and bits: the symbol behind `length * 65536 + bits`. */
type Table = ReadonlyMap<number, number>;

class Inflater {
  readonly #bytes: Uint8Array;
  readonly #window: Uint8Array;
  readonly #reach: number;
  readonly #rules: InflateRules;
  readonly #output: number[] = [];
  /** The next bit. */
  #at = 0;
  /** What came before this may not be referred to. */
  #start: number;

  constructor(bytes: Uint8Array, window: Uint8Array, reach: number, rules: InflateRules) {
    this.#bytes = bytes;
    this.#window = window;
    this.#reach = reach;
    this.#rules = rules;
    this.#start = -window.length;
  }

  run(): Uint8Array {
    while (this.#at < this.#bytes.length * 8) {
      const final = this.#take(1) === 1;
      if (final && !this.#rules.takesFinal) throw new Error("a block is the last");
      const before = this.#output.length;
      const type = this.#take(2);
      if (type === 0) this.#stored();
      else if (type === 1) this.#codes(FIXED_LITERALS, FIXED_DISTANCES);
      else if (type === 2) this.#dynamic();
      else throw new Error("a block is of no type");
      if (type === 2 && this.#output.length === before && !this.#rules.goesOnBehindEmpty) break;
      if (!final) continue;
      if (!this.#rules.readsBehindFinal) break;
      if (this.#rules.alignsBehindFinal) this.#align();
      if (!this.#rules.keepsBehindFinal) this.#start = this.#output.length;
    }
    return Uint8Array.from(this.#output);
  }

  #take(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3] as number | undefined;
      if (byte === undefined) throw new Error("the message ends inside a block");
      value |= (byte >> (this.#at & 7) & 1) << bit;
    }
    return value;
  }

  #align(): void {
    this.#at = this.#at + 7 & ~7;
  }

  #stored(): void {
    this.#align();
    const length = this.#take(16);
    const confirmed = this.#take(16) ^ 0xffff;
    if (length !== confirmed && this.#rules.wantsConfirmation || length > this.#rules.maxStored) throw new Error("a stored block is too long");
    for (let count = 0; count < length; count++) this.#output.push(this.#take(8));
  }

  #dynamic(): void {
    const rules = this.#rules;
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const given = this.#take(4) + 4;
    const lengths: number[] = ORDER.map(() => 0);
    for (const symbol of ORDER.slice(0, given)) lengths[symbol] = this.#take(3);
    const table = makeTable(lengths, false);
    const all: number[] = [];
    while (all.length < literals + distances) {
      const symbol = this.#symbol(table);
      const repeated = symbol === 16 ? all.at(-1) : 0;
      if (repeated === undefined && !rules.repeatsNothing) throw new Error("nothing is repeated");
      const times = symbol < 16 ? 1 : symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      const isAcross = all.length < literals && all.length + times > literals;
      if (isAcross && symbol === 16 && !rules.repeatsAcross) throw new Error("a length is repeated for codes of both kinds");
      for (let count = 0; count < times; count++) all.push(symbol < 16 ? symbol : repeated ?? 0);
    }
    if (all.length > literals + distances && !rules.repeatsPast) throw new Error("a length is repeated too often");
    const [first, second] = [all.slice(0, literals), all.slice(literals, literals + distances)];
    const used = second.filter((length) => length > 0).length;
    if (first[256] === 0 && rules.wantsEnd || used < rules.leastDistances) throw new Error("a code is missing");
    if (Math.max(...first) > rules.maxLiteralBits || Math.max(...second) > rules.maxDistanceBits) throw new Error("a code is too long");
    this.#codes(makeTable(first, false), makeTable(second, rules.takesUnusedCode && used === 1));
  }

  #codes(literals: Table, distances: Table): void {
    for (let symbol = this.#symbol(literals); symbol !== 256; symbol = this.#symbol(literals)) {
      if (symbol < 256) {
        this.#output.push(symbol);
        continue;
      }
      if (symbol > 285) throw new Error("a length is none");
      const length = LENGTHS[symbol - 257] + this.#take(LENGTH_BITS[symbol - 257]);
      const code = this.#symbol(distances);
      if (code > 29) throw new Error("a distance is none");
      this.#copy(...this.#rules.reference(length, DISTANCES[code] + this.#take(DISTANCE_BITS[code])));
    }
  }

  #copy(length: number, distance: number): void {
    const end = this.#output.length;
    const from = end - distance;
    if (from < this.#start || distance > this.#reach) throw new Error("a reference is too far");
    for (let at = from; at < from + length; at++) {
      const byte = at < 0 ? this.#window[this.#window.length + at] : this.#output[at];
      this.#output.push(at >= end && !this.#rules.seesOwnCopy ? 0 : byte);
    }
  }

  #symbol(table: Table): number {
    let bits = 0;
    for (let length = 1; length <= 15; length++) {
      bits = bits << 1 | this.#take(1);
      const symbol = table.get(length << 16 | bits);
      if (symbol !== undefined) return symbol;
    }
    throw new Error("a code stands for nothing");
  }
}

/** With `doubled`, the one code there is stands for both bits. */
function makeTable(lengths: readonly number[], doubled: boolean): Table {
  const table = new Map<number, number>();
  for (let length = 1, code = 0; length <= 15; length++, code <<= 1) {
    for (const [symbol, own] of lengths.entries()) {
      if (own !== length) continue;
      if (code >> length > 0) throw new Error("there are more codes than fit");
      table.set(length << 16 | code++, symbol);
      if (doubled) table.set(length << 16 | code, symbol);
    }
  }
  return table;
}

/** Bytes of payload: more than any message of the cases has that is not to be refused for what it becomes. */
const MAY_BE_BOMB = 132_000;
const FIXED_LITERALS = makeTable(Array.from({ length: 288 }, (_, at) => at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8), false);
const FIXED_DISTANCES = makeTable(Array.from({ length: 32 }, () => 5), false);
