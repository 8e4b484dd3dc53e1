/**
 * Peers that are wrong about some fragments, and about what stands between them (RFC 6455, section 5.4).
 * @module
 */
import { concat, type Frame, frame, pong } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import type { Place } from "./peer/connection-rules.ts";
import type { Header } from "./peer/frame-stream.ts";
import type { Rules } from "./peer/rules.ts";
import { messagesOf, tells } from "./streams.ts";
import { compresses, sends, sendsBytes } from "./which.ts";

const FRAGMENTS = "they send a message in fragments";
const CONTROL = "a control frame stands between fragments";

/** In turn, where a message whose fragments had no payload so far counts as not begun. */
function forgetsEmpty(): Partial<Rules> {
  let length = 0n;
  return {
    isInTurn: (header: Header, { isInMessage }: Place) => {
      const hasBegun = isInMessage && length > 0n;
      length = (isInMessage ? length : 0n) + header.length;
      return (header.opcode === 0) === hasBegun;
    },
  };
}

/** Fragments, control frames between them, and ends that never come. */
export const fragments: readonly Mutant[] = [
  {
    name: "forgets-empty-fragments", breaks: "fragments", says: "takes a message for not begun while its fragments have no payload",
    change: forgetsEmpty,
    only: [tells(({ pieces }) => pieces.length > 1 && pieces[0].length === 0)],
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).some(({ pieces, isWhole }) => pieces[0].length === 0 && (pieces.length > 1 || !isWhole)), sendsBytes, compresses], because: "their first fragment has no payload" }],
  },
  {
    name: "fragments-are-text", breaks: "fragments", says: "echoes every message that came in fragments as text",
    change: { echo: ({ opcode, payload, fragments: count }) => [frame(count > 1 ? 1 : opcode, payload)] },
    only: [tells(({ opcode, pieces }) => opcode === 2 && pieces.length > 1)],
    alsoCaughtBy: [{ cases: [tells(({ opcode, pieces }) => opcode === 2 && pieces.length > 1), sendsBytes, compresses], because: FRAGMENTS }],
  },
  {
    name: "keeps-first-kind", breaks: "fragments", says: "takes messages in fragments for what the first message was",
    change: () => {
      let first: number | undefined;
      return {
        echo: ({ opcode, payload, fragments: count }) => {
          first ??= opcode;
          return [frame(count > 1 ? first : opcode, payload)];
        },
      };
    },
    only: [(item) => messagesOf(item).some(({ opcode, pieces, isWhole }, _, messages) => isWhole && pieces.length > 1 && opcode !== messages[0].opcode)],
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).length > 1, sendsBytes, compresses], because: FRAGMENTS }],
  },
  {
    name: "keeps-old-fragments", breaks: "fragments", says: "puts the last fragment of a message before the next that comes in fragments",
    change: () => {
      let last: Uint8Array[] = [];
      return {
        join: (pieces) => {
          const whole = concat(pieces.length > 1 ? [...last, ...pieces] : pieces);
          if (pieces.length > 1) last = [pieces[pieces.length - 1]];
          return whole;
        },
      };
    },
    only: [(item) => messagesOf(item).filter(({ pieces, isWhole }) => isWhole && pieces.length > 1).length > 1],
    alsoCaughtBy: [{ cases: [sends(({ fin }) => !fin), sendsBytes, compresses], because: FRAGMENTS }],
  },
  {
    name: "no-control-inside", breaks: "interleaved-control", says: "fails the connection at a control frame between fragments",
    change: { areBitsRight: ({ opcode, rsv }, { isInMessage, isCompressing }) => !(opcode >= 8 && isInMessage) && (rsv === 0 || rsv === 4 && isCompressing && (opcode === 1 || opcode === 2)) },
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).some(({ inside }) => inside.length > 0), sends(({ opcode, fin }) => opcode < 8 && !fin), compresses, sendsBytes], because: CONTROL }],
  },
  {
    name: "pongs-behind-message", breaks: "interleaved-control", says: "answers a ping between fragments behind the message",
    change: () => {
      let isInside = false;
      const held: Frame[] = [];
      return {
        areBitsRight: ({ rsv, opcode }, { isInMessage, isCompressing }) => {
          isInside = isInMessage;
          return rsv === 0 || rsv === 4 && isCompressing && (opcode === 1 || opcode === 2);
        },
        answerPing: (payload) => {
          if (!isInside) return [pong(payload)];
          held.push(pong(payload));
          return [];
        },
        echo: ({ opcode, payload }) => [frame(opcode, payload), ...held.splice(0)],
      };
    },
    only: [(item) => item.latestPong !== true && tells(({ inside }) => inside.some(({ opcode }) => opcode === 9))(item)],
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).some(({ inside }) => inside.some(({ opcode }) => opcode === 9)), compresses, sendsBytes], because: CONTROL }],
  },
  {
    name: "joins-control", breaks: "interleaved-control", says: "puts the payloads of control frames between fragments into the message",
    change: () => {
      let pieces: Uint8Array[] = [];
      return {
        isInTurn: ({ opcode }, { isInMessage }) => {
          if (opcode !== 0) pieces = [];
          return (opcode === 0) === isInMessage;
        },
        answerPing: (payload) => {
          pieces.push(payload);
          return [pong(payload)];
        },
        answerPong: (payload) => {
          pieces.push(payload);
          return [];
        },
        join: (own) => concat([...own, ...pieces.splice(0)]),
      };
    },
    only: [tells(({ inside }) => inside.some(({ payload }) => payload.length > 0))],
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).some(({ inside }) => inside.length > 0), compresses, sendsBytes], because: CONTROL }],
  },
  {
    name: "echoes-halves", breaks: "unfinished", says: "takes what came of a message when the connection ends for all of it",
    change: { takesHalves: true },
    alsoCaughtBy: [{ cases: [(item) => messagesOf(item).some(({ isWhole }) => !isWhole), "huge-lengths", "failed", "lost", sendsBytes, compresses], because: "the connection ends in a message" }],
  },
];
