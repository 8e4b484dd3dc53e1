/**
 * Frames written and read by hand (RFC 6455, section 5.2), apart from the core, so that the core is checked and not
 * repeated. The writer can break every rule; the reader says what it sees.
 * @module
 */

/** One frame. Its last properties are for frames that are special, or break a rule. */
export interface Frame {
  /** 0 to 15. */
  readonly opcode: number;
  /** Not masked. */
  readonly payload: Uint8Array;
  /** The last fragment of its message. */
  readonly fin: boolean;
  /** The three reserved bits as one number: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  /** Masked or not, whatever the role of its sender. */
  readonly masked?: boolean;
  /** Bits of the length field; the shortest that fits when it is not said. */
  readonly lengthBits?: 7 | 16 | 64;
  /** A length to declare in place of the payload's own. */
  readonly length?: bigint;
  /** The masking key, where it is not to be its sender's own. */
  readonly key?: number | undefined;
}

/** What may be said about a frame beside its opcode and payload. */
export type FrameParts = Partial<Omit<Frame, "opcode" | "payload">>;

/** Any frame. */
export function frame(opcode: number, payload: string | Uint8Array = "", parts: FrameParts = {}): Frame {
  return { opcode, payload: toBytes(payload), fin: true, rsv: 0, ...parts };
}

/** A text frame. */
export function text(payload: string | Uint8Array, parts?: FrameParts): Frame {
  return frame(1, payload, parts);
}

/** A binary frame. */
export function binary(payload: string | Uint8Array, parts?: FrameParts): Frame {
  return frame(2, payload, parts);
}

/** A continuation frame. */
export function more(payload: string | Uint8Array, parts?: FrameParts): Frame {
  return frame(0, payload, parts);
}

/** A ping. */
export function ping(payload: string | Uint8Array = "", parts?: FrameParts): Frame {
  return frame(9, payload, parts);
}

/** A pong. */
export function pong(payload: string | Uint8Array = "", parts?: FrameParts): Frame {
  return frame(10, payload, parts);
}

/** A close frame; an empty one without a code. */
export function close(code?: number, reason: string | Uint8Array = "", parts?: FrameParts): Frame {
  return frame(8, code === undefined ? "" : concat([Uint8Array.of(code >> 8, code % 256), toBytes(reason)]), parts);
}

/** A first fragment, further ones and a last one, cut at every `size` bytes. */
export function fragments(opcode: number, payload: string | Uint8Array, size: number): Frame[] {
  const pieces = slices(toBytes(payload), size);
  return pieces.map((piece, at) => frame(at === 0 ? opcode : 0, piece, { fin: at === pieces.length - 1 }));
}

/** A frame's bytes, masked when there is a key and the frame does not say otherwise. */
export function encodeFrame(frame: Frame, senderKey: number | undefined): Uint8Array {
  const { payload, length = BigInt(payload.length), key = senderKey } = frame;
  const bits = frame.lengthBits ?? (length <= 125n ? 7 : length <= 0xffffn ? 16 : 64);
  const masked = frame.masked ?? senderKey !== undefined;
  const lengthBytes = bits === 7 ? 0 : bits / 8;
  const start = 2 + lengthBytes + (masked ? 4 : 0);
  const bytes = new Uint8Array(start + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (frame.fin ? 128 : 0) + frame.rsv * 16 + frame.opcode);
  view.setUint8(1, (masked ? 128 : 0) + (bits === 7 ? Number(length) : bits === 16 ? 126 : 127));
  if (bits === 16) view.setUint16(2, Number(length));
  if (bits === 64) view.setBigUint64(2, length);
  if (masked) view.setUint32(start - 4, key ?? 0);
  if (!masked) bytes.set(payload, start);
  else for (let i = 0; i < payload.length; i++) bytes[start + i] = payload[i] ^ bytes[start - 4 + (i & 3)];
  return bytes;
}

/** A frame that was read, unmasked. */
export interface ReadFrame extends Frame {
  /** The masking key it came with. */
  readonly key: number | undefined;
}

