import { describe, expect, it } from "vitest";
import { concat, hex, toBytes } from "../frames.ts";
import { readBlocks } from "./blocks.ts";
import { Codec } from "./codec.ts";
import { cut, PAYLOADS } from "./payloads.ts";

const WINDOWS = [8, 9, 10, 11, 12, 13, 14, 15];
const STORY = toBytes("a story that is told twice");

describe.each([false, true])("with context takeover %s", (takeover) => {
  it.each(WINDOWS)("restores what it compressed, in a window of %i bits", (bits) => {
    const [sender, receiver] = [0, 1].map(() => new Codec({ bits, takeover }, { bits, takeover }));
    for (const payload of PAYLOADS) {
      for (const { payload: message } of cut(payload, 9_000, 6)) {
        const compressed = sender.compress(message);
        const { farthest, before } = readBlocks(concat([compressed, hex("00 00 ff ff")]));
        expect(farthest).toBeLessThanOrEqual(2 ** bits);
        if (!takeover) expect(before).toBe(0);
        expect(Buffer.compare(receiver.decompress(compressed), message)).toBe(0);
      }
    }
  });
});

it("sees a context that was not agreed on", () => {
  const sender = new Codec({ bits: 15, takeover: true }, { bits: 15, takeover: true });
  const receiver = new Codec({ bits: 15, takeover: true }, { bits: 15, takeover: false });
  receiver.decompress(sender.compress(STORY));
  expect(() => receiver.decompress(sender.compress(STORY))).toThrow("it agreed to no context takeover");
});

it("sees a window that is larger than agreed", () => {
  const far = concat([STORY, Uint8Array.from({ length: 1_000 }, (_, at) => at * at % 251), STORY]);
  const sender = new Codec({ bits: 15, takeover: true }, { bits: 15, takeover: true });
  const receiver = new Codec({ bits: 15, takeover: true }, { bits: 9, takeover: true });
  expect(() => receiver.decompress(sender.compress(far))).toThrow(/refers \d+ bytes back in a window of 512/);
});

it("sees a reference to what was before the connection", () => {
  const codec = new Codec({ bits: 15, takeover: true }, { bits: 15, takeover: true });
  expect(() => codec.decompress(hex("f2 00 11 00 00"))).toThrow("refers to what was before the connection");
});
