/**
 * Who reads what comes back: byte for byte while a run is checked, and else only as far as it takes to count messages.
 * @module
 */
import { constants, inflateRawSync } from "node:zlib";
import { historyOf } from "./series.ts";

/** Takes what was read from a connection; how many messages ended in it. */
export interface ReplyReader {
  read(bytes: Uint8Array): number;
}

/** Messages that all are of one length. */
export class LengthCounter implements ReplyReader {
  readonly #length: number;
  #held = 0;

  constructor(length: number) {
    this.#length = length;
  }

  read({ length }: Uint8Array): number {
    this.#held += length;
    if (this.#held < this.#length) return 0;
    const count = Math.floor(this.#held / this.#length);
    this.#held -= count * this.#length;
    return count;
  }
}

/** Messages of one frame each, told by their headers. */
export class HeaderCounter implements ReplyReader {
  readonly #header = new Uint8Array(10);
  #have = 0;
  #left = 0;

  read(bytes: Uint8Array): number {
    let count = 0;
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, bytes.length - at);
        at += step;
        this.#left -= step;
        if (this.#left > 0) continue;
      } else {
        this.#header[this.#have++] = bytes[at++];
        if (this.#have < headerLength(this.#header, this.#have)) continue;
        this.#left = payloadLength(this.#header);
        if (this.#left > 0) continue;
      }
      this.#have = 0;
      count++;
    }
    return count;
  }
}

/** Bytes of a frame's header without its masking key, as far as it is known. */
function headerLength(header: Uint8Array, have: number): number {
  const length = have < 2 ? 0 : header[1] & 127;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

/** Bytes of the frame that starts here, as far as it is known. */
function messageLength(held: Uint8Array): number {
  const header = headerLength(held, held.length);
  return held.length < header ? header : header + ((held[1] & 128) === 0 ? 0 : 4) + payloadLength(held);
}

function payloadLength(header: Uint8Array): number {
  const length = header[1] & 127;
  const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
  if (extended === 0) return length;
  let value = 0;
  for (let at = 2; at < 2 + extended; at++) value = value * 256 + header[at];
  return value;
}

/** Every message, compared with what it ought to be. Throws at the first that differs. */
export class ReplyChecker implements ReplyReader {
  readonly #payloads: readonly Uint8Array[];
  readonly #opcode: number;
  readonly #first: number;
  #number: number;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #wanted = 2;

  /** @param number of the message that is expected first; and that of the first on this connection */
  constructor(payloads: readonly Uint8Array[], binary: boolean, number: number, first = 0) {
    this.#payloads = payloads;
    this.#opcode = binary ? 2 : 1;
    this.#number = number;
    this.#first = first;
  }

  read(bytes: Uint8Array): number {
    this.#chunks.push(bytes.slice()); // the runtime may use it again
    this.#length += bytes.length;
    if (this.#length < this.#wanted) return 0;
    let held: Uint8Array = Buffer.concat(this.#chunks);
    let count = 0;
    while (held.length >= (this.#wanted = messageLength(held))) {
      const start = this.#wanted - payloadLength(held);
      this.#check(held[0], unmasked(held.subarray(start, this.#wanted), held.subarray((held[1] & 128) === 0 ? start : start - 4, start)));
      held = held.subarray(this.#wanted);
      count++;
    }
    this.#chunks = [held];
    this.#length = held.length;
    return count;
  }

  #check(first: number, payload: Uint8Array): void {
    if ((first & 0xbf) !== (0x80 | this.#opcode)) throw new Error(`Reply ${this.#number} is a frame that starts with 0x${first.toString(16)}`);
    const number = this.#number++;
    const said = (first & 0x40) === 0 ? payload : inflate(payload, historyOf(this.#payloads, number, this.#first));
    if (Buffer.compare(said, this.#payloads[number % this.#payloads.length]) !== 0) throw new Error(`Reply ${number} is not what was sent`);
  }
}

function unmasked(payload: Uint8Array, key: Uint8Array): Uint8Array {
  if (key.length === 0) return payload;
  const plain = payload.slice();
  for (let at = 0; at < plain.length; at++) plain[at] ^= key[at & 3];
  return plain;
}

function inflate(payload: Uint8Array, dictionary: Uint8Array): Uint8Array {
  const referring = dictionary.length === 0 ? {} : { dictionary };
  return inflateRawSync(Buffer.concat([payload, TAIL]), { ...referring, finishFlush: constants.Z_SYNC_FLUSH });
}

/** The empty block that RFC 7692 leaves out. */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
