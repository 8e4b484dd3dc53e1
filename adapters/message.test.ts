import { expect, test } from "vitest";
import { toBytes } from "./message.ts";

test("bytes are those of the view, whatever it is a view of, and not copied", () => {
  const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
  const bytes = new Uint8Array(buffer, 2, 3);
  expect(toBytes(bytes)).toBe(bytes);
  expect([...toBytes(buffer)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const view of [new DataView(buffer, 4, 4), new Float32Array(buffer, 4, 1), new Uint16Array(buffer, 4, 2)]) {
    expect([...toBytes(view)]).toEqual([5, 6, 7, 8]);
    expect(toBytes(view).buffer).toBe(buffer);
  }
  expect(toBytes(new Uint8Array(0)).length).toBe(0);
});

test("what is none is a TypeError, and so is what has lost its memory: an empty message would stand for it", () => {
  for (const value of [5, null, undefined, {}, [1], new SharedArrayBuffer(1), { byteLength: 1 }, Symbol("x")]) {
    expect(() => toBytes(value as never)).toThrow(/^Cannot send a message of type \w+: it must be a string or bytes; for objects, JSON.stringify$/);
  }
  const given = [new Uint8Array(9), new DataView(new ArrayBuffer(9)), new Float32Array(9)];
  for (const view of given) {
    structuredClone(view.buffer, { transfer: [view.buffer] });
    expect(() => toBytes(view)).toThrow("Cannot send bytes whose memory was given away: they were transferred, or their buffer has shrunk");
  }
});
