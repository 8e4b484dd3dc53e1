/**
 * UTF-8 in text messages (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { binary, concat, type Frame, fragments, hex, more, ping, pong, text, toBytes } from "../../frames.ts";
import { GREEK, SEQUENCES } from "../../sequences.ts";
import type { Draft, Rule, Send } from "../case.ts";
import { FIRST, HELLO } from "./ways.ts";

const TEXT: Rule = { name: "text", section: "5.6", says: "Text is any UTF-8, and may be cut anywhere into fragments" };
const TEXT_AS_IT_IS: Rule = { name: "text-as-it-is", section: "5.6", says: "Text comes as it was sent: no character is taken out, put in, or replaced" };
const BINARY: Rule = { name: "binary-is-not-text", section: "5.6", says: "Binary messages are any bytes, and what they are is nobody's affair but the application's" };
const INVALID_TEXT: Rule = { name: "invalid-text", section: "8.1", says: "Text that is not UTF-8 fails the connection" };

const MIXED = toBytes("Hello-µ@ßöäüàá-UTF-8!!");
/** A surrogate between two halves that are valid. */
const INVALID = concat([GREEK, hex("ed a0 80"), toBytes("edited")]);
/** A character past Unicode between two halves that are valid; its second byte is the first that cannot be. */
const PAST = hex("f4 90 80 80");
const EDITED = toBytes("edited");
const WRONG_DATA = [1007];

/** Characters of two, three and four bytes, cut at each place. */
const CUTS: readonly (readonly [digits: string, at: number])[] = [
  ["c3 a9", 1], ["e2 82 ac", 1], ["e2 82 ac", 2], ["f0 9f 98 80", 1], ["f0 9f 98 80", 2], ["f0 9f 98 80", 3],
];
/** The first byte that cannot be is the last of each. */
const IMPOSSIBLE: readonly (readonly [what: string, digits: string])[] = [
  ["two bytes for what fits one", "c0"],
  ["three bytes for what fits two", "e0 9f"],
  ["four bytes for what fits three", "f0 8f"],
  ["a surrogate", "ed a0"],
  ["a first byte past Unicode", "f5"],
  ["a first byte of five", "f8"],
  ["a continuation byte alone", "80"],
  ["a character of two bytes whose second is none", "c3 28"],
  ["a character of three bytes whose third is none", "e2 82 28"],
  ["a character of four bytes whose third is none", "f0 9f 28"],
  ["a character of four bytes whose fourth is none", "f0 9f 98 28"],
];
/** Each half could be right with another. */
const WRONGLY_ENDED: readonly (readonly [what: string, first: string, second: string])[] = [
  ["a letter in place of its second byte", "c3", "41"],
  ["a letter in place of its third byte", "e2 82", "41"],
  ["a letter in place of its fourth byte", "f0 9f 98", "41"],
  ["the second byte of a surrogate", "ed", "a0 80"],
  ["the second byte of what fits two bytes", "e0", "80 80"],
  ["the second byte of what fits three", "f0", "80 80 80"],
  ["the first byte of another", "e2 82", "e2 82 ac"],
  ["one continuation byte too many", "c3", "a9 a9"],
];

/** Sections 5.6 and 8.1. */
export const utf8: readonly Draft[] = [...ofAutobahn(), ...cutCharacters(), ...asItIs(), ...binaries(), ...atFirstByte(), ...acrossFragments(), ...whereItEnds(), ...inLongText()];

/** Group 6 of Autobahn. */
function ofAutobahn(): Draft[] {
  return [
    echoed("6.1.1", "An empty text message", [text("")], ""),
    echoed("6.1.2", "A text message of three empty fragments", [text("", FIRST), more("", FIRST), more("")], ""),
    echoed("6.1.3", "A text message with an empty fragment on each side", [text("", FIRST), more("middle", FIRST), more("")], "middle"),
    echoed("6.2.1", "Text with characters of two bytes", [text(MIXED)], MIXED),
    echoed("6.2.2", "Text in two fragments cut between characters", [text("Hello-µ@ßöä", FIRST), more("üàá-UTF-8!!")], MIXED),
    echoed("6.2.3", "Text in fragments of one byte", fragments(1, MIXED, 1), MIXED),
    echoed("6.2.4", "A Greek word in fragments of one byte", fragments(1, GREEK, 1), GREEK),
    refused("6.3.1", "Text with a surrogate", [{ frames: [text(INVALID)] }]),
    refused("6.3.2", "Text with a surrogate, in fragments of one byte", [{ frames: fragments(1, INVALID, 1) }]),
    refused("6.4.1", "Text whose second fragment is not valid, before the third comes", [
      { frames: [text(GREEK, FIRST)] }, { alive: true }, { frames: [more(PAST, FIRST)] }, { failedByNow: true }, { frames: [more(EDITED)] },
    ]),
    refused("6.4.2", "Text whose second fragment ends at the first byte that cannot be, before the third comes", [
      { frames: [text(concat([GREEK, hex("f4")]), FIRST)] }, { alive: true }, { frames: [more(hex("90"), FIRST)] }, { failedByNow: true },
      { frames: [more(concat([hex("80 80"), EDITED]))] },
    ]),
    inOneFrame("6.4.3", "Text in one frame that is not valid in its second part, before the third comes", [GREEK, PAST, EDITED]),
    inOneFrame("6.4.4", "Text in one frame whose second part is the first byte that cannot be, before the third comes",
      [concat([GREEK, hex("f4")]), hex("90"), concat([hex("80 80"), EDITED])]),
    ...SEQUENCES.map(({ id, name, valid, bytes }) => {
      const title = `Text: ${name.replace(/, number [0-9.]+\)$/, ")")}`;
      return valid ? echoed(id, title, [text(bytes)], bytes) : refused(id, title, [{ frames: [text(bytes)] }]);
    }),
  ];
}

