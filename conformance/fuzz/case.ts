/**
 * What is tried, and what tries it. A case is the same four things for every target, so that one shrinker and one line of text serve all.
 * @module
 */
import { Buffer } from "node:buffer";
import type { Random } from "./random.ts";
import type { Subject } from "./subject.ts";

/** One input. */
export interface Case {
  /** The name of the target it is for. */
  readonly target: string;
  /** What else the target needs to know, in bits: the role, limits, how the application behaves. */
  readonly flags: number;
  /** What is fed. */
  readonly bytes: Uint8Array;
  /** Where the bytes are cut, in order; "each" for byte by byte. */
  readonly cuts: Cuts;
}

/** Where bytes are cut. */
export type Cuts = readonly number[] | "each";

/** What was worked through. */
export interface Tally {
  frames: number;
  heads: number;
}

/** The parts that can be asked for by name. */
export type Group = "frames" | "heads" | "deflate";

/** One thing to try. */
export interface Target {
  /** Stands in front of a case's text. */
  readonly name: string;
  readonly group: Group;
  /** How often its turn comes. */
  readonly weight: number;
  /** True when its inputs are no frames or heads that count for a budget. */
  readonly uncounted?: boolean;
  /** True when it slows down what runs beside it: its turns come many at a time. */
  readonly apart?: boolean;
  /** True when its cases mean the same however they are cut. */
  readonly cuttable: boolean;
  /** How often shrinking may try; 5,000 times when it is not said. */
  readonly tries?: number;
  /** Where the pieces begin that bytes are made of, the first at 0: shrinking leaves them out one by one. */
  starts(bytes: Uint8Array): readonly number[];
  /** Makes an input. */
  make(random: Random): Case;
  /** Tries one: what is wrong, as "kind: sentence", or undefined. What it throws is wrong too. */
  check(one: Case, subject: Subject, tally: Tally): string | undefined;
}

/** The case as one word that `toCase` reads. */
export function toText({ target, flags, bytes, cuts }: Case): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return `${target}:${flags}:${hex}:${cuts === "each" ? cuts : cuts.join(",")}`;
}

/** Reads the text of a case. @throws {Error} with a sentence when it is none */
export function toCase(text: string): Case {
  const match = /^([a-z-]+):([0-9]+):((?:[0-9a-f]{2})*):(each|[0-9,]*)$/.exec(text.trim());
  if (match === null) throw new Error(`Cannot replay "${text.slice(0, 60)}": it is not "target:flags:hex:cuts" as a failure prints it`);
  const [, target, flags, hex, cuts] = match;
  return {
    target,
    flags: Number(flags),
    bytes: Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)),
    cuts: cuts === "each" ? cuts : cuts.split(",").filter((cut) => cut !== "").map(Number),
  };
}

/** The bytes in pieces, cut at the places that lie within them; each an array of its own, as from a socket. */
export function piecesOf(bytes: Uint8Array, cuts: Cuts): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  const put = (to: number): void => {
    if (to <= from || to > bytes.length) return;
    pieces.push(bytes.slice(from, to));
    from = to;
  };
  if (cuts === "each") for (let to = 1; to <= bytes.length; to++) put(to);
  else for (const to of cuts) put(to);
  put(bytes.length);
  return pieces;
}

/** All of the pieces as one array. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Where lines begin. */
export function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = 0; at < bytes.length - 1; at++) if (bytes[at] === 10) starts.push(at + 1);
  return starts;
}

/** Where frames begin, as far as their lengths are true. */
export function frameStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.push(at);
    const short = bytes[at + 1] & 127;
    const more = short === 127 ? 8 : short === 126 ? 2 : 0;
    let length = more === 0 ? short : 0;
    for (let i = 0; i < more; i++) length = length * 256 + bytes[at + 2 + i];
    at += 2 + more + (bytes[at + 1] > 127 ? 4 : 0) + length;
    if (Number.isNaN(at)) break; // a header that is cut
  }
  return starts;
}

/** True for the same bytes. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** One byte for each character, its low eight bits. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** The meaning of the input at hand, read once: its cuts are tried one after the other. */
export function remembered<Meaning>(read: (one: Case) => Meaning): (one: Case) => Meaning {
  let last: { readonly bytes: Uint8Array; readonly flags: number; readonly meaning: Meaning } | undefined;
  return (one) => {
    if (last?.bytes !== one.bytes || last.flags !== one.flags) last = { bytes: one.bytes, flags: one.flags, meaning: read(one) };
    return last.meaning;
  };
}
