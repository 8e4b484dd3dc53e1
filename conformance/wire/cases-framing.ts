/**
 * Wire cases, groups 1 to 5: framing, pings and pongs, reserved bits, opcodes, fragmentation (RFC 6455, sections 5.2 to 5.5).
 * @module
 */
import { binary, close, frame, type Frame, hex, more, ping, pong, text } from "../frames.ts";
import type { Case, Send } from "./case.ts";

const ODD = hex("00 ff fe fd fc fb 00 ff");
const HELLO = "Hello, world!";
const FIRST = { fin: false } as const;
const PROTOCOL_ERROR = [1002];
/** How one story is sent: at once, a frame a write, a byte a write. */
const WAYS = [["", undefined], [", a frame at a time", "frames"], [", a byte at a time", 1]] as const;

/** Groups 1 to 5. */
export const framing: readonly Case[] = [...sizes(), ...pings(), ...reservedBits(), ...opcodes(), ...fragmentation()];

function sizes(): Case[] {
  return [["1.1", "text", text, "*"], ["1.2", "binary", binary, "\xfe"]].flatMap(([id, kind, make, fill]) => {
    const build = make as typeof text;
    return [0, 125, 126, 127, 128, 65_535, 65_536, 65_536].map((length, at): Case => {
      const message = build(kind === "text" ? (fill as string).repeat(length) : new Uint8Array(length).fill(0xfe));
      const chopped = at === 7;
      return {
        id: `${id as string}.${at + 1}`,
        about: `A ${kind as string} message of ${length} bytes${chopped ? " in writes of 997 bytes" : ""} is echoed`,
        send: [chopped ? { frames: [message], chop: 997 } : { frames: [message] }],
        expect: [message],
        end: "clean",
      };
    });
  });
}

function pings(): Case[] {
  const full = new Uint8Array(125).fill(0xfe);
  const ten = Array.from({ length: 10 }, (_, at) => `payload ${at}`);
  const answered = (id: string, about: string, payloads: readonly (string | Uint8Array)[], chop?: number): Case => ({
    id, about, send: [{ frames: payloads.map((payload) => ping(payload)), ...(chop === undefined ? {} : { chop }) }],
    expect: payloads.map((payload) => pong(payload)), end: "clean",
  });
  return [
    answered("2.1", "A ping without payload is answered", [""]),
    answered("2.2", "A ping with text is answered with the same", [HELLO]),
    answered("2.3", "A ping with bytes that are no text is answered with the same", [ODD]),
    answered("2.4", "A ping with 125 bytes is answered with the same", [full]),
    { id: "2.5", about: "A ping with 126 bytes fails the connection", send: [{ frames: [ping(new Uint8Array(126).fill(0xfe))] }], expect: [], end: PROTOCOL_ERROR },
    answered("2.6", "A ping with 125 bytes, a byte at a time, is answered", [full], 1),
    { id: "2.7", about: "A pong nobody asked for is ignored", send: [{ frames: [pong()] }], expect: [], end: "clean" },
    { id: "2.8", about: "A pong with payload that nobody asked for is ignored", send: [{ frames: [pong("unasked")] }], expect: [], end: "clean" },
    {
      id: "2.9", about: "Behind a pong nobody asked for, a ping is answered",
      send: [{ frames: [pong("unasked"), ping("asked")] }], expect: [pong("asked")], end: "clean",
    },
    answered("2.10", "Ten pings are answered with ten pongs in order", ten),
    answered("2.11", "Ten pings, a byte at a time, are answered with ten pongs in order", ten, 1),
  ];
}

