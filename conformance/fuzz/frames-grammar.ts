/**
 * Streams of frames: a fifth is noise, three tenths are good ones with changes, half are made by the grammar of RFC 6455, section 5, and
 * mostly break one rule of it somewhere.
 * @module
 */
import { constants, deflateRawSync } from "node:zlib";
import { History } from "../../core/websocket/history.ts";
import { makeDeflated } from "./deflate-grammar.ts";
import type { Random } from "./random.ts";
import { mutate } from "./mutate.ts";

/**
 * A stream as the end of a role receives it; `server` wants masked frames.
 * @param takeover whether compressed messages may refer to earlier ones; undefined for none that are compressed
 */
export function makeStream(random: Random, server: boolean, takeover?: boolean): Uint8Array {
  const kind = random.below(10);
  if (kind < 2) return noise(random, server);
  const stream = new Stream(random, server, takeover);
  stream.fill(kind < 5 ? 1 + random.below(24) : random.once(8) ? 100 + random.below(400) : 1 + random.below(60), kind >= 5);
  const bytes = stream.take();
  return kind < 5 ? mutate(random, bytes, WORDS) : bytes;
}

/** Noise that mostly begins as a frame may: else all of it would end at the second byte. */
function noise(random: Random, server: boolean): Uint8Array {
  const bytes = random.bytes(random.small(300));
  if (bytes.length < 2 || random.once(3)) return bytes;
  bytes[0] = random.pick(FIRST_BYTES);
  bytes[1] = (bytes[1] & 0x7f) | (server ? 0x80 : 0);
  return bytes;
}

/** What differs from a good frame. */
interface Parts {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
  readonly form?: 7 | 16 | 64;
  /** A length that is declared in place of the true one, as its two halves. */
  readonly high?: number;
  readonly low?: number;
}

/** Writes frames, one behind the other. */
class Stream {
  readonly #random: Random;
  readonly #server: boolean;
  #bytes = new Uint8Array(4096);
  #length = 0;
  /** What the message in progress is, 0 for none, and what of it was not sent yet. */
  #opcode = 0;
  #rest: Uint8Array = EMPTY;
  /** What compressed messages may refer to; undefined when there are none. */
  readonly #sent: History | undefined;

