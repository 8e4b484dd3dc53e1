/**
 * Peers that are wrong about permessage-deflate (RFC 7692).
 * @module
 */
import zlib from "node:zlib";
import { concat, frame, fragments, pong } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import { accept } from "../wire/cases/deflate.ts";
import { deflate as compress } from "../wire/codec.ts";
import { agreedBy, parseExtensions } from "../wire/extension.ts";
import type { Mutant } from "./mutant.ts";
import { DEFLATE_RULES, DEFLATE_TAIL } from "./peer/deflate-rules.ts";
import { expectsPong, opensByPing, sendsFragments } from "./which.ts";

/** A server is offered this. */
function offers(pattern: RegExp): (item: Case) => boolean {
  return ({ deflate }) => deflate !== undefined && pattern.test(deflate.offer);
}

/** A client that makes the usual offer is answered this. */
function answers(pattern: RegExp): (item: Case) => boolean {
  return ({ deflate }) => pattern.test(deflate?.answer(parseExtensions(DEFLATE_RULES.offer ?? "") ?? []) ?? "");
}

/** Its messages, of so many bytes at least, are alike enough to refer to each other. */
function hasLarge(least: number): (item: Case) => boolean {
  return ({ title }) => Number(/messages of (\d+) bytes/.exec(title)?.[1] ?? least) >= least;
}

function both(...all: readonly ((item: Case) => boolean)[]): (item: Case) => boolean {
  return (item) => all.every((each) => each(item));
}

const ALL = { cases: ["7692:*", "bombs"], because: "what they need is compressed too" };
const AGREED = { cases: [({ deflate }: Case) => deflate !== undefined], because: "they need that something is agreed on" };

