/**
 * The blocks of compressed messages, right and wrong (RFC 7692, section 7.2.2; RFC 1951, section 3.2).
 * @module
 */
import { binary, concat, fragments, hex, slices, text, toBytes } from "../../frames.ts";
import { BlockWriter, type Codes, type Token } from "../block-writer.ts";
import { DISTANCE_BITS, DISTANCES } from "../blocks.ts";
import type { Draft, Rule, Send } from "../case.ts";
import { deflate as compress } from "../codec.ts";
import { cut, PAYLOADS, random } from "../payloads.ts";
import {
  COMPRESSED, DEFLATED as HELLO, DEFLATED_AGAIN as HELLO_AGAIN, DEFLATED_FINAL as HELLO_FINAL, echoed, failing, inFrames, of, sent, type Unruled,
} from "./deflate-ways.ts";

const ANY_BLOCKS: Rule = { name: "any-blocks", rfc: 7692, section: "7.2.2", says: "Whatever blocks DEFLATE allows are restored, and may refer to earlier messages" };
const NO_BLOCKS: Rule = { name: "no-blocks", rfc: 7692, section: "7.2.2", says: "What is no whole compressed message fails the connection" };
const FINAL_BLOCKS: Rule = { name: "final-blocks", rfc: 7692, section: "7.2.2", says: "A block that is marked as the last ends neither its message nor the context" };
const ALL_CODES: Rule = { name: "all-codes", rfc: 7692, section: "7.2.2", says: "Codes of any lengths, and references of any length and distance, are understood" };

const VERSE = PAYLOADS[2];
const NOISE = Uint8Array.from({ length: 33_000 }, ((next) => () => next(256))(random(22)));
const TWICE = concat([NOISE, NOISE]).subarray(0, 65_535);
const NAME = "permessage-deflate";
/** "!" */
const MARK = 0x21;
/** "Hello", where it came right before. */
const AGAIN: readonly Token[] = [0x48, [4, 5]];
/** Codes for the letters of "Hello". */
const LETTERS: Codes = { literals: new Map([[0x48, 3], [0x65, 3], [0x6c, 2], [0x6f, 2], [256, 2]]), distances: new Map() };

/** Section 7.2.2 of RFC 7692. */
export const deflateBlocks: readonly Draft[] = [
  ...of(FINAL_BLOCKS, finals()), ...of(ANY_BLOCKS, streams()), ...of(NO_BLOCKS, wrongData()),
  ...of(FINAL_BLOCKS, moreFinals()), ...of(ALL_CODES, [...codes(), ...references()]), ...of(NO_BLOCKS, wrongCodes()),
];

/** Blocks that say they are the last. */
function finals(): Unruled[] {
  const hello = text("Hello");
  return [
    echoed("Messages behind a block marked as the last are echoed, and refer to each other",
      [text(HELLO_FINAL, COMPRESSED), text(HELLO, COMPRESSED), text(HELLO_AGAIN, COMPRESSED)], [hello, hello, hello], true),
    echoed("A message of two blocks marked as the last is echoed", [text(concat([HELLO_FINAL.subarray(0, 7), HELLO_FINAL]), COMPRESSED)], [text("HelloHello")]),
    echoed("A message with a block marked as the last in its middle is echoed", [text(concat([HELLO_FINAL.subarray(0, 7), HELLO]), COMPRESSED)], [text("HelloHello")]),
  ];
}

