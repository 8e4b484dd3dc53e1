import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { History } from "../core/websocket/history.ts";
import type { DeflateCodec, DeflateSettings } from "../core/websocket/permessage-deflate.ts";
import { pakoCodec } from "./deflate.ts";
import { makeZlibCodec, zlibCodec } from "./node-deflate.ts";
import { restore, TAIL } from "./testing/deflate-oracle.ts";
import { type Inside, spoiltZlib, wrap } from "./testing/spoilt-zlib.ts";

const CODECS: readonly (readonly [name: string, codec: DeflateCodec])[] = [
  ["pako", pakoCodec],
  ["node:zlib", zlibCodec],
  ["node:zlib with two compressors", makeZlibCodec(spoiltZlib({}), 2)],
  ["node:zlib without dictionaries", makeZlibCodec(spoiltZlib({ dictionaries: false }), 64)],
  ["node:zlib without handles", makeZlibCodec(spoiltZlib({ spoil: (stream) => void (stream._handle = null) }), 64)],
  ["node:zlib without dictionaries and handles", makeZlibCodec(spoiltZlib({ dictionaries: false, spoil: (stream) => void (stream._handle = null) }), 64)],
  ["node:zlib whose handles fail now and then", makeZlibCodec(spoiltZlib({ spoil: failSometimes() }), 64)],
];
const SETTINGS: DeflateSettings = { windowBits: 12, level: 6, memLevel: 5 };
const NONE = new History(0);
const HELLO = Buffer.from("Hello");
const MANY = 1 << 24;
const hex = (bytes: Uint8Array | string): string => typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("hex");
const bytes = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");

/** A history of that size, which has seen the pieces. */
function history(size: number, ...pieces: readonly Uint8Array[]): History {
  const kept = new History(size);
  for (const piece of pieces) kept.push(piece);
  return kept;
}

/** Numbers that look random, the same ones for a seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9 >>> 0;
    return (Math.imul(state ^ (state >>> 13), 0x297a_2d39) ^ (state >>> 16)) >>> 0;
  };
}

const KINDS = ["noise", "zeros", "words", "json", "runs"] as const;

/** `length` bytes of a kind. */
function payload(kind: (typeof KINDS)[number], length: number, seed: number): Buffer {
  const next = random(seed);
  if (kind === "zeros") return Buffer.alloc(length);
  if (kind === "noise") return Buffer.from(Uint32Array.from({ length: (length >> 2) + 1 }, next).buffer, 0, length);
  const words = ["isosocket ", "message ", "€uro ", "the ", "\n", "frame ", `${seed}`];
  const parts: string[] = [];
  for (let size = 0; size < length; size += parts.at(-1)?.length ?? 0) {
    const word = words[next() % words.length];
    parts.push(kind === "words" ? word : kind === "json" ? JSON.stringify({ id: next() % 1000, word, on: next() % 2 === 0 }) : word[0].repeat(next() % 600 + 1));
  }
  return Buffer.from(parts.join("")).subarray(0, length);
}

const anyPayload = fc.record({
  kind: fc.constantFrom(...KINDS),
  length: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 2000 }) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 70_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 300_000 }) }, { weight: 1, arbitrary: fc.constantFrom(1, 2, 65_535, 65_536, 65_537, 131_072) }),
  seed: fc.nat(),
}).map(({ kind, length, seed }) => payload(kind, length, seed));
const anySettings: fc.Arbitrary<DeflateSettings> = fc.record({
  windowBits: fc.integer({ min: 9, max: 15 }), level: fc.integer({ min: 0, max: 9 }), memLevel: fc.integer({ min: 1, max: 9 }),
});

