/**
 * Peers that are wrong about the blocks of compressed messages (RFC 7692, section 7.2.2; RFC 1951, section 3.2).
 * @module
 */
import { concat, frame } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import { DEFLATE_RULES } from "./peer/deflate-rules.ts";
import { inflating } from "./peer/inflate.ts";
import { mentions } from "./which.ts";

/** Whoever compresses may do that. */
const ANY = { cases: [({ deflate }: Case) => deflate !== undefined], because: "something that is compressed needs it" };
/** What the restoring of a message goes by. */
const { decompress } = DEFLATE_RULES;

/** All of them. */
export const deflateBlocks: readonly Mutant[] = [...finals(), ...codes(), ...wrong(), ...frames()];

function finals(): Mutant[] {
  return [
    {
      name: "takes-no-final-block", breaks: "final-blocks", says: "fails the connection for a block that is marked as the last",
      change: inflating({ takesFinal: false }), alsoCaughtBy: [{ cases: ["deflate-examples"], because: "one of them has such a block" }],
    },
    {
      name: "stops-at-final-block", breaks: "final-blocks", says: "overlooks what comes behind a block that is marked as the last",
      change: inflating({ readsBehindFinal: false }),
      only: [mentions("two blocks marked", "in its middle", "behind an empty stored block", "past a block", "first fragment ends")],
    },
    {
      name: "forgets-at-final-block", breaks: "final-blocks", says: "lets nothing behind a block that is marked as the last refer to what is before it", only: [mentions("Three messages", "past a block marked")],
      change: forgetsBehindFinal,
    },
    {
      name: "does-not-align-behind-final", breaks: "final-blocks", says: "reads on in the byte in which a block that is marked as the last ends",
      change: inflating({ alignsBehindFinal: false }),
      only: [(item) => mentions("marked as the last")(item) && !mentions("stored block marked")(item)], alsoCaughtBy: [ANY],
    },
  ];
}

/** A new inflater for each stream, as zlib's is one for a stream. */
function forgetsBehindFinal(): ReturnType<ReturnType<typeof inflating>> {
  let inflater = inflating({ keepsBehindFinal: false })();
  return {
    decompress: (payload, codec, most) => {
      const message = inflater.decompress(payload, codec, most);
      if ((payload[0] & 1) === 1) inflater = inflating({ keepsBehindFinal: false })();
      return message;
    },
  };
}

function codes(): Mutant[] {
  return [
    {
      name: "wants-two-distances", breaks: "all-codes", says: "wants two codes for distances at least",
      change: inflating({ leastDistances: 2 }),
      only: [mentions("a single code", "without any code", "whose codes have up to 15 bits", "An empty block with codes")], alsoCaughtBy: [ANY],
    },
    {
      name: "wants-a-distance", breaks: "all-codes", says: "wants a code for distances",
      change: inflating({ leastDistances: 1 }), only: [mentions("without any code", "An empty block with codes")], alsoCaughtBy: [ANY],
    },
    {
      name: "has-14-bits", breaks: "all-codes", says: "has room for codes of 14 bits",
      change: inflating({ maxLiteralBits: 14 }), only: [mentions("whose codes have up to 15 bits")],
    },
    {
      name: "has-14-bits-for-distances", breaks: "all-codes", says: "has room for codes of 14 bits for distances",
      change: inflating({ maxDistanceBits: 14 }), only: [mentions("codes for distances have up to 15 bits")],
    },
    {
      name: "repeats-within-literals", breaks: "all-codes", says: "repeats lengths for codes of one kind alone",
      change: inflating({ repeatsAcross: false }), only: [mentions("repeated from those for literals")],
    },
    {
      name: "stops-at-empty-block", breaks: "all-codes", says: "takes an empty block for the end",
      change: inflating({ goesOnBehindEmpty: false }), only: [mentions("An empty block with codes")],
    },
    {
      name: "has-signed-lengths", breaks: "all-codes", says: "takes no stored block of 32 KiB or more",
      change: inflating({ maxStored: 32_767 }), only: [mentions("65,535", "the nearest and the farthest")], alsoCaughtBy: [ANY],
    },
    {
      name: "copies-257", breaks: "all-codes", says: "takes references of 258 bytes for 257",
      change: inflating({ reference: (length, distance) => [Math.min(257, length), distance] }),
      only: [mentions("every length", "258 bytes")], alsoCaughtBy: [ANY],
    },
    {
      name: "copies-at-once", breaks: "all-codes", says: "copies what a reference means as it was before", change: inflating({ seesOwnCopy: false }),
      only: [mentions("a single code", "up to 15 bits is read", "every length", "longer than they reach", "to the last byte", "begins in the message before", "repeated from those", "distances have up to 15 bits", "farthest that each code")], alsoCaughtBy: [ANY],
    },
    {
      name: "reaches-less", breaks: "all-codes", says: "has a window that is a byte too small",
      change: inflating({ reach: (window) => window - 1 }),
      only: [mentions("the farthest that each", "as far back as", "was told server_max")], alsoCaughtBy: [ANY],
    },
    {
      name: "reaches-as-zlib-looks", breaks: "all-codes", says: "reaches as far back as zlib looks when it compresses",
      change: inflating({ reach: (window) => window - 262 }),
      only: [mentions("the farthest that each", "as far back as", "was told server_max")], alsoCaughtBy: [ANY],
    },
    {
      name: "keeps-one-message", breaks: "all-codes", says: "lets a message refer to the one before it alone",
      change: inflating({ keep: (_, message) => message }), only: [mentions("past several")], alsoCaughtBy: [ANY],
    },
    {
      name: "has-little-hope", breaks: "all-codes", says: "takes no message that grows more than a hundred times",
      change: inflating({ maxGrowth: 100 }), only: [mentions("300 references")], alsoCaughtBy: [ANY],
    },
    {
      name: "adds-to-every-message", breaks: "any-blocks", says: "adds a zero byte to what it restores", only: [({ title }) => !title.includes("not compressed are echoed though")], alsoCaughtBy: [ANY],
      change: { decompress: (payload, codec, most) => ((message) => typeof message === "string" ? message : concat([message, new Uint8Array(1)]))(decompress(payload, codec, most)) },
    },
    {
      name: "compresses-twice", breaks: "any-blocks", says: "sends messages that are not compressed as if they were", only: [mentions("not compressed are echoed though")], alsoCaughtBy: [ANY],
      change: { compressedFrames: (opcode, payload) => [frame(opcode, concat([payload, payload]), { rsv: 4 })] },
    },
  ];
}