/** What DEFLATE lets a sender do. */
function streams(): Unruled[] {
  const hello = text("Hello");
  const verse = VERSE.bytes().subarray(0, 40_000);
  const far = concat([NOISE.subarray(-32_768, -32_765), Uint8Array.of(MARK)]);
  const stored = storedBlocks(verse);
  return [
    echoed("Messages that are not compressed are echoed between those that are, which refer to each other past them",
      [text(HELLO, COMPRESSED), text("in between"), text(HELLO_AGAIN, COMPRESSED), binary("in between"), text(HELLO_AGAIN, COMPRESSED)],
      [hello, text("in between"), hello, binary("in between"), hello], true),
    echoed("A message that refers to one in fragments is echoed", [...inFrames(1, HELLO, 2), text(HELLO_AGAIN, COMPRESSED)], [hello, hello], true),
    echoed("A message that refers to text in fragments as binary is echoed",
      [...inFrames(1, HELLO, 1), ...inFrames(2, HELLO_AGAIN, 2)], [hello, binary("Hello")], true),
    echoed("A message in stored blocks, and one that refers to it, are echoed",
      [binary(stored, COMPRESSED), binary(compress(verse, 15, verse.slice(-32_768)), COMPRESSED)], [binary(verse), binary(verse)], true),
    echoed("A reference as far back as the largest window is followed",
      [binary(compress(NOISE), COMPRESSED), binary(fixed([[3, 32_768], MARK]), COMPRESSED)], [binary(NOISE), binary(far)], true),
    echoed("A message of empty blocks alone is echoed", [binary(concat([hex("00 00 00 ff ff"), hex("02 00")]), COMPRESSED)], [binary("")]),
    echoed("A message that compression makes longer is echoed", [binary(compress(NOISE), COMPRESSED)], [binary(NOISE)]),
    sent("Messages that are not compressed are echoed though compression is agreed on", [{ frames: [text("a"), binary("b"), ...fragments(1, "cde", 1)] }],
      [text("a"), binary("b"), text("cde")]),
    sent("Compressed messages of all kinds of data are echoed, one by one", PAYLOADS.map((payload): Send => ({ series: cut(payload, 5_000, 4), size: 1_000 }))),
  ];
}

/** What is no compressed message (section 7.2.2, RFC 1951). */
function wrongData(): Unruled[] {
  const broken: readonly (readonly [title: string, payload: Uint8Array, taken?: string])[] = [
    ["A block of a type that is none", hex("06 00")],
    ["A message of bytes that are no blocks", hex("ff ff ff ff ff ff ff ff")],
    ["A stored block whose length is not confirmed", hex("00 05 00 fa fe 48 65 6c 6c 6f 00")],
    ["A reference to what was before the first message", HELLO_AGAIN],
    ["A length that is none", fixed([286])],
    ["A distance that is none", fixed([65, 257, { distanceCode: 30 }])],
    ["A table of more codes than fit", hex("04 c0 ff ff ff ff ff ff 00")],
    ["A message that ends inside a block", HELLO.subarray(0, -2), "Hellh"], // with what is put behind it
    ["A message without its last byte", HELLO.subarray(0, -1), "Hello"],
    ["A message that ends inside a stored block", hex("00 05 00 fa ff 48 65")],
    ["A compressed message without any byte", hex(""), ""],
    ["A message whose tail was not removed", concat([HELLO, hex("00 00 ff ff")]), "Hello"],
  ];
  return [
    ...broken.map(([title, payload, taken]) => wrong(title, payload, taken)),
    failing("Bytes that are no blocks fail the connection, and the messages before are echoed",
      [text(HELLO, COMPRESSED), text(HELLO, COMPRESSED), text(hex("ff ff ff"), COMPRESSED), text(HELLO, COMPRESSED)], 1007, [text("Hello"), text("Hello")]),
    failing("Text that is not UTF-8 once it is decompressed fails the connection", [text(compress(hex("48 c3 28")), COMPRESSED)], 1007),
    failing("Text that ends inside a character once it is decompressed fails the connection", [text(compress(hex("48 c3")), COMPRESSED)], 1007),
  ];
}

function moreFinals(): Unruled[] {
  const hello = text("Hello");
  const again = new BlockWriter().fixed(AGAIN, true).payload();
  const whole: readonly (readonly [string, Uint8Array])[] = [
    ["in a stored block marked as the last", new BlockWriter().stored(toBytes("Hello"), true).payload()],
    ["in a block with codes of its own marked as the last", new BlockWriter().dynamic(LETTERS, toBytes("Hello"), true).payload()],
    ["in front of an empty block marked as the last", new BlockWriter().fixed(toBytes("Hello")).fixed([], true).payload()],
    ["behind an empty stored block marked as the last", new BlockWriter().stored(new Uint8Array(0), true).fixed(toBytes("Hello")).payload()],
  ];
  return [
    ...whole.map(([where, payload]) => echoed(`A message ${where} is echoed`, [text(payload, COMPRESSED)], [hello])),
    echoed("An empty message in a block marked as the last is echoed", [text(new BlockWriter().fixed([], true).payload(), COMPRESSED)], [text("")]),
    echoed("Three messages, each in a block marked as the last, are echoed, and refer to each other", [HELLO_FINAL, again, again].map((payload) => text(payload, COMPRESSED)), [hello, hello, hello], true),
    echoed("A reference past a block marked as the last, inside one message, is followed",
      [text(new BlockWriter().fixed(toBytes("Hello"), true).fixed(AGAIN).payload(), COMPRESSED)], [text("HelloHello")]),
    echoed("A message in a block marked as the last, in frames of a byte, is echoed", inFrames(1, HELLO_FINAL, 1), [hello]),
    echoed("A message whose first fragment ends with a block marked as the last is echoed whole", inFrames(1, concat([HELLO_FINAL.subarray(0, 7), HELLO]), 7), [text("HelloHello")]),
  ];
}

