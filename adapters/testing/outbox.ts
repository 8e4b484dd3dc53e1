/**
 * What holds for every outbox.
 * @module
 */
import fc from "fast-check";
import { expect } from "vitest";
import type { Outbox } from "../outbox.ts";

/** Whatever a socket takes of it, all leaves once and in order. */
export function checkOutbox(make: () => Outbox, lengthOf: fc.Arbitrary<number>, numRuns: number): void {
  fc.assert(fc.property(
    fc.array(fc.array(lengthOf, { maxLength: 4 }), { maxLength: 6 }),
    fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
    (writes, shares) => {
      const outbox = make();
      const left: number[] = [];
      let counter = 0;
      for (const lengths of writes) {
        outbox.push(lengths.map((length) => Uint8Array.from({ length }, () => counter++ & 0xff)));
        for (let round = 0; round < 3 && outbox.size > 0; round++) {
          const bytes = outbox.next();
          const count = Math.floor(bytes.length * (shares.next().value as number));
          for (const byte of bytes.subarray(0, count)) left.push(byte);
          outbox.take(count);
        }
      }
      while (outbox.size > 0) {
        const bytes = outbox.next();
        for (const byte of bytes) left.push(byte);
        outbox.take(bytes.length);
      }
      expect(left.length).toBe(counter);
      expect(left.every((byte, at) => byte === (at & 0xff))).toBe(true);
    },
  ), { numRuns });
}
