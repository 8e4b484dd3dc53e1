/**
 * Control frames: their shape, pings and pongs (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import { type Frame, more, ping, pong } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { FIRST, HELLO, ODD } from "./ways.ts";

const CONTROL_LENGTH: Rule = { name: "control-length", section: "5.5", says: "A control frame whose payload is longer than 125 bytes fails the connection" };
const CONTROL_WHOLE: Rule = { name: "control-whole", section: "5.5", says: "A control frame in fragments fails the connection" };
const PING_ANSWERED: Rule = { name: "ping-answered", section: "5.5.2", says: "A ping is answered with a pong that has the same payload" };
const PONG_IGNORED: Rule = { name: "pong-ignored", section: "5.5.3", says: "A pong that nobody asked for is not answered" };

const PROTOCOL_ERROR = [1002];

/** Sections 5.5, 5.5.2 and 5.5.3. */
export const control: readonly Draft[] = [...shapes(), ...pings(), ...pongs()];

function shapes(): Draft[] {
  const failing = (rule: Rule, title: string, autobahn: string, frames: readonly Frame[]): Draft => ({
    rule, title: `${title} fails the connection`, autobahn, send: [{ frames }], end: PROTOCOL_ERROR,
  });
  return [
    failing(CONTROL_LENGTH, "A ping with 126 bytes", "2.5", [ping(new Uint8Array(126).fill(0xfe))]),
    failing(CONTROL_WHOLE, "A ping in two fragments", "5.1", [ping("fragment1", FIRST), more("fragment2")]),
    failing(CONTROL_WHOLE, "A pong in two fragments", "5.2", [pong("fragment1", FIRST), more("fragment2")]),
  ];
}

function pings(): Draft[] {
  const full = new Uint8Array(125).fill(0xfe);
  const ten = Array.from({ length: 10 }, (_, at) => `payload ${at}`);
  const answered = (autobahn: string, title: string, payloads: readonly (string | Uint8Array)[], chop?: number): Draft => ({
    rule: PING_ANSWERED, title, autobahn, send: [{ frames: payloads.map((payload) => ping(payload)), ...(chop === undefined ? {} : { chop }) }],
    expect: payloads.map((payload) => pong(payload)),
  });
  return [
    answered("2.1", "A ping without payload is answered", [""]),
    answered("2.2", "A ping with text is answered with the same", [HELLO]),
    answered("2.3", "A ping with bytes that are no text is answered with the same", [ODD]),
    answered("2.4", "A ping with 125 bytes is answered with the same", [full]),
    answered("2.6", "A ping with 125 bytes, a byte at a time, is answered", [full], 1),
    answered("2.10", "Ten pings are answered with ten pongs in order", ten),
    answered("2.11", "Ten pings, a byte at a time, are answered with ten pongs in order", ten, 1),
  ];
}

function pongs(): Draft[] {
  return [
    { rule: PONG_IGNORED, title: "A pong nobody asked for is ignored", autobahn: "2.7", send: [{ frames: [pong()] }] },
    { rule: PONG_IGNORED, title: "A pong with payload that nobody asked for is ignored", autobahn: "2.8", send: [{ frames: [pong("unasked")] }] },
    {
      rule: PONG_IGNORED, title: "Behind a pong nobody asked for, a ping is answered", autobahn: "2.9",
      send: [{ frames: [pong("unasked"), ping("asked")] }], expect: [pong("asked")],
    },
  ];
}
