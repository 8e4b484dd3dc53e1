/**
 * What a right peer makes of the frames of a case, and where their bytes are cut: what decides whether a mutant can be told by it.
 * @module
 */
import { concat, decode, type Frame } from "../frames.ts";
import type { Case, Send } from "../wire/case.ts";
import { framesOf } from "./which.ts";

/** A message that a right peer reads. */
export interface Told {
  readonly opcode: number;
  /** The payloads of its frames. */
  readonly pieces: readonly Uint8Array[];
  /** Those of control frames between them. */
  readonly inside: readonly Frame[];
  /** Its last fragment came. */
  readonly isWhole: boolean;
}

/** The messages a case sends, in order, up to the first frame that is wrong, or a close frame; of compressed ones none. */
export function messagesOf(item: Case): readonly Told[] {
  const known = read.get(item);
  if (known !== undefined) return known;
  const messages = item.deflate === undefined ? readMessages(framesOf(item.send ?? [])) : [];
  read.set(item, messages);
  return messages;
}

const read = new WeakMap<Case, readonly Told[]>();

function readMessages(frames: readonly Frame[]): Told[] {
  const messages: Told[] = [];
  let opcode: number | undefined;
  let pieces: Uint8Array[] = [];
  let inside: Frame[] = [];
  for (const frame of frames) {
    if (isWrong(frame) || frame.opcode === 8) break;
    if (frame.opcode > 8) {
      if (opcode !== undefined) inside.push(frame);
      continue;
    }
    if ((frame.opcode === 0) !== (opcode !== undefined)) break;
    opcode ??= frame.opcode;
    pieces.push(frame.payload);
    if (!frame.fin) continue;
    if (opcode === 1 && decode(concat(pieces)) === undefined) break;
    messages.push({ opcode, pieces, inside, isWhole: true });
    opcode = undefined;
    pieces = [];
    inside = [];
  }
  return opcode === undefined ? messages : [...messages, { opcode, pieces, inside, isWhole: false }];
}

function isWrong({ opcode, rsv, fin, payload, length, lengthBits, masked }: Frame): boolean {
  return rsv !== 0 || length !== undefined || lengthBits !== undefined || masked !== undefined || ![0, 1, 2, 8, 9, 10].includes(opcode)
    || opcode >= 8 && (!fin || payload.length > 125);
}

/** A whole message like that is among what is sent. */
export function tells(is: (message: Told) => boolean): (item: Case) => boolean {
  return (item) => messagesOf(item).some((message) => message.isWhole && is(message));
}

/** A place where a server's input is cut: in which frame, behind how many of its bytes, of which so many are its header. */
export interface Cut {
  readonly frame: Frame;
  readonly at: number;
  readonly header: number;
}

/** Where a case cuts frames on their way to a server. Frames between those pieces are not looked at. */
export function cutsOf({ send = [] }: Case): readonly Cut[] {
  return send.flatMap(cutsOfStep);
}

function cutsOfStep(step: Send): Cut[] {
  if ("piecemeal" in step) {
    const frame = step.piecemeal;
    const header = headerLength(frame);
    return step.cuts.map((cut) => ({ frame, at: step.whole ? cut : header + cut, header }));
  }
  if (!("frames" in step) || typeof step.chop !== "number") return [];
  const cuts: Cut[] = [];
  let start = 0;
  for (const frame of step.frames) {
    const header = headerLength(frame);
    const end = start + header + frame.payload.length;
    for (let at = Math.ceil((start + 1) / step.chop) * step.chop; at < end; at += step.chop) cuts.push({ frame, at: at - start, header });
    start = end;
  }
  return cuts;
}

function headerLength({ payload, lengthBits, length = BigInt(payload.length), masked }: Frame): number {
  const bits = lengthBits ?? (length <= 125n ? 7 : length <= 0xffffn ? 16 : 64);
  return 2 + (bits === 7 ? 0 : bits / 8) + (masked === false ? 0 : 4);
}

/** A header that is wrong comes before its payload. */
export function waitsAtHeader({ send = [] }: Case): boolean {
  return send.some((step) => "piecemeal" in step && step.cuts[0] === 0 && step.whole !== true);
}

/** The case's title begins so. */
export function startsWith(beginning: string): (item: Case) => boolean {
  return ({ title }) => title.startsWith(beginning);
}