  constructor(random: Random, server: boolean, takeover: boolean | undefined) {
    this.#random = random;
    this.#server = server;
    this.#sent = takeover === undefined ? undefined : new History(takeover ? 32_768 : 0);
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Writes `count` frames, one of them against a rule if asked for; what comes behind that must not be read. */
  fill(count: number, flawed: boolean): void {
    const flawAt = flawed && !this.#random.once(3) ? this.#random.below(count) : -1;
    for (let i = 0; i < count; i++) {
      if (i === flawAt) FLAWS[this.#random.below(FLAWS.length)](this, this.#random);
      else this.#good();
    }
    if (this.#random.once(3)) this.put(8, closing(this.#random));
    if (this.#random.once(4)) this.#length -= this.#random.small(Math.min(this.#length, 20)); // an end in the middle
  }

  #good(): void {
    const random = this.#random;
    const turn = random.below(16);
    if (turn < 2) return this.put(turn === 0 ? 9 : 10, random.bytes(random.once(8) ? random.pick([124, 125]) : random.below(12)));
    if (this.#opcode !== 0) {
      const last = random.below(3) > 0;
      const piece = last ? this.#rest : this.#rest.subarray(0, random.below(this.#rest.length + 1));
      this.#rest = this.#rest.subarray(piece.length);
      this.put(0, piece, { fin: last });
      if (last) this.#opcode = 0;
      return;
    }
    const text = random.below(3) > 0;
    const plain = text ? makeText(random) : random.bytes(sizeOf(random));
    const packed = this.#sent !== undefined && plain.length > 0 && random.once(2);
    const payload = packed ? this.#pack(plain) : plain;
    const rsv = packed ? 0x40 : 0;
    if (turn > 4) return this.put(text ? 1 : 2, payload, { rsv });
    const piece = payload.subarray(0, random.below(payload.length + 1));
    this.#opcode = text ? 1 : 2;
    this.#rest = payload.subarray(piece.length);
    this.put(this.#opcode, piece, { fin: false, rsv });
  }

  /** Compressed, seldom wrongly. */
  #pack(data: Uint8Array): Uint8Array {
    const sent = this.#sent as History;
    if (this.#random.once(20)) return makeDeflated(this.#random, sent.bytes);
    const dictionary = sent.bytes.length > 0 ? { dictionary: sent.bytes } : {};
    const blocks = deflateRawSync(data, { level: 1, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
    sent.push(data);
    return blocks.subarray(0, -4);
  }

  /** True while a message is not whole. */
  get begun(): boolean {
    return this.#opcode !== 0;
  }

  put(opcode: number, payload: Uint8Array, parts: Parts = {}): void {
    const { length } = payload;
    const low = parts.low ?? length;
    const form = parts.form ?? (low < 126 ? 7 : low < 65_536 ? 16 : 64);
    const masked = parts.masked ?? this.#server;
    this.#reserve(14 + length);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = (parts.fin === false ? 0 : 0x80) | (parts.rsv ?? 0) | opcode;
    bytes[at++] = (masked ? 0x80 : 0) | (form === 7 ? low : form === 16 ? 126 : 127);
    if (form === 64) at = put32(bytes, at, parts.high ?? 0);
    if (form === 64) at = put32(bytes, at, low);
    if (form === 16) bytes[at++] = low >>> 8;
    if (form === 16) bytes[at++] = low;
    const key = masked && !this.#random.once(8) ? this.#random.next() : 0;
    if (masked) at = put32(bytes, at, key);
    bytes.set(payload, at);
    if (key !== 0) for (let i = 0; i < length; i++) bytes[at + i] ^= key >>> (24 - (i & 3) * 8);
    this.#length = at + length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const bytes = new Uint8Array((this.#length + count) * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}

function put32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/** Mostly tiny; now and then around the places where the form of the length changes. */
function sizeOf(random: Random): number {
  if (random.once(64)) return random.once(40) ? random.pick(LARGE) : random.pick(EDGES);
  return random.small(40);
}

/** Valid UTF-8 of many sorts. */
function makeText(random: Random): Uint8Array {
  const size = sizeOf(random);
  const bytes = new Uint8Array(size + 4);
  let at = 0;
  while (at < size) {
    const letters = TEXTS[random.below(TEXTS.length)];
    if (at + letters.length > size) bytes[at++] = 0x61;
    else {
      bytes.set(letters, at);
      at += letters.length;
    }
  }
  return bytes.subarray(0, at);
}

/** What a close frame may carry. */
function closing(random: Random): Uint8Array {
  if (random.once(3)) return EMPTY;
  const code = random.pick(CODES);
  return Uint8Array.of(code >> 8, code & 255, ...random.pick(TEXTS));
}

const EMPTY = new Uint8Array(0);
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const TEXTS: readonly Uint8Array[] = [
  ..."a{\0\x7f\u0080é߿ࠀ€퟿\ufeff\uffff😀\u{10ffff}\u{10000}".match(/./gsu) ?? [], "hello, ", "ελληνικά", "日本",
].map(encode);
/** Text that is not: too long forms, surrogates, past the last character, cut, a lone continuation. */
const BAD_TEXTS: readonly Uint8Array[] = [
  [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80], [0xff], [0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3, 0x28], [0xe2, 0x28, 0xa1], [0xf0, 0x9f, 0x28],
].map((bytes) => Uint8Array.from(bytes));
const CODES = [1000, 1001, 1002, 1003, 1007, 1014, 3000, 3999, 4000, 4999];
const BAD_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535];
const EDGES = [124, 125, 126, 127, 128, 129, 255, 256, 500, 1000, 1001];
const LARGE = [4096, 16_384, 65_535, 65_536, 65_537];
const FIRST_BYTES = [0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0x01, 0x02, 0x00];
const WORDS: readonly Uint8Array[] = [
  [0x81, 0], [0x81, 0x80, 1, 2, 3, 4], [0x82, 126, 0, 126], [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0], [0x01, 1, 0xc3],
  [0x88, 2, 3, 0xe8], [0x89, 0], [0x89, 0x80, 0, 0, 0, 0], [0xff, 0xff], [0x7f], [0xed, 0xa0], [0],
].map((bytes) => Uint8Array.from(bytes));

/** Each breaks one rule, or goes past one limit. */
const FLAWS: readonly ((stream: Stream, random: Random) => void)[] = [
  (stream, random) => stream.put(random.pick([1, 2, 9]), EMPTY, { rsv: random.pick([0x10, 0x20, 0x40, 0x70]) }),
  (stream, random) => stream.put(random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), random.bytes(random.below(4)), { fin: !random.once(3) }),
  (stream, random) => stream.put(random.pick([8, 9, 10]), random.bytes(random.below(4)), { fin: false }),
  (stream, random) => stream.put(random.pick([8, 9, 10]), random.bytes(126), { form: random.pick([16, 64]) }),
  (stream, random) => stream.put(random.pick([1, 2, 9]), random.bytes(3), { masked: random.once(2) }),
  (stream, random) => stream.put(stream.begun ? 0 : 2, random.bytes(5), { form: random.pick([16, 64]) }),
  (stream, random) => stream.put(stream.begun ? 0 : 2, random.bytes(200), { form: 64 }),
  (stream, random) => stream.put(stream.begun ? 0 : 2, random.bytes(5), { form: 64, high: random.pick([0x8000_0000, 0xffff_ffff, 0xc000_0000]), low: random.next() }),
  (stream, random) => stream.put(stream.begun ? 0 : 2, random.bytes(5), { form: 64, high: random.pick([0, 1, 0x20_0000, 0x7fff_ffff]), low: random.next() | 0x10_0000 }),
  (stream, random) => stream.put(stream.begun ? 0 : 1, random.bytes(9), { low: 1 + random.below(70_000) }),
  (stream, random) => stream.put(0, random.bytes(2), { fin: random.once(2) }),
  (stream, random) => stream.put(random.pick([1, 2]), EMPTY, { fin: random.once(2) }),
  (stream, random) => stream.put(stream.begun ? 0 : 1, badText(random), { fin: random.once(2) }),
  (stream, random) => stream.put(stream.begun ? 0 : 1, badText(random)),
  (stream, random) => stream.put(8, random.bytes(1)),
  (stream, random) => stream.put(8, Uint8Array.of(...code(random.pick(BAD_CODES)), ...random.pick(TEXTS))),
  (stream, random) => stream.put(8, Uint8Array.of(...code(random.pick(CODES)), ...badText(random))),
  (stream, random) => {
    for (let count = 3 + random.below(20); count > 0; count--) stream.put(stream.begun || count < 3 ? 0 : 2, random.bytes(random.below(3)), { fin: false });
  },
];

function code(value: number): [number, number] {
  return [value >> 8, value & 255];
}

function badText(random: Random): Uint8Array {
  const bad = random.pick(BAD_TEXTS);
  return Uint8Array.of(...random.pick(TEXTS), ...bad, ...random.once(2) ? random.pick(TEXTS) : EMPTY);
}