function echoed(autobahn: string, title: string, frames: readonly Frame[], payload: string | Uint8Array): Draft {
  return { rule: TEXT, title: `${title} is echoed`, autobahn, send: [{ frames }], expect: [text(payload)] };
}

function refused(autobahn: string, title: string, send: NonNullable<Draft["send"]>): Draft {
  return { rule: INVALID_TEXT, title: `${title} fails the connection`, autobahn, send, end: WRONG_DATA };
}

function inOneFrame(autobahn: string, title: string, parts: readonly Uint8Array[]): Draft {
  const [first, second] = parts;
  return refused(autobahn, title, [{
    piecemeal: text(concat(parts)),
    cuts: [first.length, first.length + second.length],
    between: [{ alive: true }, { failedByNow: true }],
  }]);
}

function valid(rule: Rule, title: string, frames: readonly Frame[], expect: readonly Frame[] = frames): Draft {
  return { rule, title: `${title} is echoed`, send: [{ frames }], expect };
}

function invalid(title: string, send: readonly Send[], expect: readonly Frame[] = []): Draft {
  return { rule: INVALID_TEXT, title: `${title} fails the connection`, send, expect, end: WRONG_DATA };
}

function cutCharacters(): Draft[] {
  const three = toBytes("€".repeat(20_000));
  return [
    ...CUTS.map(([digits, at]): Draft => {
      const bytes = hex(digits);
      return {
        rule: TEXT, title: `Text with a character of ${bytes.length} bytes that is cut behind ${at} by the end of a fragment and a ping is echoed, and the ping answered`,
        send: [{ frames: [text(concat([toBytes("a"), bytes.subarray(0, at)]), FIRST), ping("between"), more(concat([bytes.subarray(at), toBytes("z")]))] }],
        expect: [pong("between"), text(concat([toBytes("a"), bytes, toBytes("z")]))],
      };
    }),
    ...CUTS.map(([digits, at]): Draft => {
      const bytes = hex(digits);
      const message = text(concat([toBytes("a"), bytes, toBytes("z")]));
      return {
        rule: TEXT, title: `Text with a character of ${bytes.length} bytes that is cut behind ${at} by the end of a write is echoed`,
        send: [{ piecemeal: message, cuts: [1 + at], between: [{ alive: true }] }], expect: [message],
      };
    }),
    valid(TEXT, "Text with a character that is cut by an empty fragment", [text(hex("e2 82"), FIRST), more("", FIRST), more(hex("ac"))], [text("€")]),
    valid(TEXT, "Text with a character that is cut by a ping whose payload is no text", [text(hex("e2 82"), FIRST), ping(hex("ff 82")), more(hex("ac"))], [pong(hex("ff 82")), text("€")]),
    valid(TEXT, "Text of 60000 bytes, all in characters of three, in fragments of 1000", fragments(1, three, 1000), [text(three)]),
    { rule: TEXT, title: "Text of 60000 bytes, all in characters of three, in writes of 997 bytes is echoed", send: [{ frames: [text(three)], chop: 997 }], expect: [text(three)] },
  ];
}

/** What is lost where text is decoded and encoded by the way, or handled as lines or strings of C. */
function asItIs(): Draft[] {
  const kept = (title: string, what: string): Draft => valid(TEXT_AS_IT_IS, title, [text(what)]);
  return [
    kept("Text that begins with a byte order mark", "\ufefftext"),
    kept("Text that is a byte order mark alone", "\ufeff"),
    kept("Text with a byte order mark in its middle", "te\ufeffxt"),
    valid(TEXT_AS_IT_IS, "Text whose first fragment is a byte order mark", [text("\ufeff", FIRST), more("text")], [text("\ufefftext")]),
    kept("Text with NUL in its middle", "te\0xt"),
    kept("Text that ends with NUL", "text\0"),
    kept("Text of lines that end in each of the ways there are", "one\ntwo\r\nthree\rfour\u2028five\n"),
    kept("Text between blanks", " \t text \u00a0\n "),
    kept("Text that is not composed, and text that is", "e\u0301 \u00e9 \u212b \ufb01"),
    kept("Text of control characters", "\u0001\u0007\u0008\u001b\u007f\u0080\u009f"),
    kept("Text from right to left, with joiners and variation selectors", "\u202eabc\u202c \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f"),
    kept("Text with the first and last character of each plane", Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane === 0 ? 1 : plane * 0x1_0000, plane * 0x1_0000 + 0xffff)).join("")),
  ];
}

