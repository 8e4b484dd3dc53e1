/**
 * Frames from bytes (RFC 6455, section 5.2). It keeps no payload: only a header that a chunk's end cut is held, 13 bytes at most.
 *
 * 1. Reserved bits are 0 unless an extension claims them (5.2), and then they stand on the first frame of a message (RFC 7692, 6).
 * 2. Opcodes 3 to 7 and B to F are reserved (5.2).
 * 3. A control frame is not fragmented and carries at most 125 bytes (5.5).
 * 4. A client masks every frame, a server none (5.1).
 * 5. A length is in its shortest form, and the top bit of a 64-bit one is 0 (5.2).
 * @module
 */
import { FAULTS, type Fault } from "./fault.ts";
import { copyMasked } from "./mask.ts";
import { BINARY, CONTINUATION, isControl, isKnown, WHOLE_TEXT } from "./opcode.ts";

/** Which end of a connection. */
export type Role = "client" | "server";

/** Hears frames as they are parsed. A fault returned stops the parser for good. */
export interface FrameVisitor {
  /** A frame begins; `fin`, `rsv`, `opcode`, `masked` and `length` are read from the parser. */
  onHeader(frame: FrameParser): Fault | undefined;
  /**
   * The next piece of its payload: `bytes` from `start` to `end`, lent and still masked; `copyPayload` unmasks.
   * Called once with nothing for an empty payload. The frame ends with the piece after which `remaining` is 0.
   */
  onPayload(bytes: Uint8Array, start: number, end: number, remaining: number): Fault | undefined;
  /** Offered input where a frame of text begins: may take whole frames by itself from `start` on, and returns where it got to. */
  onShortTexts?(frame: FrameParser, bytes: Uint8Array, start: number, end: number): number;
}

/** An incremental parser of one direction of a connection. */
export class FrameParser {
  /** The last fragment of its message. */
  fin = false;
  /** The reserved bits as they stand in the first byte: RSV1 is 0x40. */
  rsv = 0;
  /** What the frame is: see opcode.ts. */
  opcode = 0;
  /** True when the payload is masked. */
  masked = false;
  /** Bytes of payload. Past 2^53 it is rounded; no limit is that high. */
  length = 0;
  /** Set once the peer broke a rule; nothing is parsed any more. */
  fault: Fault | undefined = undefined;

  /** True for a server's, which wants masked frames. */
  readonly wantsMask: boolean;
  readonly #visitor: FrameVisitor;
  readonly #rsvMask: number;
  /** As a signed integer: hosts keep those without a box. */
  #key = 0;
  #remaining = 0;
  #stopped = false;
  #held = EMPTY;
  #heldLength = 0;

  /**
   * Waits for the first byte of a header.
   * @param role the end that reads: a server's parser wants masked frames
   * @param visitor hears the frames
   * @param extensionBits the reserved bits that extensions claim
   */
  constructor(role: Role, visitor: FrameVisitor, extensionBits = 0) {
    this.wantsMask = role === "server";
    this.#visitor = visitor;
    this.#rsvMask = 0x70 & ~extensionBits;
  }

  /** The masking key, its first byte on top; of the last masked frame when this one is not. */
  get maskingKey(): number {
    return this.#key >>> 0;
  }

  /** Parses `bytes` from `start` to `end`, calling the visitor. Returns where it ended: before `end` only after `stop` or a fault. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    this.#stopped = false;
    while (at < end && this.fault === undefined && !this.#stopped) {
      if (this.#remaining === 0) {
        if (bytes[at] === WHOLE_TEXT && this.#heldLength === 0 && this.#visitor.onShortTexts !== undefined) {
          const taken = this.#visitor.onShortTexts(this, bytes, at, end);
          if (taken > at) {
            at = taken;
            continue;
          }
        }
        const size = this.#heldLength === 0 ? this.#readHeader(bytes, at, end) : this.#resumeHeader(bytes, at, end);
        if (this.fault !== undefined) return at;
        if (size === 0) return this.#holdHeader(bytes, at, end);
        at += size;
        if (this.#remaining > 0 && (at === end || this.#stopped)) return at;
      }
      const stop = Math.min(end, at + this.#remaining);
      this.#remaining -= stop - at;
      this.fault = this.#visitor.onPayload(bytes, at, stop, this.#remaining);
      at = stop;
    }
    return at;
  }

  /** True while it has nothing of a frame. */
  get between(): boolean {
    return this.#remaining === 0 && this.#heldLength === 0 && this.fault === undefined;
  }

