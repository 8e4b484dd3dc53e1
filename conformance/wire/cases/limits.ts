/**
 * Floods, and peers that do not read (RFC 6455, section 10.4). What a peer can stand is its own affair: it may end the connection with the
 * fitting code; it must not lose what it goes on with, nor break a rule on the way.
 * @module
 */
import { binary, close, type Frame, more, ping, pong, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { FIRST } from "./ways.ts";

const MANY_FRAMES: Rule = { name: "many-frames", section: "10.4", says: "Many small frames in one read are all acted on, or end the connection" };
const SLOW_READER: Rule = { name: "slow-reader", section: "10.4", says: "A peer that does not read for a while gets all that it was sent before, once it does" };

const KIB = 1024;

/** Section 10.4, but for compressed data. */
export const limits: readonly Draft[] = [...manyFrames(), ...slowReader()];

function manyFrames(): Draft[] {
  const numbered = (count: number): Frame[] => Array.from({ length: count }, (_, at) => text(`message ${at}`));
  const pings = (count: number): Frame[] => Array.from({ length: count }, (_, at) => ping(`ping ${at}`));
  const pongs = (count: number): Frame[] => Array.from({ length: count }, (_, at) => pong(`ping ${at}`));
  return [
    flood("10,000 small messages in one write are echoed, in order", () => ({ frames: numbered(10_000), expect: numbered(10_000) })),
    flood("10,000 messages without payload in one write are echoed", () => ({ frames: Array.from({ length: 10_000 }, () => binary("")), expect: Array.from({ length: 10_000 }, () => binary("")) })),
    flood("2,000 pings in one write are answered, all or the last of them", () => ({ frames: pings(2_000), expect: pongs(2_000) }), { latestPong: true }),
    flood("2,000 pings between the fragments of a message are answered, all or the last of them, and the message is echoed", () => ({
      frames: [text("be", FIRST), ...pings(2_000), more("tween")], expect: [...pongs(2_000), text("between")],
    }), { latestPong: true }),
    flood("10,000 pongs that nobody asked for are ignored, and the message behind them is echoed", () => ({
      frames: [...Array.from({ length: 10_000 }, () => pong("unasked")), text("still there")], expect: [text("still there")],
    })),
    flood("10,000 fragments without payload make a message, or end the connection", () => ({ frames: inFragments("", 10_000), expect: [text("end")] }), { end: "either" }),
    flood("50,000 fragments of a byte make a message, or end the connection", () => ({
      frames: inFragments("*", 50_000), expect: [text(`${"*".repeat(49_999)}end`)],
    }), { end: "either" }),
    flood("A message of 64 KiB and 200 small ones in the same write are echoed, in order", () => {
      const frames = [text("*".repeat(64 * KIB)), ...numbered(200)];
      return { frames, expect: frames };
    }),
  ];
}

function slowReader(): Draft[] {
  const large = (count: number, size: number): Frame[] => Array.from({ length: count }, (_, at) => binary(new Uint8Array(size).fill(at)));
  return [
    unread("16 messages of 256 KiB are echoed though their sender reads nothing until all are sent", () => large(16, 256 * KIB)),
    unread("A message of 8 MiB is echoed though its sender reads nothing until it is sent", () => large(1, 8 * 1024 * KIB)),
    unread("20,000 small messages are echoed though their sender reads nothing until all are sent", () => Array.from({ length: 20_000 }, (_, at) => text(`message number ${at}, which is a little longer than others`))),
    lazily(SLOW_READER, "A close frame behind 4 MiB that nobody reads is answered, once they are read", () => {
      const frames = large(16, 256 * KIB);
      return { send: [{ reading: false }, { frames: [...frames, close(1000)] }, { wait: UNREAD }, { reading: true }], expect: frames };
    }, { lenient: true }),
  ];
}

/** What a case has beside its frames. */
type Beside = Pick<Draft, "latestPong" | "lenient" | "end">;

/** All of it in one write. */
function flood(title: string, make: () => { readonly frames: readonly Frame[]; readonly expect: readonly Frame[] }, beside?: Beside): Draft {
  return lazily(MANY_FRAMES, title, () => {
    const { frames, expect } = make();
    return { send: [{ frames }], expect };
  }, beside);
}

/** Nothing is read before all is sent; how much the systems in between take is theirs to say. */
function unread(title: string, make: () => readonly Frame[]): Draft {
  return lazily(SLOW_READER, title, () => {
    const frames = make();
    return { send: [{ reading: false }, { frames }, { wait: UNREAD }, { reading: true }], expect: frames };
  });
}

/** Frames are made when they are asked for: they would fill memory. */
function lazily(rule: Rule, title: string, make: () => Required<Pick<Draft, "send" | "expect">>, beside: Beside = {}): Draft {
  return {
    rule, title, robustness: true, heavy: true, ...beside,
    get send() {
      return make().send;
    },
    get expect() {
      return make().expect;
    },
  };
}

/** A message of so many fragments. */
function inFragments(payload: string, count: number): Frame[] {
  return [text(payload, FIRST), ...Array.from({ length: count - 2 }, () => more(payload, FIRST)), more("end")];
}

/** How long nothing is read, in milliseconds. */
const UNREAD = 200;
