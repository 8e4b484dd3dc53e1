/**
 * HTTP/1.1 heads: the start line and fields of a request or response (RFC 9112, sections 2 to 5), parsed strictly: what two
 * parsers could read in two ways is refused, so that no proxy in front of us sees another request than we do.
 *
 * 1. Lines end with CR LF; a lone CR or LF, or any other control byte but a tab, is refused as soon as it comes.
 * 2. No white space before a colon, no folded lines, no empty names (RFC 9112, section 5).
 * 3. A request is `METHOD SP target SP HTTP/1.1`, with one blank each (RFC 9112, section 3).
 * 4. Size, line length and number of fields have limits; a head is read once, however it is cut.
 * @module
 */
import { Gather } from "../bytes/gather.ts";
import { OutputQueue } from "../bytes/output-queue.ts";
import { standardText, type TextCodec } from "../bytes/utf8.ts";
import { Fields, isFieldValue, isToken, trimBlanks } from "./field.ts";

/** The head of a request. */
export interface RequestHead {
  /** As it came, such as "GET". */
  readonly method: string;
  /** The request target as it came: nothing is decoded or normalised. */
  readonly target: string;
  /** The fields. */
  readonly fields: Fields;
}

/** The head of a response. */
export interface ResponseHead {
  /** The three digits. */
  readonly status: number;
  /** The reason phrase, '' for none. */
  readonly reason: string;
  /** The fields. */
  readonly fields: Fields;
}

/** Why a head is refused, and the status that says so. */
export interface HeadFault {
  /** 400, 414, 431 or 505. */
  readonly status: number;
  /** One sentence for people. */
  readonly message: string;
}

/** How large a head may be. */
export interface HeadLimits {
  /** Bytes of the whole head. */
  readonly maxHead: number;
  /** Bytes of one line. */
  readonly maxLine: number;
  /** Number of fields. */
  readonly maxFields: number;
}

/** The limits that hold when nothing else is said. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = Object.freeze({ maxHead: 16_384, maxLine: 8_192, maxFields: 100 });

/** Collects a head from bytes, up to and with its empty line. */
export class HeadParser {
  /** Set once the bytes cannot be a head, or it is too large. */
  fault: HeadFault | undefined = undefined;
  /** The lines with CR LF between them, one character for each byte, once the empty line has come. */
  text: string | undefined = undefined;

  readonly #limits: HeadLimits;
  readonly #codec: TextCodec;
  /** Kept as bytes until it is whole: a string that grows by characters costs 32 bytes for each (measured). */
  #head: Gather | undefined = undefined;
  #size = 0;
  #lineCount = 0;
  #lineLength = 0;
  #afterReturn = false;
  #whole = false;
  /** All bits that are set in any byte. */
  #bits = 0;

  /**
   * Waits for the first line; `limits` are checked byte by byte.
   * @param codec the host's way from bytes to text
   */
  constructor(limits: HeadLimits, codec: TextCodec = standardText) {
    this.#limits = limits;
    this.#codec = codec;
  }

  /** True once anything has come. */
  get started(): boolean {
    return this.#size > 0;
  }

  /** Consumes bytes until the head is whole. Returns how many; the rest is not the head's. */
  push(bytes: Uint8Array): number {
    if (this.#whole || this.fault !== undefined) return 0;
    const count = this.#check(bytes);
    if (this.#whole && this.#head === undefined) { // it came in one piece, as nearly all do
      this.#read(bytes);
      return count;
    }
    const head = this.#head ??= new Gather();
    const at = head.extend(count, 0);
    head.bytes.set(bytes.subarray(0, count), at);
    if (this.#whole) this.#read(head.bytes);
    return count;
  }

  #read(bytes: Uint8Array): void {
    const end = this.#size - 4;
    this.text = this.#bits < 0x80 ? this.#codec.decodeAscii(bytes, 0, end) : toLatin1(bytes, end);
    this.#head = undefined;
  }

  /** Looks at each byte once, up to the end or the first fault, and returns how many it looked at. */
  #check(bytes: Uint8Array): number {
    const { maxHead, maxLine, maxFields } = this.#limits;
    const start = this.#size;
    let afterReturn = this.#afterReturn;
    let lineLength = this.#lineLength;
    let bits = this.#bits;
    let at = 0;
    while (at < bytes.length && !this.#whole && this.fault === undefined) {
      const byte = bytes[at++];
      bits |= byte;
      if (start + at > maxHead) {
        this.fault = TOO_LARGE;
      } else if (afterReturn !== (byte === LF)) {
        this.fault = BARE_LINE_END;
      } else if (byte === LF) {
        afterReturn = false;
        if (lineLength === 0 && this.#lineCount > 0) this.#whole = true;
        else if (this.#lineCount > maxFields) this.fault = TOO_MANY;
        this.#lineCount++;
        lineLength = 0;
      } else if (byte === CR) {
        afterReturn = true;
      } else if ((byte < 0x20 && byte !== TAB) || byte === DEL) {
        this.fault = CONTROL_BYTE;
      } else if (++lineLength > maxLine) {
        this.fault = this.#lineCount === 0 ? LONG_START_LINE : LONG_LINE;
      }
    }
    this.#size = start + at;
    this.#afterReturn = afterReturn;
    this.#lineLength = lineLength;
    this.#bits = bits;
    return at;
  }
}

function toLatin1(bytes: Uint8Array, end: number): string {
  let text = "";
  for (let at = 0; at < end; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, Math.min(at + PIECE, end)));
  return text;
}

/** True for what may stand as a request target: visible characters, but no "#": a fragment is never sent (RFC 9112, section 3.2; RFC 6455, section 3). */
export function isTarget(text: string): boolean {
  return TARGET.test(text);
}

/** Reads a request's head. One empty line may stand before it, as some clients send one behind a body (RFC 9112, section 2.2). */
export function parseRequest(head: string): RequestHead | HeadFault {
  if (head.startsWith("\r\n")) return parseRequest(head.slice(2));
  const end = lineEnd(head, 0);
  const fault = readRequestLine(head, end);
  if (fault !== undefined) return fault;
  const fields = Fields.read(head, end);
  return typeof fields === "number" ? noField(head, fields) : { method: lastMethod, target: lastTarget, fields };
}

/** Into `lastMethod` and `lastTarget`. */
function readRequestLine(head: string, end: number): HeadFault | undefined {
  if (end === lastLine.length && head.startsWith(lastLine)) return undefined;
  const line = head.slice(0, end);
  const parts = line.split(" ");
  const [method, target, version] = parts;
  if (parts.length !== 3 || !isToken(method)) {
    return { status: 400, message: `The request line is not "METHOD target HTTP/1.1"` };
  }
  if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) return { status: 400, message: "The HTTP version is malformed" };
  if (version !== "HTTP/1.1") return { status: 505, message: `${version} is not served here: use HTTP/1.1` };
  if (!isTarget(target)) return { status: 400, message: "The request target has characters that must be percent-encoded" };
  lastLine = line;
  lastMethod = method;
  lastTarget = target;
  return undefined;
}

