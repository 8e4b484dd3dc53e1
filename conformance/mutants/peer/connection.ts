/**
 * An open connection of the echo peer: what its rules make of the bytes that come (RFC 6455, sections 5 to 8).
 * @module
 */
import { decode, encodeFrame, type Frame } from "../../frames.ts";
import type { Codec } from "../../wire/codec.ts";
import type { Ending } from "./closing-rules.ts";
import type { Fault, Place, Role } from "./connection-rules.ts";
import { FrameStream, type Header } from "./frame-stream.ts";
import type { Rules } from "./rules.ts";
import { UTF8_START } from "./utf8.ts";

/** Bytes in, bytes out, and the one time it waits for. */
export class Connection {
  /** True once nothing more is sent. */
  ended = false;
  readonly #role: Role;
  readonly #rules: Rules;
  readonly #codec: Codec | undefined;
  readonly #stream: FrameStream;
  #output: Uint8Array[] = [];
  #sent = 0;
  #now = 0;
  /** Of the message that is coming. */
  #fragments: Uint8Array[] = [];
  #length = 0;
  #opcode = 0;
  #isCompressed = false;
  #isInMessage = false;
  #utf8: number | undefined = UTF8_START;
  #closeSent = false;
  #closeReceived = false;
  #failed = false;
  /** The frame that is coming broke a rule: the rest of it is nothing. */
  #isIgnored = false;
  /** What is done later, where an answer takes a while, and when. */
  #later: (() => void) | undefined = undefined;
  #laterAt = Number.POSITIVE_INFINITY;
  /** When the other side has had its time to answer a close frame, or to end TCP. */
  #closeDeadline = Number.POSITIVE_INFINITY;
  /** When the first of what waits to be taken was written. */
  #writtenAt = 0;

