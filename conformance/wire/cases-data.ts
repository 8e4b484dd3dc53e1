/**
 * Wire cases, groups 9 and 10: large messages, many fragments, many writes, many messages (RFC 6455, sections 5.4 and 10.4).
 * @module
 */
import { binary, type Frame, fragments, text } from "../frames.ts";
import type { Case, Send } from "./case.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENTS = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const WRITES = [64, 128, 256, 512, 1024, 2048];
const SMALL = [0, 16, 64, 256, 1024, 4096];
const COUNT = 1000;

/** Groups 9 and 10. Payloads are made whenever they are asked for: they would fill 150 MB. */
export const data: readonly Case[] = [
  ...each("9.1", text, SIZES, (size) => `A text message of ${size} bytes is echoed`, one),
  ...each("9.2", binary, SIZES, (size) => `A binary message of ${size} bytes is echoed`, one),
  ...each("9.3", text, FRAGMENTS, (size) => `A text message of 4 MiB in fragments of ${size} bytes is echoed`, inFragments),
  ...each("9.4", binary, FRAGMENTS, (size) => `A binary message of 4 MiB in fragments of ${size} bytes is echoed`, inFragments),
  ...each("9.5", text, WRITES, (size) => `A text message of 1 MiB in writes of ${size} bytes is echoed`, inWrites),
  ...each("9.6", binary, WRITES, (size) => `A binary message of 1 MiB in writes of ${size} bytes is echoed`, inWrites),
  ...each("9.7", text, SMALL, (size) => `A thousand text messages of ${size} bytes are echoed, one by one`, oneByOne),
  ...each("9.8", binary, SMALL, (size) => `A thousand binary messages of ${size} bytes are echoed, one by one`, oneByOne),
  ...each("10.1", text, [65_536], () => "A text message of 65536 bytes in fragments of 1300 bytes is echoed", (frame) => ({
    send: [{ frames: fragments(frame.opcode, frame.payload, 1300) }], expect: [frame],
  })),
];

type Make = (frame: Frame, size: number) => { send: readonly Send[]; expect: readonly Frame[] };

function each(id: string, kind: typeof text, sizes: readonly number[], about: (size: number) => string, make: Make): Case[] {
  return sizes.map((size, at) => {
    const length = make === inFragments ? 4 * MIB : make === inWrites ? MIB : size;
    const story = (): ReturnType<Make> => make(kind(payload(kind, length)), size);
    return {
      id: `${id}.${at + 1}`,
      about: about(size),
      get send() {
        return story().send;
      },
      get expect() {
        return story().expect;
      },
      end: "clean",
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
  for (let at = 0; at < length; at++) bytes[at] = from + at % count;
  return bytes;
}
