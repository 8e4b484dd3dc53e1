/**
 * Peers that stand too little, or too much (RFC 6455, section 10.4), or give way under load (sections 5.1, 6.1 and 6.2). Most of what shows
 * that is heavy, so they are servers alone.
 * @module
 */
import { close, concat, frame, pong } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import type { Rules } from "./peer/rules.ts";

/** All of them. */
export const limits: readonly Mutant[] = [
  {
    name: "inflates-all", breaks: "bombs", role: "server", says: "decompresses whatever comes", heavy: true,
    change: { decompress: (payload, codec) => codec.decompress(payload), maxMessage: Number.POSITIVE_INFINITY },
  },
  {
    name: "gives-up-slow-readers", breaks: "slow-reader", role: "server", says: "drops the connection when nothing was read for a tenth of a second", heavy: true,
    change: { writePatience: 100 },
  },
  {
    name: "small-messages", breaks: "large", role: "server", says: "takes no message of 64 KiB or more", heavy: true,
    change: { maxMessage: 65_535 },
    alsoCaughtBy: [{ cases: ["many-fragments", "many-writes", titled(/KiB|MiB/)], because: "their messages are that long" }],
  },
  {
    name: "few-fragments", breaks: "many-fragments", role: "server", says: "loses the last byte of a message that comes in more than 60 fragments", heavy: true,
    change: { join: (fragments) => fragments.length > 60 ? concat(fragments).subarray(0, -1) : concat(fragments) },
    only: [(item) => !/of (?:1048576|4194304|262144|65536) bytes is/.test(item.title) || /of 65536 bytes is/.test(item.title)],
    alsoCaughtBy: [{ cases: [titled(/^(?:10|50),000 fragments/)], because: "they have more fragments" }],
  },
  {
    name: "few-pieces", breaks: "many-writes", role: "server", says: "loses messages of 1 MiB", heavy: true,
    change: { echo: ({ opcode, payload }) => payload.length === 1024 * 1024 ? [] : [frame(opcode, payload)] },
    alsoCaughtBy: [{ cases: [(item) => item.rule.name === "large" && item.title.includes(" 1048576 ")], because: "that is their message" }],
  },
  {
    name: "few-messages", breaks: "many-messages", role: "server", says: "stops to echo behind 999 messages", heavy: true,
    change: () => counting(999, ({ opcode, payload }, isPast) => isPast ? [] : [frame(opcode, payload)]),
    alsoCaughtBy: [{ cases: [titled(/^(?:10|20),000 (?:small )?messages|^(?:10|20),000 small/)], because: "they send more" }],
  },
  {
    name: "few-pings", breaks: "many-frames", role: "server", says: "answers no ping behind the first thousand", heavy: true,
    only: [titled(/^2,000 pings/)],
    change: () => {
      let count = 0;
      return { answerPing: (payload) => count++ < 1_000 ? [pong(payload)] : [] };
    },
  },
  {
    name: "few-pongs", breaks: "many-frames", role: "server", says: "closes behind a thousand pongs", heavy: true,
    only: [titled(/^10,000 pongs/)],
    change: () => {
      let count = 0;
      return { answerPong: () => count++ === 1_000 ? [close(1008)] : [] };
    },
  },
  {
    name: "loses-behind-large", breaks: "many-frames", role: "server", says: "loses the message behind one of 64 KiB or more", heavy: true,
    only: [titled(/^A message of 64 KiB and 200/)],
    change: () => {
      let isBehind = false;
      return {
        echo: ({ opcode, payload }) => {
          const answer = isBehind ? [] : [frame(opcode, payload)];
          isBehind = payload.length >= 65_536;
          return answer;
        },
      };
    },
    alsoCaughtBy: [{ cases: [titled(/^16 messages of 256 KiB|close frame behind 4 MiB/)], because: "they send several such" }],
  },
];

/** Cases whose title is such. */
function titled(pattern: RegExp): (item: Case) => boolean {
  return ({ title, heavy }) => heavy === true && pattern.test(title);
}

/** Rules of one connection whose echoes know whether so many messages went before. */
function counting(most: number, echo: (message: Parameters<Rules["echo"]>[0], isPast: boolean) => ReturnType<Rules["echo"]>): Partial<Rules> {
  let count = 0;
  return { echo: (message) => echo(message, count++ >= most) };
}