  constructor(role: Role, rules: Rules, codec: Codec | undefined) {
    this.#role = role;
    this.#rules = rules;
    this.#codec = codec;
    this.#stream = new FrameStream({
      onHeader: (header) => this.#onHeader(header),
      onPiece: (header, piece) => this.#onPiece(header, piece),
      onFrame: (header, payload) => this.#onFrame(header, payload),
    }, rules);
  }

  /** When `expire` is due, in milliseconds. */
  get deadline(): number {
    return Math.min(this.#closeDeadline, this.#laterAt, this.#output.length === 0 ? Number.POSITIVE_INFINITY : this.#writtenAt + this.#rules.writePatience);
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#now = now;
    if (!this.ended) this.#stream.push(bytes);
    if (!this.#rules.waitsForPayload && (this.#stream.current?.opcode ?? 0) >= 8) this.#stream.flush();
  }

  receiveEnd(): void {
    if (this.#rules.takesHalves) this.#stream.flush();
    if (this.#rules.takesHalves && this.#isInMessage) this.#onMessage();
    if (!this.ended) for (const frame of this.#rules.answerEnd(this.#ending)) this.#write(frame);
    if (this.#rules.endsTcp(this.#role, true, this.#closeReceived ? "close" : this.#failed ? "fault" : "nothing")) this.#end();
  }

  expire(): void {
    if (this.#later !== undefined) return this.#answerLate(this.#later);
    if (this.#closeDeadline === Number.POSITIVE_INFINITY) this.#output = [];
    this.#end();
  }

  takeOutput(): Uint8Array[] {
    return this.#output.splice(0);
  }

  #answerLate(answer: () => void): void {
    this.#later = undefined;
    this.#laterAt = Number.POSITIVE_INFINITY;
    answer();
  }

  get #ending(): Ending {
    return { role: this.#role, sent: this.#closeSent, received: this.#closeReceived, failed: this.#failed, isInFrame: !this.#stream.isBetween };
  }

  #onHeader(header: Header): boolean {
    this.#isIgnored = false;
    return !this.#rules.judgesAtHeader || this.#judge(header);
  }

  #judge(header: Header): boolean {
    const rules = this.#rules;
    const place: Place = { role: this.#role, isInMessage: this.#isInMessage, isCompressing: this.#codec !== undefined };
    if (rules.isSkipped(header, place)) return true;
    if (!rules.areBitsRight(header, place)) return this.#fail("bits");
    if (!rules.isOpcodeKnown(header.opcode)) return this.#fail("opcode");
    if (!rules.isMaskingRight(header, place)) return this.#fail("masking");
    if (!rules.isLengthRight(header)) return this.#fail("length");
    if (header.opcode >= 8) return rules.isControlRight(header) || this.#fail("control");
    if (!rules.isInTurn(header, place)) return this.#fail("turn");
    if (!this.#isInMessage || header.opcode !== 0) this.#begin(header);
    this.#length += Number(header.length);
    return this.#length <= rules.maxMessage || this.#fail("size");
  }

  #begin({ opcode, rsv }: Header): void {
    this.#isInMessage = true;
    this.#opcode = opcode === 0 ? 1 : opcode;
    this.#isCompressed = rsv >= 4 && this.#codec !== undefined;
    this.#fragments = [];
    this.#length = 0;
    this.#utf8 = UTF8_START;
  }

  #onPiece(header: Header, piece: Uint8Array): boolean {
    return this.#isIgnored || !this.#rules.judgesAtHeader || this.#readPiece(header, piece);
  }

  #readPiece({ opcode }: Header, piece: Uint8Array): boolean {
    if (opcode >= 3 || this.#opcode !== 1 || this.#isCompressed) return true;
    this.#readText(piece);
    this.#cutText("read");
    return this.#utf8 !== undefined || !this.#rules.checksEarly || this.#fail("text");
  }

  #readText(bytes: Uint8Array): void {
    for (const byte of bytes) if (this.#utf8 !== undefined) this.#utf8 = this.#rules.nextUtf8(this.#utf8, byte);
  }

  #cutText(at: "fragment" | "read"): void {
    if (this.#utf8 !== undefined) this.#utf8 = this.#rules.stateAtCut(this.#utf8, at);
  }

  #onFrame(header: Header, payload: Uint8Array): boolean {
    if (this.#isIgnored) return true;
    if (!this.#rules.judgesAtHeader && !(this.#judge(header) && this.#readPiece(header, payload))) return false;
    const place: Place = { role: this.#role, isInMessage: this.#isInMessage, isCompressing: this.#codec !== undefined };
    if (this.#rules.isSkipped(header, place)) return true;
    if (header.opcode === 8) return this.#onClose(payload);
    if (header.opcode === 9) return this.#send(this.#rules.answerPing(payload));
    if (header.opcode === 10) return this.#send(this.#rules.answerPong(payload));
    this.#fragments.push(payload);
    if (header.fin) return this.#onMessage();
    this.#cutText("fragment");
    const isCut = this.#opcode === 1 && this.#utf8 !== undefined && !this.#rules.mayFragmentEnd(this.#utf8);
    return isCut ? this.#fail("text") : true;
  }

  #onMessage(): boolean {
    const rules = this.#rules;
    const joined = rules.join(this.#fragments);
    const payload = this.#isCompressed && this.#codec !== undefined ? rules.decompress(joined, this.#codec, rules.maxMessage) : joined;
    this.#isInMessage = false;
    if (typeof payload === "string") return this.#fail(payload);
    if (this.#opcode === 1) {
      if (this.#isCompressed) this.#readText(payload);
      if (this.#utf8 === undefined || !rules.mayTextEnd(this.#utf8)) return this.#fail("text");
    }
    const deed = this.#opcode === 1 ? rules.obey(decode(payload) ?? "", rules.isCloseCode) : undefined;
    if (deed === "drop") return this.#end();
    return this.#send(deed ?? rules.echo({ opcode: this.#opcode, payload, fragments: this.#fragments.length }));
  }

  #onClose(payload: Uint8Array): boolean {
    const rules = this.#rules;
    if (rules.takesHalves && this.#isInMessage) this.#onMessage();
    const code = payload.length < 2 ? undefined : payload[0] * 256 + payload[1];
    if (!rules.isCloseWhole(payload) || code !== undefined && !rules.isCloseCode(code)) return this.#fail("close");
    if (!rules.isReason(payload.subarray(2))) return this.#fail("text");
    const answer = (): void => {
      if (!rules.keepsUnsent) this.#output = [];
      if (rules.maySendClose("answer", this.#ending)) for (const each of rules.answerClose(code, payload.subarray(2))) this.#write(each);
      this.#closeReceived = true;
      if (this.#closeSent) this.#finish("close");
    };
    if (rules.answersAfter === 0) answer();
    else [this.#later, this.#laterAt] = [answer, this.#now + rules.answersAfter];
    return rules.readsBehind("close");
  }

  /** Sends frames, data ones compressed where that was agreed. Says whether reading goes on. */
  #send(frames: readonly Frame[]): boolean {
    for (const each of frames) {
      if (this.ended || this.#closeSent && !this.#rules.maySendBehindClose(each)) continue;
      if (each.opcode === 8 && !this.#rules.keepsUnsent) this.#output = [];
      const isMessage = (each.opcode === 1 || each.opcode === 2) && each.fin && each.rsv === 0;
      const pieces = isMessage && this.#codec !== undefined ? this.#rules.compressedFrames(each.opcode, this.#codec.compress(each.payload)) : [each];
      for (const piece of pieces) this.#write(piece);
      if (each.opcode === 8 && !this.#rules.waitsForAnswer) this.#end();
    }
    return !this.ended;
  }

  #write(piece: Frame): void {
    const key = this.#rules.maskingKey(this.#role, this.#sent);
    if (this.#output.length === 0) this.#writtenAt = this.#now;
    this.#output.push(encodeFrame(this.#rules.shape(piece, this.#role, this.#sent++), key));
    if (piece.opcode !== 8) return;
    this.#closeSent = true;
    this.#closeDeadline = this.#now + this.#rules.closePatience;
  }

  /** Fails the connection (section 7.1.7). Nothing is read any more. */
  #fail(fault: Fault): boolean {
    if (!this.#rules.answersBeforeFault) this.#output = [];
    const code = this.#rules.codeFor(fault);
    if (code !== undefined && this.#rules.maySendClose("fault", this.#ending)) this.#write({ opcode: 8, payload: Uint8Array.of(code >> 8, code & 255), fin: true, rsv: 0 });
    this.#failed = true;
    this.#isIgnored = this.#rules.readsBehind("fault");
    this.#finish("fault");
    return this.#isIgnored;
  }

  /** Both have said what they had to say. */
  #finish(behind: "close" | "fault"): void {
    this.#closeDeadline = this.#now + this.#rules.closePatience;
    if (this.#rules.endsTcp(this.#role, false, behind)) this.#end();
  }

  #end(): false {
    this.ended = true;
    this.#closeDeadline = Number.POSITIVE_INFINITY;
    return false;
  }
}
