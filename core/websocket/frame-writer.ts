/**
 * Frames to bytes (RFC 6455, section 5.2): always in the shortest form.
 * @module
 */
import type { OutputQueue } from "../bytes/output-queue.ts";
import { copyMasked } from "./mask.ts";

/** What stands before a payload. */
export interface FrameHeader {
  /** The last fragment of its message. */
  readonly fin: boolean;
  /** The reserved bits as they stand in the first byte. */
  readonly rsv: number;
  /** What the frame is: see opcode.ts. */
  readonly opcode: number;
  /** The masking key of a client's frame, an unsigned 32-bit integer with its first byte on top; undefined for a server's. */
  readonly key: number | undefined;
}

/**
 * Queues one frame. A masked or small payload is copied; a large one that goes out as it is passes through uncopied and
 * must stay unchanged until it has been written. One whose memory is shared or may shrink is copied as well.
 */
export function writeFrame(queue: OutputQueue, header: FrameHeader, payload: Uint8Array): void {
  const { length } = payload;
  const { key } = header;
  const passes = key === undefined && length > COPY_PAYS && isSteady(payload.buffer);
  const size = headerSize(length, key !== undefined);
  const at = queue.extend(passes ? size : size + length);
  const bytes = queue.bytes;
  writeHeader(bytes, at, header, length);
  if (passes) queue.pass(payload);
  else if (key === undefined) bytes.set(payload, at + size);
  else copyMasked(payload, 0, length, bytes, at + size, key, 0);
}

/** True for memory of a fixed size that no other thread has. */
function isSteady(buffer: ArrayBufferLike & { readonly resizable?: boolean }): boolean {
  return buffer instanceof ArrayBuffer && buffer.resizable !== true;
}

/** Bytes before a payload of this length. */
export function headerSize(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 0x1_0000 ? 4 : 10) + (masked ? 4 : 0);
}

/** Writes a header of `headerSize` bytes at `at`. */
export function writeHeader(bytes: Uint8Array, at: number, header: FrameHeader, length: number): void {
  const { fin, rsv, opcode, key } = header;
  const maskBit = key === undefined ? 0 : 0x80;
  bytes[at] = (fin ? 0x80 : 0) | rsv | opcode;
  let next = at + 2;
  if (length < 126) {
    bytes[at + 1] = maskBit | length;
  } else if (length < 0x1_0000) {
    bytes[at + 1] = maskBit | 126;
    bytes[next++] = length >>> 8;
    bytes[next++] = length & 0xff;
  } else {
    bytes[at + 1] = maskBit | 127;
    putUint32(bytes, next, Math.floor(length / 0x1_0000_0000));
    putUint32(bytes, next + 4, length >>> 0);
    next += 8;
  }
  if (key !== undefined) putUint32(bytes, next, key);
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Above this many bytes a payload passes through uncopied: at 4 KiB a copy still halves the cost, at 32 KiB it loses (measured). */
const COPY_PAYS = 16_384;
