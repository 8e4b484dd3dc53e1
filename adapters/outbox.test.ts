import fc from "fast-check";
import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";
import { checkOutbox } from "./testing/outbox.ts";

test("small pieces leave as one, a large one by itself", () => {
  const outbox = new Outbox();
  const large = new Uint8Array(140_000);
  outbox.push([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3), large, Uint8Array.of(4)]);
  expect(outbox.size).toBe(140_004);
  expect([...outbox.next()]).toEqual([1, 2, 3]);
  outbox.take(1);
  expect([...outbox.next()]).toEqual([2, 3]);
  outbox.take(2);
  expect(outbox.next()).toBe(large); // uncopied
  outbox.take(140_000);
  expect([...outbox.next()]).toEqual([4]);
  outbox.clear();
  expect(outbox.size).toBe(0);
});

test("what was joined stays as it is until it is taken or cleared, however many write", () => {
  const outboxes = Array.from({ length: 40 }, () => new Outbox());
  for (let round = 0; round < 2; round++) {
    const written = outboxes.map((outbox, index) => {
      outbox.push([Uint8Array.of(index), Uint8Array.of(round, 3)]);
      return outbox.next();
    });
    for (const [index, bytes] of written.entries()) {
      expect([...bytes]).toEqual([index, round, 3]);
      outboxes[index].take(1);
      outboxes[index].push([Uint8Array.of(4), Uint8Array.of(5)]);
    }
    for (const outbox of outboxes) expect([...outbox.next().subarray(0, 2)]).toEqual([round, 3]);
    for (const outbox of outboxes) outbox.clear();
  }
  expect(new Set(outboxes.map((outbox) => {
    outbox.push([Uint8Array.of(1), Uint8Array.of(2)]);
    const { buffer } = outbox.next();
    outbox.take(2);
    return buffer;
  })).size).toBe(1); // the place serves again
});

test("whatever a socket takes of it, all leaves once and in order", () => {
  checkOutbox(() => new Outbox(), fc.nat(100_000), 20);
});
