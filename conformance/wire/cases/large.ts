/**
 * Large messages, many fragments, many writes, many messages (RFC 6455, sections 5.1, 6.1 and 6.2).
 * @module
 */
import { binary, type Frame, fragments, text } from "../../frames.ts";
import type { Draft, Rule, Send } from "../case.ts";

const LARGE: Rule = { name: "large", section: "6.1", says: "A message may be as long as both ends can stand" };
const MANY_FRAGMENTS: Rule = { name: "many-fragments", section: "6.2", says: "A message may come in any number of fragments" };
const MANY_WRITES: Rule = { name: "many-writes", section: "5.1", says: "A frame may come in any number of pieces" };
const MANY_MESSAGES: Rule = { name: "many-messages", section: "6.2", says: "A connection carries any number of messages, one behind the other" };

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const WRITES = [64, 128, 256, 512, 1024, 2048];
const SMALL = [0, 16, 64, 256, 1024, 4096];
const COUNT = 1000;

/** Group 9 of Autobahn. Payloads are made whenever they are asked for: they would fill 150 MB. */
export const large: readonly Draft[] = [
  ...each(LARGE, "9.1", text, SIZES, (size) => `A text message of ${size} bytes is echoed`, one),
  ...each(LARGE, "9.2", binary, SIZES, (size) => `A binary message of ${size} bytes is echoed`, one),
  ...each(MANY_FRAGMENTS, "9.3", text, FRAGMENTS, (size) => `A text message of 4 MiB in fragments of ${size} bytes is echoed`, inFragments),
  ...each(MANY_FRAGMENTS, "9.4", binary, FRAGMENTS, (size) => `A binary message of 4 MiB in fragments of ${size} bytes is echoed`, inFragments),
  ...each(MANY_WRITES, "9.5", text, WRITES, (size) => `A text message of 1 MiB in writes of ${size} bytes is echoed`, inWrites),
  ...each(MANY_WRITES, "9.6", binary, WRITES, (size) => `A binary message of 1 MiB in writes of ${size} bytes is echoed`, inWrites),
  ...each(MANY_MESSAGES, "9.7", text, SMALL, (size) => `A thousand text messages of ${size} bytes are echoed, one by one`, oneByOne),
  ...each(MANY_MESSAGES, "9.8", binary, SMALL, (size) => `A thousand binary messages of ${size} bytes are echoed, one by one`, oneByOne),
];

type Make = (frame: Frame, size: number) => { send: readonly Send[]; expect: readonly Frame[] };

function each(rule: Rule, group: string, kind: typeof text, sizes: readonly number[], title: (size: number) => string, make: Make): Draft[] {
  return sizes.map((size, at) => {
    const length = make === inFragments ? 4 * MIB : make === inWrites ? MIB : size;
    const story = (): ReturnType<Make> => make(kind(payload(kind, length)), size);
    return {
      rule,
      title: title(size),
      autobahn: `${group}.${at + 1}`,
      heavy: true,
      get send() {
        return story().send;
      },
      get expect() {
        return story().expect;
      },
    };
  });
}

function one(frame: Frame): ReturnType<Make> {
  return { send: [{ frames: [frame] }], expect: [frame] };
}

function inFragments(frame: Frame, size: number): ReturnType<Make> {
  return { send: [{ frames: fragments(frame.opcode, frame.payload, size) }], expect: [frame] };
}

function inWrites(frame: Frame, size: number): ReturnType<Make> {
  return { send: [{ frames: [frame], chop: size }], expect: [frame] };
}

function oneByOne(frame: Frame): ReturnType<Make> {
  const send = Array.from({ length: COUNT }, (_, at): Send[] => [{ frames: [frame] }, { heard: at + 1 }]).flat();
  return { send, expect: Array.from({ length: COUNT }, () => frame) };
}

/** Visible characters for text, all bytes for binary, in a pattern no power of two repeats. */
function payload(kind: typeof text, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const [from, count] = kind === text ? [0x20, 95] : [0, 251];
  for (let at = 0; at < Math.min(count, length); at++) bytes[at] = from + at;
  for (let filled = count; filled < length; filled *= 2) bytes.copyWithin(filled, 0, filled);
  return bytes;
}
