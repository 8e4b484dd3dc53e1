import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lender } from "./lender.ts";

describe("Lender", () => {
  it("lends what was given back, whatever part of it is shown", () => {
    const lender = new Lender();
    const bytes = lender.lend(65_536);
    expect(bytes.length).toBe(65_536);
    lender.giveBack(bytes.subarray(0, 60_000));
    expect(lender.bytesKept).toBe(65_536);
    expect(lender.lend(60_000).buffer).toBe(bytes.buffer);
    expect(lender.bytesKept).toBe(0);
  });

  it("lends a fourth more than was asked for at most", () => {
    const lender = new Lender();
    fc.assert(fc.property(fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 5_000_000 })), (count) => {
      const { length } = lender.lend(count);
      expect(length).toBeGreaterThanOrEqual(count);
      expect(length).toBeLessThanOrEqual(Math.ceil(count * 1.25));
    }));
  });

  it("never lends to two, and lends nothing again that somebody holds", () => {
    const step = fc.oneof(
      fc.record({ lend: fc.integer({ min: 4_000, max: 20_000 }) }),
      fc.record({ hold: fc.nat({ max: 9 }) }),
      fc.record({ giveBack: fc.nat({ max: 9 }) }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lender = new Lender();
      const held: Uint8Array[] = []; // once for each holder
      for (const { lend, hold, giveBack } of steps as { lend?: number; hold?: number; giveBack?: number }[]) {
        if (lend !== undefined) {
          const bytes = lender.lend(lend);
          expect(held.some((other) => other.buffer === bytes.buffer)).toBe(false);
          if (lend >= 4_096) held.push(bytes);
        } else if (hold !== undefined && hold < held.length) {
          expect(lender.hold(held[hold])).toBe(true);
          held.push(held[hold]);
        } else if (giveBack !== undefined) {
          for (const bytes of held.splice(giveBack, 1)) lender.giveBack(bytes);
        }
      }
    }));
  });

  it("lends again what two hold once both gave it back, and only then", () => {
    const lender = new Lender();
    const bytes = lender.lend(8_000);
    expect([lender.hold(bytes), lender.hold(bytes)]).toEqual([true, true]);
    for (let holders = 3; holders > 0; holders--) {
      expect(lender.bytesKept).toBe(0);
      expect(lender.lend(8_000).buffer).not.toBe(bytes.buffer);
      lender.giveBack(bytes);
    }
    expect(lender.bytesKept).toBe(bytes.length);
    expect(lender.lend(8_000).buffer).toBe(bytes.buffer);
  });

  it("lends all that it keeps of a size", () => {
    const lender = new Lender();
    const all = Array.from({ length: 3 }, () => lender.lend(5_000));
    for (const bytes of all) lender.giveBack(bytes);
    const again = all.map(() => lender.lend(5_000));
    expect(new Set(again.map(({ buffer }) => buffer))).toEqual(new Set(all.map(({ buffer }) => buffer)));
    expect(lender.bytesKept).toBe(0);
  });

  it("counts who holds the smallest and the largest that it lends, and nobody who holds a small part", () => {
    const lender = new Lender();
    const [least, most] = [lender.lend(4_096), lender.lend(16 << 20)];
    expect([lender.hold(least), lender.hold(most)]).toEqual([true, true]);
    expect(lender.hold(most.subarray(0, 4_095))).toBe(false);
  });

  it("knows nothing of arrays of others, of small ones, and of what was given back", () => {
    const lender = new Lender();
    const own = new Uint8Array(10_000);
    expect(lender.hold(own)).toBe(false); // before anything was lent
    const bytes = lender.lend(10_000);
    for (const other of [own, lender.lend(4_095)]) {
      expect(lender.hold(other)).toBe(false);
      lender.giveBack(other);
    }
    expect(lender.bytesKept).toBe(0);
    lender.giveBack(bytes);
    lender.giveBack(bytes);
    expect(lender.hold(bytes)).toBe(false);
    expect(lender.bytesKept).toBe(bytes.length);
  });

  it("keeps neither too much nor what is too large", () => {
    const lender = new Lender();
    const all = Array.from({ length: 40 }, () => lender.lend(1 << 20));
    for (const bytes of all) lender.giveBack(bytes);
    expect(lender.bytesKept).toBe(32 << 20);
    const large = lender.lend((16 << 20) + 1);
    expect(large.length).toBe((16 << 20) + 1);
    lender.giveBack(large);
    expect(lender.bytesKept).toBe(32 << 20);
  });
});
