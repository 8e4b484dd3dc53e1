import { expect, it } from "vitest";
import { close, encodeFrame, text } from "../frames.ts";
import { Log } from "./log.ts";

function makeLog(): { readonly log: Log; at(now: number): void } {
  let now = 1_000;
  return { log: new Log(() => now), at: (time) => now = time };
}

it("tells frames with their time, header and words", () => {
  const { log, at } = makeLog();
  at(1_002.346);
  log.sent(text("hello"), encodeFrame(text("hello"), 0x0102_0304));
  log.received({ ...close(1001, "bye"), masked: false, key: undefined });
  expect(log.entries()).toEqual([
    { at: 2.35, by: "tester", kind: "frame", fin: true, rsv: 0, opcode: 1, masked: true, length: 5, header: "81 85 01 02 03 04", payload: "68 65 6c 6c 6f", says: '"hello"' },
    { at: 2.35, by: "peer", kind: "frame", fin: true, rsv: 0, opcode: 8, masked: false, length: 5, header: "88 05", payload: "03 e9 62 79 65", says: '1001 "bye"' },
  ]);
});

it("shows the beginning of long payloads and heads, and cuts no character", () => {
  const { log } = makeLog();
  const long = text(`a${"ß".repeat(100)}`);
  log.sent(long, encodeFrame(long, undefined));
  log.head("peer", "x".repeat(5_000));
  const [frame, head] = log.entries();
  expect(frame).toMatchObject({ length: 201, says: `"a${"ß".repeat(31)}"…` });
  expect(head.kind === "head" && head.text.length).toBe(2_001);
});

it("keeps the beginning and the end of a long story, and says how much is left out", () => {
  const { log } = makeLog();
  for (let at = 0; at < 500; at++) log.note(String(at));
  const entries = log.entries();
  const skipped = entries.find(({ kind }) => kind === "skipped");
  expect(entries[0]).toMatchObject({ text: "0" });
  expect(entries.at(-1)).toMatchObject({ text: "499" });
  expect(entries.length).toBeLessThan(110);
  expect(skipped).toMatchObject({ count: 500 - (entries.length - 1) });
});
