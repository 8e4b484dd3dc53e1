import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputQueue } from "../bytes/output-queue.ts";
import { concat, frame, pattern, readFrames } from "../testing/frames.ts";
import { standardText } from "../bytes/utf8.ts";
import { headerSize, writeFrame, writeHeader, writePart, writeText } from "./frame-writer.ts";

interface Header {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly opcode: number;
  readonly key?: number | undefined;
}

function firstOf({ fin = true, rsv = 0, opcode }: Header): number {
  return (fin ? 0x80 : 0) | rsv | opcode;
}

function write(header: Header, payload: Uint8Array): Uint8Array {
  const queue = new OutputQueue();
  writeFrame(queue, firstOf(header), header.key, payload);
  return concat(queue.take());
}

const SIZES = [[0, 2], [1, 2], [125, 2], [126, 4], [127, 4], [65_535, 4], [65_536, 10], [2 ** 32, 10], [2 ** 32 + 5, 10], [2 ** 53 - 1, 10]] as const;

describe("headerSize", () => {
  it.each(SIZES)("a payload of %i bytes has a header of %i, and four more for a key (5.2)", (length, size) => {
    expect(headerSize(length, false)).toBe(size);
    expect(headerSize(length, true)).toBe(size + 4);
  });
});

describe("writeHeader", () => {
  it.each(SIZES)("declares %i bytes in the shortest form, of %i bytes (5.2)", (length, size) => {
    for (const key of [undefined, 0xa1b2c3d4, 0]) {
      const bytes = new Uint8Array(20).fill(0xee);
      writeHeader(bytes, 3, 0x81, key, length);
      const expected = new Uint8Array(20).fill(0xee);
      expected.set(frame(1, "", { length: BigInt(length), key }), 3);
      expect(bytes).toEqual(expected);
      expect(expected.lastIndexOf(0xee, 18)).toBe(18);
      expect(frame(1, "", { length: BigInt(length), key }).length).toBe(headerSize(length, key !== undefined));
      expect(headerSize(length, false)).toBe(size);
    }
  });

  it.each([
    [{ fin: true, rsv: 0, opcode: 1 }, 0x81],
    [{ fin: false, rsv: 0, opcode: 1 }, 0x01],
    [{ fin: false, rsv: 0, opcode: 0 }, 0x00],
    [{ fin: true, rsv: 0x40, opcode: 2 }, 0xc2],
    [{ fin: false, rsv: 0x70, opcode: 10 }, 0x7a],
  ])("puts FIN, the reserved bits and the opcode into the first byte: %j (5.2)", (header, first) => {
    const bytes = new Uint8Array(2);
    writeHeader(bytes, 0, firstOf(header), undefined, 0);
    expect([...bytes]).toEqual([first, 0]);
  });
});

describe("writeText", () => {
  it("writes the frame that its UTF-8 has, and says where: in its shortest form, whatever the characters take (5.2)", () => {
    for (const unit of ["a", "\u00e9", "\u20ac", "\ud83d"]) {
      for (const count of [0, 1, 41, 42, 43, 62, 63, 124, 125, 126, 1_000]) {
        for (const key of [undefined, 0x01020304]) {
          const queue = new OutputQueue();
          const text = unit.repeat(count);
          const at = writeText(queue, 0x81, key, text, standardText);
          const expected = frame(1, Buffer.from(text), { key });
          expect(queue.length).toBe(expected.length);
          expect(Buffer.compare(queue.bytes.subarray(at, at + expected.length), expected)).toBe(0);
          expect(Buffer.compare(concat(queue.take()), expected)).toBe(0);
        }
      }
    }
  });
});

describe("writePart", () => {
  it("writes the frame of that part, and says where", () => {
    const payload = pattern(400, 7);
    for (const [start, end] of [[0, 0], [3, 3], [0, 125], [5, 130], [5, 131], [1, 400]]) {
      for (const key of [undefined, 0, 0x01020304]) {
        const queue = new OutputQueue();
        const expected = frame(1, payload.subarray(start, end), { key });
        const at = writePart(queue, 0x81, key, payload, start, end);
        expect(queue.length).toBe(expected.length);
        expect(Buffer.compare(queue.bytes.subarray(at, at + expected.length), expected)).toBe(0);
        expect(Buffer.compare(concat(queue.take()), expected)).toBe(0);
      }
    }
    expect(payload).toEqual(pattern(400, 7));
  });
});

