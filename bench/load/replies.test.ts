import { expect, test } from "vitest";
import { HeaderCounter, LengthCounter, ReplyChecker, type ReplyReader } from "./replies.ts";
import { makeFrame } from "./series.ts";

/** How many messages it counts in bytes that come in pieces of one length. */
function countInPieces(reader: ReplyReader, bytes: Uint8Array, step: number): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += step) count += reader.read(bytes.subarray(at, at + step));
  return count;
}

const PAYLOADS = [1, 0, 125, 126, 300, 70_000].map((length, at) => new Uint8Array(length).fill(at + 65));

test.each([1, 2, 3, 7, 1000, 1_000_000])("frames are told by their headers, in pieces of %i bytes", (step) => {
  const bytes = Buffer.concat(PAYLOADS.map((payload) => makeFrame(0x82, payload, false)));
  expect(countInPieces(new HeaderCounter(), bytes, step)).toBe(PAYLOADS.length);
});

test.each([1, 5, 34, 1000])("frames of one length are counted in pieces of %i bytes", (step) => {
  expect(countInPieces(new LengthCounter(34), new Uint8Array(34 * 50), step)).toBe(50);
});

test.each([[1, true], [7, false], [1000, true], [1_000_000, false]])("every byte is compared, in pieces of %i bytes, masked: %s", (step, masked) => {
  const bytes = Buffer.concat([...PAYLOADS, ...PAYLOADS].map((payload) => makeFrame(0x82, payload, masked)));
  expect(countInPieces(new ReplyChecker(PAYLOADS, true, 0), bytes, step)).toBe(PAYLOADS.length * 2);
});

test("what differs is told", () => {
  const [payload] = PAYLOADS;
  const read = (bytes: Uint8Array) => (): number => new ReplyChecker([payload], true, 4).read(bytes);
  expect(read(makeFrame(0x82, Uint8Array.of(66), false))).toThrow("Reply 4 is not what was sent");
  expect(read(makeFrame(0x82, Uint8Array.of(65, 65), false))).toThrow("Reply 4 is not what was sent");
  expect(read(makeFrame(0x81, payload, false))).toThrow("Reply 4 is a frame that starts with 0x81");
  expect(read(makeFrame(0x02, payload, false))).toThrow("0x2");
});