function wrong(): Mutant[] {
  const isText = mentions("not UTF-8", "ends inside a character");
  return [
    {
      name: "takes-nothing-for-a-message", breaks: "no-blocks", says: "takes what it cannot restore for an empty message", only: [(item) => !isText(item) && item.title !== "A compressed message without any byte fails the connection"],
      alsoCaughtBy: [ANY], change: { decompress: (payload, codec, most) => ((message) => message === "data" ? new Uint8Array(0) : message)(decompress(payload, codec, most)) },
    },
    {
      name: "takes-no-byte", breaks: "no-blocks", says: "takes a payload of no byte for an empty message", verdict: "non-strict", only: [mentions("without any byte")],
      change: { decompress: (payload, codec, most) => payload.length === 0 ? payload : decompress(payload, codec, most) },
    },
    {
      name: "mends-text", breaks: "no-blocks", says: "mends what it restores where it is not UTF-8", only: [isText], alsoCaughtBy: [ANY],
      change: { decompress: (payload, codec, most) => ((message) => typeof message === "string" ? message : new TextEncoder().encode(new TextDecoder().decode(message)))(decompress(payload, codec, most)) },
    },
    {
      name: "repeats-nothing", breaks: "no-blocks", says: "repeats a length of a code before there is one",
      change: inflating({ repeatsNothing: true }), only: [mentions("before there is one")],
    },
    {
      name: "repeats-past-the-end", breaks: "no-blocks", says: "repeats lengths of codes past the last",
      change: inflating({ repeatsPast: true }), only: [mentions("more often than it has codes")],
    },
    {
      name: "overlooks-confirmation", breaks: "no-blocks", says: "does not look whether the length of a stored block is confirmed",
      change: inflating({ wantsConfirmation: false }),
      only: [mentions("is not confirmed")], alsoCaughtBy: [{ cases: ["no-blocks"], because: "what is wrong may look like a stored block" }],
    },
    {
      name: "takes-the-other-code", breaks: "no-blocks", says: "takes both bits for the one code for a distance",
      change: inflating({ takesUnusedCode: true }), verdict: "non-strict", only: [mentions("does not have")],
    },
  ];
}

function frames(): Mutant[] {
  return [
    {
      name: "takes-compressed-halves", breaks: "compressed-frames", says: "takes a message that a close frame cuts short for whole",
      change: { takesHalves: true }, verdict: "non-strict",
      only: [mentions("A close frame between")], alsoCaughtBy: [{ cases: [() => true], because: "a connection may end inside a message" }],
    },
    {
      name: "decides-once", breaks: "compressed-frames", says: "takes every message in fragments for a compressed one, once one was", only: [mentions("not compressed is echoed behind")], alsoCaughtBy: [ANY],
      change: () => {
        let was = false;
        return {
          join: (fragments) => {
            const all = concat(fragments);
            was ||= fragments.length > 1 && all[0] === 0xf2;
            return was && fragments.length > 1 && all[0] !== 0xf2 ? new Uint8Array(0) : all;
          },
        };
      },
    },
  ];
}
