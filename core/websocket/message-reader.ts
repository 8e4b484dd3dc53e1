/**
 * Messages from frames (RFC 6455, sections 5.4 and 5.6).
 *
 * 1. A message is one frame, or a first frame without FIN, continuations, and a last one with FIN (5.4).
 * 2. Messages do not interleave; control frames may stand between the fragments of one (5.4).
 * 3. Text is UTF-8, the whole message taken together; it fails at its first impossible byte (5.6, 8.1).
 * 4. Limits are checked from a frame's header, before its payload is kept (10.4).
 * 5. A message whose first frame has a bit of the extension is restored once it is whole, then judged like any other (RFC 7692, 6).
 * @module
 */
import { Gather } from "../bytes/gather.ts";
import { lender } from "../bytes/lender.ts";
import { standardText, type TextCodec, Utf8Validator } from "../bytes/utf8.ts";
import type { ExtensionSession } from "./extension.ts";
import { FAULTS, type Fault } from "./fault.ts";
import type { FrameParser, FrameVisitor } from "./frame-parser.ts";
import type { Limits } from "./limits.ts";
import { workspace } from "./mask.ts";
import { CONTINUATION, isControl, TEXT } from "./opcode.ts";
import { MAX_SHORT, readShortTexts, type TextVisitor } from "./short-texts.ts";

/** Hears messages, in order. */
export interface MessageVisitor extends TextVisitor {
  /** A binary message, in an array of its own. */
  onBinary(data: Uint8Array): void;
}

/** Hears a control frame, its payload in an array of its own. */
export type ControlListener = (opcode: number, payload: Uint8Array) => Fault | undefined;

/** Puts frames together. */
export class MessageReader implements FrameVisitor {
  /** Hears the messages; may be another one between two of them. */
  visitor: MessageVisitor;
  readonly #limits: Limits;
  readonly #onControl: ControlListener;
  readonly #extension: ExtensionSession | undefined;
  readonly #codec: TextCodec;
  readonly #takesShort: boolean;
  readonly #lends: boolean;
  #frame!: FrameParser;
  /** What the message in progress is; CONTINUATION for none. */
  #opcode = CONTINUATION;
  #fragments = 0;
  #progress = 0;
  /** True when the message in progress has to be restored. */
  #encoded = false;
  /** What has come of a message that did not come in one piece. */
  #gather: Gather | undefined = undefined;
  #validator: Utf8Validator | undefined = undefined;
  #control = EMPTY;

  /**
   * Waits for the first frame of a message.
   * @param lends large binary messages are lent, by `lender`
   */
  constructor(limits: Limits, visitor: MessageVisitor, onControl: ControlListener, extension?: ExtensionSession, codec: TextCodec = standardText, lends = false) {
    this.#lends = lends;
    this.#limits = limits;
    this.visitor = visitor;
    this.#onControl = onControl;
    this.#extension = extension;
    this.#codec = codec;
    this.#takesShort = Math.min(limits.maxMessage, limits.maxFrame) >= MAX_SHORT && limits.maxFragments > 0;
  }

  /** True from the first frame of a message to its end. */
  get unfinished(): boolean {
    return this.#opcode !== CONTINUATION;
  }

  /** Rises with each piece of a message that comes. */
  get progress(): number {
    return this.#progress;
  }

  /** Bytes kept of the message in progress. */
  get bytesHeld(): number {
    return this.#gather?.bytes.length ?? 0;
  }

