/**
 * Vectors for UTF-8 in text (RFC 6455, sections 5.6 and 8.1; RFC 3629): `sequences.ts` has the sequences.
 * @module
 */
import { close, concat, decode, fragments, hex, more, text, toBytes } from "../frames.ts";
import { firstImpossible, INVALID, VALID } from "../sequences.ts";
import { ANSWER, bothRoles, failed, fails, GONE, GOODBYE, told, type Vector } from "../vector.ts";

/** Section 8.1. */
export const utf8: readonly Vector[] = bothRoles([
  ...VALID.map(({ name, bytes }) => ({
    name: `Text is valid: ${name}, in one frame, in fragments of one byte, and as it came`,
    section: "8.1",
    inside: { on: "text" as const, do: { pause: true as const } },
    steps: [
      { receive: [text(bytes)] },
      { resume: true as const },
      { receive: fragments(1, bytes, 1) },
      { resume: true as const },
      { send: decode(bytes) as string, returns: true },
      ...GOODBYE,
    ],
    events: [{ text: decode(bytes) as string }, { text: decode(bytes) as string }, GONE],
    output: [text(bytes), ANSWER],
  })),
  ...INVALID.flatMap(({ name, bytes }) => [
    fails(`Text is not valid: ${name}`, "invalidUtf8", [text(bytes)]),
    fails(`Text is not valid in fragments of one byte: ${name}`, "invalidUtf8", fragments(1, bytes, 1)),
  ]),
  ...INVALID.flatMap(({ name, bytes }) => {
    const at = firstImpossible(bytes);
    return at === undefined ? [] : [{
      name: `Text fails the connection at byte ${at + 1}, the first that cannot be, and not before: ${name}`,
      section: "8.1",
      steps: [
        { receive: [text(bytes.subarray(0, at), { fin: false })] },
        { outputEnded: false },
        { receive: [more(bytes.subarray(at, at + 1), { length: 100n })] },
        { outputEnded: true },
        { end: true as const },
      ],
      events: [{ closed: failed("invalidUtf8") }],
      output: [told("invalidUtf8")],
    }];
  }),
  ...[0xc0, 0xc1, 0xf5, 0xff].map((byte) => fails(
    `Text fails the connection at byte ${byte.toString(16)}, which begins no character`, "invalidUtf8",
    [text(Uint8Array.of(0x61, byte), { length: 100n })],
  )),
  {
    name: "Text that becomes invalid fails the connection before its frame ends",
    section: "8.1",
    steps: [
      { receive: [text(concat([toBytes("κόσμε"), hex("f4 90")]), { length: 100n })] },
      { outputEnded: true },
      { end: true },
    ],
    events: [{ closed: failed("invalidUtf8") }],
    output: [told("invalidUtf8")],
  },
  {
    name: "Text that becomes invalid fails the connection before its message ends",
    section: "8.1",
    steps: [
      { receive: [text("κό", { fin: false }), more(hex("cf 83 ed"), { fin: false })] },
      { outputEnded: false },
      { receive: [more(hex("a0"), { fin: false })] },
      { outputEnded: true },
      { end: true },
    ],
    events: [{ closed: failed("invalidUtf8") }],
    output: [told("invalidUtf8")],
  },
  {
    name: "A byte order mark is text like any other",
    section: "8.1",
    steps: [{ receive: [text("\ufefftext"), ...fragments(1, "\ufefftext", 2)] }, ...GOODBYE],
    events: [{ text: "\ufefftext" }, { text: "\ufefftext" }, GONE],
    output: [ANSWER],
  },
  {
    name: "A lone surrogate in a string is sent as U+FFFD",
    section: "8.1",
    steps: [{ send: "a\ud800b", returns: true }, ...GOODBYE],
    events: [GONE],
    output: [text("a\ufffdb"), ANSWER],
  },
  {
    name: "Binary data need not be UTF-8",
    section: "5.6",
    steps: [{ receive: fragments(2, hex("ff fe c0 80"), 3) }, ...GOODBYE],
    events: [{ binary: hex("ff fe c0 80") }, GONE],
    output: [ANSWER],
  },
  fails("A close reason that is not UTF-8 fails the connection", "invalidUtf8", [close(1000, hex("ce ba e1 bd b9 ed a0 80"))]),
]);
