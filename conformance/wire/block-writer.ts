/**
 * Blocks of DEFLATE written by hand, right and wrong (RFC 1951, section 3.2): what zlib may not make of a message, but a sender may.
 * @module
 */
import { DISTANCE_BITS, DISTANCES, LENGTH_BITS, LENGTHS, ORDER } from "./blocks.ts";

/** A literal, or any symbol of its alphabet without the bits behind it; a reference so many bytes long and far back; a code for a distance alone. */
export type Token = number | readonly [length: number, distance: number] | { readonly distanceCode: number };

/** The lengths of the codes in a block: for literals and lengths, and for distances. Those that are not named have none. */
export interface Codes {
  readonly literals: ReadonlyMap<number, number>;
  readonly distances: ReadonlyMap<number, number>;
  /** How the lengths are told, where not each on its own: symbols from 0 to 18, with what is in the bits behind them. */
  readonly told?: readonly (number | readonly [symbol: number, extra: number])[];
}

/** Writes blocks one behind the other. */
export class BlockWriter {
  readonly #bytes: number[] = [];
  #hold = 0;
  #count = 0;

  /** A block without compression (3.2.4). `confirmed` is the length again, where it is not the same. */
  stored(bytes: Uint8Array, final = false, confirmed: number = bytes.length): this {
    this.#number(final ? 1 : 0, 3);
    this.#align();
    this.#number(bytes.length, 16);
    this.#number(~confirmed & 0xffff, 16);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** A block with the codes that everybody knows (3.2.6). */
  fixed(tokens: Iterable<Token>, final = false): this {
    this.#number(final ? 3 : 2, 3);
    return this.#tokens(tokens, FIXED_LITERALS, FIXED_DISTANCES, final);
  }

  /** A block with codes of its own (3.2.7). */
  dynamic({ literals, distances, told }: Codes, tokens: Iterable<Token>, final = false): this {
    const lengthsOf = (codes: ReadonlyMap<number, number>, least: number): number[] =>
      Array.from({ length: Math.max(least, ...[...codes.keys()].map((symbol) => symbol + 1)) }, (_, symbol) => codes.get(symbol) ?? 0);
    const [first, second] = [lengthsOf(literals, 257), lengthsOf(distances, 1)];
    this.#number(final ? 5 : 4, 3);
    this.#number(first.length - 257, 5);
    this.#number(second.length - 1, 5);
    this.#number(ORDER.length - 4, 4);
    for (const symbol of ORDER) this.#number(OF_LENGTHS[symbol], 3);
    const codes = makeCodes(OF_LENGTHS);
    for (const each of told ?? [...first, ...second]) {
      const [symbol, extra] = typeof each === "number" ? [each, 0] : each;
      this.#code(codes, symbol);
      this.#number(extra, EXTRA_BITS[symbol] ?? 0);
    }
    return this.#tokens(tokens, makeCodes(first), makeCodes(second), final);
  }

  /** What was written so far, up to a whole byte. */
  bytes(): Uint8Array {
    this.#align();
    return Uint8Array.from(this.#bytes);
  }

  /** A message's payload: behind the last block there is an empty one, whose last four bytes are left out (RFC 7692, section 7.2.1). */
  payload(): Uint8Array {
    this.#number(0, 3);
    return this.bytes();
  }

  #tokens(tokens: Iterable<Token>, literals: readonly Code[], distances: readonly Code[], final: boolean): this {
    for (const token of tokens) {
      if (typeof token === "number") this.#code(literals, token);
      else if ("distanceCode" in token) this.#code(distances, token.distanceCode);
      else {
        const [length, distance] = token;
        const at = LENGTHS.findLastIndex((start) => start <= length);
        this.#code(literals, 257 + at);
        this.#number(length - LENGTHS[at], LENGTH_BITS[at]);
        const far = DISTANCES.findLastIndex((start) => start <= distance);
        this.#code(distances, far);
        this.#number(distance - DISTANCES[far], DISTANCE_BITS[far]);
      }
    }
    if (literals[256].bits > 0) this.#code(literals, 256);
    if (final) this.#align(); // what follows begins with a byte of its own
    return this;
  }

  /** A code begins with its highest bit. */
  #code(codes: readonly Code[], symbol: number): void {
    const { value, bits } = codes[symbol];
    for (let at = bits - 1; at >= 0; at--) this.#number(value >> at & 1, 1);
  }

  /** A number begins with its lowest bit. */
  #number(value: number, bits: number): void {
    for (let at = 0; at < bits; at++) {
      this.#hold |= (value >> at & 1) << this.#count;
      if (++this.#count === 8) this.#align();
    }
  }

  #align(): void {
    if (this.#count > 0) this.#bytes.push(this.#hold);
    this.#hold = this.#count = 0;
  }
}

interface Code {
  readonly value: number;
  readonly bits: number;
}

/** Codes from their lengths (3.2.2). */
function makeCodes(lengths: readonly number[]): Code[] {
  const codes: Code[] = lengths.map((bits) => ({ value: 0, bits }));
  for (let bits = 1, next = 0; bits <= 15; bits++, next <<= 1) {
    for (const [symbol, length] of lengths.entries()) if (length === bits) codes[symbol] = { value: next++, bits };
  }
  return codes;
}

const FIXED_LITERALS = makeCodes(Array.from({ length: 288 }, (_, at) => at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
const FIXED_DISTANCES = makeCodes(Array.from({ length: 32 }, () => 5));
/** The codes in which lengths are told: 5 bits for each length, and less for those that repeat one. */
const OF_LENGTHS: readonly number[] = [...Array.from({ length: 16 }, () => 5), 3, 3, 2];
const EXTRA_BITS: Readonly<Record<number, number>> = { 16: 2, 17: 3, 18: 7 };