/** The last line that was good: most clients ask for the same, and share it. */
let lastLine = "GET / HTTP/1.1";
let lastMethod = "GET";
let lastTarget = "/";

/** Reads a response's head. */
export function parseResponse(head: string): ResponseHead | HeadFault {
  const end = lineEnd(head, 0);
  const line = head.slice(0, end);
  const match = /^HTTP\/1\.(?:[1-9]|0(?! 101)) ([1-9][0-9][0-9])(?: (.*))?$/.exec(line); // HTTP/1.0 has no 101; a later 1.x reads like 1.1 (RFC 9110, section 2.5)
  if (match === null) return { status: 400, message: `The answer does not begin with "HTTP/1.1" and a status: "${line.slice(0, 40)}"` };
  const fields = Fields.read(head, end);
  return typeof fields === "number" ? noField(head, fields) : { status: Number(match[1]), reason: match[2] ?? "", fields };
}

function lineEnd(head: string, start: number): number {
  const end = head.indexOf("\r\n", start);
  return end < 0 ? head.length : end;
}

function noField(head: string, start: number): HeadFault {
  return { status: 400, message: `A header line is not "Name: value": "${head.slice(start, Math.min(start + 40, lineEnd(head, start)))}"` };
}

/**
 * Writes a request's head.
 * @throws {TypeError} when a part of it would not be read back as it is
 */
export function writeRequest(head: RequestHead): Uint8Array {
  if (!isToken(head.method) || !isTarget(head.target)) {
    throw new TypeError(`Cannot write the request line "${head.method} ${head.target}": it has characters that may not stand there`);
  }
  return writeLines(`${head.method} ${head.target} HTTP/1.1`, head.fields);
}

/**
 * Writes a response's head.
 * @throws {TypeError} when a part of it would not be read back as it is
 */
export function writeResponse(head: ResponseHead): Uint8Array {
  if (!Number.isInteger(head.status) || head.status < 100 || head.status > 999 || !isFieldValue(head.reason)) {
    throw new TypeError(`Cannot write the status line "${head.status} ${head.reason}": it has characters that may not stand there`);
  }
  return writeLines(`HTTP/1.1 ${head.status} ${head.reason}`, head.fields);
}

function writeLines(start: string, fields: Fields): Uint8Array {
  let text = "";
  for (const [name, value] of fields) {
    checkField(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${start}\r\n${text}\r\n`);
}

/** One byte for each character, side by side with what others write: an array of its own costs more than its bytes. */
function encodeLatin1(text: string): Uint8Array {
  const at = written.extend(text.length);
  const { bytes } = written;
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
  return written.take()[0];
}

const written = new OutputQueue();

/**
 * Refuses a field that would not be read back as it is: a line end in it would forge another.
 * @throws {TypeError}
 */
export function checkField(name: string, value: string): void {
  if (typeof name !== "string" || !isToken(name)) throw new TypeError(`Cannot send header ${quote(name)}: its name is no token`);
  if (typeof value !== "string" || !isFieldValue(value) || trimBlanks(value) !== value) {
    throw new TypeError(`Cannot send header ${quote(name)}: its value ${quote(value)} may not stand in a header`);
  }
}

/** A text in quotes; anything else by its type, as it may not like to be converted. */
export function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : `of type ${typeof value}`;
}

/** A request target's characters. */
const TARGET = /^[\x21\x22\x24-\x7e]+$/;
/** How many arguments one call takes: hosts have limits. */
const PIECE = 4096;
const CR = 0x0d;
const LF = 0x0a;
const TAB = 0x09;
const DEL = 0x7f;
const TOO_LARGE: HeadFault = { status: 431, message: "The head is larger than the limit" };
const TOO_MANY: HeadFault = { status: 431, message: "The head has more fields than the limit" };
const LONG_LINE: HeadFault = { status: 431, message: "A header line is longer than the limit" };
const LONG_START_LINE: HeadFault = { status: 414, message: "The start line is longer than the limit" };
const BARE_LINE_END: HeadFault = { status: 400, message: "A line does not end with CR LF" };
const CONTROL_BYTE: HeadFault = { status: 400, message: "The head has a control byte: is this a TLS client at a plain port?" };