function binaries(): Draft[] {
  return [
    valid(BINARY, "A binary message that is no text", [binary(hex("ce ba ed a0 80 ff fe c0 80"))]),
    valid(BINARY, "A binary message that is no text, in fragments,", fragments(2, hex("e2 82 28 f4 90 80 80"), 2), [binary(hex("e2 82 28 f4 90 80 80"))]),
    valid(BINARY, "Text behind a binary message that ends inside a character", [binary(hex("e2 82")), text(HELLO)]),
    valid(BINARY, "A binary message that is text comes back as binary, and", [binary(HELLO)]),
  ];
}

/** Autobahn asks this for what is past Unicode; each way to be wrong is a state of its own in a decoder. */
function atFirstByte(): Draft[] {
  return IMPOSSIBLE.map(([what, digits]) => {
    const bad = hex(digits);
    return invalid(`Text with ${what}, before the end of its frame,`, [
      { piecemeal: text(concat([GREEK, bad, EDITED])), cuts: [GREEK.length + bad.length - 1, GREEK.length + bad.length], between: [{ alive: true }, { failedByNow: true }] },
    ]);
  });
}

function acrossFragments(): Draft[] {
  return [
    ...WRONGLY_ENDED.map(([what, first, second]) =>
      invalid(`Text in two fragments, the first ends inside a character, and the second goes on with ${what},`, [{ frames: [text(hex(first), FIRST), more(hex(second))] }])),
    invalid("Text that is not valid in its first fragment, before the last comes,", [{ frames: [text(hex("61 80"), FIRST)] }, { failedByNow: true }, { frames: [more("text")] }]),
    invalid("Text whose last fragment alone is not valid", [{ frames: [text("text", FIRST), more("text", FIRST), more(hex("74 ff"))] }]),
  ];
}

/** Inside a character: nothing is wrong with any byte that is there. */
function whereItEnds(): Draft[] {
  const ends = (title: string, frames: readonly Frame[], expect?: readonly Frame[]): Draft => invalid(title, [{ frames }], expect);
  return [
    ends("Text that ends behind the first of four bytes", [text(hex("61 f0"))]),
    ends("Text that ends behind the second of four bytes", [text(hex("61 f0 9f"))]),
    ends("Text that ends behind the third of four bytes", [text(hex("61 f0 9f 98"))]),
    ends("Text in fragments that ends inside a character", [text(hex("61 e2"), FIRST), more(hex("82"))]),
    ends("Text that ends inside a character, with an empty last fragment,", [text(hex("61 e2 82"), FIRST), more("")]),
    ends("Text that ends inside a character, which the next message would end,", [text(hex("61 e2 82")), text(hex("ac 62"))]),
    ends("Text that ends inside a character, behind a message that is echoed,", [text(HELLO), text(hex("61 c3"))], [text(HELLO)]),
  ];
}

/** Fast decoders look at many bytes at once, and at the rest in another way. */
function inLongText(): Draft[] {
  const at = (length: number, place: number, digits: string): Uint8Array => {
    const bytes = new Uint8Array(length).fill(0x61);
    bytes.set(hex(digits), place);
    return bytes;
  };
  const bad = (title: string, length: number, place: number, digits: string): Draft => invalid(title, [{ frames: [text(at(length, place, digits))] }]);
  return [
    bad("Text of 64 KiB whose last byte is not valid", 65_536, 65_535, "80"),
    bad("Text of 64 KiB whose last byte begins a character", 65_536, 65_535, "c3"),
    bad("Text of 64 KiB whose first byte is not valid", 65_536, 0, "80"),
    bad("Text of 1000 bytes with a byte in its middle that is not valid", 1000, 500, "ff"),
    bad("Text of 67 bytes with a byte behind the first 64 that is not valid", 67, 65, "ff"),
    bad("Text of 128 bytes with a character that is cut short behind 64", 128, 62, "e2 82"),
    bad("Text of 128 bytes whose 65th goes on with nothing", 128, 64, "bf"),
    bad("Text of 64 bytes with a surrogate across its middle", 64, 30, "ed a0 80"),
    { rule: TEXT, title: "Text of 128 bytes with a character across the first 64 is echoed", send: [{ frames: [text(at(128, 62, "f0 9f 98 80"))] }], expect: [text(at(128, 62, "f0 9f 98 80"))] },
    {
      rule: INVALID_TEXT, title: "Text of 64 KiB in fragments, with a byte in the last of them that is not valid, fails the connection",
      send: [{ frames: fragments(1, at(65_536, 65_000, "c0"), 1000) }], end: WRONG_DATA,
    },
  ];
}
