/**
 * Messages in fragments (RFC 6455, section 5.4).
 * @module
 */
import { type Frame, fragments, more, ping, pong, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { chopped, FIRST, HELLO, WAYS } from "./ways.ts";

const FRAGMENTS: Rule = { name: "fragments", section: "5.4", says: "A message may come in fragments, whose payloads are joined in order" };
const INTERLEAVED_CONTROL: Rule = { name: "interleaved-control", section: "5.4", says: "Control frames may stand between fragments, and are acted on at once" };
const STRAY_CONTINUATION: Rule = { name: "stray-continuation", section: "5.4", says: "A continuation frame where no message is unfinished fails the connection" };
const INTERLEAVED_DATA: Rule = { name: "interleaved-data", section: "5.4", says: "A new message before the one before is finished fails the connection" };

const PROTOCOL_ERROR = [1002];
const TWO = [text("fragment1", FIRST), more("fragment2")] as const;
const WHOLE = text("fragment1fragment2");

/** Section 5.4. */
export const fragmentation: readonly Draft[] = [...joined(), ...interleaved(), ...strays(), automatic()];

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
