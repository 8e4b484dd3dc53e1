/**
 * What went over the wire, as it is told in a report: the beginning and the end of it.
 * @module
 */
import { decode, encodeFrame, type Frame, type ReadFrame } from "../frames.ts";
import type { FrameEntry, LogEntry, Side } from "./result.ts";

/** A log that is being written. */
export class Log {
  readonly #now: () => number;
  readonly #start: number;
  readonly #first: LogEntry[] = [];
  #last: LogEntry[] = [];
  #skipped = 0;

  /** @param now milliseconds on any clock */
  constructor(now: () => number) {
    this.#now = now;
    this.#start = now();
  }

  /** A head, or what was read of one. */
  head(by: Side, text: string): void {
    this.#add({ at: this.#at(), by, kind: "head", text: text.length > MAX_HEAD ? `${text.slice(0, MAX_HEAD)}…` : text });
  }

  /** A frame of ours; `header` has no masking key when it is not known. */
  sent(frame: Frame, bytes: Uint8Array): void {
    this.#add(frameEntry(this.#at(), "tester", frame, bytes.subarray(0, bytes.length - frame.payload.length), frame.masked ?? (bytes[1] & 128) !== 0));
  }

  /** A frame that was read. Its header is written anew: the reader takes none that is not in its shortest form. */
  received(frame: ReadFrame): void {
    const bytes = encodeFrame({ ...frame, payload: EMPTY, length: BigInt(frame.payload.length) }, frame.key);
    this.#add(frameEntry(this.#at(), "peer", frame, bytes, frame.masked === true));
  }

  /** Bytes that are not a whole frame. */
  bytes(by: Side, bytes: Uint8Array): void {
    this.#add({ at: this.#at(), by, kind: "bytes", length: bytes.length, hex: toHex(bytes.subarray(0, MAX_SHOWN)) });
  }

  /** The end of a side. */
  end(by: Side, kind: "end" | "drop"): void {
    this.#add({ at: this.#at(), by, kind });
  }

  /** What the tester thinks. */
  note(text: string): void {
    this.#add({ at: this.#at(), by: "tester", kind: "note", text });
  }

  /** All of it. */
  entries(): LogEntry[] {
    if (this.#skipped === 0) return [...this.#first, ...this.#last];
    const { at, by } = this.#last[0];
    return [...this.#first, { at, by, kind: "skipped", count: this.#skipped }, ...this.#last];
  }

  #add(entry: LogEntry): void {
    if (this.#first.length < FIRST) {
      this.#first.push(entry);
      return;
    }
    this.#last.push(entry);
    if (this.#last.length < 2 * LAST) return;
    this.#skipped += LAST;
    this.#last = this.#last.slice(LAST);
  }

  #at(): number {
    return Math.round((this.#now() - this.#start) * 100) / 100;
  }
}

function frameEntry(at: number, by: Side, frame: Frame, header: Uint8Array, masked: boolean): FrameEntry {
  const { fin, rsv, opcode, payload } = frame;
  const says = sayPayload(frame);
  return {
    at, by, kind: "frame", fin, rsv, opcode, masked, length: Number(frame.length ?? payload.length), header: toHex(header),
    payload: toHex(payload.subarray(0, MAX_SHOWN)), ...(says === undefined ? {} : { says }),
  };
}

/** A payload in words; undefined where they would not help. */
function sayPayload({ opcode, rsv, payload }: Frame): string | undefined {
  if (opcode === 8 && payload.length >= 2) {
    const reason = sayText(payload.subarray(2));
    return `${payload[0] * 256 + payload[1]}${payload.length === 2 ? "" : ` ${reason ?? "(no text)"}`}`;
  }
  return rsv !== 0 || payload.length === 0 ? undefined : sayText(payload);
}

function sayText(payload: Uint8Array): string | undefined {
  // a character may be cut where the shown part ends
  const shown = payload.length <= MAX_SHOWN ? [payload] : [0, 1, 2, 3].map((less) => payload.subarray(0, MAX_SHOWN - less));
  const text = shown.map(decode).find((each) => each !== undefined);
  if (text === undefined || /[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return undefined;
  return `${JSON.stringify(text)}${payload.length > MAX_SHOWN ? "…" : ""}`;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

const EMPTY = new Uint8Array(0);
/** Entries kept of the beginning, and at least of the end. */
const FIRST = 60;
const LAST = 20;
/** Bytes that are shown of a payload. */
const MAX_SHOWN = 64;
/** Characters that are shown of a head. */
const MAX_HEAD = 2_000;
