import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { restore } from "../testing/deflate-oracle.ts";
import { anyPayload, anySettings, history, KINDS, payload } from "../testing/deflate-samples.ts";
import { History } from "./history.ts";
import { inflate as inflateBehind } from "./inflate.ts";

const NONE = new History(0);
const HELLO = Buffer.from("Hello");
const MANY = 1 << 24;
const hex = (bytes: Uint8Array | string): string => typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("hex");
const bytes = (digits: string): Buffer => Buffer.from(digits.replaceAll(" ", ""), "hex");
const inflate = (data: Uint8Array, from: History = NONE, room = MANY): Uint8Array | string => inflateBehind(data, from.bytes, room);

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