/** Codes that zlib seldom makes. */
function codes(): Unruled[] {
  const deep = new Map([...Array.from({ length: 14 }, (_, at) => [97 + at, at + 1] as const), [256, 15], [257, 15]]);
  const letters = [...deep.keys()].filter((symbol) => symbol < 256);
  const start = NOISE.subarray(0, 300);
  const near = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193];
  return [
    coded("A block with a single code for distances, of one bit, is read", { literals: new Map([[97, 2], [98, 2], [256, 2], [258, 2]]), distances: new Map([[0, 1]]) }, [97, 98, [4, 1], 97]),
    coded("A block without any code for distances is read", { literals: new Map([[97, 1], [256, 1]]), distances: new Map() }, [97, 97, 97]),
    coded("A block whose codes have up to 15 bits is read", { literals: deep, distances: new Map([[0, 1]]) }, [...letters, [3, 1], ...letters]),
    coded("A block whose codes for distances have up to 15 bits is read",
      { literals: new Map([[256, 1], [257, 1]]), distances: new Map(near.map((_, at) => [at, Math.min(15, at + 1)])) }, near.map((distance): Token => [3, distance]), start),
    coded("A block is read whose lengths of codes are repeated from those for literals on into those for distances", {
      literals: new Map([[97, 2], [98, 2], [256, 2], [257, 2]]), distances: new Map([[0, 2], [1, 2], [2, 2], [3, 2]]),
      told: [[18, 86], 2, 2, [18, 127], [18, 8], 2, [16, 2]],
    }, [97, 98, [3, 2], [3, 4]]),
    echoed("An empty block with codes of its own, between two others, is read",
      [text(new BlockWriter().fixed(toBytes("Hel")).dynamic(LETTERS, []).fixed(toBytes("lo")).payload(), COMPRESSED)], [text("Hello")]),
    echoed("A stored block of 65,535 bytes is read", [binary(new BlockWriter().stored(TWICE).payload(), COMPRESSED)], [binary(TWICE)]),
  ];
}

/** References of all kinds. */
function references(): Unruled[] {
  const all = Array.from({ length: 256 }, (_, at): Token => [at + 3, 3]);
  const far = DISTANCES.flatMap((least, at): Token[] => [[3, least], [3, least + 2 ** DISTANCE_BITS[at] - 1]]);
  const overlapping = Array.from({ length: 20 }, (_, at): Token => [30 + at, at + 1]);
  const parts = [NOISE.subarray(0, 11_000), NOISE.subarray(11_000, 22_000), NOISE.subarray(22_000)];
  const oldest = NOISE.subarray(-32_768);
  return [
    made("References of every length from 3 to 258 are followed", [97, 98, 99, ...all]),
    made("References to the nearest and the farthest that each code for a distance can say are followed", far, NOISE.subarray(0, 32_768)),
    made("References that are longer than they reach back, from 1 to 20 bytes, are followed", overlapping, NOISE.subarray(0, 20)),
    made("300 references of 258 bytes to the last byte are followed", [MARK, ...Array.from({ length: 300 }, (): Token => [258, 1])]),
    echoed("A reference of 258 bytes as far back as the largest window is followed",
      [binary(compress(NOISE), COMPRESSED), binary(fixed([[258, 32_768]]), COMPRESSED)], [binary(NOISE), binary(oldest.subarray(0, 258))], true),
    echoed("A reference as far back as the largest window, past several messages, is followed",
      [...parts.map((part) => binary(compress(part), COMPRESSED)), binary(fixed([[100, 32_768]]), COMPRESSED)], [...parts.map((part) => binary(part)), binary(oldest.subarray(0, 100))], true),
    echoed("A reference that begins in the message before and goes on in its own is followed",
      [text(fixed(toBytes("abc")), COMPRESSED), text(fixed([[10, 3]]), COMPRESSED)], [text("abc"), text("abcabcabca")], true),
    ...[8, 9].map((bits) => narrow(bits, 2 ** bits)),
  ];
}