  /** True once `stop` was called. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Ends the running `parse` behind the piece being visited. */
  stop(): void {
    this.#stopped = true;
  }

  /** Copies a piece just visited into `target` at `at`, unmasked. Returns 0 when all of it is ASCII, as far as that was seen: it costs nothing while unmasking. */
  copyPayload(bytes: Uint8Array, start: number, end: number, remaining: number, target: Uint8Array, at: number): number {
    if (this.masked) return copyMasked(bytes, start, end, target, at, this.#key, this.length - remaining - (end - start));
    target.set(bytes.subarray(start, end), at);
    return UNSEEN;
  }

  /** Keeps what there is of a header that the end cut. */
  #holdHeader(bytes: Uint8Array, at: number, end: number): number {
    if (this.#heldLength === 0) this.#held = new Uint8Array(MAX_HEADER);
    const taken = Math.min(end - at, MAX_HEADER - this.#heldLength);
    this.#held.set(bytes.subarray(at, at + taken), this.#heldLength);
    this.#heldLength += taken;
    return at + taken;
  }

  /** Reads a header whose beginning is held; how much of it stands in `bytes`. */
  #resumeHeader(bytes: Uint8Array, at: number, end: number): number {
    const had = this.#heldLength;
    const taken = Math.min(end - at, MAX_HEADER - had);
    this.#held.set(bytes.subarray(at, at + taken), had);
    const size = this.#readHeader(this.#held, 0, had + taken);
    if (size === 0) return 0;
    this.#held = EMPTY;
    this.#heldLength = 0;
    return size - had;
  }

  /** Reads a header and returns its size; 0 when its end is not there yet or it breaks a rule. */
  #readHeader(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at];
    const second = bytes[at + 1];
    this.fin = (first & 0x80) !== 0;
    this.rsv = first & 0x70;
    this.opcode = first & 0x0f;
    this.masked = (second & 0x80) !== 0;
    const short = second & 0x7f;
    this.fault = this.#check(short);
    if (this.fault !== undefined) return 0;

    let size = short < 126 ? 2 : short === 126 ? 4 : 10;
    const whole = this.masked ? size + 4 : size;
    if (end - at < whole) return 0;
    let length = short;
    if (short === 126) {
      length = (bytes[at + 2] << 8) | bytes[at + 3];
      if (length < 126) this.fault = FAULTS.longLengthForm;
    } else if (short === 127) {
      const high = uint32(bytes, at + 2);
      length = high * 0x1_0000_0000 + uint32(bytes, at + 6);
      if (high > 0x7fff_ffff) this.fault = FAULTS.lengthTopBit;
      else if (length < 0x1_0000) this.fault = FAULTS.longLengthForm;
    }
    if (this.fault !== undefined) return 0;
    if (this.masked) {
      this.#key = (bytes[at + size] << 24) | (bytes[at + size + 1] << 16) | (bytes[at + size + 2] << 8) | bytes[at + size + 3];
      size = whole;
    }
    this.length = this.#remaining = length;
    this.fault = this.#visitor.onHeader(this);
    return size;
  }

  /** What the first two bytes tell: the earliest that each of these can be known. */
  #check(short: number): Fault | undefined {
    if (this.rsv === 0 && this.opcode <= BINARY && this.masked === this.wantsMask) return undefined; // most frames
    if (this.rsv !== 0 && ((this.rsv & this.#rsvMask) !== 0 || this.opcode === CONTINUATION || isControl(this.opcode))) return FAULTS.reservedBits;
    if (!isKnown(this.opcode)) return FAULTS.reservedOpcode;
    if (isControl(this.opcode)) {
      if (!this.fin) return FAULTS.fragmentedControl;
      if (short > 125) return FAULTS.longControl;
    }
    if (this.masked !== this.wantsMask) return this.wantsMask ? FAULTS.unmaskedFrame : FAULTS.maskedFrame;
    return undefined;
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Two bytes, a 64-bit length, a masking key. */
const MAX_HEADER = 14;
/** Stands for a byte that is no ASCII. */
const UNSEEN = 0x80;
const EMPTY = new Uint8Array(0);
