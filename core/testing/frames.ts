/**
 * Frames made by hand, for tests: written apart from the sources they test, and able to break every rule.
 * @module
 */

/** The masking key of hand-made frames of a client. */
export const KEY = 0xa1b2c3d4;

/** What differs from an unmasked final frame in its shortest form. */
export interface FrameParts {
  readonly fin?: boolean;
  /** The reserved bits as they stand in the first byte. */
  readonly rsv?: number;
  /** Masks with this key. */
  readonly key?: number | undefined;
  /** Bits of the length: 7, 16 or 64; the shortest that fits when not named. */
  readonly form?: 7 | 16 | 64;
  /** A length to declare in place of the payload's own. */
  readonly length?: bigint;
}

/** One frame's bytes. */
export function frame(opcode: number, payload: Uint8Array | string = "", parts: FrameParts = {}): Uint8Array {
  const data = typeof payload === "string" ? utf8(payload) : payload;
  const length = parts.length ?? BigInt(data.length);
  const form = parts.form ?? (length < 126n ? 7 : length < 65536n ? 16 : 64);
  const header = [(parts.fin === false ? 0 : 0x80) + (parts.rsv ?? 0) + opcode];
  header.push((parts.key === undefined ? 0 : 0x80) + (form === 7 ? Number(length) : form === 16 ? 126 : 127));
  for (let bits = form === 7 ? 0 : form; bits > 0; bits -= 8) header.push(Number((length >> BigInt(bits - 8)) & 0xffn));
  if (parts.key === undefined) return concat([Uint8Array.from(header), data]);
  const key = keyBytes(parts.key);
  return concat([Uint8Array.from([...header, ...key]), data.map((byte, i) => byte ^ key[i % 4])]);
}

/** One frame of a client: masked. */
export function masked(opcode: number, payload: Uint8Array | string = "", parts: FrameParts = {}): Uint8Array {
  return frame(opcode, payload, { key: KEY, ...parts });
}

/** A close frame's payload. */
export function closing(code: number, reason = ""): Uint8Array {
  return concat([Uint8Array.of(Math.floor(code / 256), code % 256), utf8(reason)]);
}

/** A frame as it was read. */
export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: number[];
}

/** Reads frames, one byte at a time and with big integers; throws at a length that is not in its shortest form or is cut. */
export function readFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  let at = 0;
  const next = (): number => {
    if (at === bytes.length) throw new Error("The last frame is cut");
    return bytes[at++];
  };
  while (at < bytes.length) {
    const first = next();
    const second = next();
    const short = second % 128;
    let length = 0n;
    for (let i = short < 126 ? 0 : short === 126 ? 2 : 8; i > 0; i--) length = length * 256n + BigInt(next());
    if (short < 126) length = BigInt(short);
    else if (length < (short === 126 ? 126n : 65536n)) throw new Error("The length is not in its shortest form");
    const isMasked = second >= 128;
    const key = isMasked ? [next(), next(), next(), next()] : [0, 0, 0, 0];
    const payload: number[] = [];
    for (let i = 0; i < Number(length); i++) payload.push(next() ^ key[i % 4]);
    frames.push({ fin: first >= 128, rsv: first & 0x70, opcode: first % 16, masked: isMasked, payload });
  }
  return frames;
}

/** The UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text with U+FFFD for each lone surrogate. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** `count` bytes that are all different from their neighbours. */
export function pattern(count: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (from + i * 7 + (i >> 8)) & 0xff);
}

/** One array of all the pieces. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The bytes in pieces, each an array of its own, cut at the given offsets (taken modulo the length, in any order). */
export function cut(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const at = [0, ...offsets.map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

/** The same bytes whole, byte by byte, and in every two pieces. */
export function everySplit(bytes: Uint8Array): Uint8Array[][] {
  const splits: Uint8Array[][] = [[bytes.slice()], Array.from(bytes, (byte) => Uint8Array.of(byte))];
  for (let at = 1; at < bytes.length; at++) splits.push(cut(bytes, [at]));
  return splits;
}

function keyBytes(key: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, key);
  return [0, 1, 2, 3].map((i) => view.getUint8(i));
}
