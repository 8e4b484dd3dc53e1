/**
 * Compressed messages, right and wrong, byte by byte (RFC 7692, sections 6 and 7.2).
 * @module
 */
import { binary, close, concat, fragments, type Frame, hex, more, ping, pong, text, toBytes } from "../../frames.ts";
import type { Deflate, Draft, Rule, Send } from "../case.ts";
import { accept } from "./deflate.ts";
import { deflate as compress } from "../codec.ts";
import { cut, PAYLOADS, random } from "../payloads.ts";

const RSV1 = 4;
const COMPRESSED = { rsv: RSV1 } as const;
const FIRST = { rsv: RSV1, fin: false } as const;
const MIB = 1024 * 1024;
/** "Hello" (section 7.2.3.1), and again as a reference to the message before (7.2.3.2). */
const HELLO = hex("f2 48 cd c9 c9 07 00");
const HELLO_AGAIN = hex("f2 00 11 00 00");
/** The same with a block that is marked as the last (7.2.3.4). */
const HELLO_FINAL = hex("f3 48 cd c9 c9 07 00 00");
const VERSE = PAYLOADS[2];

/** Whatever permessage-deflate a peer likes, as long as our window is the largest. */
const AGREED: Deflate = {
  offer: "permessage-deflate",
  answer: (offers) => offers.map((offer) => accept(offer, {})).find((answer) => answer !== undefined),
};

const EXAMPLES: Rule = { name: "deflate-examples", rfc: 7692, section: "7.2.3", says: "The RFC's own examples are restored" };
const ANY_BLOCKS: Rule = { name: "any-blocks", rfc: 7692, section: "7.2.2", says: "Whatever blocks DEFLATE allows are restored, and may refer to earlier messages" };
const FIRST_FRAME: Rule = { name: "compressed-frames", rfc: 7692, section: "6.2", says: "A compressed message may come in any frames; its first says that it is compressed" };
const RSV1_ELSEWHERE: Rule = { name: "rsv1-elsewhere", rfc: 7692, section: "6.1", says: "RSV1 anywhere but on a message's first frame fails the connection" };
const NO_BLOCKS: Rule = { name: "no-blocks", rfc: 7692, section: "7.2.2", says: "What is no whole compressed message fails the connection" };
const BOMBS: Rule = { name: "bombs", section: "10.4", says: "A message is measured by what it would become, before it has become that" };

/** Sections 6 and 7.2 of RFC 7692. */
export const compressed: readonly Draft[] = [
  ...of(EXAMPLES, examples()), ...of(ANY_BLOCKS, streams()), ...of(FIRST_FRAME, frames()), ...of(RSV1_ELSEWHERE, wrongFrames()), ...of(NO_BLOCKS, wrongData()), ...of(BOMBS, bombs()),
];

/** A case whose rule follows from its list. */
type Unruled = Omit<Draft, "rule">;

function of(rule: Rule, items: readonly Unruled[]): Draft[] {
  return items.map((item) => Object.defineProperties({ rule } as Draft, Object.getOwnPropertyDescriptors(item))); // some make their frames when asked
}

function examples(): Unruled[] {
  const hello = text("Hello");
  return [
    echoed("An empty message, compressed, is echoed", [text(hex("00"), COMPRESSED)], [text("")]),
    echoed("The RFC's message in one block is echoed", [text(HELLO, COMPRESSED)], [hello]),
    echoed("The RFC's message in two frames is echoed", [text(HELLO.subarray(0, 3), FIRST), more(HELLO.subarray(3))], [hello]),
    echoed("The RFC's message that refers to the one before is echoed", [text(HELLO, COMPRESSED), text(HELLO_AGAIN, COMPRESSED)], [hello, hello], true),
    echoed("The RFC's message in a block without compression is echoed", [text(hex("00 05 00 fa ff 48 65 6c 6c 6f 00"), COMPRESSED)], [hello]),
    echoed("The RFC's message in a block marked as the last is echoed", [text(HELLO_FINAL, COMPRESSED)], [hello]),
    echoed("The RFC's message in two blocks is echoed", [text(hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), COMPRESSED)], [hello]),
  ];
}

