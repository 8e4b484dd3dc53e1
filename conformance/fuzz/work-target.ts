/**
 * Bounded work: what a connection and a handshake allocate and copy grows with what they are given and no faster, however it is cut and
 * whatever a header declares.
 * @module
 */
import { type Case, frameStarts, piecesOf, type Target } from "./case.ts";
import { makeStream } from "./frames-grammar.ts";
import { POOL } from "./frames-target.ts";
import { makeRequest } from "./heads-grammar.ts";
import { measure } from "./meter.ts";
import type { Random } from "./random.ts";
import { serve } from "./requests-target.ts";
import type { Subject } from "./subject.ts";

/** A stream for a connection, or with bit 1 of the flags a request for a server. */
export const WORK: Target = {
  name: "work",
  group: "frames",
  weight: 1,
  uncounted: true,
  apart: true, // an engine compiles everything anew once the arrays it knows were others
  cuttable: false,
  tries: 100,
  starts: frameStarts,
  make(random) {
    const flags = random.below(8);
    const bytes = (flags & 2) !== 0 ? makeRequest(random) : random.once(2) ? makeLong(random, (flags & 1) === 1) : makeStream(random, (flags & 1) === 1);
    return { target: "work", flags, bytes, cuts: random.once(4) && bytes.length < 20_000 ? "each" : random.cuts(bytes.length) };
  },
  check(one, subject) {
    const pieces = piecesOf(one.bytes, one.cuts);
    let held: string | undefined;
    const run = (one.flags & 2) !== 0 ? handshake(one, subject) : connection(one, subject, pieces, (problem) => held ??= problem);
    const { allocated, copied, steps } = measure(run);
    if (held !== undefined) return held;
    const { length } = one.bytes;
    if (allocated > 6 * length + BASE + EACH * pieces.length) return `allocated: ${allocated} bytes for ${length} in ${pieces.length} pieces`;
    if (copied > 6 * length + BASE + EACH * pieces.length) return `copied: ${copied} bytes for ${length} in ${pieces.length} pieces`;
    if (steps > 4 * length + 12 * pieces.length + 200) return `steps: ${steps} for ${length} bytes in ${pieces.length} pieces`;
    return undefined;
  },
};

/**
 * What fragments come to is gathered in a buffer that grows by half: up to 4.5 times the message is made on the way, and it itself at the end
 * (docs/decisions.md, 6). Whatever comes, a header that declares a megabyte must not reserve it.
 */
const BASE = 2_048;
/** What may wait to be sent: 128 pongs and a close frame of 131 bytes each (`maxPendingPongs`), and the latest ping's answer. */
const QUEUED = 130 * 131;
/** A header that is cut, a piece of output. */
const EACH = 64;

/** A buffer has at most four times what has come (docs/decisions.md, 6). With bit 2 of the flags nobody takes its output: pongs and the close frame must stay few. */
function connection({ flags }: Case, subject: Subject, pieces: readonly Uint8Array[], wrong: (problem: string) => void): () => void {
  const end = subject.connection({
    role: (flags & 1) === 1 ? "server" : "client",
    random: POOL,
    limits: { maxMessage: Number.POSITIVE_INFINITY, maxFragments: Number.POSITIVE_INFINITY },
    handler: { onText: () => {}, onBinary: () => {}, onClose: () => {} },
  });
  return () => {
    let fed = 0;
    for (const piece of pieces) {
      end.receive(piece, 0);
      if ((flags & 4) === 0) end.takeOutput(0);
      fed += piece.length;
      if (end.bytesHeld > 4 * fed + QUEUED) wrong(`held: ${end.bytesHeld} bytes after ${fed}`);
      if (end.bufferedAmount > QUEUED) wrong(`queued: ${end.bufferedAmount} bytes that nobody takes`);
    }
    end.receiveEnd(0);
  };
}

function handshake(one: Case, subject: Subject): () => void {
  return () => void serve(one, subject);
}

/** One message in many fragments, the last of which may never come; or pings without end. */
function makeLong(random: Random, masked: boolean): Uint8Array {
  const size = random.pick([0, 1, 7, 100, 1_000]);
  const count = 1 + random.below(Math.ceil(30_000 / (size + 8)));
  const frame = 2 + (size > 125 ? 2 : 0) + (masked ? 4 : 0) + size;
  const bytes = new Uint8Array(frame * count);
  const pings = size <= 125 && random.once(2);
  for (let at = 0; at < bytes.length; at += frame) {
    bytes[at] = pings ? 0x89 : (at === 0 ? 2 : 0) | (at + frame === bytes.length && random.once(2) ? 0x80 : 0);
    bytes[at + 1] = (masked ? 0x80 : 0) | (size > 125 ? 126 : size);
    if (size > 125) bytes.set([size >> 8, size & 255], at + 2);
  }
  return bytes;
}
