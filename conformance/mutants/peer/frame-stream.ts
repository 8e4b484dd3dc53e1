/**
 * Reads frames from a stream of bytes, as a peer does that decides as it reads: at each header, and at each piece of a payload
 * (RFC 6455, section 5.2). It judges nothing itself.
 * @module
 */
import { concat } from "../../frames.ts";

/** What stands before a payload. */
export interface Header {
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** Four bytes where it is masked, else none. */
  readonly key: Uint8Array;
  /** As it is declared. */
  readonly length: bigint;
  /** The size of the field that declares it. */
  readonly lengthBits: 7 | 16 | 64;
}

/** Who decides. Each says whether reading goes on. */
export interface HearFrames {
  onHeader(header: Header): boolean;
  /** Some more of a payload, unmasked. */
  onPiece(header: Header, piece: Uint8Array): boolean;
  onFrame(header: Header, payload: Uint8Array): boolean;
}

/** How bytes are read where a rule can be broken. */
export interface ReadRules {
  /** How long a frame's payload is; what is declared. */
  readLength(header: Header): bigint;
  /** 5.3: what a byte of the payload is unmasked with: its place in the payload decides, not its place in what was read at once. */
  keyByte(header: Header, inPayload: number, inPiece: number): number;
  /** A header that is not whole at the end of a read is kept for the next. */
  readonly keepsHeaders: boolean;
  /** A frame whose payload is not whole at the end of a read goes on in the next. */
  readonly keepsFrames: boolean;
  /** What is behind a frame is looked at: behind so many of them in one read, of which the first may have begun in one before. */
  mayReadOn(frames: number, hasBegunBefore: boolean): boolean;
}

/** One end's input. */
export class FrameStream {
  readonly #hear: HearFrames;
  readonly #rules: ReadRules;
  /** Bytes of a header that is not whole yet. */
  #start: number[] = [];
  #header: Header | undefined = undefined;
  #pieces: Uint8Array[] = [];
  #missing = 0n;
  #at = 0;
  #count = 0;
  #stopped = false;

  constructor(hear: HearFrames, rules: ReadRules) {
    this.#hear = hear;
    this.#rules = rules;
  }

  /** Consumes bytes; those that come behind the end of reading are dropped. */
  push(bytes: Uint8Array): void {
    let at = 0;
    const before = this.#count;
    const hasBegunBefore = this.#header !== undefined || this.#start.length > 0;
    while (at < bytes.length && !this.#stopped) {
      if (this.#count > before && this.isBetween && !this.#rules.mayReadOn(this.#count - before, hasBegunBefore)) break;
      if (this.#header === undefined) {
        this.#start.push(bytes[at++]);
        const header = readHeader(this.#start);
        if (header !== undefined) this.#begin(header);
        continue;
      }
      const count = Math.min(bytes.length - at, Number(this.#missing));
      this.#take(this.#header, bytes.subarray(at, at + count));
      at += count;
    }
    if (this.#header === undefined && !this.#rules.keepsHeaders) this.#start = [];
    if (!this.#rules.keepsFrames) this.#header = undefined;
  }

  /** The frame that is coming; undefined between two, and as long as its header is not whole. */
  get current(): Header | undefined {
    return this.#header;
  }

  /** True between two frames. */
  get isBetween(): boolean {
    return this.#header === undefined && this.#start.length === 0;
  }

  /** Takes what came of a frame for all of it. */
  flush(): void {
    if (this.#header !== undefined) this.#finish(this.#header);
  }

  #begin(header: Header): void {
    this.#start = [];
    this.#pieces = [];
    this.#at = 0;
    this.#missing = this.#rules.readLength(header);
    this.#header = header;
    if (!this.#hear.onHeader(header)) this.#stopped = true;
    else if (this.#missing === 0n) this.#finish(header);
  }

  #take(header: Header, bytes: Uint8Array): void {
    const piece = header.masked ? this.#unmask(bytes, header) : bytes.slice();
    this.#pieces.push(piece);
    this.#at += piece.length;
    this.#missing -= BigInt(piece.length);
    if (!this.#hear.onPiece(header, piece)) this.#stopped = true;
    else if (this.#missing === 0n) this.#finish(header);
  }

  #unmask(bytes: Uint8Array, header: Header): Uint8Array {
    const piece = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at++) piece[at] = bytes[at] ^ this.#rules.keyByte(header, this.#at + at, at);
    return piece;
  }

  #finish(header: Header): void {
    const payload = this.#pieces.length === 1 ? this.#pieces[0] : concat(this.#pieces);
    this.#header = undefined;
    this.#count++;
    if (!this.#hear.onFrame(header, payload)) this.#stopped = true;
  }
}

function readHeader(bytes: readonly number[]): Header | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] % 128;
  const lengthBits = short === 126 ? 16 : short === 127 ? 64 : 7;
  const start = lengthBits === 7 ? 2 : 2 + lengthBits / 8;
  const masked = bytes[1] >= 128;
  if (bytes.length < start + (masked ? 4 : 0)) return undefined;
  return {
    fin: bytes[0] >= 128,
    rsv: (bytes[0] >> 4) % 8,
    opcode: bytes[0] % 16,
    masked,
    key: Uint8Array.from(bytes.slice(start)),
    length: lengthBits === 7 ? BigInt(short) : bytes.slice(2, start).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n),
    lengthBits,
  };
}
