/**
 * Checks a vector: runs it whole, byte by byte and cut in two at every place, and says what differs from what must be.
 *
 * Each run also checks the contract of a protocol: inputs are lent (they come back unchanged, and are overwritten here as soon
 * as a call returns), outputs are given (they are looked at only when all is over), `onClose` is the last call.
 * @module
 */
import { concat, describeFrame, encodeFrame, FrameReader, toBytes } from "./frames.ts";
import { describeEvent, Subject } from "./subject.ts";
import type { Action, Step, Vector } from "./vector.ts";

/** Where inputs are cut: at every place, or near their ends and at one in eleven of the others. */
export type Cuts = "every" | "some";

/** What differs from the vector, one sentence each, of the first cut that differs; nothing when all is well. */
export function check(vector: Vector, where: Cuts = "every"): string[] {
  const inputs = new Map(vector.steps.flatMap((step) => "receive" in step ? [[step, encode(vector, step.receive)] as const] : []));
  const expected = { events: vector.events.map(describeEvent), output: vector.output.map(describeFrame) };
  for (const cut of cuts([...inputs.values()].reduce((sum, { length }) => sum + length, 0), where)) {
    const differences = run(vector, inputs, expected, cut);
    if (differences.length > 0) return differences.map((difference) => `${nameOf(cut)}: ${difference}`);
  }
  return [];
}

/** How the input is cut: not at all, after every byte, or once behind that many bytes. */
type Cut = "whole" | "bytes" | number;

function nameOf(cut: Cut): string {
  return cut === "whole" ? "whole" : cut === "bytes" ? "byte by byte" : `cut behind byte ${cut}`;
}

function* cuts(size: number, where: Cuts): Generator<Cut> {
  yield "whole";
  if (size <= MAX_BYTEWISE) yield "bytes";
  for (let at = 1; at < size; at++) {
    // a long input is cut everywhere near its ends, and now and then in between
    if (at < 32 || size - at < 32 || at % 16_381 === 0 || (size <= MAX_CUTS && (where === "every" || at % 11 === 0))) yield at;
  }
}

interface Expected {
  readonly events: readonly string[];
  readonly output: readonly string[];
}

function run(vector: Vector, inputs: ReadonlyMap<Step, Uint8Array>, expected: Expected, cut: Cut): string[] {
  const subject = new Subject(vector);
  let offset = 0;
  for (const step of vector.steps) {
    const bytes = inputs.get(step);
    if (bytes !== undefined) {
      for (const piece of divide(bytes, cut, offset)) subject.receive(piece);
      offset += bytes.length;
      continue;
    }
    if ("end" in step) subject.end();
    else if ("wait" in step) subject.wait(step.wait);
    else if ("blocked" in step) subject.block(step.blocked);
    else if ("deadline" in step) subject.expect("deadline", step.deadline);
    else if ("outputEnded" in step) subject.expect("outputEnded", step.outputEnded);
    else if ("paused" in step) subject.expect("paused", step.paused);
    else if ("state" in step) subject.expect("state", step.state);
    else subject.act(step as Action);
  }
  const output = subject.readOutput();
  return [
    ...subject.problems,
    ...compare("heard", expected.events, subject.events),
    ...compare("sent", expected.output, readFrames(vector, output)),
  ];
}

/** The bytes of a step as the peer would send them. */
function encode(vector: Vector, parts: Extract<Step, { receive: unknown }>["receive"]): Uint8Array {
  const key = vector.role === "server" ? KEY : undefined;
  return concat(parts.map((part) => typeof part === "string" || part instanceof Uint8Array ? toBytes(part) : encodeFrame(part, key)));
}

function divide(bytes: Uint8Array, cut: Cut, offset: number): Uint8Array[] {
  if (cut === "whole") return [bytes];
  if (cut === "bytes") return Array.from(bytes, (byte) => Uint8Array.of(byte));
  const at = cut - offset;
  return at <= 0 || at >= bytes.length ? [bytes] : [bytes.slice(0, at), bytes.slice(at)];
}

/** The frames in words, and what is wrong with them whatever was expected. */
function readFrames(vector: Vector, output: Uint8Array): string[] {
  const read: string[] = [];
  const keys = new Set<number>();
  const reader = new FrameReader((frame) => {
    const { key } = frame;
    if ((key !== undefined) !== (vector.role === "client")) read.push(key === undefined ? "not masked:" : "masked:");
    if (key !== undefined && keys.has(key)) read.push("under a key that was used before:");
    if (key !== undefined) keys.add(key);
    read.push(describeFrame(frame));
  });
  reader.push(output);
  if (reader.error !== undefined) read.push(reader.error);
  else if (!reader.idle) read.push("a frame that is cut off");
  return read;
}

function compare(verb: string, expected: readonly string[], actual: readonly string[]): string[] {
  const differences: string[] = [];
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    if (expected[at] === actual[at]) continue;
    differences.push(`${verb} ${actual[at] ?? "nothing"} where ${expected[at] ?? "nothing"} was expected (number ${at + 1})`);
  }
  return differences;
}

/** The masking key of a peer that is a client. */
const KEY = 0x9f3a_c471;
/** Longer inputs are not cut at every place: what lies between is payload. */
const MAX_CUTS = 4096;
/** Longer inputs are not fed byte by byte. */
const MAX_BYTEWISE = 300_000;
