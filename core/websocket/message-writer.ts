/**
 * Messages to frames (RFC 6455, sections 5.4 and 6.1): one frame a message, unless the application sends fragments.
 * @module
 */
import { heard, heardBytes } from "../bytes/heard-text.ts";
import { OutputQueue } from "../bytes/output-queue.ts";
import type { RandomPool } from "../bytes/random-pool.ts";
import { encodeUtf8, standardText, type TextCodec } from "../bytes/utf8.ts";
import type { Message } from "../protocol.ts";
import type { ExtensionSession } from "./extension.ts";
import { writeFrame, writePart, writeText } from "./frame-writer.ts";
import { BINARY, CONTINUATION, TEXT, WHOLE_TEXT } from "./opcode.ts";

/** Queues the frames of one side of a connection. */
export class MessageWriter {
  readonly #queue = new OutputQueue();
  readonly #random: RandomPool | undefined;
  readonly #maxQueued: number;
  readonly #extension: ExtensionSession | undefined;
  readonly #codec: TextCodec;
  /** What the fragmented message in progress is; CONTINUATION for none. */
  #opcode = CONTINUATION;
  /** The first half of a character that two text fragments share. */
  #half = "";
  /** True when the message in progress is transformed by the extension. */
  #encoded = false;

  /**
   * Queues nothing yet.
   * @param random where masking keys come from: each frame has its own (section 5.3); undefined for a server, which masks none
   * @param maxQueued bytes the queue may hold before sending throws
   * @param extension transforms messages, but those that ask for it not to
   * @param codec encodes text
   */
  constructor(random: RandomPool | undefined, maxQueued: number, extension?: ExtensionSession, codec: TextCodec = standardText) {
    this.#random = random;
    this.#maxQueued = maxQueued;
    this.#extension = extension;
    this.#codec = codec;
  }

  /** True from the first fragment of a message to its last. */
  get unfinished(): boolean {
    return this.#opcode !== CONTINUATION;
  }

  /** How many bytes are queued. */
  get length(): number {
    return this.#queue.length;
  }

  /**
   * Queues a whole message; it may be compressed unless `compress` is false.
   * @throws {TypeError} for what is neither text nor bytes
   */
  message(message: Message, compress = true): void {
    checkMessage(message);
    if (this.#opcode !== CONTINUATION) throw new Error("Cannot send a message: the last one has no final fragment yet");
    if (typeof message !== "string") this.#data(BINARY, true, message, compress);
    else if (message.length <= SMALL_TEXT && this.#extension === undefined && this.#queue.length + message.length * 3 <= this.#maxQueued) this.#text(message);
    else this.#data(TEXT, true, encodeUtf8(message), compress);
  }

  /**
   * Queues the next fragment of a message; the first says for all of them whether it may be compressed.
   * @throws {TypeError} for what is neither text nor bytes
   */
  fragment(piece: Message, final: boolean, compress = true): void {
    checkMessage(piece);
    const type = typeof piece === "string" ? TEXT : BINARY;
    if (this.#opcode !== CONTINUATION && this.#opcode !== type) {
      throw new TypeError(`Cannot send a ${NAMES[type]} fragment: the message began as ${NAMES[this.#opcode]}`);
    }
    let half = "";
    let payload = piece;
    if (typeof payload === "string") {
      payload = this.#half + payload;
      if (!final && isHighSurrogate(payload.charCodeAt(payload.length - 1))) {
        half = payload.slice(-1);
        payload = payload.slice(0, -1);
      }
      payload = encodeUtf8(payload);
    }
    this.#data(this.#opcode === CONTINUATION ? type : CONTINUATION, final, payload, compress);
    this.#half = half;
    this.#opcode = final ? CONTINUATION : type;
  }

  /** Queues a control frame; no limit refuses one. */
  control(opcode: number, payload: Uint8Array): void {
    this.#frame(opcode, true, payload);
  }

  /** Hands over everything queued. */
  take(): readonly Uint8Array[] {
    return this.#queue.take();
  }

  /** What another connection has just sent is a broadcast: all of them queue the same frame. What was heard last need not be encoded. */
  #text(text: string): void {
    const queue = this.#queue;
    const key = this.#random?.uint32();
    if (key === undefined && !queue.continues && text === last.text) {
      queue.share(last.bytes, last.start, last.end);
      return;
    }
    const before = queue.length;
    const start = text === heard.text ? writePart(queue, WHOLE_TEXT, key, heardBytes, heard.start, heard.end)
      : writeText(queue, WHOLE_TEXT, key, text, this.#codec);
    if (key !== undefined) return;
    last.text = text;
    last.bytes = queue.bytes;
    last.start = start;
    last.end = start + queue.length - before;
  }

  #data(opcode: number, fin: boolean, payload: Uint8Array, compress: boolean): void {
    const queued = this.#queue.length;
    if (!(queued + payload.length <= this.#maxQueued)) { // so that no lie about a length, such as NaN, passes
      throw new RangeError(`Cannot send ${payload.length} bytes: ${queued} are queued already, and maxQueued is ${this.#maxQueued}`);
    }
    const extension = this.#extension;
    if (extension === undefined) this.#frame(opcode, fin, payload);
    else this.#encode(extension, opcode, fin, payload, compress);
  }

  /** The bit stands on the first frame only (RFC 7692, section 6). A first fragment is encoded whatever its length: more will come. */
  #encode(extension: ExtensionSession, opcode: number, fin: boolean, payload: Uint8Array, compress: boolean): void {
    const first = opcode !== CONTINUATION;
    if (first) this.#encoded = compress && (fin ? payload.length : Number.MAX_SAFE_INTEGER) >= extension.threshold;
    const encoded = this.#encoded ? extension.encode(payload, first, fin) : undefined;
    this.#frame(opcode, fin, encoded ?? payload, first && encoded !== undefined ? extension.rsv : 0);
  }

  #frame(opcode: number, fin: boolean, payload: Uint8Array, rsv = 0): void {
    writeFrame(this.#queue, (fin ? FIN : 0) | rsv | opcode, this.#random?.uint32(), payload);
  }
}

/**
 * Refuses what is neither text nor bytes. A number, or an array of other elements, has no length in bytes: queued, it would
 * reserve room that is never written (CVE-2016-10518, CVE-2026-45736).
 * @throws {TypeError}
 */
function checkMessage(message: Message): void {
  if (typeof message === "string" || message instanceof Uint8Array) return;
  throw new TypeError(`Cannot send what is of type ${typeof message}: it must be a string or a Uint8Array`);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The last text that was encoded, and where its frame stands. */
const last = { text: undefined as string | undefined, bytes: new Uint8Array(0) as Uint8Array, start: 0, end: 0 };
/** In UTF-16 units; a longer text is encoded into an array of its own. */
const SMALL_TEXT = 4_096;
const FIN = 0x80;
const NAMES: Readonly<Record<number, string>> = { [TEXT]: "text", [BINARY]: "binary" };
