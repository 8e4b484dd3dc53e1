import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, pattern } from "../testing/frames.ts";
import { OutputQueue } from "./output-queue.ts";

const SLAB = 65_536;

/** Returns where it stands. */
function write(queue: OutputQueue, data: Uint8Array): { bytes: Uint8Array; start: number; end: number } {
  const start = queue.extend(data.length);
  queue.bytes.set(data, start);
  return { bytes: queue.bytes, start, end: start + data.length };
}

/** Starts a fresh slab: all queues of the process share one. */
function freshSlab(): void {
  const queue = new OutputQueue();
  write(queue, pattern(SLAB + 1)); // a slab of its own, full at once
  queue.take();
}

describe("OutputQueue", () => {
  it("holds nothing at first, and gives nothing", () => {
    const queue = new OutputQueue();
    expect(queue.length).toBe(0);
    expect(queue.take()).toEqual([]);
    expect(queue.bytes.length).toBe(0);
    expect(queue.take()).toBe(queue.take()); // no array is made for nothing
  });

  it("small pieces written in a row leave as one", () => {
    freshSlab();
    const queue = new OutputQueue();
    write(queue, pattern(3));
    write(queue, pattern(5, 3));
    expect(queue.length).toBe(8);
    const output = queue.take();
    expect(output).toEqual([concat([pattern(3), pattern(5, 3)])]);
    expect(queue.length).toBe(0);
    expect(queue.take()).toEqual([]);
  });

  it("a passed piece is not copied, and keeps its place", () => {
    const queue = new OutputQueue();
    const passed = pattern(4_097);
    write(queue, pattern(2));
    queue.pass(passed);
    write(queue, pattern(3));
    expect(queue.length).toBe(4_102);
    const output = queue.take();
    expect(output.map((piece) => piece.length)).toEqual([2, 4_097, 3]);
    expect(output[1]).toBe(passed);
    expect(queue.length).toBe(0);
  });

  it("an idle queue pins no slab", () => {
    const queue = new OutputQueue();
    write(queue, pattern(2));
    expect(queue.bytes.length).toBeGreaterThan(0);
    queue.take();
    expect(queue.bytes.length).toBe(0);
  });

  it("writing goes on in the same slab after a take, and the next output begins behind the last", () => {
    freshSlab();
    const queue = new OutputQueue();
    write(queue, pattern(4));
    const [first] = queue.take();
    write(queue, pattern(4, 1));
    const [second] = queue.take();
    expect(second.buffer).toBe(first.buffer);
    expect([first.byteOffset, second.byteOffset]).toEqual([0, 4]);
    expect(first).toEqual(pattern(4));
  });

  it("a piece that fills a slab to its last byte stays in it, one byte more begins another", () => {
    for (const [count, pieces] of [[SLAB - 4, 1], [SLAB - 3, 2]]) {
      freshSlab();
      const queue = new OutputQueue();
      write(queue, pattern(4));
      const { bytes } = queue;
      expect(bytes.length).toBe(SLAB);
      write(queue, pattern(count));
      expect(queue.bytes === bytes).toBe(pieces === 1);
      const output = queue.take();
      expect(output.length).toBe(pieces);
      expect(concat(output)).toEqual(concat([pattern(4), pattern(count)]));
    }
  });

  it("a slab that another queue began is filled to its last byte", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    write(one, pattern(4));
    write(two, pattern(SLAB - 4));
    expect(two.bytes).toBe(one.bytes);
    expect(concat([...one.take(), ...two.take()])).toEqual(concat([pattern(4), pattern(SLAB - 4)]));
  });

  it("a queue leaves the slab that others have filled, even where the next one is as full as it was", () => {
    freshSlab();
    const [one, two, three] = [new OutputQueue(), new OutputQueue(), new OutputQueue()];
    write(one, pattern(4, 1));
    write(two, pattern(SLAB - 4, 2));
    write(three, pattern(4, 3));
    write(one, pattern(4, 4));
    expect(one.bytes).toBe(three.bytes);
    expect(concat(one.take())).toEqual(concat([pattern(4, 1), pattern(4, 4)]));
    expect(concat(two.take())).toEqual(pattern(SLAB - 4, 2));
    expect(concat(three.take())).toEqual(pattern(4, 3));
  });

  it("a piece larger than a slab gets one of exactly its size", () => {
    const queue = new OutputQueue();
    write(queue, pattern(SLAB + 10));
    expect(queue.bytes.length).toBe(SLAB + 10);
    const output = queue.take();
    expect(output.length).toBe(1);
    expect(output[0]).toEqual(pattern(SLAB + 10));
  });

  it("two queues that share a slab do not mix, and go on where the slab is free", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    write(one, pattern(4, 10));
    write(two, pattern(4, 20));
    write(one, pattern(4, 30));
    const [ones, twos] = [one.take(), two.take()];
    expect(ones.map((piece) => [piece.byteOffset, piece.length])).toEqual([[12, 8]]); // joined where the slab is free
    expect(twos.map((piece) => [piece.byteOffset, piece.length])).toEqual([[4, 4]]);
    expect(concat(ones)).toEqual(concat([pattern(4, 10), pattern(4, 30)]));
    expect(twos).toEqual([pattern(4, 20)]);
  });

  it("small pieces in a row are joined, large ones are not", () => {
    const queue = new OutputQueue();
    for (const count of [3, 4_096, 4_097, 5, 5_000, 6, 7, 8]) queue.pass(pattern(count));
    const output = queue.take();
    expect(output.map((piece) => piece.length)).toEqual([4_099, 4_097, 5, 5_000, 21]);
    expect(Buffer.compare(concat(output), concat([3, 4_096, 4_097, 5, 5_000, 6, 7, 8].map((count) => pattern(count))))).toBe(0);
  });

  it("what is joined has room, at the end of a slab and where it is more than one", () => {
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    for (const [free, counts] of [[10, [6, 6]], [10, Array.from({ length: 30 }, () => 4_000)], [12, [6, 6]]] as const) {
      freshSlab();
      write(one, pattern(SLAB - free));
      for (const count of counts) two.pass(pattern(count, count));
      const output = two.take();
      expect(output.length).toBe(1);
      expect(Buffer.compare(output[0], concat(counts.map((count) => pattern(count, count))))).toBe(0);
      expect(one.take()).toEqual([pattern(SLAB - free)]);
    }
  });

  it("a small piece that has no small neighbour is handed over itself", () => {
    const queue = new OutputQueue();
    const pieces = [pattern(5_000), pattern(5), pattern(5_000)];
    for (const piece of pieces) queue.pass(piece);
    expect(queue.take().every((piece, at) => piece === pieces[at])).toBe(true);
  });

  it("what another wrote is shared: side by side it is one piece, and the same for all who have the same", () => {
    freshSlab();
    const [one, two, three] = [new OutputQueue(), new OutputQueue(), new OutputQueue()];
    for (const [start, count] of [[0, 4], [4, 5]]) {
      write(one, pattern(count, start));
      for (const queue of [two, three]) queue.share(one.bytes, start, start + count);
    }
    expect([one.length, two.length, three.length]).toEqual([9, 9, 9]);
    const [first, ...more] = one.take();
    expect([first, ...more]).toEqual([concat([pattern(4, 0), pattern(5, 4)])]);
    expect(two.take()[0]).toBe(first);
    expect(three.take()[0]).toBe(first);
    expect([two.length, two.take()]).toEqual([0, []]);
    two.share(first, 0, 4);
    expect(two.take()).toEqual([pattern(4, 0)]); // the start alone is not enough
    three.share(first, 4, 9);
    expect(three.take()).toEqual([pattern(5, 4)]); // nor the end
    three.share(first.slice(), 4, 9);
    expect(three.take()[0].buffer).not.toBe(first.buffer);
  });

  it("what is shared keeps its place among the rest", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    write(one, pattern(3, 1));
    write(two, pattern(3, 10));
    two.share(one.bytes, 0, 3);
    write(one, pattern(3, 20)); // right behind what it has in common with nobody
    two.share(one.bytes, 6, 9);
    write(two, pattern(3, 30));
    expect(concat(one.take())).toEqual(concat([pattern(3, 1), pattern(3, 20)]));
    expect(concat(two.take())).toEqual(concat([pattern(3, 10), pattern(3, 1), pattern(3, 20), pattern(3, 30)]));
  });

  it("behind what it shares a queue writes on, and the others do not see it", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    write(one, pattern(3, 1));
    two.share(one.bytes, 0, 3);
    expect([one.continues, two.continues]).toEqual([true, true]);
    write(two, pattern(2, 7));
    expect(one.continues).toBe(false);
    expect(one.take()).toEqual([pattern(3, 1)]);
    expect(two.take()).toEqual([concat([pattern(3, 1), pattern(2, 7)])]);
  });

  it("continues as long as nobody else wrote, and it has something", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    expect(one.continues).toBe(false);
    write(one, pattern(4));
    expect([one.continues, two.continues]).toEqual([true, false]);
    write(two, pattern(4));
    expect([one.continues, two.continues]).toEqual([false, true]);
    two.take();
    expect(two.continues).toBe(false);
    one.pass(pattern(9));
    expect(one.continues).toBe(false);
    freshSlab();
    write(one, pattern(4));
    freshSlab();
    write(two, pattern(4));
    expect([one.continues, two.continues]).toEqual([false, true]); // it ends at the same place of another slab
  });

  it("what is trimmed is free again", () => {
    freshSlab();
    const [one, two] = [new OutputQueue(), new OutputQueue()];
    const at = one.extend(10);
    one.bytes.set(pattern(6), at);
    one.trim(4);
    expect(one.length).toBe(6);
    write(two, pattern(3));
    const [written, next] = [one.take(), two.take()];
    expect(written).toEqual([pattern(6)]);
    expect(next[0].byteOffset).toBe(6);
  });

  it("gives what was written, in order, and never writes again what it gave, whichever queues share the slab", () => {
    const step = fc.record({
      queue: fc.nat({ max: 2 }),
      action: fc.constantFrom("write", "write", "write", "pass", "share", "share", "take"),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40_000 })),
      from: fc.nat({ max: 255 }),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const queues = [0, 1, 2].map(() => ({ queue: new OutputQueue(), written: [] as Uint8Array[], given: [] as Uint8Array[] }));
      let last = { bytes: new Uint8Array(0) as Uint8Array, start: 0, end: 0 };
      for (const { queue: index, action, count, from } of steps) {
        const { queue, written, given } = queues[index];
        if (action === "take") {
          given.push(...queue.take());
          expect(queue.length).toBe(0);
        } else if (action === "share") {
          queue.share(last.bytes, last.start, last.end);
          written.push(last.bytes.slice(last.start, last.end));
        } else {
          const before = queue.length;
          const data = pattern(count, from);
          if (action === "write") last = write(queue, data);
          else queue.pass(data);
          written.push(data);
          expect(queue.length).toBe(before + count);
        }
      }
      for (const { queue, written, given } of queues) {
        given.push(...queue.take());
        expect(given.every((piece) => piece.length > 0)).toBe(true);
        expect(Buffer.compare(concat(given), concat(written))).toBe(0);
      }
    }), { numRuns: 200 });
  });
});