/** What DEFLATE lets a sender do. */
function streams(): Unruled[] {
  const hello = text("Hello");
  const verse = take(VERSE, 40_000);
  const noise = Uint8Array.from({ length: 33_000 }, ((next) => () => next(256))(random(22)));
  const far = concat([noise.subarray(-32_768, -32_765), toBytes("!")]);
  const stored = storedBlocks(verse);
  return [
    echoed("Messages behind a block marked as the last are echoed, and refer to each other",
      [text(HELLO_FINAL, COMPRESSED), text(HELLO, COMPRESSED), text(HELLO_AGAIN, COMPRESSED)], [hello, hello, hello], true),
    echoed("A message of two blocks marked as the last is echoed", [text(concat([HELLO_FINAL.subarray(0, 7), HELLO_FINAL]), COMPRESSED)], [text("HelloHello")]),
    echoed("A message with a block marked as the last in its middle is echoed", [text(concat([HELLO_FINAL.subarray(0, 7), HELLO]), COMPRESSED)], [text("HelloHello")]),
    echoed("Messages that are not compressed are echoed between those that are, which refer to each other past them",
      [text(HELLO, COMPRESSED), text("in between"), text(HELLO_AGAIN, COMPRESSED), binary("in between"), text(HELLO_AGAIN, COMPRESSED)],
      [hello, text("in between"), hello, binary("in between"), hello], true),
    echoed("A message that refers to one in fragments is echoed", [...inFrames(1, HELLO, 2), text(HELLO_AGAIN, COMPRESSED)], [hello, hello], true),
    echoed("A message that refers to text in fragments as binary is echoed",
      [...inFrames(1, HELLO, 1), ...inFrames(2, HELLO_AGAIN, 2)], [hello, binary("Hello")], true),
    echoed("A message in stored blocks, and one that refers to it, are echoed",
      [binary(stored, COMPRESSED), binary(compress(verse, 15, verse.slice(-32_768)), COMPRESSED)], [binary(verse), binary(verse)], true),
    echoed("A reference as far back as the largest window is followed",
      [binary(compress(noise), COMPRESSED), binary(farReference(32_768), COMPRESSED)], [binary(noise), binary(far)], true),
    echoed("A message of empty blocks alone is echoed", [binary(concat([hex("00 00 00 ff ff"), hex("02 00")]), COMPRESSED)], [binary("")]),
    echoed("A message that compression makes longer is echoed", [binary(compress(noise), COMPRESSED)], [binary(noise)]),
    sent("Messages that are not compressed are echoed though compression is agreed on", [{ frames: [text("a"), binary("b"), ...fragments(1, "cde", 1)] }],
      [text("a"), binary("b"), text("cde")]),
    sent("Compressed messages of all kinds of data are echoed, one by one", PAYLOADS.map((payload): Send => ({ series: cut(payload, 5_000, 4), size: 1_000 }))),
  ];
}

/** How messages come in frames. */
function frames(): Unruled[] {
  const verse = toBytes("Größe, Mühe, süße Träume: ✓ 𝄞! ".repeat(400));
  const small = compress(verse);
  return [
    sent("A compressed message a byte at a time is echoed", [{ frames: [text(small, COMPRESSED)], chop: 1 }], [text(verse)]),
    echoed("A compressed text in frames of a byte is echoed", inFrames(1, small, 1), [text(verse)]),
    echoed("A compressed message with empty fragments is echoed",
      [text("", FIRST), more(HELLO.subarray(0, 2), { fin: false }), more("", { fin: false }), more(HELLO.subarray(2), { fin: false }), more("")], [text("Hello")]),
    echoed("Pings between compressed fragments are answered at once",
      [text(HELLO.subarray(0, 3), FIRST), ping("1"), more(HELLO.subarray(3, 6), { fin: false }), ping("2"), more(HELLO.subarray(6))],
      [pong("1"), pong("2"), text("Hello")]),
    sent("A close frame between compressed fragments is answered", [{ frames: [text(HELLO.subarray(0, 3), FIRST), close(1000), more(HELLO.subarray(3))] }]),
  ];
}

/** Where RSV1 may not be (section 6). */
function wrongFrames(): Unruled[] {
  return [
    failing("RSV1 on a last fragment fails the connection", [text(HELLO.subarray(0, 3), FIRST), more(HELLO.subarray(3), COMPRESSED)], 1002),
    failing("RSV1 on a fragment in the middle fails the connection", [text(HELLO.subarray(0, 3), FIRST), more(HELLO.subarray(3), FIRST)], 1002),
    failing("RSV1 on a continuation of a message that is not compressed fails the connection", [text("Hel", { fin: false }), more("lo", COMPRESSED)], 1002),
    failing("RSV1 on a ping fails the connection", [ping("", COMPRESSED)], 1002),
    failing("RSV1 on a pong fails the connection", [pong("", COMPRESSED)], 1002),
    failing("RSV1 on a close frame fails the connection", [close(1000, "", COMPRESSED)], 1002),
    failing("RSV1 on a ping between compressed fragments fails the connection", [text(HELLO.subarray(0, 3), FIRST), ping("", COMPRESSED)], 1002),
    failing("RSV2 on a compressed message fails the connection", [text(HELLO, { rsv: 6 })], 1002),
    failing("RSV3 on a compressed message fails the connection", [text(HELLO, { rsv: 5 })], 1002),
  ];
}

