/**
 * Opcodes: what a frame is (RFC 6455, section 5.2 and 11.8).
 * @module
 */

/** A piece of the message the last text or binary frame began. */
export const CONTINUATION = 0x0;
/** A text message, or its first fragment. */
export const TEXT = 0x1;
/** A binary message, or its first fragment. */
export const BINARY = 0x2;
/** The sender will send no more (section 5.5.1). */
export const CLOSE = 0x8;
/** Asks for a pong with the same payload (section 5.5.2). */
export const PING = 0x9;
/** Answers a ping, or says unasked that its sender lives (section 5.5.3). */
export const PONG = 0xa;

/** The first byte of a text message that is one frame: the final fragment and the first, no reserved bit. */
export const WHOLE_TEXT: number = 0x80 | TEXT;

/** True for close, ping, pong, and the control opcodes still reserved. */
export function isControl(opcode: number): boolean {
  return opcode >= CLOSE;
}

/** True for an opcode RFC 6455 defines; the others are reserved for extensions. */
export function isKnown(opcode: number): boolean {
  return opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
}

/** The opcode's name as the RFC writes it. */
export function opcodeName(opcode: number): string {
  return NAMES[opcode] ?? `reserved 0x${opcode.toString(16)}`;
}

const NAMES: Readonly<Record<number, string>> = {
  [CONTINUATION]: "continuation",
  [TEXT]: "text",
  [BINARY]: "binary",
  [CLOSE]: "close",
  [PING]: "ping",
  [PONG]: "pong",
};
