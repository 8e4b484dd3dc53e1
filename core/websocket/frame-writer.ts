/**
 * Frames to bytes (RFC 6455, section 5.2): always in the shortest form.
 * @module
 */
import type { OutputQueue } from "../bytes/output-queue.ts";
import type { TextCodec } from "../bytes/utf8.ts";
import { copyMasked } from "./mask.ts";

/**
 * Queues one frame. A masked or small payload is copied; a large one that goes out as it is passes through uncopied and
 * must stay unchanged until it has been written. One whose memory is shared or may shrink is copied as well.
 * @param first the header's first byte: FIN, reserved bits and opcode
 * @param key the masking key of a client's frame, its first byte on top; undefined for a server's
 */
export function writeFrame(queue: OutputQueue, first: number, key: number | undefined, payload: Uint8Array): void {
  const { length } = payload;
  const passes = key === undefined && length > COPY_PAYS && isSteady(payload.buffer);
  const size = headerSize(length, key !== undefined);
  const at = queue.extend(passes ? size : size + length);
  const bytes = queue.bytes;
  writeHeader(bytes, at, first, key, length);
  if (passes) queue.pass(payload);
  else if (key === undefined) bytes.set(payload, at + size);
  else copyMasked(payload, 0, length, bytes, at + size, key, 0);
}

/** Queues one frame of some of the `payload`, which is copied: for less than a view of it takes. Returns where it begins in the queue's bytes. */
export function writePart(queue: OutputQueue, first: number, key: number | undefined, payload: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const size = headerSize(length, key !== undefined);
  const at = queue.extend(size + length);
  writeHeader(queue.bytes, at, first, key, length);
  copyMasked(payload, start, end, queue.bytes, at + size, key ?? 0, 0); // masked with 0 it stays as it is
  return at;
}

/** Queues one frame of text, encoded where it goes, which spares an array and a copy: for at most a few thousand characters. Returns where it begins in the queue's bytes. */
export function writeText(queue: OutputQueue, first: number, key: number | undefined, payload: string, codec: TextCodec): number {
  const { length } = payload;
  const size = headerSize(length, key !== undefined);
  const room = size + length * 3 + LONGER; // a UTF-16 unit becomes three bytes at most
  const at = queue.extend(room);
  const bytes = queue.bytes;
  let body = at + size;
  const count = codec.encodeInto(payload, bytes, body);
  if (headerSize(count, key !== undefined) > size) {
    bytes.copyWithin(body + LONGER, body, body + count);
    body += LONGER;
  }
  queue.trim(at + room - body - count);
  writeHeader(bytes, at, first, key, count);
  if (key !== undefined) copyMasked(bytes, body, body + count, bytes, body, key, 0);
  return at;
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
export function writeHeader(bytes: Uint8Array, at: number, first: number, key: number | undefined, length: number): void {
  const maskBit = key === undefined ? 0 : 0x80;
  bytes[at] = first;
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
/** How many bytes longer a header is whose payload turns out to have 126 bytes or more. */
const LONGER = 2;
