/**
 * What a stream of frames means (RFC 6455, sections 5 to 7), read from the whole of it with none of the core's code, and from which
 * byte on each thing is known. However the stream is cut, the core must say the same, and no earlier or later.
 * @module
 */
import type { Role } from "../../core/websocket/frame-parser.ts";
import type { FaultName } from "../../core/websocket/fault.ts";

/** A message or control frame. `at` counts the bytes after which it is whole. */
export interface Heard {
  readonly at: number;
  readonly kind: "text" | "binary" | "ping" | "pong";
  readonly bytes: Uint8Array;
}

/** What a stream means. */
export interface Meaning {
  readonly heard: readonly Heard[];
  /** The peer's close frame: its payload. */
  readonly close: { readonly at: number; readonly payload: Uint8Array } | undefined;
  readonly fault: { readonly at: number; readonly name: FaultName } | undefined;
  /** Frames begun before the end or the fault. */
  readonly frames: number;
  /** True when text that is not whole yet stands at the end. */
  readonly textPending: boolean;
  /** What stands at the end and is not whole: two bytes or more of a header, or a close frame's payload. */
  readonly cut: "header" | "close" | undefined;
}

/** The limits a stream is read under. */
export interface StreamLimits {
  readonly maxFrame: number;
  readonly maxMessage: number;
  readonly maxFragments: number;
}

/** Restores a compressed message that may have `room` bytes (RFC 7692). */
export type Restore = (payload: Uint8Array, room: number) => Uint8Array | "large" | "invalid";

/** Reads a stream as the end of this role receives it; with `restore` messages may be compressed. */
export function readStream(role: Role, bytes: Uint8Array, limits: StreamLimits, restore?: Restore): Meaning {
  const heard: Heard[] = [];
  let frames = 0;
  let message = 0;
  let parts: Uint8Array[] = [];
  let size = 0;
  let count = 0;
  let text = START;
  let packed = false;
  let at = 0;
  let cut: Meaning["cut"];
  const finish = (fault: Meaning["fault"], close: Meaning["close"]): Meaning => ({ heard, close, fault, frames, textPending: message === 1, cut });
  const fail = (name: FaultName, known: number): Meaning => finish({ at: known, name }, undefined);

  while (bytes.length - at >= 2) {
    const first = bytes[at];
    const opcode = first & 15;
    const fin = first > 127;
    const masked = bytes[at + 1] > 127;
    const short = bytes[at + 1] & 127;
    const mayBePacked = restore !== undefined && opcode !== 0 && opcode < 8;
    if ((first & (mayBePacked ? 0x30 : 0x70)) !== 0) return fail("reservedBits", at + 2);
    if (!OPCODES.has(opcode)) return fail("reservedOpcode", at + 2);
    if (opcode > 7 && !fin) return fail("fragmentedControl", at + 2);
    if (opcode > 7 && short > 125) return fail("longControl", at + 2);
    if (masked !== (role === "server")) return fail(masked ? "maskedFrame" : "unmaskedFrame", at + 2);
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const start = at + 2 + lengthBytes + (masked ? 4 : 0);
    if (start > bytes.length) {
      cut = "header";
      break;
    }
    let length = lengthBytes === 0 ? short : 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[at + 2 + i];
    if (short === 127 && bytes[at + 2] > 127) return fail("lengthTopBit", start);
    if ((short === 126 && length < 126) || (short === 127 && length < 65_536)) return fail("longLengthForm", start);

    frames++;
    if (opcode < 8) {
      if (opcode === 0 && message === 0) return fail("strayContinuation", start);
      if (opcode !== 0 && message !== 0) return fail("unfinishedMessage", start);
      if (opcode !== 0) [message, parts, size, count, text, packed] = [opcode, [], 0, 0, START, (first & 0x40) !== 0];
      if (length > limits.maxFrame || length > Number.MAX_SAFE_INTEGER) return fail("largeFrame", start);
      const room = packed ? limits.maxMessage * 17 / 16 + 1024 : limits.maxMessage;
      if (size + length > room) return fail("largeMessage", start);
      if (++count > limits.maxFragments) return fail("manyFragments", start);
    }
    const end = start + length;
    const payload = unmask(bytes, start, Math.min(end, bytes.length), masked);
    if (opcode < 8) {
      if (message === 1 && !packed) {
        const bad = scan(payload, text);
        if (bad >= 0) return fail("invalidUtf8", start + bad + 1);
        text = scanned;
      }
      if (end > bytes.length) break;
      parts.push(payload);
      size += length;
      if (fin) {
        let whole: ReturnType<Restore> = parts.length === 1 ? payload : concat(parts, size);
        if (packed && restore !== undefined) whole = restore(whole, limits.maxMessage);
        if (typeof whole === "string") return fail(whole === "large" ? "largeMessage" : "invalidDeflate", end);
        if (message === 1 && (packed ? !isText(whole) : text !== START)) return fail("invalidUtf8", end);
        heard.push({ at: end, kind: message === 1 ? "text" : "binary", bytes: whole });
        message = 0;
      }
    } else {
      if (end > bytes.length) {
        if (opcode === 8) cut = "close";
        break;
      }
      if (opcode === 8) {
        const name = closeFault(payload);
        return name === undefined ? finish(undefined, { at: end, payload }) : fail(name, end);
      }
      heard.push({ at: end, kind: opcode === 9 ? "ping" : "pong", bytes: payload });
    }
    at = end;
  }
  return finish(undefined, undefined);
}