/** Agreeing, compressing and restoring. */
export const deflate: readonly Mutant[] = [
  {
    name: "keeps-context", breaks: "parameters-kept", role: "server", says: "refers to earlier messages though it agreed to no context takeover",
    change: { keepOurs: ({ bits }) => ({ bits, takeover: true }) },
    only: [both(offers(/server_no_context_takeover/), hasLarge(64))],
    alsoCaughtBy: [{ cases: [offers(/server_no_context_takeover/)], because: "they ask for it as well" }],
  },
  {
    name: "keeps-context-of-client", breaks: "parameters-kept", role: "client", says: "refers to earlier messages though it was told not to",
    change: { keepOurs: ({ bits }) => ({ bits, takeover: true }) },
    only: [both(answers(/client_no_context_takeover/), hasLarge(64))],
    alsoCaughtBy: [{ cases: [answers(/client_no_context_takeover/)], because: "they tell it as well" }],
  },
  {
    name: "keeps-context-when-offered", breaks: "server-takeover", role: "server", says: "refers to earlier messages though it agreed to no context takeover",
    change: { keepOurs: ({ bits }) => ({ bits, takeover: true }) },
    alsoCaughtBy: [{ cases: [offers(/server_no_context_takeover/)], because: "they ask for it as well" }],
  },
  {
    name: "keeps-context-when-answered", breaks: "client-takeover", role: "client", says: "refers to earlier messages though it was told not to",
    change: { keepOurs: ({ bits }) => ({ bits, takeover: true }) },
    alsoCaughtBy: [{ cases: [answers(/client_no_context_takeover/)], because: "they tell it as well" }],
  },
  {
    name: "large-window", breaks: "server-window", role: "server", says: "refers further back than the window it agreed to",
    change: { keepOurs: ({ takeover }) => ({ bits: 15, takeover }) },
    only: [offers(/server_max_window_bits=(?:9|10|8)/)],
    alsoCaughtBy: [{ cases: [offers(/server_max_window_bits/)], because: "they ask for a window" }],
  },
  {
    name: "large-window-of-client", breaks: "client-window", role: "client", says: "refers further back than the window it was told",
    change: { keepOurs: ({ takeover }) => ({ bits: 15, takeover }) },
    only: [answers(/client_max_window_bits=(?:9|10|8)$/)],
    alsoCaughtBy: [{ cases: [answers(/client_max_window_bits/)], because: "they tell a window" }],
  },
  {
    name: "forgets-context", breaks: "any-blocks", says: "does not keep what later messages may refer to",
    change: { keepTheirs: ({ bits }) => ({ bits, takeover: false }) },
    only: [({ deflate }) => deflate?.takeover === true],
    alsoCaughtBy: [ALL],
  },
  {
    name: "never-says-compressed", breaks: "compressed", says: "compresses, and does not set RSV1",
    change: { compressedFrames: (opcode, payload) => [frame(opcode, payload)] },
    alsoCaughtBy: [ALL],
  },
  {
    name: "says-compressed-everywhere", breaks: "compressed", says: "sets RSV1 on every fragment",
    change: { compressedFrames: (opcode, payload) => fragments(opcode, payload, Math.ceil(payload.length / 2)).map((each) => ({ ...each, rsv: 4 })) },
    alsoCaughtBy: [ALL],
  },
  {
    name: "leaves-tail", breaks: "compressed", says: "leaves the tail of compressed messages in place",
    change: { compressedFrames: (opcode, payload) => [frame(opcode, concat([payload, DEFLATE_TAIL]), { rsv: 4 })] },
    alsoCaughtBy: [ALL],
  },
  {
    name: "restores-nothing", breaks: "deflate-examples", says: "takes what is compressed as it is",
    change: { decompress: (payload) => payload },
    alsoCaughtBy: [ALL],
  },
  {
    name: "forgives-bombs", breaks: "bombs", says: "takes what would become too large for an empty message",
    change: {
      decompress: (payload, codec, most) => {
        const message = DEFLATE_RULES.decompress(payload, codec, most);
        return message === "size" ? new Uint8Array(0) : message;
      },
    },
  },
  {
    name: "compresses-control", breaks: "control-plain", says: "compresses control frames too, once it compressed a message",
    change: () => {
      let compresses = false;
      return {
        shape: (each) => {
          compresses ||= each.rsv === 4;
          return compresses && each.opcode >= 8 ? { ...each, payload: compress(each.payload), rsv: 4 } : each;
        },
      };
    },
    alsoCaughtBy: [ALL],
  },
  {
    name: "leaves-later-tails", breaks: "parameters-kept", says: "leaves the tail of compressed messages in place, but for the first",
    change: () => {
      let count = 0;
      return { compressedFrames: (opcode, payload) => [frame(opcode, count++ === 0 ? payload : concat([payload, DEFLATE_TAIL]), { rsv: 4 })] };
    },
    alsoCaughtBy: [ALL],
  },
  {
    name: "restores-one-read", breaks: "compressed-frames", role: "server", says: "forgets a frame whose payload is not whole at the end of a read",
    change: { keepsFrames: false },
    only: [({ send = [] }) => send.some((step) => "chop" in step && typeof step.chop === "number")],
    alsoCaughtBy: [{ cases: [({ send = [] }) => send.some((step) => "chop" in step || "piecemeal" in step)], because: "their frames come in pieces" }],
  },
  {
    name: "empty-fragment-ends", breaks: "compressed-frames", says: "takes an empty fragment for the end of a message",
    change: { join: (pieces) => concat(pieces.slice(0, pieces.findIndex(({ length }) => length === 0) >>> 0)) },
    only: [({ title }) => title.startsWith("A compressed message with empty fragments")],
    alsoCaughtBy: [{ cases: [sendsFragments], because: "they may have such fragments" }],
  },
  {
    name: "drops-byte-fragments", breaks: "compressed-frames", says: "drops fragments of one byte",
    change: { join: (pieces) => pieces.length === 1 ? pieces[0] : concat(pieces.filter(({ length }) => length !== 1)) },
    only: [({ title }) => /frames of a byte|nothing but the last byte/.test(title)],
    alsoCaughtBy: [{ cases: [sendsFragments], because: "they may have such fragments" }],
  },
  {
    name: "refuses-windows", breaks: "client-window", role: "client", says: "fails the connection when it is told a window, though it offered to be",
    change: { takeAnswer: (told, offer) => /client_max_window_bits/.test(JSON.stringify(told)) ? undefined : DEFLATE_RULES.takeAnswer(told, offer) },
    alsoCaughtBy: [AGREED],
  },
  {
    name: "answers-bare-window", breaks: "client-window", role: "server", says: "answers client_max_window_bits without a value",
    change: { tellAnswer: (answer) => `${answer}; client_max_window_bits` },
    alsoCaughtBy: [AGREED],
  },
  {
    name: "compressed-pongs", breaks: "compressed-frames", says: "sets RSV1 on pongs",
    change: { answerPing: (payload) => [pong(payload, { rsv: 4 })] },
    only: [expectsPong],
    alsoCaughtBy: [{ cases: [expectsPong, opensByPing], because: "they await a pong" }],
  },
  {
    name: "answers-unoffered", breaks: "agreeing", role: "server", says: "answers a size for the window of a client that offered none",
    change: { tellAnswer: (answer) => answer.includes("client_max_window_bits") ? answer : `${answer}; client_max_window_bits=15` },
    only: [(item) => !offers(/client_max_window_bits/)(item)],
    alsoCaughtBy: [AGREED],
  },
  {
    name: "answers-nothing", breaks: "server-window", role: "server", says: "agrees, and does not say to which window",
    change: { tellAnswer: (answer) => answer.replace(/; server_max_window_bits=\d+/, "") },
    alsoCaughtBy: [{ cases: [offers(/server_max_window_bits/)], because: "they ask for a window" }],
  },
  {
    name: "answers-no-takeover", breaks: "server-takeover", role: "server", says: "agrees, and does not say that it goes without context takeover",
    change: { tellAnswer: (answer) => answer.replace("; server_no_context_takeover", "") },
    alsoCaughtBy: [{ cases: [offers(/server_no_context_takeover/)], because: "they ask for it as well" }],
  },
  {
    name: "answers-unknown", breaks: "agreeing", role: "server", says: "answers with a parameter there is none of",
    change: { tellAnswer: (answer) => `${answer}; window=large` },
    alsoCaughtBy: [AGREED],
  },
  {
    name: "answers-twice", breaks: "agreeing", role: "server", says: "accepts an offer twice",
    change: { tellAnswer: (answer) => `${answer}, ${answer}` },
    alsoCaughtBy: [AGREED],
  },
  {
    name: "answers-too-large", breaks: "client-window", role: "server", says: "grants a client the largest window, whatever it offered",
    change: { tellAnswer: (answer) => `${answer.replace(/; client_max_window_bits=\d+/, "")}; client_max_window_bits=15` },
    only: [(item) => !offers(/client_max_window_bits(?!=(?:8|9|1[0-4]))/)(item)],
    alsoCaughtBy: [AGREED],
  },
  {
    name: "overlooks-offers", breaks: "declined", role: "server", says: "accepts offers whose parameters are wrong",
    change: { answerOffer: (offer) => accept({ ...offer, parameters: [] }, {}) },
    only: [offers(/^permessage-deflate/)],
    alsoCaughtBy: [AGREED],
  },
  {
    name: "knows-every-extension", breaks: "declined", role: "server", says: "accepts permessage-deflate, whatever extension is offered",
    change: { answerOffer: (offer) => offer.name === "permessage-deflate" ? accept(offer, {}) : "permessage-deflate" },
    only: [(item) => !offers(/^permessage-deflate/)(item)],
    alsoCaughtBy: [AGREED, { cases: ["answer-extensions"], because: "they offer such" }],
  },
  {
    name: "overlooks-answers", breaks: "not-taken", role: "client", says: "takes any answer for one without parameters",
    change: { takeAnswer: () => agreedBy({ serverTakeover: true, clientTakeover: true, serverBits: undefined, clientBits: undefined }), mayExtend: () => true },
    alsoCaughtBy: [AGREED, { cases: ["chosen-extensions", "extensions-grammar"], because: "what they answer was not offered" }],
  },
  {
    name: "halves", breaks: "no-blocks", says: "takes a message that ends inside a block as far as it goes",
    change: {
      decompress: (payload, codec, most) => {
        const message = DEFLATE_RULES.decompress(payload, codec, most);
        return message === "data" ? asFarAsItGoes(payload) : message;
      },
    },
    only: [({ title }) => /ends inside a/.test(title) && !title.startsWith("Text")],
    alsoCaughtBy: [ALL],
  },
  {
    name: "any-rsv1", breaks: "rsv1-elsewhere", says: "takes no notice of RSV1 where it may not be",
    change: { areBitsRight: ({ rsv, opcode }, { isCompressing }) => rsv === 0 || isCompressing && (rsv === 4 || rsv > 4 && opcode > 2) },
    only: [({ title }) => !/RSV[23]/.test(title)],
    alsoCaughtBy: [ALL],
  },
  {
    name: "any-bits-when-compressing", breaks: "rsv1-elsewhere", says: "takes no notice of reserved bits once compression is agreed on",
    change: { areBitsRight: ({ rsv }, { isCompressing }) => rsv === 0 || isCompressing },
    alsoCaughtBy: [ALL],
  },
  {
    name: "offers-nothing-and-takes-all", breaks: "not-taken", role: "client", says: "offers no extension, and does not look at what is answered",
    change: { offer: undefined, mayExtend: () => true, takeAnswer: () => undefined },
    alsoCaughtBy: [AGREED, { cases: ["chosen-extensions", "extensions-grammar", "offered-extensions"], because: "what they answer was not offered" }],
  },
];

function asFarAsItGoes(payload: Uint8Array): Uint8Array | "data" {
  try {
    return zlib.inflateRawSync(payload, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  } catch {
    return "data";
  }
}
