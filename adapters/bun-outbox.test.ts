import fc from "fast-check";
import { expect, test } from "vitest";
import { BunOutbox } from "./bun-outbox.ts";
import { checkOutbox } from "./testing/outbox.ts";

test("pieces leave together, as far as a copy pays; a single one uncopied", () => {
  const outbox = new BunOutbox();
  const large = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
  outbox.push([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3), new Uint8Array(100_000), new Uint8Array(100_000), large, Uint8Array.of(4)]);
  expect(outbox.size).toBe(1_200_004);
  expect([...outbox.next().subarray(0, 4)]).toEqual([1, 2, 3, 0]);
  expect(outbox.next().length).toBe(200_003); // already more than is copied of a large one
  outbox.take(100_001); // the first and a part of a later one
  expect([...outbox.next().subarray(0, 2)]).toEqual([0, 0]);
  expect(outbox.next().length).toBe(131_072); // and now the beginning of it
  outbox.take(131_072);
  expect(outbox.next().buffer).toBe(large.buffer); // the rest of it uncopied
  outbox.take(outbox.next().length);
  expect([...outbox.next()]).toEqual([4]);
  outbox.clear();
  expect(outbox.size).toBe(0);
});

test("what many small pieces hold leaves 512 KiB at a time", () => {
  const outbox = new BunOutbox();
  outbox.push(Array.from({ length: 9 }, () => new Uint8Array(65_536)));
  expect(outbox.next().length).toBe(524_288);
  outbox.take(524_288);
  expect(outbox.next().length).toBe(65_536);
});

test("whatever a socket takes of it, all leaves once and in order", () => {
  checkOutbox(() => new BunOutbox(), fc.oneof(fc.nat(300), fc.nat(400_000)), 15);
});
