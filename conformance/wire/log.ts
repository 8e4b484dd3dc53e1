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
  readonly #first: (() => LogEntry)[] = [];
  /** Put into words when they are asked for: of a thousand frames most are left out. */
  #last: (() => LogEntry)[] = [];
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
    this.#addLater(frameEntry(this.#at(), "tester", frame, bytes.subarray(0, bytes.length - frame.payload.length), frame.masked ?? (bytes[1] & 128) !== 0));
  }

  /** A frame that was read. Its header is written anew: the reader takes none that is not in its shortest form. */
  received(frame: ReadFrame): void {
    const bytes = encodeFrame({ ...frame, payload: EMPTY, length: BigInt(frame.payload.length) }, frame.key);
    this.#addLater(frameEntry(this.#at(), "peer", frame, bytes, frame.masked === true));
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
    const [first, last] = [this.#first, this.#last].map((tellers) => tellers.map((tell) => tell()));
    if (this.#skipped === 0) return [...first, ...last];
    const { at, by } = last[0];
    return [...first, { at, by, kind: "skipped", count: this.#skipped }, ...last];
  }

  #add(entry: LogEntry): void {
    this.#addLater(() => entry);
  }

  #addLater(tell: () => LogEntry): void {
    if (this.#first.length < FIRST) {
      this.#first.push(tell);
      return;
    }
    this.#last.push(tell);
    if (this.#last.length < 2 * LAST) return;
    this.#skipped += LAST;
    this.#last = this.#last.slice(LAST);
  }

  #at(): number {
    return Math.round((this.#now() - this.#start) * 100) / 100;
  }
}

/** Tells of a frame later; till then it keeps no more of it than is shown. */
function frameEntry(at: number, by: Side, { fin, rsv, opcode, payload, length: said }: Frame, bytes: Uint8Array, masked: boolean): () => FrameEntry {
  const [header, shown, { length }] = [bytes.slice(), payload.slice(0, MAX_SHOWN), payload];
  return () => {
    const says = sayPayload(opcode, rsv, shown, length);
    return {
      at, by, kind: "frame", fin, rsv, opcode, masked, length: Number(said ?? length), header: toHex(header),
      payload: toHex(shown), ...(says === undefined ? {} : { says }),
    };
  };
}

/** A payload in words; undefined where they would not help. */
function sayPayload(opcode: number, rsv: number, shown: Uint8Array, length: number): string | undefined {
  if (opcode === 8 && length >= 2) {
    const reason = sayText(shown.subarray(2), length - 2);
    return `${shown[0] * 256 + shown[1]}${length === 2 ? "" : ` ${reason ?? "(no text)"}`}`;
  }
  return rsv !== 0 || length === 0 ? undefined : sayText(shown, length);
}

function sayText(shown: Uint8Array, length: number): string | undefined {
  let text = decode(shown);
  // a character may be cut where the shown part ends
  for (let less = 1; text === undefined && less <= 3 && shown.length < length; less++) text = decode(shown.subarray(0, shown.length - less));
  if (text === undefined || /[\x00-\x08\x0e-\x1f\x7f]/.test(text)) return undefined;
  return `${JSON.stringify(text)}${shown.length < length ? "…" : ""}`;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => HEX[byte]).join(" ");
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

const EMPTY = new Uint8Array(0);
/** Entries kept of the beginning, and at least of the end. */
const FIRST = 60;
const LAST = 20;
/** Bytes that are shown of a payload. */
const MAX_SHOWN = 64;
/** Characters that are shown of a head. */
const MAX_HEAD = 2_000;
