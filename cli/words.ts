/**
 * Frames and closes in words, for people and for programs.
 * @module
 */
import { type Close, closeMeaning, type CloseStatus, type FrameRecord, opcodeName } from "../index.node.ts";
import { excerpt, size } from "./terminal.ts";

/** A frame on one line, such as `<- text 5 bytes "hello"`. */
export function frameLine(frame: FrameRecord, width: number): string {
  const { direction, fin, rsv, opcode, length } = frame;
  const name = opcodeName(opcode);
  const facts = [direction === "sent" ? "->" : "<-", name, size(length)];
  if (!fin) facts.push("more follows");
  if (rsv === COMPRESSED) facts.push("compressed");
  else if (rsv !== 0) facts.push(`rsv 0x${rsv.toString(16)}`);
  const head = facts.join(" ");
  return length === 0 ? head : `${head} ${payloadOf(frame, name, Math.max(16, width - head.length - 1))}`;
}

function payloadOf({ payload, rsv }: FrameRecord, name: string, width: number): string {
  if (name === "close" && payload.length >= 2) {
    const code = (payload[0] << 8) | payload[1];
    return `${code} ${excerpt(decode(payload.subarray(2)), width - 5)}`.trimEnd();
  }
  const text = name === "binary" || rsv !== 0 ? undefined : readable(payload);
  return text === undefined ? excerpt(hex(payload.subarray(0, width)), width) : `"${excerpt(text, width - 2)}"`;
}

/** Text, unless there are bytes in it that are none; a piece may begin or end within a character. */
function readable(bytes: Uint8Array): string | undefined {
  const text = decode(bytes);
  return /\uFFFD[^]/.test(text.slice(1)) ? undefined : text;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** A frame as data. */
export function frameFacts(frame: FrameRecord): Record<string, unknown> {
  const { direction, fin, rsv, opcode, masked, length } = frame;
  return { direction, opcode: opcodeName(opcode), fin, rsv, masked, length };
}

/** RSV1, on the first frame of a compressed message (RFC 7692, section 6). */
const COMPRESSED = 0x40;

/** How a connection ended, such as `1000 normal closure "bye"`. */
export function closeLine(close: Close): string {
  const reason = close.reason === "" ? "" : ` "${excerpt(close.reason, 123)}"`;
  return `${close.code} ${closeMeaning(close.code)}${reason}${close.fault === undefined ? "" : `: ${lower(close.fault.message)}`}`;
}

/** What each side's close frame said, the one first that began, such as `we sent 1000, the server answered 1000`. */
export function bothSides({ sent, received }: Close, byUs: boolean): string {
  if (byUs) return `we sent ${status(sent)}, the server ${received === undefined ? "did not answer" : `answered ${status(received)}`}`;
  return `the server sent ${status(received)}, we ${sent === undefined ? "did not answer" : `answered ${status(sent)}`}`;
}

function status(sent: CloseStatus | undefined): string {
  if (sent === undefined) return "no close frame";
  return sent.code === 1005 ? "no code" : String(sent.code);
}

/** How a connection ended, as data. */
export function closeFacts(close: Close): Record<string, unknown> {
  const { code, reason, clean, sent, received, fault } = close;
  return { code, reason, clean, meaning: closeMeaning(code), sent: sent ?? null, received: received ?? null, fault: fault?.name ?? null };
}

/** Bytes as hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