/** Reads frames from a stream of bytes. */
export class FrameReader {
  /** Set when the bytes are no frames any more: a length that is too long or not in its shortest form. */
  error: string | undefined = undefined;
  readonly #onFrame: (frame: ReadFrame) => void;
  /** The header so far, as numbers. */
  #header: number[] = [];
  #payload: Uint8Array | undefined = undefined;
  #filled = 0;

  constructor(onFrame: (frame: ReadFrame) => void) {
    this.#onFrame = onFrame;
  }

  /** True between two frames. */
  get idle(): boolean {
    return this.#header.length === 0;
  }

  /** Consumes bytes, and tells of each frame as it ends. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.error === undefined) {
      if (this.#payload === undefined) {
        this.#header.push(bytes[at++]);
        this.#readHeader();
      }
      if (this.#payload === undefined) continue;
      const count = Math.min(bytes.length - at, this.#payload.length - this.#filled);
      this.#payload.set(bytes.subarray(at, at + count), this.#filled);
      at += count;
      this.#filled += count;
      if (this.#filled === this.#payload.length) this.#finish(this.#payload);
    }
  }

  #readHeader(): void {
    const header = this.#header;
    if (header.length < 2) return;
    const short = header[1] % 128;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (header.length < 2 + extra + (header[1] >= 128 ? 4 : 0)) return;
    const length = extra === 0 ? short : header.slice(2, 2 + extra).reduce((sum, byte) => sum * 256 + byte, 0);
    if (extra === 2 && length < 126 || extra === 8 && length < 65_536) this.error = `a length of ${length} in ${extra} bytes`;
    else if (length > MAX_PAYLOAD) this.error = `a frame of ${length} bytes`;
    else this.#payload = new Uint8Array(length);
    this.#filled = 0;
  }

  #finish(payload: Uint8Array): void {
    const header = this.#header;
    const masked = header[1] >= 128;
    const key = masked ? header.slice(-4) : [0, 0, 0, 0];
    if (masked) for (let i = 0; i < payload.length; i++) payload[i] ^= key[i % 4];
    this.#header = [];
    this.#payload = undefined;
    this.#onFrame({
      opcode: header[0] % 16,
      payload,
      fin: header[0] >= 128,
      rsv: (header[0] >> 4) % 8,
      masked,
      key: masked ? key.reduce((sum, byte) => sum * 256 + byte, 0) : undefined,
    });
  }
}

/** A frame in words. */
export function describeFrame(frame: Frame): string {
  const name = OPCODE_NAMES[frame.opcode] ?? `opcode ${frame.opcode}`;
  const { payload } = frame;
  const said = frame.opcode === 8 && payload.length >= 2
    ? `${payload[0] * 256 + payload[1]} ${describeBytes(payload.subarray(2))}`
    : describeBytes(payload);
  return `${name}${frame.fin ? "" : " unfinished"}${frame.rsv === 0 ? "" : ` rsv ${frame.rsv}`} ${said}`;
}

/** Bytes in words: text where they are, else hexadecimal; long ones by length and checksum. */
export function describeBytes(bytes: Uint8Array): string {
  if (bytes.length > MAX_SHOWN) return `(${bytes.length} bytes, checksum ${checksum(bytes)})`;
  const decoded = decode(bytes);
  if (decoded !== undefined && !/[\x00-\x1f\x7f]/.test(decoded)) return JSON.stringify(decoded);
  return `<${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ")}>`;
}

/** The text these bytes are in UTF-8; undefined when they are none. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** UTF-8 of a string; bytes as they are. */
export function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

/** Bytes from hexadecimal such as "ce ba". */
export function hex(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** One array of all pieces. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Views of `size` bytes each, the last may be shorter; one empty view of nothing. */
export function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces.length === 0 ? [bytes] : pieces;
}

function checksum(bytes: Uint8Array): string {
  let sum = 0x811c9dc5; // FNV-1a
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What the opcodes are called. */
export const OPCODE_NAMES: Readonly<Record<number, string>> = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
/** Longer payloads are not shown. */
const MAX_SHOWN = 160;
/** More than any test asks for. */
const MAX_PAYLOAD = 64 * 1024 * 1024;
