/**
 * Close codes and the payload of a close frame (RFC 6455, sections 5.5.1 and 7.4).
 *
 * 1. The payload is empty, or a two-byte code and a UTF-8 reason (5.5.1).
 * 2. 1005, 1006 and 1015 stand for what no frame said; they are never on the wire (7.4.1).
 * 3. On the wire: 1000 to 1014 but those and 1004, which has no meaning; 3000 to 4999 for libraries and applications (7.4.2).
 * @module
 */
import { decodeUtf8, encodeUtf8 } from "../bytes/utf8.ts";
import { FAULTS, type Fault } from "./fault.ts";

/** Stands for a close frame without a code. */
export const NO_STATUS = 1005;
/** Stands for a connection that ended without a close frame. */
export const ABNORMAL = 1006;
/** Stands for a connection whose TLS handshake failed. */
const TLS_FAILED = 1015;

/** What one close frame said. `code` is 1005 when it carried none. */
export interface CloseStatus {
  /** The close code (section 7.4). */
  readonly code: number;
  /** The close reason, '' when it carried none. */
  readonly reason: string;
}

/** How a connection ended. */
export interface Close extends CloseStatus {
  /** The code the peer's close frame carried; 1005 when it carried none, 1006 when no close frame came (section 7.1.5). */
  readonly code: number;
  /** The reason the peer's close frame carried. */
  readonly reason: string;
  /** True when both sides sent a close frame (section 7.1.4). */
  readonly clean: boolean;
  /** What our close frame said, when one was sent. */
  readonly sent: CloseStatus | undefined;
  /** What the peer's close frame said, when one came. */
  readonly received: CloseStatus | undefined;
  /** Set when we failed the connection: the rule the peer broke, or the limit or deadline it went past. */
  readonly fault: Fault | undefined;
}

/** True for a code that a close frame may carry. */
export function isSendable(code: number): boolean {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) return false;
  return code >= 3000 || (code <= 1014 && code !== 1004 && code !== NO_STATUS && code !== ABNORMAL);
}

/** What a close code means, in a few words. */
export function closeMeaning(code: number): string {
  return MEANINGS[code] ?? (code >= 4000 && code <= 4999 ? "private to the application"
    : code >= 3000 && code <= 3999 ? "registered by a library or framework"
    : "unassigned");
}

const MEANINGS: Readonly<Record<number, string>> = {
  1000: "normal closure",
  1001: "going away",
  1002: "protocol error",
  1003: "unsupported data",
  1005: "no close code was sent",
  1006: "the connection ended without a close frame",
  1007: "invalid payload data, such as text that is not UTF-8",
  1008: "policy violation",
  1009: "message too big",
  1010: "the client needed an extension",
  1011: "internal error",
  1012: "service restart",
  1013: "try again later",
  1014: "bad gateway",
  1015: "the TLS handshake failed",
};

/**
 * Encodes a close frame's payload.
 * @throws {RangeError} for a code no close frame may carry, and for a reason of over 123 bytes of UTF-8
 * @throws {TypeError} for a reason that is no string, or has no code
 */
export function encodeClose(code: number | undefined, reason: string): Uint8Array {
  if (typeof reason !== "string") throw new TypeError(`Cannot close with a reason of type ${typeof reason}: it must be a string`);
  if (code === undefined) {
    if (reason !== "") throw new TypeError(`Cannot close with reason "${reason}": a reason needs a code`);
    return EMPTY;
  }
  if (!isSendable(code)) throw new RangeError(`Cannot close with code ${typeof code === "number" ? code : `of type ${typeof code}`}: ${whyNot(code)}`);
  const text = encodeUtf8(reason);
  if (text.length > MAX_REASON) {
    throw new RangeError(`Cannot close with a reason of ${text.length} bytes: a close frame carries at most ${MAX_REASON}`);
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  payload.set(text, 2);
  return payload;
}

function whyNot(code: number): string {
  return code === NO_STATUS || code === ABNORMAL || code === TLS_FAILED ? "reserved for local use"
    : "not an integer of 1000 to 1014 or 3000 to 4999";
}

/** Decodes a close frame's payload, unmasked. */
export function decodeClose(payload: Uint8Array): CloseStatus | Fault {
  if (payload.length === 0) return { code: NO_STATUS, reason: "" };
  if (payload.length === 1) return FAULTS.shortClose;
  const code = (payload[0] << 8) | payload[1];
  if (!isSendable(code)) return FAULTS.invalidCloseCode;
  const reason = payload.length === 2 ? "" : decodeUtf8(payload, 2, payload.length);
  return reason === undefined ? FAULTS.invalidUtf8 : { code, reason };
}

/** A control frame carries 125 bytes (section 5.5), two of them the code. */
const MAX_REASON = 123;
const EMPTY = new Uint8Array(0);
