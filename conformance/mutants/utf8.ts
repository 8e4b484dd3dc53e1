/**
 * Peers that are wrong about text (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import { decode, frame, toBytes } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { expectUtf8, nextUtf8, UTF8_START } from "./peer/utf8.ts";

/** What text is. */
export const utf8: readonly Mutant[] = [
  {
    name: "any-text", breaks: "invalid-text", says: "takes any bytes for text",
    change: { nextUtf8: (state) => state, mayTextEnd: () => true },
  },
  {
    name: "replaces-text", breaks: "invalid-text", says: "replaces what is not UTF-8, and echoes that",
    change: { nextUtf8: (state) => state, echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? Buffer.from(payload).toString() : payload)] },
  },
  {
    name: "late-text", breaks: "invalid-text", says: "looks at text when its message is whole", verdict: "non-strict",
    change: { checksEarly: false },
    only: ["autobahn:6.4"],
  },
  {
    name: "surrogates", breaks: "invalid-text", says: "takes surrogates for characters",
    change: { nextUtf8: (state, byte) => state === UTF8_START && byte === 0xed ? expectUtf8(2) : nextUtf8(state, byte) },
    only: [],
  },
  {
    name: "overlong", breaks: "invalid-text", says: "takes characters in more bytes than they need",
    change: { nextUtf8: (state, byte) => state !== UTF8_START ? nextUtf8(state, byte) : byte === 0xc0 || byte === 0xc1 ? expectUtf8(1) : byte === 0xe0 ? expectUtf8(2) : byte === 0xf0 ? expectUtf8(3) : nextUtf8(state, byte) },
    only: [],
  },
  {
    name: "past-unicode", breaks: "invalid-text", says: "takes characters past the last one of Unicode",
    change: { nextUtf8: (state, byte) => state === UTF8_START && byte >= 0xf4 && byte <= 0xf7 ? expectUtf8(3) : nextUtf8(state, byte) },
    only: [],
  },
  {
    name: "half-characters", breaks: "invalid-text", says: "takes text that ends inside a character",
    change: { mayTextEnd: () => true },
    only: [],
  },
  {
    name: "no-byte-order-mark", breaks: "text", says: "takes a byte order mark away",
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? toBytes((decode(payload) ?? "").replace(/^\ufeff/, "")) : payload)] },
    only: [],
  },
  {
    name: "ascii", breaks: "text", says: "takes each byte of text for a character",
    change: { echo: ({ opcode, payload }) => [frame(opcode, opcode === 1 ? Buffer.from(payload).toString("latin1") : payload)] },
    only: [],
  },
  {
    name: "no-noncharacters", breaks: "text", says: "refuses text with code points that are no characters",
    change: {},
    only: [],
  },
];