describe.each(CODECS)("%s compresses", (_, codec) => {
  it("the RFC's examples to the byte (RFC 7692, 7.2.3.1 and 7.2.3.2)", () => {
    expect(hex(codec.deflate(HELLO, NONE, SETTINGS))).toBe("f248cdc9c907000000ffff");
    expect(hex(codec.deflate(HELLO, history(4096, HELLO), SETTINGS))).toBe("f2001100000000ffff");
  });

  it("any messages so that zlib with exactly the agreed window reads them, one stream with takeover, many without", () => {
    fc.assert(fc.property(fc.array(anyPayload, { minLength: 1, maxLength: 5 }), anySettings, fc.boolean(), (messages, settings, takeover) => {
      const sent = new History(takeover ? 2 ** settings.windowBits : 0);
      const encoded = messages.map((message) => {
        const blocks = codec.deflate(message, sent, settings);
        sent.push(message);
        expect(Buffer.from(blocks.subarray(-4)).equals(TAIL)).toBe(true);
        return blocks;
      });
      // the smallest pieces of output make zlib look into its window for everything
      const options = { windowBits: settings.windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
      if (takeover) expect(inflateRawSync(Buffer.concat(encoded), options).equals(Buffer.concat(messages))).toBe(true);
      else encoded.forEach((blocks, at) => expect(inflateRawSync(blocks, options).equals(messages[at])).toBe(true));
    }), { numRuns: 60 });
  });

  it("for more histories than there are compressors, taking turns: each message refers to its own", () => {
    const next = random(7);
    const ends = Array.from({ length: 150 }, (_, at) => ({
      settings: { windowBits: 9 + at % 7, level: 1 + at % 9, memLevel: 1 + at % 9 },
      sent: new History(at % 5 === 0 ? 0 : 2 ** (9 + at % 7)),
      said: [] as Buffer[],
      blocks: [] as Uint8Array[],
    }));
    for (let turn = 0; turn < 1500; turn++) {
      const end = ends[turn % 3 === 0 ? turn % 150 : next() % (turn % 300 < 150 ? 150 : 20)];
      const message = payload("json", 1 + next() % 700, turn % 4);
      end.blocks.push(codec.deflate(message, end.sent, end.settings));
      end.sent.push(message);
      end.said.push(message);
    }
    for (const { settings: { windowBits }, sent, said, blocks } of ends) {
      const options = { windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
      if (sent.size > 0) expect(inflateRawSync(Buffer.concat(blocks), options).equals(Buffer.concat(said))).toBe(true);
      else blocks.forEach((each, at) => expect(inflateRawSync(each, options).equals(said[at])).toBe(true));
    }
  });

  it("behind a history that went on without it, as when a message was sent uncompressed", () => {
    const sent = new History(4096);
    const message = payload("words", 500, 1);
    codec.deflate(message, sent, SETTINGS); // not sent: nobody has seen it
    const other = payload("json", 400, 2);
    sent.push(other);
    const blocks = codec.deflate(message, sent, SETTINGS);
    expect(inflateRawSync(blocks, { dictionary: other, finishFlush: constants.Z_SYNC_FLUSH }).equals(message)).toBe(true);
  });

  it("the same bytes whether it kept the history's compressor or not, for settings of one kind", () => {
    const message = payload("json", 900, 5);
    const known = new History(4096);
    const first = codec.deflate(message, known, SETTINGS);
    known.push(message);
    const again = codec.deflate(message, known, SETTINGS);
    const [plain, behind] = [inflateRawSync(first, { finishFlush: constants.Z_SYNC_FLUSH }), inflateRawSync(again, { dictionary: message, finishFlush: constants.Z_SYNC_FLUSH })];
    expect([plain.equals(message), behind.equals(message)]).toEqual([true, true]);
    expect(again.length).toBeLessThan(first.length / 4);
  });

  it("leaves what it is lent, and gives arrays of the caller's own", () => {
    const sent = history(4096, payload("words", 300, 1));
    const message = payload("words", 300, 1);
    const [kept, input] = [sent.bytes.slice(), Buffer.from(message)];
    const first = codec.deflate(message, sent, SETTINGS);
    const copy = first.slice();
    codec.deflate(payload("noise", 300, 1), sent, SETTINGS);
    expect([sent.bytes, Buffer.from(message)]).toEqual([kept, input]);
    expect(first).toEqual(copy);
    expect(sent.total).toBe(300);
  });
});

/** Every seventh call does nothing. */
function failSometimes(): (stream: Inside) => void {
  let calls = 0;
  return (stream) => wrap(stream, { writeSync: (handle, args) => ++calls % 7 === 0 ? undefined : handle.writeSync(...args) });
}

describe("node:zlib's handles", () => {
  const fallbacks: Record<string, (stream: Inside) => void> = {
    "there are none": (stream) => void (stream._handle = null),
    "they are called otherwise": (stream) => void ((stream._handle as unknown as { writeSync: unknown }).writeSync = undefined),
    "what is left stands elsewhere": (stream) => void (stream._writeState = undefined),
    "what is left is said otherwise": (stream) => void (stream._writeState = new Uint32Array(3)),
    "they take other arguments": (stream) => void (stream._processChunk = (data: Uint8Array) => {
      (stream._handle as unknown as { writeSync(...args: unknown[]): void }).writeSync(data, 2, 0, data.length, new Uint8Array(64), 0, 64);
      return Uint8Array.of(0);
    }),
    "they take more arguments": (stream) => void (stream._processChunk = (data: Uint8Array) => {
      (stream._handle as unknown as { writeSync(...args: unknown[]): void }).writeSync(2, data, 0, data.length, new Uint8Array(64), 0, 64, 0);
      return Uint8Array.of(0);
    }),
    "streams use them no more": (stream) => void (stream._processChunk = () => Uint8Array.of(0)),
    "streams cannot be used at once": (stream) => void (stream._processChunk = undefined),
    "they fail": (stream) => wrap(stream, { writeSync: () => {} }),
    "they throw": (stream) => wrap(stream, { writeSync: () => { throw new Error("no"); } }),
    "they write nonsense": (stream) => wrap(stream, { writeSync: (handle, args) => {
      handle.writeSync(...args);
      args[4][0] ^= 0x55;
    } }),
    "they are not reset": (stream) => wrap(stream, { reset: () => {} }),
  };
  it.each(Object.entries(fallbacks))("are left alone where %s", (_, spoil) => {
    const zlib = spoiltZlib({ spoil });
    const codec = makeZlibCodec(zlib, 64);
    const message = payload("json", 900, 5);
    for (const takeover of [true, false]) {
      const sent = new History(takeover ? 4096 : 0);
      for (let turn = 0; turn < 3; turn++) {
        const before = zlib.calls.once;
        const blocks = codec.deflate(message, sent, SETTINGS);
        expect(restore(blocks.subarray(0, -4), sent.bytes)).toEqual(message);
        expect(zlib.calls.once).toBeGreaterThan(before);
        sent.push(message);
      }
    }
  });

  it("serve each of those who used them last, and are closed when others come", () => {
    const zlib = spoiltZlib({});
    const codec = makeZlibCodec(zlib, 64);
    codec.deflate(HELLO, NONE, SETTINGS);
    const { calls } = zlib;
    const tried = { ...calls };
    const ends = Array.from({ length: 100 }, () => history(4096, HELLO));
    const say = (end: History): number => {
      const { length } = codec.deflate(HELLO, end, SETTINGS);
      end.push(HELLO);
      return length;
    };
    for (const end of ends) for (let turn = 0; turn < 5; turn++) say(end);
    expect(calls).toEqual({ once: tried.once, made: tried.made + 100, open: tried.open + 64 - 1 - 2 }); // without those used while trying
    for (const end of ends.slice(-60)) expect(say(end)).toBeLessThan(12);
    expect(calls.made).toBe(tried.made + 100);
    expect(say(ends[0])).toBeLessThan(12);
    expect(calls.made).toBe(tried.made + 101);
  });

  it("are closed when they failed, and the message goes another way", () => {
    let fails = false;
    const zlib = spoiltZlib({ spoil: (stream) => wrap(stream, { writeSync: (handle, args) => fails ? undefined : handle.writeSync(...args) }) });
    const codec = makeZlibCodec(zlib, 64);
    const sent = history(4096, HELLO);
    codec.deflate(HELLO, sent, SETTINGS);
    sent.push(HELLO);
    const before = { ...zlib.calls };
    fails = true;
    expect(restore(codec.deflate(HELLO, sent, SETTINGS).subarray(0, -4), sent.bytes)).toEqual(HELLO);
    expect(zlib.calls).toEqual({ once: before.once + 1, made: before.made, open: before.open - 1 });
    sent.push(HELLO);
    fails = false;
    codec.deflate(HELLO, sent, SETTINGS);
    expect(zlib.calls).toEqual({ once: before.once + 1, made: before.made + 1, open: before.open });
  });
});

const inflate = (data: Uint8Array, from: History = NONE, room = MANY): Uint8Array | string => pakoCodec.inflate(data, from, room);

describe("restoring", () => {
  it("is the same code for both", () => {
    expect(zlibCodec.inflate).toBe(pakoCodec.inflate);
  });

  it.each([
    ["one block (7.2.3.1)", "f2 48 cd c9 c9 07 00"],
    ["a block that is not compressed (7.2.3.3)", "00 05 00 fa ff 48 65 6c 6c 6f 00"],
    ["a block marked as the last one (7.2.3.4)", "f3 48 cd c9 c9 07 00 00"],
    ["two blocks (7.2.3.5)", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"],
    ["a last block that is not compressed and holds nothing, as the end", "f2 48 cd c9 c9 07 00 00 00 ff ff 01"],
    ["a block marked as the last one, and one more such without anything", "f3 48 cd c9 c9 07 00 01"],
    ["a block marked as the last one, and nothing behind it", "f3 48 cd c9 c9 07 00"],
    ["two blocks marked as the last one", "f3 48 05 00 cb c9 c9 07 00 00"],
  ])("takes %s", (_, digits) => {
    expect(restore(bytes(digits))).toEqual(HELLO);
    expect(Buffer.from(inflate(bytes(digits)) as Uint8Array).toString()).toBe("Hello");
    expect(inflate(bytes(digits), NONE, 5)).toEqual(Uint8Array.from(HELLO));
    expect(inflate(bytes(digits), NONE, 4)).toBe("large");
  });

  it("takes the RFC's second message behind its first, and not without (7.2.3.2)", () => {
    expect(inflate(bytes("f200110000"), history(32_768, HELLO))).toEqual(Uint8Array.from(HELLO));
    expect(inflate(bytes("f200110000"))).toBe("invalid");
  });

  it("takes the empty message (7.2.3.6)", () => {
    for (const digits of ["00", "01", "03 00", "02 00", "03 00 00", "00 00 00 ff ff 00"]) expect([digits, inflate(bytes(digits), NONE, 0)]).toEqual([digits, new Uint8Array(0)]);
  });

  it.each([
    ["nothing at all", ""],
    ["a block type that there is none of", "07"],
    ["one behind a good block", "f2 48 cd c9 c9 07 06"],
    ["a stored block whose lengths do not match", "00 05 00 fa fe 48 65 6c 6c 6f 00"],
    ["the end inside a stored block's header", "00 05"],
    ["the end inside a stored block", "00 0a 00 f5 ff 48 65 6c 6c 6f"],
    ["the end inside a stored block that the tail would fill", "00 09 00 f6 ff 48 65 6c 6c 6f"],
    ["the end inside a block with fixed codes", "f2 48 cd c9"],
    ["the end inside a last block with fixed codes", "f3 48 cd c9"],
    ["the end inside the header of one with codes of its own", "04 c0"],
    ["the end inside the header of a last one with codes of its own", "05 c0 81"],
    ["the end behind a whole block, inside the three bits of the next", "f2 48 cd c9 c9 07"],
    ["a reference to what was before the first byte", "f2 00 11 00 00"],
    ["one more byte of zeros", "f2 48 cd c9 c9 07 00 00"],
    ["something behind the last block that is none", "f3 48 cd c9 c9 07 00 ff"],
  ])("refuses %s", (_, digits) => {
    expect(restore(bytes(digits))).toBe("invalid");
    expect(inflate(bytes(digits))).toBe("invalid");
    expect(inflate(bytes("f200110000"), history(100, HELLO))).toEqual(Uint8Array.from(HELLO)); // nothing is left of it
  });

  it("refuses each message that ends inside a block, wherever in one of any kind", () => {
    const data = payload("json", 3000, 3);
    for (const options of [
      { level: 0 }, { strategy: constants.Z_FIXED }, { level: 9 }, { strategy: constants.Z_HUFFMAN_ONLY }, { level: 0, finish: true },
      { strategy: constants.Z_FIXED, finish: true }, { level: 9, finish: true },
    ]) {
      const whole = deflateRawSync(data, { ...options, finishFlush: "finish" in options ? constants.Z_FINISH : constants.Z_SYNC_FLUSH });
      for (let end = 1; end < Math.min(whole.length - 4, 700); end++) {
        const [cut, start] = [whole.subarray(0, end), restore(whole.subarray(0, end))];
        const result = inflate(cut);
        if (result !== "invalid" || start !== "invalid") expect([options, end, hex(result)]).toEqual([options, end, hex(start)]);
      }
    }
  });

  it("takes any message of zlib's, of any settings, behind any history", () => {
    fc.assert(fc.property(fc.array(anyPayload, { minLength: 1, maxLength: 4 }), anySettings, fc.boolean(), fc.boolean(), (messages, settings, takeover, finish) => {
      const received = new History(takeover ? 2 ** settings.windowBits : 0);
      for (const message of messages) {
        const dictionary = received.bytes.length > 0 ? { dictionary: received.bytes } : {};
        const blocks = deflateRawSync(message, { ...settings, ...dictionary, finishFlush: finish ? constants.Z_FINISH : constants.Z_SYNC_FLUSH });
        const data = finish ? Buffer.concat([blocks, Buffer.of(0)]) : blocks.subarray(0, -4);
        expect(Buffer.compare(inflate(data, received, message.length) as Uint8Array, message)).toBe(0);
        expect(inflate(data, received, message.length - 1)).toBe("large");
        received.push(message);
      }
    }), { numRuns: 60 });
  });

  it("of a spoilt message is an error, or what zlib makes of it", () => {
    const spoil = fc.array(fc.record({ at: fc.nat(), kind: fc.constantFrom("flip", "drop", "double", "cut", "add", "swap"), value: fc.nat({ max: 255 }) }), { minLength: 1, maxLength: 4 });
    let [taken, refused] = [0, 0];
    fc.assert(fc.property(fc.constantFrom(...KINDS), fc.integer({ min: 1, max: 400 }), fc.nat(), anySettings, fc.boolean(), spoil, (kind, length, seed, settings, finish, changes) => {
      const message = payload(kind, length, seed);
      const received = history(512, payload("json", 600, seed));
      let data: Buffer = deflateRawSync(message, { ...settings, dictionary: received.bytes, finishFlush: finish ? constants.Z_FINISH : constants.Z_SYNC_FLUSH });
      data = finish ? Buffer.concat([data, Buffer.of(0)]) : data.subarray(0, -4);
      for (const change of changes) {
        const at = change.at % (data.length + 1);
        const [before, behind] = [data.subarray(0, at), data.subarray(at)];
        if (change.kind === "flip" && at < data.length) data[at] ^= change.value;
        else if (change.kind === "drop") data = Buffer.concat([before, behind.subarray(1)]);
        else if (change.kind === "double") data = Buffer.concat([data.subarray(0, at), data]);
        else if (change.kind === "cut") data = before;
        else if (change.kind === "add") data = Buffer.concat([before, Buffer.of(change.value), behind]);
        else data = Buffer.concat([behind, before]);
      }
      const expected = restore(data, received.bytes);
      const actual = inflate(data, received);
      expect(hex(actual)).toBe(hex(expected));
      if (actual === "invalid") refused++;
      else taken++;
    }), { numRuns: 3000 });
    expect(taken).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });

  it("knows nothing of what other connections said, however far back a message refers", () => {
    const secret = payload("noise", 32_768, 9);
    inflate(deflateRawSync(secret, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4));
    for (const distance of [5, 6, 100, 512, 513, 4096, 20_000, 32_000]) {
      const thief = secret.subarray(-distance).subarray(0, 5);
      const data = deflateRawSync(thief, { dictionary: secret, level: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
      expect(data.length).toBeLessThan(8); // it is a reference
      expect(inflate(data, history(32_768, secret))).toEqual(Uint8Array.from(thief));
      expect(inflate(data)).toBe("invalid");
      expect(inflate(data, history(32_768, HELLO.subarray(1)))).toBe("invalid");
    }
  });

  it("takes no reference past the window of the history", () => {
    const said = payload("noise", 5000, 4);
    for (const size of [256, 512, 4096]) {
      const received = history(size, said);
      for (const distance of [size, size + 1]) {
        const thief = said.subarray(-distance).subarray(0, 6);
        const data = deflateRawSync(thief, { dictionary: said, level: 9, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
        expect([size, distance, hex(inflate(data, received))]).toEqual([size, distance, distance === size ? hex(thief) : "invalid"]);
      }
    }
  });

  it("goes on behind a message that had a last block, and behind one that failed", () => {
    const received = new History(4096);
    for (const digits of ["f348cdc9c9070000", "f200110000", "f348cdc9c90700", "f200110000"]) {
      expect(inflate(bytes(digits), received)).toEqual(Uint8Array.from(HELLO));
      received.push(HELLO);
      expect(inflate(bytes("07"), received)).toBe("invalid");
      expect(inflate(bytes("f248"), received)).toBe("invalid");
    }
  });

  it("takes as many as 1024 blocks marked as the last one before the end, each of which may refer to those before", () => {
    const block = bytes("f348cdc9c90700");
    const back = bytes("f3001100"); // "H", and "ello" from five bytes back
    for (const [count, fits] of [[1, true], [1024, true], [1025, false]] as const) {
      const data = Buffer.concat([block, ...Array.from({ length: count - 1 }, () => back), Buffer.of(0)]);
      const message = hex(Buffer.from("Hello".repeat(count)));
      expect(hex(inflate(data)) === (fits ? message : "invalid")).toBe(true);
      expect(hex(restore(data)) === message).toBe(true);
    }
  });

  it("does not change what it is lent, and gives arrays of the caller's own", () => {
    const received = history(512, payload("words", 600, 1));
    const data = deflateRawSync(payload("words", 600, 1), { dictionary: received.bytes, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const [kept, input] = [received.bytes.slice(), Buffer.from(data)];
    const first = inflate(data, received) as Uint8Array;
    const copy = first.slice();
    inflate(data, received);
    inflate(bytes("f248cdc9c90700"));
    expect([received.bytes, data, first]).toEqual([kept, input, copy]);
    expect(first.buffer.byteLength).toBe(600);
  });
});
