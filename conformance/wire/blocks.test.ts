import { expect, it } from "vitest";
import { concat, hex } from "../frames.ts";
import { readBlocks } from "./blocks.ts";
import { deflate } from "./codec.ts";
import { random } from "./payloads.ts";

const TAIL = hex("00 00 ff ff");

it("tells of references, ends and lengths", () => {
  const noise = Uint8Array.from({ length: 1000 }, ((next) => () => next(256))(random(1)));
  const of = (message: Uint8Array, dictionary?: Uint8Array): ReturnType<typeof readBlocks> => readBlocks(concat([deflate(message, 15, dictionary), TAIL]));
  expect(of(noise)).toMatchObject({ farthest: 0, before: 0, length: 1000 });
  expect(of(concat([noise, noise]))).toMatchObject({ farthest: 1000, before: 0, length: 2000 });
  expect(of(noise, noise)).toMatchObject({ farthest: 1000, before: 999, length: 1000 });
  expect(of(new Uint8Array(0))).toMatchObject({ farthest: 0, before: 0, ends: [5], length: 0 });
  expect(readBlocks(concat([hex("f3 48 cd c9 c9 07 00"), hex("00"), TAIL]))).toMatchObject({ farthest: 0, before: 0, ends: [7, 12], length: 5 });
});

it.each([
  ["ends inside a block", "f2 48 cd"],
  ["has a block of no known type", "06 00"],
  ["has a stored block of no clear length", "00 05 00 fa fe 48 65 6c 6c 6f 00"],
  ["has more codes than fit", "04 e0 93 24 49 92 24 49 92 24"],
])("says of a message that it %s", (sentence, bytes) => {
  expect(() => readBlocks(hex(bytes))).toThrow(`its message ${sentence}`);
});
