/**
 * Messages in fragments (RFC 6455, section 5.4).
 * @module
 */
import { binary, close, type Frame, fragments, more, ping, pong, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { answered, chopped, FIRST, HELLO, ODD, refused, refusedAtHeader, WAYS } from "./ways.ts";

const FRAGMENTS: Rule = { name: "fragments", section: "5.4", says: "A message may come in fragments, whose payloads are joined in order" };
const INTERLEAVED_CONTROL: Rule = { name: "interleaved-control", section: "5.4", says: "Control frames may stand between fragments, and are acted on at once" };
const STRAY_CONTINUATION: Rule = { name: "stray-continuation", section: "5.4", says: "A continuation frame where no message is unfinished fails the connection" };
const INTERLEAVED_DATA: Rule = { name: "interleaved-data", section: "5.4", says: "A new message before the one before is finished fails the connection" };
const UNFINISHED: Rule = { name: "unfinished", section: "5.4", says: "A message whose last fragment never comes is none" };

const PROTOCOL_ERROR = [1002];
const TWO = [text("fragment1", FIRST), more("fragment2")] as const;
const WHOLE = text("fragment1fragment2");

/** Section 5.4. */
export const fragmentation: readonly Draft[] = [
  ...joined(), ...interleaved(), ...strays(), automatic(),
  ...moreJoined(), ...moreInterleaved(), ...moreStrays(), ...moreInterleavedData(), ...unfinished(),
];

function joined(): Draft[] {
  return [0, 1, 2].map((way) => ({ rule: FRAGMENTS, title: `A message in two fragments is echoed${WAYS[way][0]}`, autobahn: `5.${3 + way}`, send: [chopped(TWO, way)], expect: [WHOLE] }));
}

function interleaved(): Draft[] {
  const five = [text("one ", FIRST), more("two ", FIRST), more("three ", FIRST), more("four ", FIRST), more("five")];
  return [
    ...[0, 1, 2].map((way): Draft => ({
      rule: INTERLEAVED_CONTROL, title: `A ping between two fragments is answered before the message is echoed${WAYS[way][0]}`, autobahn: `5.${6 + way}`,
      send: [chopped([TWO[0], ping("between"), TWO[1]], way)], expect: [pong("between"), WHOLE],
    })),
    ...([[0, "5.19"], [2, "5.20"]] as const).map(([way, autobahn]): Draft => ({
      rule: INTERLEAVED_CONTROL,
      title: `A message in five fragments with pings in between is echoed once, and each ping is answered at once${WAYS[way][0]}`,
      autobahn,
      send: [chopped([five[0], five[1], ping("first")], way), { heard: 1 }, chopped([five[2], five[3], ping("second"), five[4]], way)],
      expect: [pong("first"), pong("second"), text("one two three four five")],
    })),
  ];
}

function strays(): Draft[] {
  const stray = (fin: boolean): Frame => more("stray", { fin });
  const illegal = (rule: Rule, autobahn: number, title: string, frames: readonly Frame[], way: number, expect: readonly Frame[] = []): Draft => ({
    rule, title: `${title} fails the connection${WAYS[way][0]}`, autobahn: `5.${autobahn}`, send: [chopped(frames, way)], expect, end: PROTOCOL_ERROR,
  });
  const twice = (first: Frame): Frame[] => [first, ...TWO, first, ...TWO];
  return [
    ...[0, 1, 2].map((way) => illegal(STRAY_CONTINUATION, 9 + way, "A last continuation of nothing", [stray(true), text(HELLO)], way)),
    ...[0, 1, 2].map((way) => illegal(STRAY_CONTINUATION, 12 + way, "A continuation of nothing", [stray(false), text(HELLO)], way)),
    illegal(STRAY_CONTINUATION, 15, "A continuation behind the last fragment of a message", [...TWO, stray(false), text(HELLO)], 0, [WHOLE]),
    illegal(STRAY_CONTINUATION, 16, "A continuation of nothing before a fragmented message, twice", twice(stray(false)), 0),
    illegal(STRAY_CONTINUATION, 17, "A last continuation of nothing before a fragmented message, twice", twice(stray(true)), 0),
    illegal(INTERLEAVED_DATA, 18, "A second fragment that is a text frame", [TWO[0], text("fragment2")], 0),
  ];
}

function automatic(): Draft {
  const message = text("*".repeat(65_536));
  return {
    rule: FRAGMENTS, title: "A text message of 65536 bytes in fragments of 1300 bytes is echoed", autobahn: "10.1.1",
    send: [{ frames: fragments(1, message.payload, 1300) }], expect: [message],
  };
}

function moreJoined(): Draft[] {
  const whole = (title: string, frames: readonly Frame[], expect: readonly Frame[]): Draft => answered(FRAGMENTS, title, frames, expect);
  const all = Uint8Array.from({ length: 256 }, (_, at) => at);
  const longer = Uint8Array.from({ length: 66_000 }, (_, at) => at % 251);
  return [
    whole("A binary message in two fragments is echoed as binary", [binary(ODD, FIRST), more(ODD)], [binary(new Uint8Array([...ODD, ...ODD]))]),
    whole("A binary message of all 256 bytes in fragments of one is echoed", fragments(2, all, 1), [binary(all)]),
    whole("A binary message whose first fragment has no payload is echoed", [binary("", FIRST), more("ment")], [binary("ment")]),
    whole("A binary message whose last fragment has no payload is echoed", [binary("frag", FIRST), more("")], [binary("frag")]),
    whole("A binary message that has an empty fragment in its middle is echoed", [binary("frag", FIRST), more("", FIRST), more("ment")], [binary("fragment")]),
    whole("A binary message of two empty fragments is echoed", [binary("", FIRST), more("")], [binary("")]),
    whole("Three fragmented messages one behind the other are echoed", [...fragments(1, "first", 2), ...fragments(1, "second", 4), ...fragments(1, "third", 1)], [text("first"), text("second"), text("third")]),
    whole("A message is of the kind its first fragment says, whatever was before it",
      [...fragments(1, "text", 2), ...fragments(2, "binary", 4), ...fragments(1, "text", 3), binary("whole"), ...fragments(1, "text", 1)],
      [text("text"), binary("binary"), text("text"), binary("whole"), text("text")]),
    whole("Messages in one frame and in several, in turn, are echoed",
      [text("one"), ...fragments(1, "two", 2), text(""), ...fragments(1, "three", 2), text("four")], [text("one"), text("two"), text(""), text("three"), text("four")]),
    whole("A message whose fragments have lengths of 7, 16 and 64 bits is echoed",
      [binary(longer.subarray(0, 10), FIRST), more(longer.subarray(10, 310), FIRST), more(longer.subarray(310, 65_900), FIRST), more(longer.subarray(65_900))], [binary(longer)]),
    {
      rule: FRAGMENTS, title: "A fragmented message in writes of 7 bytes, which are cut in headers and payloads, is echoed",
      send: [{ frames: fragments(2, all, 20), chop: 7 }], expect: [binary(all)],
    },
    {
      rule: FRAGMENTS, title: "A message whose fragments come a while apart is echoed once the last is there",
      send: [{ frames: [text("one ", FIRST)] }, { alive: true }, { frames: [more("two ", FIRST)] }, { alive: true }, { frames: [more("three")] }], expect: [text("one two three")],
    },
  ];
}

function moreInterleaved(): Draft[] {
  const between = (title: string, frames: readonly Frame[], expect: readonly Frame[]): Draft => answered(INTERLEAVED_CONTROL, title, frames, expect);
  const pieces = fragments(1, "a message in twenty-five", 1);
  return [
    between("A pong between two fragments is ignored, and the message echoed", [TWO[0], pong("between"), TWO[1]], [WHOLE]),
    between("A ping between the fragments of a binary message is answered, and the message echoed as binary", [binary("frag", FIRST), ping("between"), more("ment")], [pong("between"), binary("fragment")]),
    between("A ping and a pong without payload between two fragments are acted on", [TWO[0], ping(), pong(), TWO[1]], [pong(), WHOLE]),
    between("A ping of 125 bytes between two short fragments is answered, and the message echoed", [TWO[0], ping("*".repeat(125)), TWO[1]], [pong("*".repeat(125)), WHOLE]),
    between("A ping behind an empty first fragment is answered, and the message echoed", [text("", FIRST), ping("between"), more("ment")], [pong("between"), text("ment")]),
    {
      ...between("A ping behind each of 24 fragments is answered, and the message echoed",
        pieces.flatMap((piece, at) => piece.fin ? [piece] : [piece, ping(`ping ${at}`)]), [...pieces.slice(1).map((_, at) => pong(`ping ${at}`)), text("a message in twenty-five")]),
      latestPong: true,
    },
    {
      rule: INTERLEAVED_CONTROL, title: "A ping behind the first fragment is answered though the second never comes, and so is a close frame",
      send: [{ frames: [TWO[0], ping("between")] }, { heard: 1 }], expect: [pong("between")],
    },
  ];
}

function moreStrays(): Draft[] {
  const stray = (title: string, frames: readonly Frame[], expect?: readonly Frame[]): Draft => refused(STRAY_CONTINUATION, `${title} fails the connection`, frames, expect);
  return [
    stray("A last continuation of nothing, without payload,", [more(""), text(HELLO)]),
    stray("A continuation behind a message in one frame", [text(HELLO), more("stray"), text(HELLO)], [text(HELLO)]),
    stray("A continuation behind a binary message in one frame", [binary(ODD), more("stray"), text(HELLO)], [binary(ODD)]),
    stray("A continuation behind an empty message in one frame", [text(""), more("stray"), text(HELLO)], [text("")]),
    stray("A continuation behind a ping", [ping(HELLO), more("stray"), text(HELLO)], [pong(HELLO)]),
    stray("A second last fragment, behind a binary message in fragments,", [binary("frag", FIRST), more("ment"), more("stray")], [binary("fragment")]),
    refusedAtHeader(STRAY_CONTINUATION, "A continuation of nothing fails the connection at its header", more("a payload that comes later")),
  ];
}

function moreInterleavedData(): Draft[] {
  const inside = (title: string, frames: readonly Frame[]): Draft => refused(INTERLEAVED_DATA, `${title} fails the connection`, frames);
  return [
    inside("A binary message inside a text message, which goes on behind it,", [TWO[0], binary(ODD), TWO[1]]),
    inside("A text message inside a binary message, which goes on behind it,", [binary("frag", FIRST), text(HELLO), more("ment")]),
    inside("A first fragment inside a text message", [TWO[0], TWO[0], TWO[1]]),
    inside("A first fragment inside a binary message", [binary("frag", FIRST), binary("frag", FIRST), more("ment")]),
    inside("A text message behind an empty first fragment", [text("", FIRST), text(HELLO)]),
    inside("An empty text message inside a text message", [TWO[0], text(""), TWO[1]]),
    inside("A text message behind two fragments", [TWO[0], more("fragment2", FIRST), text(HELLO)]),
    refusedAtHeader(INTERLEAVED_DATA, "A binary message inside a text message fails the connection at its header", binary("a payload that comes later"), [TWO[0]]),
  ];
}

/** TCP may end at any time; half a message is none. */
function unfinished(): Draft[] {
  const cut = (title: string, frames: readonly Frame[], before: readonly Frame[] = []): Draft => ({
    rule: UNFINISHED, title: `${title} is not echoed when TCP ends there`,
    send: [{ frames: [...before, ...frames] }, ...(before.length === 0 ? [] : [{ heard: before.length }]), { tcp: "end" }], expect: before, end: "either",
    accepts: { pass: `${before.length > 0 ? "The message before comes back; " : ""}the peer ends the connection, by a close frame or without one`, fail: "Anything else comes back, or the peer does not end TCP" },
  });
  return [
    cut("A first fragment", [text("frag", FIRST)]),
    cut("A message that lacks its last fragment, behind a whole one,", [binary("frag", FIRST), more("ment", FIRST)], [text(HELLO)]),
    cut("A message whose frame lacks the end of its payload", [text(HELLO, { length: 100n })]),
    cut("A message whose frame lacks all of its payload", [binary("", { length: 5n })]),
    answered(UNFINISHED, "A first fragment is not echoed when a close frame follows it", [binary("frag", FIRST), close(1000)], []),
  ];
}
