/**
 * Vectors for masking (RFC 6455, sections 5.1 and 5.3).
 * @module
 */
import { binary, close, encodeFrame, ping, text } from "../frames.ts";
import { ANSWER, fails, GONE, GOODBYE, type Vector } from "../vector.ts";

/** Keys with bytes that are easy to get wrong: the sign bit, zeros, all the same. */
const KEYS = [0x0000_0000, 0xffff_ffff, 0x8000_0000, 0x0000_0001, 0x37fa_213d, 0xdead_beef];

/** Sections 5.1 and 5.3. */
export const masking: readonly Vector[] = [
  ...KEYS.map((key): Vector => ({
    name: `Frames under key ${key.toString(16).padStart(8, "0")} are unmasked, whatever their length modulo 4`,
    section: "5.3",
    role: "server",
    steps: [
      { receive: [0, 1, 2, 3, 4, 5, 6, 7, 131, 133].map((length) => encodeFrame(binary(pattern(length)), key)) },
      ...GOODBYE,
    ],
    events: [...[0, 1, 2, 3, 4, 5, 6, 7, 131, 133].map((length) => ({ binary: pattern(length) })), GONE],
    output: [ANSWER],
  })),
  {
    name: "Each frame is unmasked with its own key, fragments and control frames too",
    section: "5.3",
    role: "server",
    steps: [
      {
        receive: [
          encodeFrame(text("abc", { fin: false }), 0x1111_1111),
          encodeFrame(ping("ping"), 0x2222_2222),
          encodeFrame({ ...text("def"), opcode: 0 }, 0x3333_3333),
          encodeFrame(close(1000), 0x4444_4444),
        ],
      },
      { end: true },
    ],
    events: [{ ping: "ping" }, { text: "abcdef" }, GONE],
    output: [{ ...ping("ping"), opcode: 10 }, ANSWER],
  },
  {
    name: "A client masks every frame it sends, each under a new key",
    section: "5.3",
    role: "client",
    steps: [
      { send: "text", returns: true },
      { send: pattern(300), returns: true },
      { ping: "", returns: true },
      { fragment: "a", final: false, returns: true },
      { fragment: "", final: true, returns: true },
      { close: [1000], returns: true },
      ...GOODBYE,
    ],
    events: [GONE],
    output: [text("text"), binary(pattern(300)), ping(), text("a", { fin: false }), { ...text(""), opcode: 0 }, close(1000)],
  },
  { ...fails("A server takes no frame that is not masked", "unmaskedFrame", [text("Hello", { masked: false })]), role: "server" },
  { ...fails("A server takes no empty frame that is not masked", "unmaskedFrame", [text("", { masked: false })]), role: "server" },
  { ...fails("A server takes no close frame that is not masked", "unmaskedFrame", [close(1000, "", { masked: false })]), role: "server" },
  {
    ...fails("A server hears what came before a frame that is not masked", "unmaskedFrame",
      [text("good"), text("bad", { masked: false })], { events: [{ text: "good" }] }),
    role: "server",
  },
  { ...fails("A client takes no frame that is masked", "maskedFrame", [text("Hello", { masked: true })]), role: "client" },
  { ...fails("A client takes no frame that is masked with zeros", "maskedFrame", [encodeFrame(text("Hello"), 0)]), role: "client" },
  { ...fails("A client takes no ping that is masked", "maskedFrame", [ping("", { masked: true })]), role: "client" },
];

function pattern(length: number): Uint8Array {
  return new Uint8Array(length).map((_, at) => at * 37 + 11);
}
