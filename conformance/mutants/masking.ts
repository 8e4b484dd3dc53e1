/**
 * Peers that are wrong about masking (RFC 6455, sections 5.1 and 5.3).
 * @module
 */
import type { Frame } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import type { Header } from "./peer/frame-stream.ts";
import { cutsOf, messagesOf, startsWith } from "./streams.ts";
import { compresses, expects, sends, sendsBytes } from "./which.ts";

const CUT = "the payload of a frame comes in pieces";
const PARTS = "they send a message in fragments";

/** Frames that are masked, or not, as those of the other role. */
const isWrongWay = ({ masked }: Frame): boolean => masked !== undefined;

/** Who masks, and with what. */
export const masking: readonly Mutant[] = [
  ...(["server", "client"] as const).flatMap((role): Mutant[] => {
    const breaks = role === "server" ? "unmasked-refused" : "masked-refused";
    const right = ({ masked }: Header): boolean => masked === (role === "server");
    const [what, short] = role === "server" ? ["frames that are not masked", "unmasked"] : ["frames that are masked", "masked"];
    return [
      { name: `takes-${short}`, breaks, role, says: `takes ${what}`, change: { isMaskingRight: () => true }, alsoCaughtBy: [{ cases: [sendsBytes], because: "what is no frame may look like one" }] },
      {
        name: `takes-${short}-control`, breaks, role, says: `takes control ${what}`,
        change: { isMaskingRight: (header) => right(header) || header.opcode >= 8 }, only: [sends((frame) => isWrongWay(frame) && frame.opcode >= 8)],
      },
      {
        name: `takes-${short}-fragments`, breaks, role, says: `takes ${what} and go on with a message`,
        change: { isMaskingRight: (header) => right(header) || header.opcode === 0 }, only: [sends((frame) => isWrongWay(frame) && frame.opcode === 0)],
      },
      {
        name: `takes-${short}-empty`, breaks, role, says: `takes ${what} and have no payload`,
        change: { isMaskingRight: (header) => right(header) || header.length === 0n }, only: [sends((frame) => isWrongWay(frame) && frame.payload.length === 0)],
      },
    ];
  }),
  {
    name: "takes-masked-zeros", breaks: "masked-refused", role: "client", says: "takes frames whose key is zero for frames that are not masked",
    change: { isMaskingRight: ({ masked, key }) => !masked || key.every((byte) => byte === 0) },
    only: [sends((frame) => frame.masked === true && frame.key === 0)],
  },
  {
    name: "restarts-keys", breaks: "unmasking", role: "server", says: "begins anew with the key at each read",
    change: { keyByte: ({ key }, _, inPiece) => key[inPiece % 4] },
    only: [(item) => cutsOf(item).some(({ at, header }) => at > header && (at - header) % 4 !== 0)],
    alsoCaughtBy: [{ cases: [(item) => cutsOf(item).length > 0, compresses, sendsBytes], because: CUT }],
  },
  {
    name: "goes-on-with-keys", breaks: "unmasking", role: "server", says: "goes on with the key from fragment to fragment",
    change: () => {
      let current: Header | undefined;
      let from = 0;
      return {
        keyByte: (header, inPayload) => {
          if (header !== current) from = header.opcode === 0 && current !== undefined ? from + Number(current.length) : 0;
          current = header;
          return header.key[(from + inPayload) % 4];
        },
      };
    },
    only: [(item) => messagesOf(item).some(({ pieces, inside }) => inside.length === 0 && pieces.length > 1 && pieces[0].length % 4 !== 0 && pieces[0].length > 0)],
    alsoCaughtBy: [{ cases: [sends(({ opcode }) => opcode === 0), compresses, sendsBytes], because: PARTS }],
  },
  {
    name: "keeps-first-key", breaks: "unmasking", role: "server", says: "unmasks all fragments with the key of the first, and what stands between them too",
    change: () => {
      let kept: Uint8Array | undefined;
      return {
        keyByte: ({ key, opcode, fin }, inPayload) => {
          if (opcode > 0 && opcode < 8) kept = fin ? undefined : key;
          return (kept ?? key)[inPayload % 4];
        },
      };
    },
    only: [(item) => messagesOf(item).some(({ pieces, inside }) => pieces.length > 1 && pieces[0].length > 0 && (inside.length > 0 || !sends(({ key, opcode }) => opcode === 0 && key !== undefined)(item)))],
    alsoCaughtBy: [{ cases: [sends(({ fin }) => !fin), compresses, sendsBytes], because: PARTS }],
  },
  {
    name: "no-zero-key", breaks: "unmasking", role: "server", says: "refuses frames whose key is zero",
    change: { isMaskingRight: ({ masked, key }) => masked && key.some((byte) => byte !== 0) },
    only: [sends(({ key }) => key === 0)],
  },
  {
    name: "minus-one", breaks: "unmasking", role: "server", says: "takes a key of which all bits are set for none",
    change: { keyByte: ({ key }, inPayload) => key.every((byte) => byte === 0xff) ? 0 : key[inPayload % 4] },
    only: [sends(({ key }) => key === 0xffff_ffff)],
  },
  {
    name: "seven-bits", breaks: "unmasking", role: "server", says: "takes the bytes of a key for signed numbers, and loses the sign",
    change: { keyByte: ({ key }, inPayload) => key[inPayload % 4] & 0x7f },
    only: [sends(({ key, payload }) => key !== undefined && (key & 0x8080_8080) !== 0 && payload.length > 0), sends(({ key, payload }) => key === undefined && payload.length > 3)],
    alsoCaughtBy: [{ cases: [() => true], because: "most keys have such a byte" }],
  },
  {
    name: "swaps-keys", breaks: "unmasking", role: "server", says: "reads the bytes of a key in the wrong order",
    change: { keyByte: ({ key }, inPayload) => key[3 - inPayload % 4] },
    only: [sends(({ key, payload }) => key !== 0 && key !== 0xffff_ffff && payload.length > 0)],
    alsoCaughtBy: [{ cases: [() => true], because: "every masked frame is read wrongly" }],
  },
  {
    name: "loses-tails", breaks: "unmasking", role: "server", says: "unmasks eight bytes at a time, and not what is left of payloads of 1024 bytes and more",
    change: { keyByte: ({ key, length }, inPayload) => length >= 1024n && BigInt(inPayload) >= length - length % 8n ? 0 : key[inPayload % 4] },
    only: [sends(({ payload }) => payload.length >= 1024 && payload.length % 8 !== 0)],
    alsoCaughtBy: [{ cases: [sends(({ payload }) => payload.length >= 1024), compresses, sendsBytes], because: "they send such payloads" }],
  },
  {
    name: "loses-short-tails", breaks: "unmasking", role: "server", says: "unmasks four bytes at a time, and not what is left of shorter payloads than 17 bytes",
    change: { keyByte: ({ key, length }, inPayload) => length < 17n && BigInt(inPayload) >= length - length % 4n ? 0 : key[inPayload % 4] },
    only: [startsWith("Messages of 0 to 16"), startsWith("Three messages masked"), startsWith("A message in fragments of"), startsWith("A ping masked")],
    alsoCaughtBy: [{ cases: [() => true], because: "every close frame is that short" }],
  },
  {
    name: "same-key", breaks: "fresh-keys", role: "client", says: "has one key for all frames",
    change: { maskingKey: () => 0x37fa_213d },
  },
  {
    name: "counts-keys", breaks: "fresh-keys", role: "client", says: "counts its keys up, by a large number",
    change: { maskingKey: (_, number) => Math.imul(number, 0x9e37_79b1) >>> 0 },
    only: [startsWith("The keys of 64 messages do not go up")],
  },
  {
    name: "short-keys", breaks: "fresh-keys", role: "client", says: "has keys of sixteen bits",
    change: { maskingKey: () => crypto.getRandomValues(new Uint16Array(1))[0] },
    only: [startsWith("Each bit of the key")],
    alsoCaughtBy: [{ cases: ["fresh-keys"], because: "of so few keys two may be the same" }],
  },
  {
    name: "positive-keys", breaks: "fresh-keys", role: "client", says: "has keys of 31 bits", verdict: "non-strict",
    change: { maskingKey: () => crypto.getRandomValues(new Uint32Array(1))[0] >>> 1 },
    only: [startsWith("Each bit of the key")],
  },
  {
    name: "keyless-pongs", breaks: "fresh-keys", role: "client", says: "masks pongs with zeros",
    change: { shape: (each) => each.opcode === 10 ? { ...each, key: 0 } : each },
    only: [expects(({ opcode }) => opcode === 10)],
  },
  {
    name: "keyless-empty", breaks: "fresh-keys", role: "client", says: "masks what has no payload with zeros",
    change: { shape: (each) => each.payload.length === 0 ? { ...each, key: 0 } : each },
    only: [expects(({ payload }) => payload.length === 0)],
  },
];
