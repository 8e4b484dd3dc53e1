/**
 * Masking, by clients and by nobody else (RFC 6455, sections 5.1 and 5.3).
 * @module
 */
import { binary, fragments, type Frame, more, ping, pong, type ReadFrame, text } from "../../frames.ts";
import { type Draft, type Finding, lax, type Rule, wrong } from "../case.ts";
import { answered, FIRST, HELLO, refused, refusedAtHeader } from "./ways.ts";

const UNMASKED: Rule = { name: "unmasked-refused", section: "5.3", says: "A server fails the connection at a frame that is not masked (section 5.1)" };
const MASKED: Rule = { name: "masked-refused", section: "5.3", says: "A client fails the connection at a frame that is masked (section 5.1)" };
const UNMASKING: Rule = { name: "unmasking", section: "5.3", says: "A server unmasks each frame with the frame's own key, from its first byte on" };
const KEYS: Rule = { name: "fresh-keys", section: "5.3", says: "A client masks each frame with a new key, which nobody can foresee (section 10.3)" };

/** A key that leaves ASCII what it is: who takes the frame as it came does not stumble over its text. */
const PLAIN_KEY = 0x0102_0304;
/** A key whose bytes all differ. */
const ODD_KEY = 0x37fa_213d;

/** Sections 5.1, as far as it is about masking, and 5.3. */
export const masking: readonly Draft[] = [...wrongWay("server"), ...wrongWay("client"), ...maskedWithZeros(), ...unmasking(), ...keys()];

/** Frames that are masked, or not, as those of the other role are. */
function wrongWay(only: "server" | "client"): Draft[] {
  const [rule, what, other] = only === "server" ? [UNMASKED, "not masked", "masked"] : [MASKED, "masked", "not masked"];
  const wrongly = only === "server" ? { masked: false } : { masked: true, key: PLAIN_KEY };
  const bad = (title: string, frames: readonly Frame[], expect?: readonly Frame[]): Draft => ({ ...refused(rule, `${title} fails the connection`, frames, expect), only });
  return [
    bad(`A text message that is ${what}`, [text(HELLO, wrongly)]),
    bad(`A binary message that is ${what}`, [binary(HELLO, wrongly)]),
    bad(`A text message without payload that is ${what}`, [text("", wrongly)]),
    bad(`A binary message of 300 bytes that is ${what}`, [binary("*".repeat(300), wrongly)]),
    bad(`A ping that is ${what}`, [ping(HELLO, wrongly)]),
    bad(`A ping without payload that is ${what}`, [ping("", wrongly)]),
    bad(`A pong that is ${what}, before a ping,`, [pong(HELLO, wrongly), ping("behind")]),
    bad(`A first fragment that is ${what}`, [text("frag", { ...FIRST, ...wrongly }), more("ment")]),
    bad(`A last fragment that is ${what}`, [text("frag", FIRST), more("ment", wrongly)]),
    bad(`A ping that is ${what}, between two fragments that are ${other},`, [text("frag", FIRST), ping("between", wrongly), more("ment")]),
    bad(`A message that is ${what}, behind one that is ${other} and is echoed,`, [text(HELLO), text("again", wrongly)], [text(HELLO)]),
    { ...refusedAtHeader(rule, `A message that is ${what} fails the connection at its header`, text("a payload that comes later", wrongly)), only },
  ];
}

function maskedWithZeros(): Draft[] {
  return [{ ...refused(MASKED, "A message that is masked with a key of zeros, and looks as if it were not, fails the connection", [text(HELLO, { masked: true, key: 0 })]), only: "client" }];
}

