/**
 * What several files of cases send, and how.
 * @module
 */
import { type Frame, hex } from "../../frames.ts";
import type { Send } from "../case.ts";

/** Text that everybody can echo. */
export const HELLO = "Hello, world!";
/** Bytes that are no text. */
export const ODD: Uint8Array = hex("00 ff fe fd fc fb 00 ff");
/** A frame that is not the last of its message. */
export const FIRST = { fin: false } as const;

/** How one story is sent: at once, a frame a write, a byte a write; with the words for a title. */
export const WAYS = [["", undefined], [", a frame at a time", "frames"], [", a byte at a time", 1]] as const;

/** Frames sent in one of these ways. */
export function chopped(frames: readonly Frame[], way: number): Send {
  const chop = WAYS[way][1];
  return chop === undefined ? { frames } : { frames, chop };
}