/** A client is told that the tester's window is small, and gets a reference as far back as it reaches. */
function narrow(bits: number, distance: number): Unruled {
  return {
    ...made(`A reference ${distance} bytes back is followed by a client that was told server_max_window_bits=${bits}`, [[5, distance]], NOISE.subarray(0, distance + 50)),
    only: "client",
    deflate: { offer: "", answer: (offers) => offers.some(({ name }) => name === NAME) ? `${NAME}; server_max_window_bits=${bits}` : undefined },
  };
}

/** Codes that are none, or do not say what they must. */
function wrongCodes(): Unruled[] {
  const one = new Map([[97, 1], [256, 1]]);
  const broken: readonly (readonly [title: string, codes: Codes, tokens: readonly Token[], taken?: string])[] = [
    ["A block that repeats the length of a code before there is one", { literals: one, distances: new Map(), told: [[16, 0], [18, 83], 1, [18, 127], [18, 9], 1, 0] }, [97]],
    ["A block that repeats the length of a code more often than it has codes", { literals: one, distances: new Map(), told: [[18, 86], 1, [18, 127], [18, 9], 1, [18, 0]] }, [97]],
    ["A block without a code for its end", { literals: new Map([[97, 1], [98, 1]]), distances: new Map() }, [97, 98, 97]],
    ["A reference with a code for a distance that the block does not have", {
      literals: new Map([[97, 2], [98, 2], [256, 2], [257, 2]]), distances: new Map([[0, 1], [1, 1]]), told: [[18, 86], 2, 2, [18, 127], [18, 8], 2, 2, 1, 0],
    }, [97, 98, [3, 2]], "abbbb"],
  ];
  return broken.map(([title, codes, tokens, taken]) => wrong(title, new BlockWriter().dynamic(codes, tokens).payload(), taken));
}

/** A payload that is no message. What some make of it all the same is not strict: nothing says that it must fail the connection. */
function wrong(title: string, payload: Uint8Array, taken?: string): Unruled {
  return { ...failing(`${title} fails the connection`, [text(payload, COMPRESSED)], 1007), ...(taken === undefined ? {} : { tolerated: [text(taken)] }) };
}

/** The message of a block with codes of its own, behind a stored block. */
function coded(title: string, codes: Codes, tokens: readonly Token[], before: Uint8Array = new Uint8Array(0)): Unruled {
  const writer = new BlockWriter();
  if (before.length > 0) writer.stored(before);
  return echoed(title, [binary(writer.dynamic(codes, tokens).payload(), COMPRESSED)], [binary(restore(tokens, before))]);
}

/** The message of a block with the usual codes, behind a stored block. */
function made(title: string, tokens: readonly Token[], before: Uint8Array = new Uint8Array(0)): Unruled {
  const writer = new BlockWriter();
  if (before.length > 0) writer.stored(before);
  return echoed(title, [binary(writer.fixed(tokens).payload(), COMPRESSED)], [binary(restore(tokens, before))]);
}

function fixed(tokens: Iterable<Token>): Uint8Array {
  return new BlockWriter().fixed(tokens).payload();
}

/** What literals and references stand for. */
function restore(tokens: readonly Token[], before: Uint8Array): Uint8Array {
  const bytes = [...before];
  for (const token of tokens) {
    if (typeof token === "number") bytes.push(token);
    else if (!("distanceCode" in token)) for (let count = 0; count < token[0]; count++) bytes.push(bytes[bytes.length - token[1]]);
  }
  return Uint8Array.from(bytes);
}

/** A payload of blocks that are not compressed. */
function storedBlocks(bytes: Uint8Array): Uint8Array {
  const writer = new BlockWriter();
  for (const piece of slices(bytes, 1000)) writer.stored(piece);
  return writer.payload();
}