function unmask(bytes: Uint8Array, start: number, end: number, masked: boolean): Uint8Array {
  const payload = bytes.slice(start, Math.max(start, end));
  if (masked) for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[start - 4 + (i % 4)];
  return payload;
}

function concat(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function closeFault(payload: Uint8Array): FaultName | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return "shortClose";
  const code = payload[0] * 256 + payload[1];
  const named = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (!named && (code < 3000 || code > 4999)) return "invalidCloseCode";
  return scan(payload.subarray(2), START) >= 0 || scanned !== START ? "invalidUtf8" : undefined;
}

/** The rows of Unicode's table of well-formed UTF-8 (3-7): the first byte, then the ranges of those that follow. */
const ROWS: readonly (readonly (readonly [least: number, most: number])[])[] = [
  [[0x00, 0x7f]],
  [[0xc2, 0xdf], [0x80, 0xbf]],
  [[0xe0, 0xe0], [0xa0, 0xbf], [0x80, 0xbf]],
  [[0xe1, 0xec], [0x80, 0xbf], [0x80, 0xbf]],
  [[0xed, 0xed], [0x80, 0x9f], [0x80, 0xbf]],
  [[0xee, 0xef], [0x80, 0xbf], [0x80, 0xbf]],
  [[0xf0, 0xf0], [0x90, 0xbf], [0x80, 0xbf], [0x80, 0xbf]],
  [[0xf1, 0xf3], [0x80, 0xbf], [0x80, 0xbf], [0x80, 0xbf]],
  [[0xf4, 0xf4], [0x80, 0x8f], [0x80, 0xbf], [0x80, 0xbf]],
];
/** A state is a row and how many of its bytes have come; 0 between characters. */
const START = 0;
const BAD = 255;
const NEXT = new Uint8Array(64 * 256).fill(BAD);
for (const [row, ranges] of ROWS.entries()) {
  for (const [step, [least, most]] of ranges.entries()) {
    const from = step === 0 ? START : row * 4 + step;
    const to = step + 1 === ranges.length ? START : row * 4 + step + 1;
    for (let byte = least; byte <= most; byte++) NEXT[from * 256 + byte] = to;
  }
}

/** Where the state was when `scan` came through. */
let scanned = START;

/** The index of the first byte no well-formed text can have there, or -1. */
function scan(bytes: Uint8Array, state: number): number {
  scanned = state;
  for (let at = 0; at < bytes.length; at++) {
    scanned = NEXT[scanned * 256 + bytes[at]];
    if (scanned === BAD) return at;
  }
  return -1;
}

/** True for UTF-8 from the first byte to the last. */
export function isText(bytes: Uint8Array): boolean {
  return scan(bytes, START) < 0 && scanned === START;
}

const OPCODES: ReadonlySet<number> = new Set([0, 1, 2, 8, 9, 10]);
