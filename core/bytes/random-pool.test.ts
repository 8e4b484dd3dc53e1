import fc from "fast-check";
import { expect, test } from "vitest";
import { RandomPool } from "./random-pool.ts";

/** A pool over a source that counts its bytes up from 1, and how often the source was asked for how much. */
function counted(): { pool: RandomPool; asked: number[] } {
  const asked: number[] = [];
  let next = 0;
  const pool = new RandomPool((target) => {
    asked.push(target.length);
    for (let at = 0; at < target.length; at++) target[at] = ++next;
  });
  return { pool, asked };
}

test("the source is asked for 4,096 bytes at the first use, not before", () => {
  const { pool, asked } = counted();
  expect(asked).toEqual([]);
  pool.bytes(1);
  expect(asked).toEqual([4096]);
});

test("bytes are given in the source's order, each once", () => {
  const { pool } = counted();
  expect([...pool.bytes(3)]).toEqual([1, 2, 3]);
  expect([...pool.bytes(0)]).toEqual([]);
  expect([...pool.bytes(2)]).toEqual([4, 5]);
});

test("an integer is four bytes, the first the highest, and never negative", () => {
  const { pool } = counted();
  expect(pool.uint32()).toBe(0x01020304);
  expect(pool.uint32()).toBe(0x05060708);
  expect(new RandomPool((target) => target.fill(0xff)).uint32()).toBe(0xffffffff);
});

test("the pool is filled anew when less is left than is asked for, and what was left is not used", () => {
  const { pool, asked } = counted();
  expect(pool.bytes(4092)).toHaveLength(4092);
  expect(pool.uint32()).toBe(0xfdfeff00);
  expect(asked).toHaveLength(1);
  expect([...pool.bytes(1)]).toEqual([1]);
  expect(asked).toHaveLength(2);
  pool.bytes(4093);
  expect(asked).toHaveLength(2);
  expect([...pool.bytes(3)]).toEqual([1, 2, 3]);
  expect(asked).toHaveLength(3);
});

test("bytes are the caller's own: a later filling does not change them", () => {
  const { pool } = counted();
  const first = pool.bytes(4);
  first[0] = 99;
  pool.bytes(4096);
  expect([...first]).toEqual([99, 2, 3, 4]);
  expect(first.buffer.byteLength).toBe(4);
});

test("4,096 bytes may be drawn at once and no more", () => {
  const { pool, asked } = counted();
  expect(pool.bytes(4096)).toHaveLength(4096);
  expect(() => pool.bytes(4097)).toThrow(new RangeError("Cannot draw 4097 random bytes at once: the pool has 4096"));
  expect(asked).toHaveLength(1);
});

test("no byte of the source is given twice, whatever is drawn", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 4096 }), { maxLength: 20 }), (counts) => {
    let next = 0;
    const pool = new RandomPool((target) => new DataView(target.buffer).setUint32(0, ++next));
    let drawn = 0;
    let filled = 0;
    for (const count of counts) {
      if (filled === 0 || drawn + count > 4096) [filled, drawn] = [filled + 1, 0];
      const bytes = pool.bytes(count);
      expect(bytes).toHaveLength(count);
      if (drawn === 0 && count >= 4) expect(new DataView(bytes.buffer).getUint32(0)).toBe(filled);
      drawn += count;
    }
  }));
});
