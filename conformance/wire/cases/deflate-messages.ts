/**
 * Compressed messages, right and wrong, byte by byte (RFC 7692, sections 6 and 7.2).
 * @module
 */
import { binary, close, concat, hex, more, ping, pong, text, toBytes } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { deflate as compress } from "../codec.ts";
import {
  COMPRESSED, COMPRESSED_FIRST as FIRST, DEFLATED as HELLO, DEFLATED_AGAIN as HELLO_AGAIN, DEFLATED_FINAL as HELLO_FINAL, echoed, failing, inFrames, of, sent, type Unruled,
} from "./deflate-ways.ts";

const MIB = 1024 * 1024;

const EXAMPLES: Rule = { name: "deflate-examples", rfc: 7692, section: "7.2.3", says: "The RFC's own examples are restored" };
const FIRST_FRAME: Rule = { name: "compressed-frames", rfc: 7692, section: "6.2", says: "A compressed message may come in any frames; its first says that it is compressed" };
const RSV1_ELSEWHERE: Rule = { name: "rsv1-elsewhere", rfc: 7692, section: "6.1", says: "RSV1 anywhere but on a message's first frame fails the connection" };
const CONTROL_PLAIN: Rule = { name: "control-plain", rfc: 7692, section: "6.1", says: "Control frames are never compressed, and messages between compressed ones need not be" };
const BOMBS: Rule = { name: "bombs", section: "10.4", says: "A message is measured by what it would become, before it has become that" };

/** Sections 6 and 7.2.3 of RFC 7692. */
export const compressed: readonly Draft[] = [
  ...of(EXAMPLES, examples()), ...of(FIRST_FRAME, frames()), ...of(RSV1_ELSEWHERE, wrongFrames()), ...of(BOMBS, bombs()), ...of(CONTROL_PLAIN, controls()),
];

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
    echoed("A compressed message behind one in fragments that is not compressed is echoed",
      [text("Hel", { fin: false }), more("lo"), text(HELLO, COMPRESSED)], [text("Hello"), text("Hello")]),
    echoed("A message in fragments that is not compressed is echoed behind one in fragments that is",
      [...inFrames(1, HELLO, 3), text("Hel", { fin: false }), more("lo")], [text("Hello"), text("Hello")]),
    echoed("A compressed message of text in a frame, and one of bytes in fragments, and text again, are echoed as what they are",
      [text(HELLO, COMPRESSED), ...inFrames(2, HELLO, 3), text(HELLO, COMPRESSED)], [text("Hello"), binary("Hello"), text("Hello")]),
    echoed("A message whose last fragment has nothing but the last byte of its compressed form is echoed",
      [text(HELLO.subarray(0, -1), FIRST), more(HELLO.subarray(-1))], [text("Hello")]),
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

/** What stays as it is. */
function controls(): Unruled[] {
  const long = "a".repeat(125);
  return [
    {
      ...echoed("A ping of 125 equal bytes between compressed messages is answered by a pong with the same bytes",
        [text(HELLO, COMPRESSED), ping(long), text(HELLO, COMPRESSED)], [text("Hello"), pong(long), text("Hello")]),
      pongsAnywhere: true,
    },
    { ...sent("A close frame with a reason of 123 equal bytes is answered where compression was agreed on", [{ frames: [text(HELLO, COMPRESSED), close(3000, long.slice(2))] }], [text("Hello")]), answers: [3000], lenient: true },
    {
      ...sent("A peer that closes with a reason does not compress it", [{ frames: [text(HELLO, COMPRESSED)] }, { command: `close 3000 ${long.slice(2)}` }], [text("Hello")]),
      end: "begun", answers: [3000], reason: long.slice(2), refusal: "unimplemented",
    },
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

/** A payload that stands for so many MiB of zeros. */
function bomb(mebibytes: number): Uint8Array {
  const one = concat([compress(new Uint8Array(MIB), 15, new Uint8Array(0), 9), hex("00 00 ff ff")]);
  const all = concat(Array.from({ length: mebibytes }, () => one));
  return all.subarray(0, -4);
}
