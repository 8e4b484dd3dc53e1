/**
 * What a right peer does on an open connection, each rule on its own (RFC 6455, sections 5 to 8): a mutant replaces one.
 * @module
 */
import { close, concat, type Frame, frame, pong } from "../../frames.ts";
import type { Header, ReadRules } from "./frame-stream.ts";
import { nextUtf8, UTF8_START } from "./utf8.ts";

/** Which end it is. */
export type Role = "server" | "client";

/** Where in a connection a frame stands. */
export interface Place {
  readonly role: Role;
  /** A message was begun, and its last fragment has not come. */
  readonly isInMessage: boolean;
  /** permessage-deflate was agreed on. */
  readonly isCompressing: boolean;
}

/** A message that came whole. */
export interface Message {
  /** 1 for text, 2 for binary. */
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** How many frames it came in. */
  readonly fragments: number;
}

/** What can be wrong with what comes. */
export type Fault = "bits" | "opcode" | "masking" | "length" | "control" | "turn" | "text" | "size" | "close" | "data";

/** The rules of an open connection. */
export interface ConnectionRules extends ReadRules {
  /** 5.2: no reserved bit, but for RSV1 on a data message's first frame where compression was agreed on (RFC 7692, section 6). */
  areBitsRight(header: Header, place: Place): boolean;
  /** 5.2: the opcode has a meaning. */
  isOpcodeKnown(opcode: number): boolean;
  /** Frames that are skipped without a word; none are. */
  isSkipped(header: Header, place: Place): boolean;
  /** 5.1: a client's frames are masked, a server's are not. */
  isMaskingRight(header: Header, place: Place): boolean;
  /** 5.2: a length stands in the fewest bits, and its highest bit is 0. */
  isLengthRight(header: Header): boolean;
  /** 5.5: a control frame is whole, and has at most 125 bytes. */
  isControlRight(header: Header): boolean;
  /** 5.4: a continuation continues something, and nothing else begins in between. */
  isInTurn(header: Header, place: Place): boolean;
  /** A frame is judged by its header at once, and not when its payload is there. */
  readonly judgesAtHeader: boolean;
  /** 5.4: a message whose end is missing when the connection ends is none. */
  readonly takesHalves: boolean;
  /** 10.4: the longest message, in bytes. */
  readonly maxMessage: number;
  /** 5.4: what the fragments of a message make together. */
  join(fragments: readonly Uint8Array[]): Uint8Array;
  /** 8.1: the state behind one more byte of text, undefined when it cannot stand there. */
  nextUtf8(state: number, byte: number): number | undefined;
  /** 5.6: the state of text that goes on in another fragment, or another read; undefined where it may not. */
  stateAtCut(state: number, at: "fragment" | "read"): number | undefined;
  /** 8.1: text may end in this state. */
  mayTextEnd(state: number): boolean;
  /** 5.6: a fragment of text that is not the last may end in this state: in any. */
  mayFragmentEnd(state: number): boolean;
  /** Text is checked as it comes, and not at the end of its message alone. */
  readonly checksEarly: boolean;
  /** 5.5.2: what is sent for a ping. */
  answerPing(payload: Uint8Array): readonly Frame[];
  /** 5.5.3: what is sent for a pong. */
  answerPong(payload: Uint8Array): readonly Frame[];
  /** What is sent for a message: itself. */
  echo(message: Message): readonly Frame[];
  /** 5.1, 5.2: the last touch to each frame before it leaves; `number` counts the frames. */
  shape(frame: Frame, role: Role, number: number): Frame;
  /** 5.3: the masking key of a frame; undefined for none. */
  maskingKey(role: Role, number: number): number | undefined;
  /** 7.4.1: the code that says what was wrong; undefined says nothing, and drops TCP. */
  codeFor(fault: Fault): number | undefined;
  /** 7.1.7: what was to be sent for what came before the fault still is. */
  readonly answersBeforeFault: boolean;
  /** 5.5.1: a close frame's payload is empty, or has a code. */
  isCloseWhole(payload: Uint8Array): boolean;
  /** 7.4: the code may be on the wire. */
  isCloseCode(code: number): boolean;
  /** 5.5.1: the reason is UTF-8. */
  isReason(reason: Uint8Array): boolean;
  /** 5.5.1: what a close frame is answered with. */
  answerClose(code: number | undefined, reason: Uint8Array): readonly Frame[];
  /** 10.4: how long what is written may wait to be taken, in milliseconds; then all is dropped. */
  readonly writePatience: number;
  /** The answers of one read are held back until something else comes; they are not. */
  readonly holdsBack: boolean;
}

/** As they should be. */
export const CONNECTION_RULES: ConnectionRules = {
  readLength: ({ length }) => length,
  keyByte: ({ key }, inPayload) => key[inPayload % 4],
  keepsHeaders: true,
  keepsFrames: true,
  mayReadOn: () => true,
  judgesAtHeader: true,
  areBitsRight: ({ rsv, opcode }, { isCompressing }) => rsv === 0 || rsv === 4 && isCompressing && (opcode === 1 || opcode === 2),
  isOpcodeKnown: (opcode) => [0, 1, 2, 8, 9, 10].includes(opcode),
  isSkipped: () => false,
  isMaskingRight: ({ masked }, { role }) => masked === (role === "server"),
  isLengthRight: ({ length, lengthBits }) => lengthBits === 7 || (lengthBits === 16 ? length > 125n : length > 0xffffn && length < 2n ** 63n),
  isControlRight: ({ fin, length }) => fin && length <= 125n,
  isInTurn: ({ opcode }, { isInMessage }) => (opcode === 0) === isInMessage,
  takesHalves: false,
  maxMessage: 64 * 1024 * 1024,
  join: (fragments) => fragments.length === 1 ? fragments[0] : concat(fragments),
  nextUtf8,
  stateAtCut: (state) => state,
  mayTextEnd: (state) => state === UTF8_START,
  mayFragmentEnd: () => true,
  checksEarly: true,
  answerPing: (payload) => [pong(payload)],
  answerPong: () => [],
  echo: ({ opcode, payload }) => [frame(opcode, payload)],
  shape: (each) => each,
  maskingKey: (role) => role === "client" ? crypto.getRandomValues(new Uint32Array(1))[0] : undefined,
  codeFor: (fault) => ({ text: 1007, data: 1007, size: 1009 } as Partial<Record<Fault, number>>)[fault] ?? 1002,
  answersBeforeFault: true,
  isCloseWhole: (payload) => payload.length !== 1,
  isCloseCode: (code) => code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code) || code >= 3000 && code <= 4999,
  isReason: (reason) => isUtf8(reason),
  answerClose: (code) => [close(code)],
  writePatience: Number.POSITIVE_INFINITY,
  holdsBack: false,
};

function isUtf8(bytes: Uint8Array): boolean {
  let state: number | undefined = UTF8_START;
  for (const byte of bytes) if ((state = nextUtf8(state, byte)) === undefined) return false;
  return state === UTF8_START;
}