  /** Checks fragmentation (section 5.4) and size, before a byte of the payload is kept. */
  onHeader(frame: FrameParser): Fault | undefined {
    this.#frame = frame;
    if (isControl(frame.opcode)) {
      this.#control = new Uint8Array(frame.length);
      return undefined;
    }
    if (frame.opcode === CONTINUATION) {
      if (this.#opcode === CONTINUATION) return FAULTS.strayContinuation;
    } else {
      if (this.#opcode !== CONTINUATION) return FAULTS.unfinishedMessage;
      this.#opcode = frame.opcode;
      this.#fragments = 0;
      this.#encoded = frame.rsv !== 0;
    }
    if (frame.length > this.#limits.maxFrame || frame.length > Number.MAX_SAFE_INTEGER) return FAULTS.largeFrame; // past it, sums are rounded
    const { maxMessage } = this.#limits;
    const room = this.#encoded ? maxMessage + maxMessage / 16 + 1024 : maxMessage; // what does not compress gets a little longer
    if ((this.#gather?.length ?? 0) + frame.length > room) return FAULTS.largeMessage;
    if (++this.#fragments > this.#limits.maxFragments) return FAULTS.manyFragments;
    return undefined;
  }

  /** Takes short messages in one go, where no message is in progress and no limit is so low that it may forbid them. */
  onShortTexts(frame: FrameParser, bytes: Uint8Array, start: number, end: number): number {
    if (this.#opcode !== CONTINUATION || !this.#takesShort) return start;
    this.#progress++;
    return readShortTexts(frame, bytes, start, end, this.#codec, this.visitor);
  }

  /** Keeps an unmasked copy of the piece, and calls the visitor when a message or control frame is whole. */
  onPayload(bytes: Uint8Array, start: number, end: number, remaining: number): Fault | undefined {
    const frame = this.#frame;
    if (isControl(frame.opcode)) {
      const control = this.#control;
      frame.copyPayload(bytes, start, end, remaining, control, frame.length - remaining - (end - start));
      if (remaining > 0) return undefined;
      this.#control = EMPTY;
      return this.#onControl(frame.opcode, control);
    }
    this.#progress++;
    const ended = frame.fin && remaining === 0;
    if (ended && this.#gather === undefined) return this.#whole(bytes, start, end);
    const fault = this.#keep(bytes, start, end, remaining);
    return fault ?? (ended ? this.#finish() : undefined);
  }

  /** A message that came in one piece is decoded where it stands, or where it is unmasked. */
  #whole(bytes: Uint8Array, start: number, end: number): Fault | undefined {
    const frame = this.#frame;
    const isText = this.#opcode === TEXT;
    this.#opcode = CONTINUATION;
    if (isText && !frame.masked && !this.#encoded) return this.#tellText(this.#codec.decode(bytes, start, end));
    const count = end - start;
    // a binary message stays where it is unmasked to: to cut it out of the workspace takes a tenth more on Bun (64 KiB, in one run)
    const data = isText || this.#encoded ? spaceFor(count) : this.#lends ? lender.lend(count) : new Uint8Array(count);
    const isAscii = frame.copyPayload(bytes, start, end, 0, data, 0) === 0;
    if (this.#encoded) return this.#restore(data.subarray(0, count), isText);
    return this.#tell(data, count, isText, isAscii);
  }

  #keep(bytes: Uint8Array, start: number, end: number, remaining: number): Fault | undefined {
    const frame = this.#frame;
    this.#gather ??= new Gather(this.#opcode === TEXT || this.#encoded || this.#lends ? lender : undefined);
    const gather = this.#gather;
    const expected = frame.fin ? gather.length + (end - start) + remaining : 0;
    const at = gather.extend(end - start, expected);
    const isAscii = frame.copyPayload(bytes, start, end, remaining, gather.bytes, at) === 0;
    if (this.#opcode !== TEXT || this.#encoded) return undefined;
    this.#validator ??= new Utf8Validator();
    return this.#validator.push(gather.bytes, at, gather.length, isAscii) ? undefined : FAULTS.invalidUtf8;
  }

  #finish(): Fault | undefined {
    const data = (this.#gather as Gather).take();
    const validator = this.#validator;
    const isText = this.#opcode === TEXT;
    this.#gather = this.#validator = undefined;
    this.#opcode = CONTINUATION;
    if (this.#encoded) return this.#restore(data, isText);
    if (validator?.complete === false) return FAULTS.invalidUtf8;
    return this.#tell(data, data.length, isText, false);
  }

  #restore(encoded: Uint8Array, isText: boolean): Fault | undefined {
    const data = (this.#extension as ExtensionSession).decode(encoded, this.#limits.maxMessage);
    lender.giveBack(encoded);
    if (!(data instanceof Uint8Array)) return data;
    return this.#tell(data, data.length, isText, false);
  }

  /** A message that is the first `count` bytes of `data`: text is decoded, and needs no memory then; binary is the visitor's. */
  #tell(data: Uint8Array, count: number, isText: boolean, isAscii: boolean): Fault | undefined {
    if (!isText) {
      this.visitor.onBinary(data.length === count ? data : data.subarray(0, count));
      return undefined;
    }
    const text = isAscii ? this.#codec.decodeAscii(data, 0, count) : this.#codec.decode(data, 0, count);
    lender.giveBack(data);
    return this.#tellText(text);
  }

  #tellText(text: string | undefined): Fault | undefined {
    if (text === undefined) return FAULTS.invalidUtf8;
    this.visitor.onText(text);
    return undefined;
  }
}

/** Where to unmask what is read from there at once: the next message overwrites it. */
function spaceFor(count: number): Uint8Array {
  return workspace(count) ?? (count <= scratch.length ? scratch : lender.lend(count));
}

const EMPTY = new Uint8Array(0);
const scratch = new Uint8Array(65_536);
