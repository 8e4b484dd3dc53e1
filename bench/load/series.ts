/**
 * Frames made once and sent again and again: what the generator has to do while it measures is to hand bytes to the system.
 * @module
 */
import { constants, deflateRawSync } from "node:zlib";

/** What messages are like. */
export interface SeriesOptions {
  /** Of a message's payload, in bytes. */
  readonly size: number;
  readonly binary: boolean;
  /** As from a client, each frame with a key of its own. */
  readonly masked: boolean;
  /** JSON, compressed. With takeover a message refers to those before it, and the first to none: so the series may follow itself. */
  readonly deflate: "off" | "takeover" | "no-takeover";
  /** How many frames a message is sent in. */
  readonly fragments: number;
}

/** Messages in their frames. */
export interface Series {
  readonly payloads: readonly Uint8Array[];
  /** The frames of all messages, twice: from any message on, there is a whole round in one piece. */
  readonly bytes: Uint8Array;
  /** Where each message starts in `bytes`, and where the last ends. */
  readonly starts: readonly number[];
}

/** Bytes of a series, roughly. */
const LENGTH = 512 * 1024;

/** How far back a compressed message can refer. */
export const WINDOW: number = 32_768;

/** Makes a series; the same for the same options, but for the keys. */
export function makeSeries({ size, binary, masked, deflate, fragments }: SeriesOptions): Series {
  const random = randomNumbers(size + 1);
  const count = deflate === "off" ? Math.min(1024, Math.max(size * 4 > 16 * 1024 * 1024 ? 1 : 4, Math.floor(LENGTH / Math.max(1, size)))) : 256;
  const payloads = Array.from({ length: count }, (_, number) => deflate === "off" ? makePayload(size, binary, random) : makeJson(size, number, random));
  const opcode = binary ? BINARY : TEXT;
  const frames = payloads.map((payload, number) => {
    if (deflate === "off") return makeMessage(opcode, payload, masked, fragments);
    return makeFrame(FIN | RSV1 | opcode, compress(payload, deflate === "takeover" ? historyOf(payloads, number) : undefined), masked);
  });
  const starts = [0];
  for (const frame of frames) starts.push(starts[starts.length - 1] + frame.length);
  const bytes = new Uint8Array(starts[count] * 2);
  for (const [number, frame] of frames.entries()) {
    bytes.set(frame, starts[number]);
    bytes.set(frame, starts[number] + starts[count]);
  }
  return { payloads, bytes, starts };
}

const FIN = 0x80;
const RSV1 = 0x40;
const TEXT = 1;
const BINARY = 2;

/** What was said before a message, as far back as it may refer. @param from the first message that was said */
export function historyOf(payloads: readonly Uint8Array[], number: number, from = 0): Uint8Array {
  const history: Uint8Array[] = [];
  let length = 0;
  for (let at = number - 1; at >= from && length < WINDOW; at--) {
    history.unshift(payloads[at % payloads.length]);
    length += history[0].length;
  }
  return Buffer.concat(history).subarray(-WINDOW);
}

/** A message of one payload, in one frame or several of about the same length. */
export function makeMessage(opcode: number, payload: Uint8Array, masked: boolean, fragments: number): Uint8Array {
  const frames = Array.from({ length: fragments }, (_, at) => {
    const piece = payload.subarray(Math.floor(payload.length * at / fragments), Math.floor(payload.length * (at + 1) / fragments));
    return makeFrame((at === fragments - 1 ? FIN : 0) | (at === 0 ? opcode : 0), piece, masked);
  });
  return frames.length === 1 ? frames[0] : Buffer.concat(frames);
}

/** One frame. @param first its first byte: FIN, RSV1 and the opcode */
export function makeFrame(first: number, payload: Uint8Array, masked: boolean): Uint8Array {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + extended + (masked ? 4 : 0) + length);
  frame[0] = first;
  frame[1] = (masked ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  for (let at = 1 + extended, rest = length; at >= 2; at--, rest = Math.floor(rest / 256)) frame[at] = rest % 256;
  frame.set(payload, frame.length - length);
  if (masked) {
    const key = crypto.getRandomValues(frame.subarray(2 + extended, 6 + extended));
    for (let at = 0, to = frame.length - length; at < length; at++) frame[to + at] ^= key[at & 3];
  }
  return frame;
}

/** As in a message: without the empty block at its end. */
function compress(payload: Uint8Array, dictionary: Uint8Array | undefined): Uint8Array {
  const referring = dictionary === undefined || dictionary.length === 0 ? {} : { dictionary };
  return deflateRawSync(payload, { ...referring, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Any bytes, or any printable ASCII. */
function makePayload(size: number, binary: boolean, random: () => number): Uint8Array {
  const payload = new Uint8Array(size);
  for (let at = 0; at < size; at++) payload[at] = binary ? random() & 255 : 32 + random() % 95;
  return payload;
}

/** An update of prices, as a stream of them would have it. */
export function makeJson(size: number, number: number, random: () => number): Uint8Array {
  const names = ["ACME", "GLOBEX", "INITECH", "UMBRELLA", "HOOLI", "STARK", "WAYNE", "TYRELL"];
  const price = (): string => `${random() % 900 + 100}.${String(random() % 100).padStart(2, "0")}`;
  let text = `{"type":"update","seq":${number * 7919 + 100_000},"channel":"prices.${number % 2 === 1 ? "eur" : "usd"}","items":[`;
  for (let items = 0;; items++) {
    const item = `${items === 0 ? "" : ","}{"id":${random() % 1_000_000},"symbol":"${names[random() % 8]}","bid":${price()},"ask":${price()},"active":${random() % 2 === 1}}`;
    if (text.length + item.length > size - 2) break;
    text += item;
  }
  return new TextEncoder().encode(`${text.padEnd(size - 2)}]}`);
}

/** xorshift: numbers below 2 ** 31, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = (seed * 2_654_435_761 | 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
