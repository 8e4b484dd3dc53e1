/**
 * Peers that are wrong about some text, or change it (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { close, concat, decode, frame, toBytes } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import type { Rules } from "./peer/rules.ts";
import { expectUtf8, nextUtf8, UTF8_START } from "./peer/utf8.ts";
import { cutsOf, messagesOf } from "./streams.ts";
import { compresses, expects, framesOf, sendsBytes } from "./which.ts";

const READS_TEXT = "they await such text";
const CUT = "a character of what they send is cut";
const NO_TEXT = "what they send is no text";

/** An echo that changes text, told by the cases that await text which it changes. */
function rewrites(name: string, says: string, change: (said: string) => string): Mutant {
  const isChanged = expects(({ opcode, payload }) => opcode === 1 && change(decode(payload) ?? "") !== decode(payload));
  return {
    name, breaks: "text-as-it-is", says,
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? change(decode(payload) ?? "") : payload)] },
    only: [isChanged],
    alsoCaughtBy: [{ cases: [isChanged, compresses, sendsBytes], because: READS_TEXT }],
  };
}

type Next = Rules["nextUtf8"];

/** A decoder that takes too much, told by the cases whose text it takes. `make` gives a decoder for a new connection. */
function accepts(name: string, says: string, make: () => Next, { mayEnd = (state: number) => state === UTF8_START }: { readonly mayEnd?: (state: number) => boolean } = {}): Mutant {
  return {
    name, breaks: "invalid-text", says,
    change: () => ({ nextUtf8: make(), mayTextEnd: mayEnd }),
    only: [(item) => isTaken(item, make(), mayEnd)],
    alsoCaughtBy: [{ cases: ["failed", "no-blocks", compresses, sendsBytes], because: NO_TEXT }],
  };
}

/** Whether the first message of a case that is no text is taken for one. */
function isTaken({ send = [] }: Case, next: Next, mayEnd: (state: number) => boolean): boolean {
  let state: number | undefined = UTF8_START;
  let pieces: Uint8Array[] = [];
  for (const { opcode, payload, fin } of framesOf(send).filter((each) => each.opcode < 2)) {
    if (opcode === 1) [state, pieces] = [UTF8_START, []];
    pieces.push(payload);
    for (const byte of payload) state = state === undefined ? undefined : next(state, byte);
    if (state === undefined || fin && !mayEnd(state)) return false;
    if (fin && decode(concat(pieces)) === undefined) return true;
  }
  return true;
}

/** At the beginning of a character something else holds than should. */
function beginning(begin: (byte: number) => number | undefined): () => Next {
  return () => (state, byte) => state === UTF8_START ? begin(byte) ?? nextUtf8(state, byte) : nextUtf8(state, byte);
}

/** A character's bytes are on two sides of a cut. */
function isCutInside(before: Uint8Array): boolean {
  return decode(before) === undefined;
}

/** Text with fragments that end inside a character. */
function cutsInFragments(item: Case): boolean {
  return messagesOf(item).some(({ opcode, pieces }) => opcode === 1 && pieces.some((_, at) => at < pieces.length - 1 && isCutInside(concat(pieces.slice(0, at + 1)))));
}

/** Text that is cut inside a character by the end of a read. */
function cutsInReads(item: Case): boolean {
  return cutsOf(item).some(({ frame: { opcode, payload }, at, header }) => opcode === 1 && at > header && isCutInside(payload.subarray(0, at - header)));
}