describe("writeFrame", () => {
  it("writes the RFC's examples (5.7)", () => {
    const hello = new TextEncoder().encode("Hello");
    expect([...write({ opcode: 1 }, hello)]).toEqual([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    expect([...write({ opcode: 1, key: 0x37fa213d }, hello)]).toEqual([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    expect([...write({ opcode: 1, fin: false }, hello.slice(0, 3))]).toEqual([0x01, 0x03, 0x48, 0x65, 0x6c]);
    expect([...write({ opcode: 0 }, hello.slice(3))]).toEqual([0x80, 0x02, 0x6c, 0x6f]);
    expect([...write({ opcode: 9 }, hello)]).toEqual([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    expect(write({ opcode: 2 }, pattern(256)).slice(0, 5)).toEqual(Uint8Array.of(0x82, 0x7e, 0x01, 0x00, pattern(1)[0]));
    expect([...write({ opcode: 2 }, pattern(65_536)).slice(0, 10)]).toEqual([0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it("writes what a plain reader reads, always in the shortest form (5.2)", () => {
    const lengths = fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(125, 126, 16_384, 16_385, 65_535, 65_536));
    const header = fc.record({
      fin: fc.boolean(),
      rsv: fc.constantFrom(0, 0x10, 0x20, 0x40, 0x70),
      opcode: fc.nat({ max: 15 }),
      key: fc.option(fc.integer({ min: 0, max: 0xffff_ffff }), { nil: undefined }),
    });
    fc.assert(fc.property(header, lengths, fc.nat({ max: 255 }), (parts, length, from) => {
      const payload = pattern(length, from);
      const bytes = write(parts, payload);
      const [read, ...others] = readFrames(bytes);
      expect(others).toEqual([]);
      expect({ ...read, payload: read.payload.length }).toEqual({ fin: parts.fin, rsv: parts.rsv, opcode: parts.opcode, masked: parts.key !== undefined, payload: length });
      expect(Buffer.compare(Uint8Array.from(read.payload), payload)).toBe(0);
      expect(Buffer.compare(bytes, frame(parts.opcode, payload, parts))).toBe(0);
    }), { numRuns: 60 });
  });

  it("copies a payload of 16,384 bytes and passes a larger one through uncopied", () => {
    for (const [length, passes] of [[16_384, false], [16_385, true]] as const) {
      const queue = new OutputQueue();
      const payload = pattern(length);
      writeFrame(queue, 0x82, undefined, payload);
      expect(queue.length).toBe(4 + length);
      const output = queue.take();
      expect(output.includes(payload)).toBe(passes);
      expect(Buffer.compare(concat(output), frame(2, payload))).toBe(0);
    }
  });

  it("copies memory that is shared or may shrink, so that the frame is whole whatever becomes of it", () => {
    const resizable = new Uint8Array(new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(20_000, { maxByteLength: 40_000 }));
    for (const payload of [resizable, new Uint8Array(new SharedArrayBuffer(20_000))]) {
      payload.set(pattern(20_000));
      const queue = new OutputQueue();
      writeFrame(queue, 0x82, undefined, payload);
      if (payload === resizable) (resizable.buffer as unknown as { resize(size: number): void }).resize(0);
      else payload.fill(0);
      expect(Buffer.compare(concat(queue.take()), frame(2, pattern(20_000)))).toBe(0);
    }
  });

  it("never passes a masked payload through, and does not change it", () => {
    const queue = new OutputQueue();
    const payload = pattern(40_000);
    writeFrame(queue, 0x82, 0x01020304, payload);
    const output = queue.take();
    expect(output.length).toBe(1);
    expect(Buffer.compare(payload, pattern(40_000))).toBe(0);
    expect(Buffer.compare(output[0], frame(2, payload, { key: 0x01020304 }))).toBe(0);
  });

  it("masks with a key of zeros as with any other: the mask bit is set (5.3)", () => {
    expect([...write({ opcode: 2, key: 0 }, Uint8Array.of(7))]).toEqual([0x82, 0x81, 0, 0, 0, 0, 7]);
  });
});
