/**
 * Frames: lengths, reserved bits and opcodes (RFC 6455, section 5.2).
 * @module
 */
import { binary, close, frame, type Frame, more, ping, pong, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { answered, chopped, FIRST, HELLO, ODD, refused, refusedAtHeader, WAYS } from "./ways.ts";

const LENGTHS: Rule = { name: "lengths", section: "5.2", says: "A frame's payload has any length; it is read from 7, 16 or 64 bits, and written in the fewest of them" };
const RESERVED_BITS: Rule = { name: "reserved-bits", section: "5.2", says: "A reserved bit that no extension gave a meaning fails the connection" };
const OPCODES: Rule = { name: "opcodes", section: "5.2", says: "A frame with a reserved opcode fails the connection" };
const SHORTEST: Rule = { name: "shortest-length", section: "5.2", says: "A length stands in the fewest bits that hold it; a longer form is no frame" };
const HUGE_LENGTHS: Rule = { name: "huge-lengths", section: "5.2", says: "All 64 bits of a length count, and its first bit is 0; a frame that nobody can hold is not taken for another" };
const HEADERS_IN_PIECES: Rule = { name: "headers-in-pieces", section: "5.2", says: "A frame's header may come in any pieces" };
const FRAMES_IN_A_ROW: Rule = { name: "frames-in-a-row", section: "5.2", says: "A frame ends where its length says, and the next begins there, whatever is read at once" };

const PROTOCOL_ERROR = [1002];

/** Section 5.2. */
export const framing: readonly Draft[] = [
  ...sizes(), ...reservedBits(), ...opcodes(),
  ...moreSizes(), ...longForms(), ...hugeLengths(), ...moreReservedBits(), ...moreOpcodes(), ...headersInPieces(), ...framesInARow(),
];

function sizes(): Draft[] {
  return (["text", "binary"] as const).flatMap((kind, group) => [0, 125, 126, 127, 128, 65_535, 65_536, 65_536].map((length, at): Draft => {
    const message = kind === "text" ? text("*".repeat(length)) : binary(new Uint8Array(length).fill(0xfe));
    const chop = at === 7;
    return {
      rule: LENGTHS,
      title: `A ${kind} message of ${length} bytes${chop ? " in writes of 997 bytes" : ""} is echoed`,
      autobahn: `1.${group + 1}.${at + 1}`,
      send: [chop ? { frames: [message], chop: 997 } : { frames: [message] }],
      expect: [message],
    };
  }));
}

function reservedBits(): Draft[] {
  const bad = (rsv: number): Frame => text(HELLO, { rsv });
  const behind = (autobahn: string, rsv: number, way: number): Draft => ({
    rule: RESERVED_BITS, title: `Reserved bits ${rsv} fail the connection, and the message before is echoed${WAYS[way][0]}`, autobahn,
    send: [chopped([text(HELLO), bad(rsv), ping()], way)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
  });
  const alone = (autobahn: string, what: string, sent: Frame): Draft => ({
    rule: RESERVED_BITS, title: `${what} with reserved bits ${sent.rsv} fails the connection`, autobahn, send: [{ frames: [sent] }], end: PROTOCOL_ERROR,
  });
  return [
    alone("3.1", "A text message", bad(1)),
    behind("3.2", 2, 0),
    behind("3.3", 3, 1),
    behind("3.4", 4, 2),
    alone("3.5", "A binary message", binary(ODD, { rsv: 5 })),
    alone("3.6", "A ping", ping(HELLO, { rsv: 6 })),
    alone("3.7", "A close frame", close(1000, "", { rsv: 7 })),
  ];
}

function opcodes(): Draft[] {
  return [[3, 4, 5, 6, 7], [11, 12, 13, 14, 15]].flatMap((reserved, group) => reserved.map((opcode, at): Draft => {
    const payload = at % 2 === 0 && at < 4 ? "" : "reserved";
    const autobahn = `4.${group + 1}.${at + 1}`;
    if (at < 2) {
      return {
        rule: OPCODES, title: `Opcode ${opcode}${payload === "" ? "" : " with payload"} fails the connection`, autobahn,
        send: [{ frames: [frame(opcode, payload)] }], end: PROTOCOL_ERROR,
      };
    }
    const way = at === 4 ? 2 : 0;
    return {
      rule: OPCODES, title: `Opcode ${opcode} fails the connection, and the message before is echoed${WAYS[way][0]}`, autobahn,
      send: [chopped([text(HELLO), frame(opcode, payload), ping()], way)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
    };
  }));
}

/** Where a signed number, or one with its bytes the wrong way round, is another. */
function moreSizes(): Draft[] {
  const sizes: readonly (readonly [number, string])[] = [
    [256, "whose length has a last byte of 0"],
    [32_768, "whose length has the first of its 16 bits set"],
    [65_534, "one byte shorter than 16 bits can say"],
    [65_537, "one byte longer than the shortest that needs 64 bits"],
    [131_072, "whose length has all its last 16 bits 0"],
  ];
  return sizes.map(([length, what]) => {
    const message = binary(bytesOf(length));
    return answered(LENGTHS, `A message of ${length} bytes, ${what}, is echoed`, [message], [message]);
  });
}

/** RFC 6455 forbids them, and does not say in so many words what somebody does who gets one. */
function longForms(): Draft[] {
  const long = (title: string, frames: readonly Frame[], tolerated: readonly Frame[]): Draft => ({ ...refused(SHORTEST, `${title} fails the connection`, frames), tolerated });
  return [
    long("A text message of 13 bytes whose length is in 16 bits", [text(HELLO, { lengthBits: 16 })], [text(HELLO)]),
    long("A text message of 13 bytes whose length is in 64 bits", [text(HELLO, { lengthBits: 64 })], [text(HELLO)]),
    long("A text message without payload whose length is in 16 bits", [text("", { lengthBits: 16 })], [text("")]),
    long("A binary message of 125 bytes, the longest for 7 bits, whose length is in 16", [binary(bytesOf(125), { lengthBits: 16 })], [binary(bytesOf(125))]),
    long("A binary message of 126 bytes, the shortest for 16 bits, whose length is in 64", [binary(bytesOf(126), { lengthBits: 64 })], [binary(bytesOf(126))]),
    long("A binary message of 65535 bytes, the longest for 16 bits, whose length is in 64", [binary(bytesOf(65_535), { lengthBits: 64 })], [binary(bytesOf(65_535))]),
    long("A last fragment whose length is in 64 bits", [text("frag", FIRST), more("ment", { lengthBits: 64 })], [text("fragment")]),
    long("A ping of 13 bytes whose length is in 16 bits", [ping(HELLO, { lengthBits: 16 })], [pong(HELLO)]),
    long("A ping of 13 bytes whose length is in 64 bits", [ping(HELLO, { lengthBits: 64 })], [pong(HELLO)]),
    long("A pong of 13 bytes whose length is in 16 bits, before a ping,", [pong(HELLO, { lengthBits: 16 }), ping("behind")], [pong("behind")]),
    long("A close frame whose length is in 16 bits", [close(1000, "", { lengthBits: 16 })], []),
  ];
}

/** What is behind the header would be five bytes and a ping, to somebody who reads but a part of the length. */
function hugeLengths(): Draft[] {
  const huge = (title: string, length: bigint): Draft => ({
    rule: HUGE_LENGTHS,
    title: `${title} is not taken for a shorter one`,
    robustness: true,
    send: [{ frames: [binary("short", { length }), ping("inside")] }, { failedByNow: true }, { tcp: "end" }],
    end: "either",
    sends: [`A binary frame whose length is said to be ${length}, five bytes of its payload, and bytes of it that look like a ping`, "Waits for the connection to be failed", "Ends its side of TCP"],
    accepts: {
      pass: "The connection is failed at once, by a close frame or without one",
      nonStrict: "It waits for the payload, and ends the connection when TCP ends",
      fail: "Anything comes back of the frame or of what is inside it, or the connection does not end",
    },
  });
  return [
    huge("A message of 2^32 + 5 bytes", (1n << 32n) + 5n),
    huge("A message of 2^53 + 5 bytes, more than a double counts,", (1n << 53n) + 5n),
    huge("A message of 2^62 + 5 bytes", (1n << 62n) + 5n),
    huge("A message whose length has its first bit set, 2^63 + 5,", (1n << 63n) + 5n),
    huge("A message whose length is 2^63, the least of signed numbers,", 1n << 63n),
    huge("A message whose length has all its bits set", (1n << 64n) - 1n),
  ];
}

/** Each bit on each kind of frame: those with an extension for one bit or one kind of frame are lax with the others. */
function moreReservedBits(): Draft[] {
  const bits = [[4, "RSV1"], [2, "RSV2"], [1, "RSV3"]] as const;
  return bits.flatMap(([rsv, name]) => [
    refused(RESERVED_BITS, `A binary message with ${name} alone fails the connection`, [binary(ODD, { rsv })]),
    refused(RESERVED_BITS, `A last fragment with ${name} alone fails the connection`, [text("frag", FIRST), more("ment", { rsv })]),
    refused(RESERVED_BITS, `A ping with ${name} alone fails the connection`, [ping(HELLO, { rsv })]),
    refused(RESERVED_BITS, `A pong with ${name} alone, before a ping, fails the connection`, [pong(HELLO, { rsv }), ping("behind")]),
    refused(RESERVED_BITS, `A close frame with ${name} alone fails the connection`, [close(1000, "", { rsv })]),
  ]).concat([
    refused(RESERVED_BITS, "A first fragment with RSV1 alone fails the connection", [text("frag", { ...FIRST, rsv: 4 }), more("ment")]),
    refused(RESERVED_BITS, "A fragment that is neither first nor last with RSV1 alone fails the connection", [text("fr", FIRST), more("ag", { ...FIRST, rsv: 4 }), more("ment")]),
    refused(RESERVED_BITS, "An empty text message with RSV1 alone fails the connection", [text("", { rsv: 4 })]),
    refused(RESERVED_BITS, "A ping with RSV1 between two fragments fails the connection", [text("frag", FIRST), ping("between", { rsv: 4 }), more("ment")]),
    refusedAtHeader(RESERVED_BITS, "A binary message with RSV2 fails the connection at its header", binary("a payload that comes later", { rsv: 2 })),
  ]);
}

function moreOpcodes(): Draft[] {
  const bad = (title: string, frames: readonly Frame[], expect?: readonly Frame[]): Draft => refused(OPCODES, `${title} fails the connection`, frames, expect);
  return [
    bad("Opcode 3 on an unfinished frame, and a continuation,", [frame(3, "frag", FIRST), more("ment")]),
    bad("Opcode 11 on an unfinished frame", [frame(11, "", FIRST), text(HELLO)]),
    bad("Opcode 7 between two fragments", [text("frag", FIRST), frame(7, "between"), more("ment")]),
    bad("Opcode 15 between two fragments", [text("frag", FIRST), frame(15, "between"), more("ment")]),
    bad("Opcode 5 as the second fragment of a message", [text("frag", FIRST), frame(5, "ment")]),
    bad("Opcode 4 with 126 bytes", [frame(4, bytesOf(126)), text(HELLO)]),
    bad("Opcode 12 with 126 bytes, more than a control frame has,", [frame(12, bytesOf(126)), text(HELLO)]),
    bad("Opcode 6 with 65536 bytes", [frame(6, bytesOf(65_536)), text(HELLO)]),
    refusedAtHeader(OPCODES, "Opcode 3 fails the connection at its header", frame(3, "a payload that comes later")),
    refusedAtHeader(OPCODES, "Opcode 13 fails the connection at its header", frame(13, "a payload that comes later")),
  ];
}

/** A server's frames have no masking key: for a client some of these cuts are in the payload. */
function headersInPieces(): Draft[] {
  const cut = (length: number, at: number, where: string): Draft => {
    const message = binary(bytesOf(length));
    return {
      rule: HEADERS_IN_PIECES,
      title: `A message of ${length} bytes that comes in two pieces is echoed, cut behind ${at} ${at === 1 ? "byte" : "bytes"} (${where})`,
      send: [{ piecemeal: message, whole: true, cuts: [at], between: [{ alive: true }] }],
      expect: [message],
    };
  };
  return [
    cut(13, 1, "before the length"), cut(13, 2, "behind a length of 7 bits"), cut(13, 4, "inside the key"), cut(13, 6, "behind the key"),
    cut(1000, 2, "before 16 bits of length"), cut(1000, 3, "inside them"), cut(1000, 4, "behind them"), cut(1000, 7, "before the last byte of the key"),
    cut(70_000, 2, "before 64 bits of length"), cut(70_000, 6, "in the middle of them"), cut(70_000, 9, "before their last byte"),
    cut(70_000, 10, "behind them"), cut(70_000, 13, "before the last byte of the key"),
  ];
}

function framesInARow(): Draft[] {
  const messages = [text("one"), binary(bytesOf(200)), text(""), binary(bytesOf(3)), text("*".repeat(126)), binary("")];
  const all = [...messages, ping("ping"), ...messages];
  return [
    { ...answered(FRAMES_IN_A_ROW, "Twelve messages and a ping in one write are echoed and answered", all, [...messages, pong("ping"), ...messages]), pongsAnywhere: true },
    {
      rule: FRAMES_IN_A_ROW, title: "Twelve messages and a ping in writes of 50 bytes, which are cut anywhere, are echoed and answered", pongsAnywhere: true,
      send: [{ frames: all, chop: 50 }], expect: [...messages, pong("ping"), ...messages],
    },
  ];
}

/** Bytes that do not repeat at a power of two. */
function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}