function unmasking(): Draft[] {
  const right = (title: string, frames: readonly Frame[], expect: readonly Frame[] = frames): Draft => ({ ...answered(UNMASKING, title, frames, expect), only: "server" });
  const keyed = (key: number, what: string): Draft => right(`A message masked with ${key.toString(16).padStart(8, "0")}, ${what}, is echoed`, [binary(bytesOf(23), { key })]);
  const cut = (at: number): Draft => {
    const message = binary(bytesOf(23), { key: ODD_KEY });
    return {
      rule: UNMASKING, only: "server", title: `A message whose payload comes in two pieces, cut behind ${at} ${at === 1 ? "byte" : "bytes"}, is echoed`,
      send: [{ piecemeal: message, cuts: [at], between: [{ alive: true }] }], expect: [message],
    };
  };
  const short = Array.from({ length: 17 }, (_, length) => binary(bytesOf(length), { key: ODD_KEY }));
  const long = Array.from({ length: 9 }, (_, more) => binary(bytesOf(1024 + more), { key: ODD_KEY }));
  return [
    keyed(0, "which changes nothing"),
    keyed(0xffff_ffff, "which turns every bit"),
    keyed(0x8000_0000, "the least of signed numbers"),
    keyed(0x0000_0001, "which changes every fourth byte"),
    keyed(ODD_KEY, "whose bytes all differ"),
    right("Three messages masked with the same key are echoed", [text("one", { key: ODD_KEY }), text("two", { key: ODD_KEY }), text("three", { key: ODD_KEY })]),
    right("Messages of 0 to 16 bytes in one write, each behind the other wherever it falls, are echoed", short),
    right("Messages of 1024 to 1032 bytes in one write are echoed", long),
    cut(1), cut(2), cut(3), cut(7),
    {
      rule: UNMASKING, only: "server", title: "A message of 1000 bytes in writes of 7 bytes is echoed",
      send: [{ frames: [binary(bytesOf(1000), { key: ODD_KEY })], chop: 7 }], expect: [binary(bytesOf(1000))],
    },
    {
      rule: UNMASKING, only: "server", title: "A message of 70000 bytes in writes of 4099 bytes is echoed",
      send: [{ frames: [binary(bytesOf(70_000), { key: ODD_KEY })], chop: 4099 }], expect: [binary(bytesOf(70_000))],
    },
    right("A message in fragments of 5 bytes, each masked with another key from its first byte on, is echoed", fragments(2, bytesOf(23), 5), [binary(bytesOf(23))]),
    right("A message in fragments of 3 bytes, all masked with the same key from its first byte on, is echoed",
      fragments(2, bytesOf(23), 3).map((piece) => ({ ...piece, key: ODD_KEY })), [binary(bytesOf(23))]),
    right("A ping masked with another key than the fragments around it is answered, and the message echoed",
      [text("frag", { ...FIRST, key: ODD_KEY }), ping("between", { key: 0x1122_3344 }), more("ment", { key: ODD_KEY })], [pong("between"), text("fragment")]),
  ];
}

/** What a client sends shows its keys: that they are random cannot be proven, but what no random numbers do can be seen. */
function keys(): Draft[] {
  const many = Array.from({ length: 64 }, (_, at) => text(`message ${at}`));
  const watched = (title: string, frames: readonly Frame[], expect: readonly Frame[], check: NonNullable<Draft["check"]>, accepts: Draft["accepts"]): Draft => ({
    ...answered(KEYS, title, frames, expect), only: "client", check, ...(accepts === undefined ? {} : { accepts }),
  });
  const back = "The messages come back";
  return [
    watched("The keys of 64 messages all differ", many, many, (frames) => judgeSame(frames, (opcode) => opcode === 1), {
      pass: `${back}, each with a key of its own`, fail: "Two have the same key, or the messages do not come back",
    }),
    watched("The keys of 64 messages do not go up or down by steps", many, many, judgeSteps, {
      pass: `${back}, and the steps between their keys differ`, fail: "Most steps between their keys are the same, or the messages do not come back",
    }),
    watched("Each bit of the key is set for some of 64 messages, and not for others", many, many, judgeBits, {
      pass: `${back}, and no bit of the key is always the same`, nonStrict: "A few bits of the key are always the same", fail: "Half of them or more are, or the messages do not come back",
    }),
    {
      ...watched("The keys of sixteen pongs all differ", [], Array.from({ length: 16 }, (_, at) => pong(`ping ${at}`)), (frames) => judgeSame(frames, (opcode) => opcode === 10), {
        pass: "The pings are answered, each pong with a key of its own", fail: "Two pongs have the same key, or the pings are not answered",
      }),
      send: Array.from({ length: 16 }, (_, at) => [{ frames: [ping(`ping ${at}`)] }, { heard: at + 1 }]).flat(),
    },
    {
      ...watched("The keys of sixteen messages without payload all differ", [], Array.from({ length: 16 }, () => binary("")), (frames) => judgeSame(frames, (opcode) => opcode === 2), {
        pass: `${back}, each with a key of its own`, fail: "Two have the same key, or the messages do not come back",
      }),
      send: [{ frames: Array.from({ length: 16 }, () => binary("")) }],
    },
  ];
}

function judgeSame(frames: readonly ReadFrame[], counts: (opcode: number) => boolean): Finding | undefined {
  const used = keysOf(frames.filter(({ opcode }) => counts(opcode)));
  const distinct = new Set(used).size;
  return distinct === used.length ? undefined : wrong(`it used ${distinct === 1 ? "one key" : `${distinct} keys`} for ${used.length} frames`);
}

function judgeSteps(frames: readonly ReadFrame[]): Finding | undefined {
  const used = keysOf(frames);
  const counts = new Map<number, number>();
  for (const [at, key] of used.slice(1).entries()) {
    const step = (key - used[at]) >>> 0;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const [step, count] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return count * 2 > used.length ? wrong(`its keys go on by ${step} from frame to frame`) : undefined;
}

function judgeBits(frames: readonly ReadFrame[]): Finding | undefined {
  const used = keysOf(frames);
  const always = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => new Set(used.map((key) => key >>> bit & 1)).size < 2).length;
  if (used.length < 64 || always === 0) return undefined;
  return (always < 16 ? lax : wrong)(`${always} of the 32 bits of its keys are the same in ${used.length} frames`);
}

function keysOf(frames: readonly ReadFrame[]): number[] {
  return frames.flatMap(({ key }) => key ?? []);
}

/** Bytes that do not repeat with a key. */
function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 37 + 11) % 251);
}
