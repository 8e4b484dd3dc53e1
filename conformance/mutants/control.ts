/**
 * Peers that are wrong about pings, pongs and the shape of control frames (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import { ping, pong } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { expectsPong } from "./which.ts";

const NO_PONG = "they await a pong";

/** Control frames. */
export const control: readonly Mutant[] = [
  {
    name: "never-pongs", breaks: "ping-answered", says: "answers no ping",
    change: { answerPing: () => [] },
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-empty", breaks: "ping-answered", says: "answers pings without their payload",
    change: { answerPing: () => [pong()] },
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-text", breaks: "ping-answered", says: "takes the payload of a ping for text, and replaces what is none",
    change: { answerPing: (payload) => [pong(Buffer.from(payload).toString())] },
  },
  {
    name: "pongs-ping", breaks: "ping-answered", says: "answers pings with pings",
    change: { answerPing: (payload) => [ping(payload)] },
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-twice", breaks: "ping-answered", says: "answers each ping twice",
    change: { answerPing: (payload) => [pong(payload), pong(payload)] },
    alsoCaughtBy: [{ cases: [expectsPong], because: NO_PONG }],
  },
  {
    name: "pongs-previous", breaks: "ping-answered", says: "answers each ping but the first with the payload of the one before",
    change: () => {
      let before: Uint8Array | undefined;
      return {
        answerPing: (payload) => {
          const answer = [pong(before ?? payload)];
          before = payload;
          return answer;
        },
      };
    },
  },
  {
    name: "answers-pongs", breaks: "pong-ignored", says: "answers pongs with pongs",
    change: { answerPong: (payload) => [pong(payload)] },
  },
  {
    name: "long-control", breaks: "control-length", says: "takes control frames of any length",
    change: { isControlRight: ({ fin }) => fin },
  },
  {
    name: "parted-control", breaks: "control-whole", says: "takes control frames in fragments, each for a whole one",
    change: { isControlRight: ({ length }) => length <= 125n },
  },
];
