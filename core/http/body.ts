/**
 * The body of a response that is not a 101 (RFC 9112, section 6), so that a refusal can be shown with what the server said.
 * @module
 */
import { Gather } from "../bytes/gather.ts";
import type { ResponseHead } from "./head.ts";

/** Collects a response's body, up to a limit; what is past the limit is cut off. */
export class BodyReader {
  readonly #limit: number;
  readonly #kept = new Gather();
  readonly #chunked: boolean;
  /** Bytes still to come: of the body, or of the chunk. `Infinity` when only the end of the stream tells. */
  #remaining: number;
  #done: boolean;
  /** The line being read between chunks. */
  #line = "";
  #state = SIZE;

  /** Learns from the head where the body ends; keeps `limit` bytes of it. */
  constructor(head: ResponseHead, limit: number) {
    this.#limit = limit;
    const bodiless = head.status === 204 || head.status === 304; // whatever its fields say (RFC 9112, section 6.3)
    this.#chunked = !bodiless && head.fields.get("Transfer-Encoding")?.toLowerCase() === "chunked";
    this.#remaining = bodiless || this.#chunked ? 0 : contentLength(head);
    this.#done = !this.#chunked && this.#remaining === 0;
  }

  /** True once the body is whole, or past the limit, or malformed: nothing more is wanted. */
  get done(): boolean {
    return this.#done || this.#kept.length >= this.#limit;
  }

  /** Consumes the next bytes. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.done;) {
      if (this.#chunked && this.#state !== DATA) {
        this.#lineByte(bytes[at++]);
        continue;
      }
      const count = Math.min(bytes.length - at, this.#remaining);
      this.#keep(bytes.subarray(at, at + count));
      at += count;
      this.#remaining -= count;
      if (this.#remaining > 0) continue;
      if (this.#chunked) this.#state = SIZE;
      else this.#done = true;
    }
  }

  /** What was collected. */
  take(): Uint8Array {
    return this.#kept.take();
  }

  #keep(bytes: Uint8Array): void {
    const count = Math.min(bytes.length, this.#limit - this.#kept.length);
    const at = this.#kept.extend(count, 0);
    this.#kept.bytes.set(bytes.subarray(0, count), at);
  }

  /** Reads a chunk's size line, the empty line behind a chunk, or a trailer (RFC 9112, section 7.1). */
  #lineByte(byte: number): void {
    if (byte !== LF) {
      this.#line += String.fromCharCode(byte);
      if (this.#line.length > MAX_LINE) this.#done = true;
      return;
    }
    const line = this.#line.trim();
    this.#line = "";
    if (this.#state === TRAILER) {
      this.#done = line === "";
    } else if (line !== "") {
      const size = /^[0-9a-fA-F]{1,8}(?=$|[ \t;])/.exec(line);
      if (size === null) {
        this.#done = true;
        return;
      }
      this.#remaining = Number.parseInt(size[0], 16);
      this.#state = this.#remaining === 0 ? TRAILER : DATA;
    }
  }
}

function contentLength(head: ResponseHead): number {
  const value = head.fields.all("Content-Length").join();
  return /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.POSITIVE_INFINITY;
}

/** Where in a chunked body it stands: at a chunk's size, in its data, or behind the last one. */
const SIZE = 0;
const DATA = 1;
const TRAILER = 2;
const LF = 0x0a;
const MAX_LINE = 1024;