/** What is no compressed message (section 7.2.2, RFC 1951). */
function wrongData(): Unruled[] {
  const broken: readonly (readonly [string, Uint8Array])[] = [
    ["A block of a type that is none", hex("06 00")],
    ["A message of bytes that are no blocks", hex("ff ff ff ff ff ff ff ff")],
    ["A stored block whose length is not confirmed", hex("00 05 00 fa fe 48 65 6c 6c 6f 00")],
    ["A reference to what was before the first message", HELLO_AGAIN],
    ["A length that is none", fixedBlock([[286, 8]])],
    ["A distance that is none", fixedBlock([[65, 8], [257, 7], [30, 5]])],
    ["A table of more codes than fit", hex("04 c0 ff ff ff ff ff ff 00")],
    ["A message that ends inside a block", HELLO.subarray(0, -2)],
    ["A message without its last byte", HELLO.subarray(0, -1)],
    ["A message that ends inside a stored block", hex("00 05 00 fa ff 48 65")],
    ["A compressed message without any byte", hex("")],
    ["A message whose tail was not removed", concat([HELLO, hex("00 00 ff ff")])],
  ];
  return [
    ...broken.map(([title, payload]) => failing(`${title} fails the connection`, [text(payload, COMPRESSED)], 1007)),
    failing("Bytes that are no blocks fail the connection, and the messages before are echoed",
      [text(HELLO, COMPRESSED), text(HELLO, COMPRESSED), text(hex("ff ff ff"), COMPRESSED), text(HELLO, COMPRESSED)], 1007, [text("Hello"), text("Hello")]),
    failing("Text that is not UTF-8 once it is decompressed fails the connection", [text(compress(hex("48 c3 28")), COMPRESSED)], 1007),
    failing("Text that ends inside a character once it is decompressed fails the connection", [text(compress(hex("48 c3")), COMPRESSED)], 1007),
  ];
}

/** What would fill memory (RFC 6455, section 10.4). */
function bombs(): Unruled[] {
  return [
    {
      ...failing("A message of 256 KiB that would become 256 MiB fails the connection", [], 1009),
      robustness: true,
      get send() {
        return [{ frames: [binary(bomb(256), COMPRESSED)] }];
      },
    },
    {
      ...failing("A message that would become 256 MiB, in small fragments, fails the connection", [], 1009),
      robustness: true,
      get send() {
        return [{ frames: inFrames(2, bomb(256), 1024) }];
      },
    },
  ];
}

function echoed(title: string, frames: readonly Frame[], expect: readonly Frame[], takeover = false): Unruled {
  return sent(title, [{ frames }], expect, takeover);
}

function sent(title: string, send: readonly Send[], expect: readonly Frame[] = [], takeover = false): Unruled {
  return { title, send, expect, deflate: takeover ? { ...AGREED, takeover } : AGREED };
}

function failing(title: string, frames: readonly Frame[], code: number, expect: readonly Frame[] = []): Unruled {
  return { title, send: [{ frames }], expect, end: [code], deflate: AGREED };
}

function inFrames(opcode: number, payload: Uint8Array, size: number): Frame[] {
  return fragments(opcode, payload, size).map((frame, at) => at === 0 ? { ...frame, rsv: RSV1 } : frame);
}

function take(payload: typeof VERSE, length: number): Uint8Array {
  return payload.bytes().subarray(0, length);
}

/** A payload of blocks that are not compressed. */
function storedBlocks(bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 1000) {
    const piece = bytes.subarray(at, at + 1000);
    pieces.push(Uint8Array.of(0, piece.length & 255, piece.length >> 8, ~piece.length & 255, ~piece.length >> 8 & 255), piece);
  }
  return concat([...pieces, hex("00")]);
}

/** A payload: the three bytes that many bytes ago, and "!". Distances from 24577 on have 13 bits behind code 29 (RFC 1951, section 3.2.5). */
function farReference(distance: number): Uint8Array {
  return fixedBlock([[257, 7], [29, 5], [distance - 24_577, -13], ["!".charCodeAt(0), 8]]);
}

/**
 * A payload in one block with fixed codes: literals below 144 (8 bits), lengths up to 279 (7 bits), from 280 on (8 bits), distances (5
 * bits), and numbers (their bits negative). The end of the block is put behind.
 */
function fixedBlock(symbols: readonly (readonly [value: number, bits: number])[]): Uint8Array {
  const bits = [0, 1, 0];
  for (const [value, count] of [...symbols, [256, 7] as const]) {
    const code = count === 8 ? value < 144 ? value + 0x30 : value - 280 + 0xc0 : count === 7 ? value - 256 : value;
    for (let at = 0; at < Math.abs(count); at++) bits.push(code >> (count < 0 ? at : count - 1 - at) & 1); // codes begin with their highest bit
  }
  bits.push(0, 0, 0); // the stored block whose rest is the tail
  return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) => Number.parseInt(bits.slice(byte * 8, byte * 8 + 8).reverse().join(""), 2));
}

/** A payload that stands for so many MiB of zeros. */
function bomb(mebibytes: number): Uint8Array {
  const one = concat([compress(new Uint8Array(MIB), 15, new Uint8Array(0), 9), hex("00 00 ff ff")]);
  const all = concat(Array.from({ length: mebibytes }, () => one));
  return all.subarray(0, -4);
}
