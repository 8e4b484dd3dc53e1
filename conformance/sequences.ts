/**
 * UTF-8 sequences, valid and not (RFC 3629), in the order in which Markus Kuhn's decoder stress test has them. The vectors
 * and the wire cases share them.
 * @module
 */
import { concat, decode, hex, toBytes } from "./frames.ts";

/** Bytes that are text, or are not. */
export interface Sequence {
  /** What it is, in a few words. */
  readonly name: string;
  /** The sixth group's number of the wire case, such as "6.5.1". */
  readonly id: string;
  readonly valid: boolean;
  readonly bytes: Uint8Array;
}

/** A Greek word of five characters in eleven bytes. */
export const GREEK: Uint8Array = hex("ce ba e1 bd b9 cf 83 ce bc ce b5");

/** All of them, by number. */
export const SEQUENCES: readonly Sequence[] = [
  ...group("6.5", "text", true, [
    hex("68 65 6c 6c 6f 24 77 6f 72 6c 64"), hex("68 65 6c 6c 6f c2 a2 77 6f 72 6c 64"), hex("68 65 6c 6c 6f e2 82 ac 77 6f 72 6c 64"),
    hex("68 65 6c 6c 6f f0 a4 ad a2 77 6f 72 6c 64"), GREEK,
  ]),
  ...Array.from(GREEK, (_, at) => {
    const bytes = GREEK.subarray(0, at + 1);
    const valid = [2, 5, 7, 9, 11].includes(at + 1);
    return { id: `6.6.${at + 1}`, name: `the first ${at + 1} of the eleven bytes of a Greek word`, valid, bytes };
  }),
  ...group("6.7", "the first sequence of its length", true, ["00", "c2 80", "e0 a0 80", "f0 90 80 80"]),
  ...group("6.8", "the first sequence of 5 or 6 bytes", false, ["f8 88 80 80 80", "fc 84 80 80 80 80"]),
  ...group("6.9", "the last sequence of its length", true, ["7f", "df bf", "ef bf bf", "f4 8f bf bf"]),
  ...group("6.10", "the last sequence of its length, past Unicode", false, ["f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"]),
  ...group("6.11", "next to a boundary", true, ["ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"]),
  { id: "6.11.5", name: "the first character past Unicode", valid: false, bytes: hex("f4 90 80 80") },
  ...group("6.12", "continuation bytes alone", false, [
    "80", "bf", "80 bf", "80 bf 80", "80 bf 80 bf", "80 bf 80 bf 80", "80 bf 80 bf 80 bf", range(0x80, 0xbf),
  ]),
  ...group("6.13", "first bytes alone, each before a blank", false, [
    blanks(0xc0, 0xdf), blanks(0xe0, 0xef), blanks(0xf0, 0xf7), blanks(0xf8, 0xfb), blanks(0xfc, 0xfd),
  ]),
  ...group("6.14", "the last byte is missing", false, [
    "c0", "e0 80", "f0 80 80", "f8 80 80 80", "fc 80 80 80 80", "df", "ef bf", "f7 bf bf", "fb bf bf bf", "fd bf bf bf bf",
  ]),
  ...group("6.15", "many whose last byte is missing", false, [
    "c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df ef bf f7 bf bf fb bf bf bf fd bf bf bf bf",
  ]),
  ...group("6.16", "bytes that are in no text", false, ["fe", "ff", "fe fe ff ff"]),
  ...group("6.17", "a slash in too many bytes", false, [
    "c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af",
  ]),
  ...group("6.18", "the last character that fits fewer bytes", false, [
    "c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf",
  ]),
  ...group("6.19", "NUL in too many bytes", false, [
    "c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80",
  ]),
  ...group("6.20", "a surrogate", false, [
    "ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80", "ed be 80", "ed bf bf",
  ]),
  ...group("6.21", "a pair of surrogates", false, [
    "ed a0 80 ed b0 80", "ed a0 80 ed bf bf", "ed ad bf ed b0 80", "ed ad bf ed bf bf",
    "ed ae 80 ed b0 80", "ed ae 80 ed bf bf", "ed af bf ed b0 80", "ed af bf ed bf bf",
  ]),
  ...group("6.22", "a code point that is no character", true, Array.from({ length: 34 }, (_, at) =>
    toBytes(String.fromCodePoint((at >> 1) * 0x1_0000 + 0xfffe + (at % 2))))),
  ...group("6.23", "a special character", true, Array.from({ length: 7 }, (_, at) => toBytes(String.fromCharCode(0xfff9 + at)))),
];

/** Those that are text. */
export const VALID: readonly Sequence[] = SEQUENCES.filter(({ valid }) => valid);
/** Those that are not. */
export const INVALID: readonly Sequence[] = SEQUENCES.filter(({ valid }) => !valid);

/** Where no valid text can go on as these bytes do; undefined when they only lack an end. Found by trying every kind of end. */
export function firstImpossible(bytes: Uint8Array): number | undefined {
  return Array.from(bytes, (_, index) => index).find((index) => !ENDS.some((end) => decode(concat([bytes.subarray(0, index + 1), end])) !== undefined));
}

function group(id: string, what: string, valid: boolean, all: readonly (string | Uint8Array)[]): Sequence[] {
  return all.map((digits, at) => {
    const bytes = typeof digits === "string" ? hex(digits) : digits;
    const shown = Array.from(bytes.subarray(0, 15), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    return { id: `${id}.${at + 1}`, name: `${what} (${shown}, number ${id}.${at + 1})`, valid, bytes };
  });
}

/** Up to three continuation bytes, each next to a boundary of some table of RFC 3629. */
const ENDS: readonly Uint8Array[] = [0, 1, 2].reduce<Uint8Array[]>(
  (all) => [...all, ...all.flatMap((end) => [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf].map((byte) => concat([end, Uint8Array.of(byte)])))],
  [new Uint8Array(0)],
);

function range(first: number, last: number): Uint8Array {
  return Uint8Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function blanks(first: number, last: number): Uint8Array {
  return concat(Array.from(range(first, last), (byte) => Uint8Array.of(byte, 0x20)));
}
