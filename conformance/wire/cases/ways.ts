/**
 * What several files of cases send, and how.
 * @module
 */
import { type Frame, hex } from "../../frames.ts";
import type { Draft, Rule, Send } from "../case.ts";

/** Text that everybody can echo. */
export const HELLO = "Hello, world!";
/** Bytes that are no text. */
export const ODD: Uint8Array = hex("00 ff fe fd fc fb 00 ff");
/** A frame that is not the last of its message. */
export const FIRST = { fin: false } as const;

/** How one story is sent: at once, a frame a write, a byte a write; with the words for a title. */
export const WAYS = [["", undefined], [", a frame at a time", "frames"], [", a byte at a time", 1]] as const;

/** A case in which frames that come in one write fail the connection, with 1002; `expect` is what comes back of those before the bad one. */
export function refused(rule: Rule, title: string, frames: readonly Frame[], expect: readonly Frame[] = []): Draft {
  return { rule, title, send: [{ frames }], expect, end: [1002] };
}

/** A case in which frames that come in one write are echoed or answered by what is expected. */
export function answered(rule: Rule, title: string, frames: readonly Frame[], expect: readonly Frame[]): Draft {
  return { rule, title, send: [{ frames }], expect };
}

/** A case in which a frame fails the connection before its payload is there: its header says enough. */
export function refusedAtHeader(rule: Rule, title: string, bad: Frame, before: readonly Frame[] = []): Draft {
  return { rule, title, send: [...(before.length === 0 ? [] : [{ frames: before }]), { piecemeal: bad, cuts: [0], between: [{ failedByNow: true }] }], end: [1002] };
}

/** Frames sent in one of these ways. */
export function chopped(frames: readonly Frame[], way: number): Send {
  const chop = WAYS[way][1];
  return chop === undefined ? { frames } : { frames, chop };
}
