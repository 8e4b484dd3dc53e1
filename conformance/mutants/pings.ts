/**
 * Peers that are wrong about some pings, pongs and control frames (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import { close, type Frame, frame, ping, pong, text } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { COMMAND_RULES } from "./peer/command-rules.ts";
import { startsWith } from "./streams.ts";
import { commands, expectsPong, sends, sendsBytes } from "./which.ts";

const NO_PONG = "they await a pong";
const UNFINISHED = "a control frame that is not finished is among what they send";
const PING = "conformance:ping ";

/** What is done when a ping is asked for. */
function pings(send: (payload: string) => readonly Frame[]): Mutant["change"] {
  return { obey: (message, mayClose) => message.startsWith(PING) && message.length - PING.length < 126 ? send(message.slice(PING.length)) : COMMAND_RULES.obey(message, mayClose) };
}

/** Control frames that are long or in parts, and pings both ways. */
export const moreControl: readonly Mutant[] = [
  {
    name: "long-pongs", breaks: "control-length", says: "takes pongs of any length",
    change: { isControlRight: ({ fin, length, opcode }) => fin && (length <= 125n || opcode === 10) },
    only: [sends(({ opcode, payload }) => opcode === 10 && payload.length > 125)],
  },
  {
    name: "control-of-16-bits", breaks: "control-length", says: "takes control frames of up to 65535 bytes",
    change: { isControlRight: ({ fin, length }) => fin && length <= 65_535n },
    only: [sends(({ opcode, payload }) => opcode > 7 && payload.length > 125 && payload.length < 65_536)],
    alsoCaughtBy: [{ cases: ["close-body", "failed"], because: "their close frame is longer than 125 bytes, or their fault is such a frame" }],
  },
  {
    name: "joins-control-frames", breaks: "control-whole", says: "takes control frames in fragments, and skips what continues them",
    change: () => {
      let isContinued = false;
      return {
        isControlRight: ({ fin, length }) => {
          isContinued ||= !fin;
          return length <= 125n;
        },
        isSkipped: ({ opcode }, { isInMessage }) => opcode === 0 && isContinued && !isInMessage,
      };
    },
    alsoCaughtBy: [{ cases: [sends(({ opcode, fin }) => opcode > 7 && !fin), sendsBytes], because: UNFINISHED }],
  },
  {
    name: "pongs-with-old-bytes", breaks: "ping-answered", says: "answers a ping with its payload, and what is left of a longer one before it",
    change: () => {
      let old: Uint8Array = new Uint8Array(0);
      return {
        answerPing: (payload) => {
          old = Uint8Array.from([...payload, ...old.subarray(payload.length)]);
          return [pong(old)];
        },
      };
    },
    only: [startsWith("Pings that get shorter"), startsWith("Three pings that have all 256 bytes")],
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-once", breaks: "ping-answered", says: "answers a ping with the same payload as the one before no more",
    change: () => {
      let before: Uint8Array | undefined;
      return {
        answerPing: (payload) => {
          const isSame = before !== undefined && Buffer.compare(before, payload) === 0;
          before = payload;
          return isSame ? [] : [pong(payload)];
        },
      };
    },
    only: [startsWith("Pings with the same payload")],
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-fifty-times", breaks: "ping-answered", says: "answers no ping behind the first fifty",
    change: () => {
      let count = 0;
      return { answerPing: (payload) => count++ < 50 ? [pong(payload)] : [] };
    },
    only: [startsWith("A hundred pings")],
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-close", breaks: "ping-answered", says: "takes a ping whose payload is a close frame's for one",
    change: { answerPing: (payload) => payload.length === 2 && payload[0] === 3 ? [close(1000)] : [pong(payload)] },
    only: [startsWith("A ping that looks like")],
  },
  {
    name: "pongs-to-close", breaks: "ping-answered", says: "does not answer a ping with a close frame right behind it", verdict: "non-strict",
    change: { answerPing: (payload) => Buffer.from(payload).toString() === "Hello, world!" ? [] : [pong(payload)] },
    only: [startsWith("A ping right before a close frame"), startsWith("A ping with text"), startsWith("A ping that comes in two writes")],
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pings-in-latin1", breaks: "ping-sent", says: "sends the text of a ping with a byte for each character",
    change: pings((payload) => [ping(Buffer.from(payload, "latin1"))]),
    only: [startsWith("A ping's text")],
  },
  {
    name: "pings-cut", breaks: "ping-sent", says: "sends the first hundred bytes of a ping's payload",
    change: pings((payload) => [ping(payload.slice(0, 100))]),
    only: [startsWith("A ping of 125 bytes, the longest")],
  },
  {
    name: "pings-with-pongs", breaks: "ping-sent", says: "sends a pong when it is asked for a ping",
    change: pings((payload) => [pong(payload)]),
    only: [(item) => !item.title.startsWith("A ping of 126 bytes")],
  },
  {
    name: "pings-text", breaks: "ping-sent", says: "sends a text message when it is asked for a ping",
    change: pings((payload) => [text(payload)]),
    only: [(item) => !item.title.startsWith("A ping of 126 bytes")],
  },
  {
    name: "long-pings", breaks: "ping-sent", says: "sends pings of any length",
    change: { obey: (message, mayClose) => message.startsWith(PING) ? [ping(message.slice(PING.length))] : COMMAND_RULES.obey(message, mayClose) },
    only: [startsWith("A ping of 126 bytes")],
  },
  {
    name: "waits-for-pongs", breaks: "ping-sent", says: "sends no message while a ping of its own is not answered",
    change: () => {
      let asked: string | undefined;
      return {
        obey: (message, mayClose) => {
          if (message.startsWith(PING)) asked = message.slice(PING.length);
          return COMMAND_RULES.obey(message, mayClose);
        },
        answerPong: (payload) => {
          if (Buffer.from(payload).toString() === asked) asked = undefined;
          return [];
        },
        echo: ({ opcode, payload }) => asked === undefined ? [frame(opcode, payload)] : [],
      };
    },
    only: [startsWith("A ping that gets no pong"), startsWith("A pong with another payload")],
    alsoCaughtBy: [{ cases: ["ping-sent"], because: "they ask for pings" }],
  },
  {
    name: "loses-count-of-pongs", breaks: "ping-sent", says: "closes when a pong comes that does not answer the oldest of its pings",
    change: () => {
      const asked: string[] = [];
      return {
        obey: (message, mayClose) => {
          if (message.startsWith(PING)) asked.push(message.slice(PING.length));
          return COMMAND_RULES.obey(message, mayClose);
        },
        answerPong: (payload) => asked.shift() === Buffer.from(payload).toString() ? [] : [close(1002)],
      };
    },
    only: [startsWith("Of three pings"), startsWith("A pong with another"), startsWith("Two pongs")],
    alsoCaughtBy: [{ cases: [sends(({ opcode }) => opcode === 10), "ping-sent", sendsBytes], because: "they send a pong that nobody asked for" }],
  },
  {
    name: "no-pong-while-pinging", breaks: "ping-sent", says: "answers no ping while it waits for a pong",
    change: () => {
      let isWaiting = false;
      return {
        obey: (message, mayClose) => {
          isWaiting ||= message.startsWith(PING);
          return COMMAND_RULES.obey(message, mayClose);
        },
        answerPing: (payload) => isWaiting ? [] : [pong(payload)],
        answerPong: () => {
          isWaiting = false;
          return [];
        },
      };
    },
    only: [startsWith("A ping and its pong may be crossed")],
  },
  {
    name: "refuses-pongs", breaks: "pong-ignored", says: "closes when a pong comes that it did not ask for",
    change: { answerPong: () => [close(1002)] },
    alsoCaughtBy: [{ cases: [sends(({ opcode }) => opcode === 10), commands, sendsBytes], because: "a pong is among what they send" }],
  },
  {
    name: "pongs-are-answers", breaks: "pong-ignored", says: "does not answer a ping with the payload of a pong that came before",
    change: () => {
      let known: string | undefined;
      return {
        answerPong: (payload) => {
          known = String(payload);
          return [];
        },
        answerPing: (payload) => String(payload) === known ? [] : [pong(payload)],
      };
    },
    only: [startsWith("Pongs with the payload of a ping")],
    alsoCaughtBy: [{ cases: [(item) => sends(({ opcode }) => opcode === 10)(item) && expectsPong(item)], because: NO_PONG }],
  },
  {
    name: "echoes-pongs", breaks: "pong-ignored", says: "takes pongs for messages",
    change: { answerPong: (payload) => [frame(2, payload)] },
    alsoCaughtBy: [{ cases: [sends(({ opcode }) => opcode === 10), commands, sendsBytes], because: "a pong is among what they send" }],
  },
];
