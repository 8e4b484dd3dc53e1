/**
 * Vectors for the base framing protocol (RFC 6455, section 5.2).
 * @module
 */
import { binary, encodeFrame, frame, hex, ping, pong, text } from "../frames.ts";
import { ANSWER, bothRoles, fails, GONE, GOODBYE, type Vector } from "../vector.ts";

const LENGTHS = [0, 1, 125, 126, 127, 128, 255, 256, 65_535, 65_536, 65_537];

/** Section 5.2. */
export const framing: readonly Vector[] = [
  ...bothRoles([
    ...LENGTHS.map((length) => ({
      name: `A text message of ${length} bytes is heard, and sent back in one frame`,
      section: "5.2",
      inside: { on: "text", do: { send: "*".repeat(length), returns: true } },
      steps: [{ receive: [text("*".repeat(length))] }, ...GOODBYE],
      events: [{ text: "*".repeat(length) }, GONE],
      output: [text("*".repeat(length)), ANSWER],
    } as const)),
    ...LENGTHS.map((length) => {
      const data = new Uint8Array(length).map((_, at) => at * 7);
      return {
        name: `A binary message of ${length} bytes is heard, and sent back in one frame`,
        section: "5.2",
        inside: { on: "binary", do: { send: data, returns: true } },
        steps: [{ receive: [binary(data)] }, ...GOODBYE],
        events: [{ binary: data }, GONE],
        output: [binary(data), ANSWER],
      } as const;
    }),
    {
      name: "Frames that come in one piece are heard in order",
      section: "5.2",
      steps: [{ receive: [text("a"), binary("b"), pong("c"), text("d")] }, ...GOODBYE],
      events: [{ text: "a" }, { binary: "b" }, { pong: "c" }, { text: "d" }, GONE],
      output: [ANSWER],
    },
    ...[1, 2, 3, 4, 5, 6, 7].map((rsv) =>
      fails(`A text frame with reserved bits ${rsv} fails the connection`, "reservedBits", [text("Hello", { rsv })])),
    fails("A ping with a reserved bit fails the connection", "reservedBits", [ping("", { rsv: 4 })]),
    fails("A close frame with a reserved bit fails the connection", "reservedBits", [frame(8, hex("03e8"), { rsv: 1 })]),
    fails("A continuation with a reserved bit fails the connection", "reservedBits", [text("a", { fin: false }), frame(0, "b", { rsv: 2 })]),
    fails("What came before a reserved bit is heard, what comes behind is not", "reservedBits",
      [text("good"), text("bad", { rsv: 4 }), ping("never")], { events: [{ text: "good" }] }),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
      fails(`Opcode ${opcode} fails the connection`, "reservedOpcode", [frame(opcode)]),
      fails(`Opcode ${opcode} with a payload fails the connection, and what came before is heard`, "reservedOpcode",
        [text("good"), frame(opcode, "bad"), ping("never")], { events: [{ text: "good" }] }),
    ]),
    ...[0, 1, 125].flatMap((length) => ([16, 64] as const).map((lengthBits) =>
      fails(`A length of ${length} in ${lengthBits} bits fails the connection`, "longLengthForm",
        [binary(new Uint8Array(length), { lengthBits })]))),
    fails("A length of 126 in 64 bits fails the connection", "longLengthForm", [binary(new Uint8Array(126), { lengthBits: 64 })]),
    fails("A length of 65535 in 64 bits fails the connection", "longLengthForm", [binary("", { lengthBits: 64, length: 65_535n })]),
    fails("A 64-bit length with its top bit set fails the connection", "lengthTopBit", [binary("", { length: 1n << 63n })]),
    fails("A 64-bit length with all bits set fails the connection", "lengthTopBit", [binary("", { length: (1n << 64n) - 1n })]),
    {
      name: "A stream that ends inside a header ends the connection without a fault",
      section: "7.1.5",
      steps: [{ receive: [text("a"), hex("81")] }, { end: true }],
      events: [{ text: "a" }, { closed: { code: 1006, reason: "", clean: false } }],
      output: [],
    },
    {
      name: "A stream that ends inside a payload ends the connection without a fault, and the message is not heard",
      section: "7.1.5",
      steps: [{ receive: [text("a"), text("b", { length: 5n })] }, { end: true }],
      events: [{ text: "a" }, { closed: { code: 1006, reason: "", clean: false } }],
      output: [],
    },
  ]),
  {
    name: "The RFC's unmasked example frames are heard (section 5.7)",
    section: "5.7",
    role: "client",
    steps: [
      { receive: [hex("81 05 48 65 6c 6c 6f"), hex("01 03 48 65 6c"), hex("80 02 6c 6f"), hex("89 05 48 65 6c 6c 6f")] },
      { receive: [hex("82 7e 01 00"), new Uint8Array(256), hex("82 7f 00 00 00 00 00 01 00 00"), new Uint8Array(65_536)] },
      ...GOODBYE,
    ],
    events: [
      { text: "Hello" }, { text: "Hello" }, { ping: "Hello" },
      { binary: new Uint8Array(256) }, { binary: new Uint8Array(65_536) }, GONE,
    ],
    output: [pong("Hello"), ANSWER],
  },
  {
    name: "The RFC's masked example frames are heard (section 5.7)",
    section: "5.7",
    role: "server",
    steps: [
      { receive: [hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58")] },
      { receive: [encodeFrame(frame(8, hex("03e8")), 0)] },
      { end: true },
    ],
    events: [{ text: "Hello" }, { pong: "Hello" }, GONE],
    output: [ANSWER],
  },
];