function reservedBits(): Case[] {
  const bad = (rsv: number): Frame => text(HELLO, { rsv });
  const behind = (id: string, rsv: number, way: number): Case => ({
    id, about: `Reserved bits ${rsv} fail the connection, and the message before is echoed${WAYS[way][0]}`,
    send: [chopped([text(HELLO), bad(rsv), ping()], way)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
  });
  const alone = (id: string, what: string, sent: Frame): Case => ({
    id, about: `${what} with reserved bits ${sent.rsv} fails the connection`, send: [{ frames: [sent] }], expect: [], end: PROTOCOL_ERROR,
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

function opcodes(): Case[] {
  return [["4.1", [3, 4, 5, 6, 7]], ["4.2", [11, 12, 13, 14, 15]]].flatMap(([id, reserved]) =>
    (reserved as number[]).map((opcode, at): Case => {
      const payload = at % 2 === 0 && at < 4 ? "" : "reserved";
      const number = `${id as string}.${at + 1}`;
      if (at < 2) {
        return {
          id: number, about: `Opcode ${opcode}${payload === "" ? "" : " with payload"} fails the connection`,
          send: [{ frames: [frame(opcode, payload)] }], expect: [], end: PROTOCOL_ERROR,
        };
      }
      return {
        id: number, about: `Opcode ${opcode} fails the connection, and the message before is echoed${WAYS[at === 4 ? 2 : 0][0]}`,
        send: [chopped([text(HELLO), frame(opcode, payload), ping()], at === 4 ? 2 : 0)], expect: [text(HELLO)], end: PROTOCOL_ERROR,
      };
    }));
}

function fragmentation(): Case[] {
  const two = [text("fragment1", FIRST), more("fragment2")];
  const stray = (fin: boolean): Frame => more("stray", { fin });
  const five = [text("one ", FIRST), more("two ", FIRST), more("three ", FIRST), more("four ", FIRST), more("five")];
  const legal = (id: number, about: string, frames: Frame[], way: number, expect: Frame[]): Case => ({
    id: `5.${id}`, about: `${about}${WAYS[way][0]}`, send: [chopped(frames, way)], expect, end: "clean",
  });
  const illegal = (id: number, about: string, frames: Frame[], way: number, expect: Frame[] = []): Case => ({
    id: `5.${id}`, about: `${about} fails the connection${WAYS[way][0]}`, send: [chopped(frames, way)], expect, end: PROTOCOL_ERROR,
  });
  const pingBetween = [two[0], ping("between"), two[1]];
  const whole = text("fragment1fragment2");
  const long = (id: string, way: number): Case => ({
    id, about: `A message in five fragments with pings in between is echoed once, and each ping is answered at once${WAYS[way][0]}`,
    send: [
      chopped([five[0], five[1], ping("first")], way), { heard: 1 },
      chopped([five[2], five[3], ping("second"), five[4]], way),
    ],
    expect: [pong("first"), pong("second"), text("one two three four five")], end: "clean",
  });
  return [
    illegal(1, "A ping in two fragments", [ping("fragment1", FIRST), more("fragment2")], 0),
    illegal(2, "A pong in two fragments", [pong("fragment1", FIRST), more("fragment2")], 0),
    ...[0, 1, 2].map((way) => legal(3 + way, "A message in two fragments is echoed", two, way, [whole])),
    ...[0, 1, 2].map((way) => legal(6 + way, "A ping between two fragments is answered before the message is echoed", pingBetween, way, [pong("between"), whole])),
    ...[0, 1, 2].map((way) => illegal(9 + way, "A last continuation of nothing", [stray(true), text(HELLO)], way)),
    ...[0, 1, 2].map((way) => illegal(12 + way, "A continuation of nothing", [stray(false), text(HELLO)], way)),
    illegal(15, "A continuation behind the last fragment of a message", [...two, stray(false), text(HELLO)], 0, [whole]),
    illegal(16, "A continuation of nothing before a fragmented message, twice", twice([stray(false), ...two]), 0),
    illegal(17, "A last continuation of nothing before a fragmented message, twice", twice([stray(true), ...two]), 0),
    illegal(18, "A second fragment that is a text frame", [two[0], text("fragment2")], 0),
    long("5.19", 0),
    long("5.20", 2),
  ];
}

function chopped(frames: readonly Frame[], way: number): Send {
  const chop = WAYS[way][1];
  return chop === undefined ? { frames } : { frames, chop };
}

function twice(frames: readonly Frame[]): Frame[] {
  return [...frames, ...frames];
}
