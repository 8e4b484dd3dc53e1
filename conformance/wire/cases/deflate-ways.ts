/**
 * What several files of compressed cases send, and how.
 * @module
 */
import { fragments, type Frame, type FrameParts, hex } from "../../frames.ts";
import type { Deflate, Draft, Rule, Send } from "../case.ts";
import { accept } from "./deflate.ts";

/** The bit of a compressed message (RFC 7692, section 6). */
export const RSV1 = 4;
/** A compressed message, and its first fragment. */
export const COMPRESSED: FrameParts = { rsv: RSV1 };
export const COMPRESSED_FIRST: FrameParts = { rsv: RSV1, fin: false };

/** "Hello" (section 7.2.3.1), and again as a reference to the message before (7.2.3.2). */
export const DEFLATED: Uint8Array = hex("f2 48 cd c9 c9 07 00");
export const DEFLATED_AGAIN: Uint8Array = hex("f2 00 11 00 00");
/** The same with a block that is marked as the last (7.2.3.4). */
export const DEFLATED_FINAL: Uint8Array = hex("f3 48 cd c9 c9 07 00 00");

/** Whatever permessage-deflate a peer likes, as long as our window is the largest. */
export const AGREED: Deflate = {
  offer: "permessage-deflate",
  answer: (offers) => offers.map((offer) => accept(offer, {})).find((answer) => answer !== undefined),
};

/** A case whose rule follows from its list. */
export type Unruled = Omit<Draft, "rule">;

/** The cases of a rule. */
export function of(rule: Rule, items: readonly Unruled[]): Draft[] {
  return items.map((item) => Object.defineProperties({ rule } as Draft, Object.getOwnPropertyDescriptors(item))); // some make their frames when asked
}

/** Frames in one write; with `takeover` they refer to earlier messages. */
export function echoed(title: string, frames: readonly Frame[], expect: readonly Frame[], takeover = false): Unruled {
  return sent(title, [{ frames }], expect, takeover);
}

/** Any steps. */
export function sent(title: string, send: readonly Send[], expect: readonly Frame[] = [], takeover = false): Unruled {
  return { title, send, expect, deflate: takeover ? { ...AGREED, takeover } : AGREED };
}

/** Frames that must fail the connection. */
export function failing(title: string, frames: readonly Frame[], code: number, expect: readonly Frame[] = []): Unruled {
  return { title, send: [{ frames }], expect, end: [code], deflate: AGREED };
}

/** A compressed message in frames of `size` bytes. */
export function inFrames(opcode: number, payload: Uint8Array, size: number): Frame[] {
  return fragments(opcode, payload, size).map((frame, at) => at === 0 ? { ...frame, rsv: RSV1 } : frame);
}
