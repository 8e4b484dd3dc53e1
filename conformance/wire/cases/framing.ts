/**
 * Frames: lengths, reserved bits and opcodes (RFC 6455, section 5.2).
 * @module
 */
import { binary, close, frame, type Frame, ping, text } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";
import { chopped, HELLO, ODD, WAYS } from "./ways.ts";

const LENGTHS: Rule = { name: "lengths", section: "5.2", says: "A frame's payload has any length; it is read from 7, 16 or 64 bits, and written in the fewest of them" };
const RESERVED_BITS: Rule = { name: "reserved-bits", section: "5.2", says: "A reserved bit that no extension gave a meaning fails the connection" };
const OPCODES: Rule = { name: "opcodes", section: "5.2", says: "A frame with a reserved opcode fails the connection" };

const PROTOCOL_ERROR = [1002];

/** Section 5.2. */
export const framing: readonly Draft[] = [...sizes(), ...reservedBits(), ...opcodes()];

function sizes(): Draft[] {
  return (["text", "binary"] as const).flatMap((kind, group) => [0, 125, 126, 127, 128, 65_535, 65_536, 65_536].map((length, at): Draft => {
    const message = kind === "text" ? text("*".repeat(length)) : binary(new Uint8Array(length).fill(0xfe));
    const chop = at === 7;
    return {
      rule: LENGTHS,
      title: `A ${kind} message of ${length} bytes${chop ? " in writes of 997 bytes" : ""} is echoed`,
      autobahn: `1.${group + 1}.${at + 1}`,
      send: [chop ? { frames: [message], chop: 997 } : { frames: [message] }],
      expect: [message],
    };
  }));
}

function reservedBits(): Draft[] {
  const bad = (rsv: number): Frame => text(HELLO, { rsv });
  const behind = (autobahn: string, rsv: number, way: number): Draft => ({
    rule: RESERVED_BITS, title: `Reserved bits ${rsv} fail the connection, and the message before is echoed${WAYS[way][0]}`, autobahn,
    send: [chopped([text(HELLO), bad(rsv), ping()], way)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
  });
  const alone = (autobahn: string, what: string, sent: Frame): Draft => ({
    rule: RESERVED_BITS, title: `${what} with reserved bits ${sent.rsv} fails the connection`, autobahn, send: [{ frames: [sent] }], end: PROTOCOL_ERROR,
  });
  return [
    alone("3.1", "A text message", bad(1)),
    behind("3.2", 2, 0),
    behind("3.3", 3, 1),
    behind("3.4", 4, 2),
    alone("3.5", "A binary message", binary(ODD, { rsv: 5 })),
    alone("3.6", "A ping", ping(HELLO, { rsv: 6 })),
    alone("3.7", "A close frame", close(1000, "", { rsv: 7 })),
  ];
}

function opcodes(): Draft[] {
  return [[3, 4, 5, 6, 7], [11, 12, 13, 14, 15]].flatMap((reserved, group) => reserved.map((opcode, at): Draft => {
    const payload = at % 2 === 0 && at < 4 ? "" : "reserved";
    const autobahn = `4.${group + 1}.${at + 1}`;
    if (at < 2) {
      return {
        rule: OPCODES, title: `Opcode ${opcode}${payload === "" ? "" : " with payload"} fails the connection`, autobahn,
        send: [{ frames: [frame(opcode, payload)] }], end: PROTOCOL_ERROR,
      };
    }
    const way = at === 4 ? 2 : 0;
    return {
      rule: OPCODES, title: `Opcode ${opcode} fails the connection, and the message before is echoed${WAYS[way][0]}`, autobahn,
      send: [chopped([text(HELLO), frame(opcode, payload), ping()], way)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
    };
  }));
}