/** Decoders that take too much or too little, and echoes that are not the same. */
export const moreText: readonly Mutant[] = [
  accepts("two-bytes-for-one", "takes characters in two bytes that need one", beginning((byte) => byte === 0xc0 || byte === 0xc1 ? expectUtf8(1) : undefined)),
  accepts("three-bytes-for-two", "takes characters in three bytes that need fewer", beginning((byte) => byte === 0xe0 ? expectUtf8(2) : undefined)),
  accepts("four-bytes-for-three", "takes characters in four bytes that need fewer", beginning((byte) => byte === 0xf0 ? expectUtf8(3) : undefined)),
  accepts("any-surrogates", "takes surrogates for characters", beginning((byte) => byte === 0xed ? expectUtf8(2) : undefined)),
  accepts("past-the-last", "takes characters past the last one of Unicode", beginning((byte) => byte >= 0xf4 && byte <= 0xf7 ? expectUtf8(3) : undefined)),
  accepts("five-and-six-bytes", "takes characters of five and of six bytes",
    beginning((byte) => byte >= 0xf8 && byte <= 0xfb ? expectUtf8(4) : byte === 0xfc || byte === 0xfd ? expectUtf8(5) : undefined)),
  accepts("lone-continuations", "takes continuation bytes alone", beginning((byte) => byte >= 0x80 && byte <= 0xbf ? UTF8_START : undefined)),
  accepts("fe-and-ff", "takes the bytes fe and ff for characters", beginning((byte) => byte >= 0xfe ? UTF8_START : undefined)),
  accepts("cut-short", "takes a character that is not finished when another begins", () => (state, byte) => state !== UTF8_START && (byte < 0x80 || byte >= 0xc2) ? nextUtf8(UTF8_START, byte) : nextUtf8(state, byte)),
  accepts("open-ends", "takes text that ends inside a character", () => nextUtf8, { mayEnd: () => true }),
  accepts("first-block", "looks at the first 64 bytes of text alone", () => {
    let count = 0;
    return (state, byte) => count++ < 64 ? nextUtf8(state, byte) : UTF8_START;
  }),
  accepts("first-64-kib", "looks at the first 60 KiB of text alone", () => {
    let count = 0;
    return (state, byte) => count++ < 61_440 ? nextUtf8(state, byte) : UTF8_START;
  }),
  {
    name: "forgets-cuts", breaks: "invalid-text", says: "forgets at the end of a fragment that a character is not finished",
    change: { stateAtCut: (state, at) => at === "fragment" ? UTF8_START : state },
    only: [(item) => /goes on with (?:a letter|the first byte of another)|with an empty last fragment/.test(item.title)],
    alsoCaughtBy: [{ cases: [cutsInFragments, compresses, sendsBytes], because: CUT }],
  },
  {
    name: "whole-reads", breaks: "text", says: "takes what was read of text at once for whole characters",
    change: { stateAtCut: (state) => state === UTF8_START ? state : undefined },
    only: [cutsInReads, cutsInFragments],
    alsoCaughtBy: [{ cases: [cutsInReads, cutsInFragments, compresses, sendsBytes, "invalid-text"], because: CUT }],
  },
  {
    name: "no-noncharacters", breaks: "text", says: "closes at text with code points that are no characters",
    change: { echo: ({ opcode, payload }) => [opcode === 1 && hasNoncharacters(payload) ? close(1007) : frame(opcode, payload)] },
    only: [expects(({ opcode, payload }) => opcode === 1 && hasNoncharacters(payload))],
    alsoCaughtBy: [{ cases: [expects(({ opcode, payload }) => opcode === 1 && hasNoncharacters(payload)), compresses], because: READS_TEXT }],
  },
  {
    name: "first-plane", breaks: "text", says: "replaces characters past the first 65536",
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? (decode(payload) ?? "").replace(/[\u{10000}-\u{10ffff}]/gu, "\ufffd") : payload)] },
    only: [expects(({ opcode, payload }) => opcode === 1 && payload.some((byte) => byte >= 0xf0))],
    alsoCaughtBy: [{ cases: [expects(({ opcode, payload }) => opcode === 1 && payload.some((byte) => byte >= 0xf0)), compresses], because: READS_TEXT }],
  },
  rewrites("no-marks", "takes byte order marks away", (said) => said.replaceAll("\ufeff", "")),
  rewrites("c-strings", "ends text at NUL", (said) => said.split("\0")[0]),
  rewrites("one-kind-of-line", "ends all lines in the same way", (said) => said.replace(/\r\n?/g, "\n")),
  rewrites("trims", "takes blanks away at both ends of text", (said) => said.trim()),
  rewrites("composes", "composes what is not composed", (said) => said.normalize("NFKC")),
  rewrites("no-control-characters", "takes control characters away", (said) => said.replace(/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "")),
  rewrites("no-format-characters", "takes characters away that only say how to show others", (said) => said.replace(/\p{Cf}/gu, "")),
  rewrites("in-utf-16", "loses what it cannot find in one unit of UTF-16", (said) => Array.from(said, (each) => each.length > 1 ? each[0] : each).join("")),
  {
    name: "binary-must-be-text", breaks: "binary-is-not-text", says: "closes at binary messages that are no UTF-8",
    change: { echo: ({ opcode, payload }) => [opcode === 2 && decode(payload) === undefined ? close(1007) : frame(opcode, payload)] },
    only: [expects(({ opcode, payload }) => opcode === 2 && decode(payload) === undefined), (item) => item.title.startsWith("Text behind a binary")],
    alsoCaughtBy: [{ cases: [expects(({ opcode }) => opcode === 2), compresses, sendsBytes], because: "they await binary messages" }],
  },
  {
    name: "binary-may-be-text", breaks: "binary-is-not-text", says: "echoes binary messages that are UTF-8 as text",
    change: { echo: ({ opcode, payload }) => [frame(decode(payload) === undefined ? opcode : 1, payload)] },
    only: [expects(({ opcode, payload }) => opcode === 2 && decode(payload) !== undefined)],
    alsoCaughtBy: [{ cases: [expects(({ opcode }) => opcode === 2), compresses, sendsBytes], because: "they await binary messages" }],
  },
  {
    name: "binary-through-text", breaks: "binary-is-not-text", says: "takes binary messages for text by the way, and replaces what is none",
    change: { echo: ({ opcode, payload }) => [frame(opcode, toBytes(Buffer.from(payload).toString()))] },
    only: [expects(({ opcode, payload }) => opcode === 2 && decode(payload) === undefined)],
    alsoCaughtBy: [{ cases: [expects(({ opcode }) => opcode === 2), compresses, sendsBytes], because: "they await binary messages" }],
  },
];

function hasNoncharacters(payload: Uint8Array): boolean {
  return Array.from(decode(payload) ?? "").some((each) => ((each.codePointAt(0) ?? 0) & 0xfffe) === 0xfffe);
}
