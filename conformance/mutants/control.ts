/**
 * Peers that are wrong about pings, pongs and the shape of control frames (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import { decode, ping, pong } from "../frames.ts";
import type { Mutant } from "./mutant.ts";
import { commands, expects, expectsPong, opensByPing, sends } from "./which.ts";

const AWAITS_PONG = { cases: [expectsPong, opensByPing], because: "they await a pong" };

/** Control frames. */
export const control: readonly Mutant[] = [
  {
    name: "never-pongs", breaks: "ping-answered", says: "answers no ping",
    change: { answerPing: () => [] },
    only: [({ lenient }) => lenient !== true],
    alsoCaughtBy: [AWAITS_PONG],
  },
  {
    name: "pongs-empty", breaks: "ping-answered", says: "answers pings without their payload",
    change: { answerPing: () => [pong()] },
    only: [expects(({ opcode, payload }) => opcode === 10 && payload.length > 0)],
    alsoCaughtBy: [AWAITS_PONG],
  },
  {
    name: "pongs-text", breaks: "ping-answered", says: "takes the payload of a ping for text, and replaces what is none",
    change: { answerPing: (payload) => [pong(Buffer.from(payload).toString())] },
    only: [expects(({ opcode, payload }) => opcode === 10 && decode(payload) === undefined)],
    alsoCaughtBy: [AWAITS_PONG],
  },
  {
    name: "pongs-ping", breaks: "ping-answered", says: "answers pings with pings",
    change: { answerPing: (payload) => [ping(payload)] },
    only: [({ lenient }) => lenient !== true],
    alsoCaughtBy: [AWAITS_PONG],
  },
  {
    name: "pongs-twice", breaks: "ping-answered", says: "answers each ping twice",
    change: { answerPing: (payload) => [pong(payload), pong(payload)] },
    alsoCaughtBy: [AWAITS_PONG],
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
    only: [({ expect = [] }) => new Set(expect.filter(({ opcode }) => opcode === 10).map(({ payload }) => String(payload))).size > 1],
    alsoCaughtBy: [AWAITS_PONG],
  },
  {
    name: "answers-pongs", breaks: "pong-ignored", says: "answers pongs with pongs",
    change: { answerPong: (payload) => [pong(payload)] },
    alsoCaughtBy: [{ cases: [sends(({ opcode }) => opcode === 10), commands], because: "they send a pong, asked or unasked" }],
  },
  {
    name: "long-control", breaks: "control-length", says: "takes control frames of any length",
    change: { isControlRight: ({ fin }) => fin },
    alsoCaughtBy: [{ cases: ["close-body"], because: "a close frame may be too long as well" }],
  },
  {
    name: "parted-control", breaks: "control-whole", says: "takes control frames in fragments, each for a whole one",
    change: { isControlRight: ({ length }) => length <= 125n },
    only: [sends(({ opcode, fin }) => opcode === 9 && !fin)],
    alsoCaughtBy: [{ cases: ["control-whole"], because: "behind other control frames, what comes decides" }],
  },
  {
    name: "skips-parted-pongs", breaks: "control-whole", says: "skips pongs in fragments, with what continues them",
    change: { isSkipped: ({ opcode, fin }, { isInMessage }) => opcode === 10 && !fin || opcode === 0 && !isInMessage },
    only: [sends(({ opcode, fin }) => opcode === 10 && !fin)],
    alsoCaughtBy: [{ cases: ["stray-continuation"], because: "a continuation of nothing may follow" }],
  },
];
