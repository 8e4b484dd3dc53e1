/**
 * Control frames: their shape, pings and pongs (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import { binary, close, type Frame, more, ping, pong, text, toBytes } from "../../frames.ts";
import { type Draft, type Rule, type Send, wrong } from "../case.ts";
import { answered, FIRST, HELLO, ODD, refused, refusedAtHeader } from "./ways.ts";

const CONTROL_LENGTH: Rule = { name: "control-length", section: "5.5", says: "A control frame whose payload is longer than 125 bytes fails the connection" };
const CONTROL_WHOLE: Rule = { name: "control-whole", section: "5.5", says: "A control frame in fragments fails the connection" };
const PING_ANSWERED: Rule = { name: "ping-answered", section: "5.5.2", says: "A ping is answered with a pong that has the same payload" };
const PING_SENT: Rule = { name: "ping-sent", section: "5.5.2", says: "A ping that the application asks for is sent as it is, and whatever pongs come to it, the connection goes on" };
const PONG_IGNORED: Rule = { name: "pong-ignored", section: "5.5.3", says: "A pong that nobody asked for is not answered" };

const PROTOCOL_ERROR = [1002];

/** Sections 5.5, 5.5.2 and 5.5.3. */
export const control: readonly Draft[] = [
  ...shapes(), ...moreShapes(), ...pings(), ...morePings(), ...pingsSent(), ...pongs(), ...morePongs(),
];

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
  const each = (autobahn: string, title: string, payloads: readonly (string | Uint8Array)[], chop?: number): Draft => ({
    rule: PING_ANSWERED, title, autobahn, ...(payloads.length > 1 ? { latestPong: true } : {}), send: [{ frames: payloads.map((payload) => ping(payload)), ...(chop === undefined ? {} : { chop }) }],
    expect: payloads.map((payload) => pong(payload)),
  });
  return [
    each("2.1", "A ping without payload is answered", [""]),
    each("2.2", "A ping with text is answered with the same", [HELLO]),
    each("2.3", "A ping with bytes that are no text is answered with the same", [ODD]),
    each("2.4", "A ping with 125 bytes is answered with the same", [full]),
    each("2.6", "A ping with 125 bytes, a byte at a time, is answered", [full], 1),
    each("2.10", "Ten pings are answered with ten pongs in order", ten),
    each("2.11", "Ten pings, a byte at a time, are answered with ten pongs in order", ten, 1),
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

function moreShapes(): Draft[] {
  const many = new Uint8Array(126).fill(0xfe);
  const long = (title: string, frames: readonly Frame[]): Draft => refused(CONTROL_LENGTH, `${title} fails the connection`, frames);
  const cut = (title: string, frames: readonly Frame[]): Draft => refused(CONTROL_WHOLE, `${title} fails the connection`, frames);
  return [
    long("A pong with 126 bytes, before a ping,", [pong(many), ping("behind")]),
    long("A ping with 65536 bytes", [ping(new Uint8Array(65_536))]),
    long("A pong with 65536 bytes, before a ping,", [pong(new Uint8Array(65_536)), ping("behind")]),
    long("A close frame with 65536 bytes", [close(1000, new Uint8Array(65_534).fill(0x2a))]),
    long("A ping with 126 bytes between two fragments", [text("frag", FIRST), ping(many), more("ment")]),
    refusedAtHeader(CONTROL_LENGTH, "A ping with 126 bytes fails the connection at its header", ping(many)),
    refusedAtHeader(CONTROL_LENGTH, "A close frame with 126 bytes fails the connection at its header", close(1000, "*".repeat(124))),
    cut("A ping that is not finished, before a message,", [ping("frag", FIRST), text(HELLO)]),
    cut("A pong that is not finished, before a message,", [pong("frag", FIRST), text(HELLO)]),
    cut("A ping without payload that is not finished, before a message,", [ping("", FIRST), text(HELLO)]),
    cut("A close frame that is not finished", [close(1000, "", FIRST)]),
    cut("A ping that is not finished, between two fragments of a message,", [text("frag", FIRST), ping("between", FIRST), more("ment")]),
    cut("A pong that is not finished, between two fragments of a message,", [text("frag", FIRST), pong("between", FIRST), more("ment")]),
    refusedAtHeader(CONTROL_WHOLE, "A ping that is not finished fails the connection at its header", ping("a payload that comes later", FIRST)),
  ];
}

function morePings(): Draft[] {
  const oneByOne = (title: string, payloads: readonly (string | Uint8Array)[]): Draft => ({
    rule: PING_ANSWERED, title, send: payloads.flatMap((payload, at): Send[] => [{ frames: [ping(payload)] }, { heard: at + 1 }]), expect: payloads.map((payload) => pong(payload)),
  });
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  const large = binary(Uint8Array.from({ length: 1_048_576 }, (_, at) => at % 251));
  return [
    oneByOne("Three pings that have all 256 bytes between them are answered with the same", [all.subarray(0, 100), all.subarray(100, 200), all.subarray(200)]),
    oneByOne("Pings that get shorter are answered with their own bytes and no older ones", ["*".repeat(125), "a shorter one", "short", "s", ""]),
    oneByOne("Pings with the same payload are answered each", ["again", "again", "again"]),
    oneByOne("A ping that looks like a close frame's payload is answered", [Uint8Array.of(3, 232)]),
    { ...answered(PING_ANSWERED, "A ping between two messages is answered, and both are echoed", [text("one"), ping("between"), text("two")], [text("one"), pong("between"), text("two")]), pongsAnywhere: true },
    { ...answered(PING_ANSWERED, "A ping behind a message of 1 MiB is answered, before its echo, behind it or within", [large, ping("behind")], [large, pong("behind")]), pongsAnywhere: true },
    {
      rule: PING_ANSWERED, title: "A ping that comes in two writes, cut in its payload, is answered once it is whole",
      send: [{ piecemeal: ping(HELLO), cuts: [5], between: [{ alive: true }] }], expect: [pong(HELLO)],
    },
    { ...answered(PING_ANSWERED, "A ping right before a close frame is answered before it", [ping(HELLO), close(1000)], [pong(HELLO)]), lenient: true,
      accepts: { nonStrict: "The close frame is answered alone, as if it had been seen first, or with another code that may be sent" } },
    oneByOne("A hundred pings are answered, one by one", Array.from({ length: 100 }, (_, at) => `ping ${at}`)),
  ];
}

/** The peer's application is asked to ping. */
function pingsSent(): Draft[] {
  const pinged = (title: string, payloads: readonly string[], pongs?: Draft["pongs"]): Draft => ({
    rule: PING_SENT,
    title,
    ...(pongs === undefined ? {} : { pongs }),
    send: [...payloads.flatMap((payload, at): Send[] => [{ command: `ping ${payload}` }, { pinged: at + 1 }]), { frames: [text("and on")] }],
    expect: [text("and on")],
    refusal: "unimplemented",
    check: (frames) => {
      const sent = frames.filter(({ opcode }) => opcode === 9);
      if (sent.length < payloads.length) return wrong(`it sent ${sent.length} of ${payloads.length} pings`);
      const changed = payloads.map(toBytes).find((given) => {
        const alike = sent.filter(({ payload }) => payload[0] === given[0]);
        return alike.length > 0 && !alike.some(({ payload }) => Buffer.compare(payload, given) === 0);
      });
      return changed === undefined ? undefined : wrong("the payload of its ping is not the one it was given");
    },
    accepts: {
      pass: "Each ping is sent, with its payload or with one that the interface makes up itself, and the message behind is echoed",
      fail: "A ping is missing or its payload changed, or the connection does not go on",
    },
  });
  return [
    pinged("A ping has the payload it was given, and its pong is taken", ["are you there"]),
    pinged("A ping's text is sent in UTF-8", ["grüße 😀"]),
    pinged("A ping of 125 bytes, the longest there is, is sent whole", ["*".repeat(125)]),
    pinged("Three pings are sent in order, and a pong to each is taken", ["one", "two", "three"]),
    pinged("Of three pings the last alone is answered (section 5.5.3)", ["one", "two", "three"], (payload, number) => number === 3 ? [pong(payload)] : []),
    pinged("A ping that gets no pong does no harm at once", ["nobody answers"], () => []),
    pinged("A pong with another payload than the ping's is taken", ["question"], () => [pong("another answer")]),
    pinged("Two pongs to one ping are taken", ["once"], (payload) => [pong(payload), pong(payload)]),
    {
      ...pinged("A ping and its pong may be crossed by a ping, which is answered", ["across"], (payload, number) => number === 1 ? [ping("and you"), pong(payload)] : [pong(payload)]),
      expect: [pong("and you"), text("and on")], pongsAnywhere: true,
    },
    {
      rule: PING_SENT, title: "A ping of 126 bytes, one too many, is not sent", send: [{ command: `ping ${"*".repeat(126)}` }, { wait: 100 }, { frames: [text("and on")] }], expect: [text("and on")],
      refusal: "pass",
      accepts: { pass: "The interface refuses it, or nothing is sent, and the connection goes on", fail: "A frame comes that is no control frame's size, or the connection does not go on" },
    },
  ];
}

function morePongs(): Draft[] {
  return [
    answered(PONG_IGNORED, "A pong of 125 bytes that are no text is ignored, and the message behind it echoed", [pong(new Uint8Array(125).fill(0xfe)), text(HELLO)], [text(HELLO)]),
    answered(PONG_IGNORED, "A pong between two messages is ignored", [text("one"), pong("unasked"), text("two")], [text("one"), text("two")]),
    answered(PONG_IGNORED, "Pongs with the payload of a ping that comes behind them do not answer it", [pong("same"), pong("same"), ping("same")], [pong("same")]),
    answered(PONG_IGNORED, "A pong that looks like a close frame's payload is ignored", [pong(Uint8Array.of(3, 232)), text(HELLO)], [text(HELLO)]),
    {
      rule: PONG_IGNORED, title: "A pong that comes in two writes, cut in its payload, is ignored",
      send: [{ piecemeal: pong(HELLO), cuts: [5], between: [{ alive: true }] }, { frames: [text(HELLO)] }], expect: [text(HELLO)],
    },
  ];
}
