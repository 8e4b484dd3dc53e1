import { constants, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deflated } from "../testing/codec.ts";
import { restore, TAIL } from "../testing/deflate-oracle.ts";
import { anyPayload, anySettings, history, payload, random } from "../testing/deflate-samples.ts";
import { deflate, type DeflateSettings } from "./deflate.ts";
import { History } from "./history.ts";
import { inflate } from "./inflate.ts";

const SETTINGS: DeflateSettings = { windowBits: 12, level: 6, memLevel: 5 };
const NONE = new History(0);
const HELLO = Buffer.from("Hello");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("deflate", () => {
  it("makes the RFC's examples to the byte (RFC 7692, 7.2.3.1)", () => {
    expect(hex(deflate(HELLO, NONE, SETTINGS))).toBe("f248cdc9c907000000ffff");
    expect(hex(deflate(HELLO, history(4096, HELLO), SETTINGS))).toBe("021300000000ffff");
  });

  it("makes messages that zlib with exactly the agreed window reads, one stream with takeover, many without", () => {
    fc.assert(fc.property(fc.array(anyPayload, { minLength: 1, maxLength: 5 }), anySettings, fc.boolean(), (messages, settings, takeover) => {
      const sent = new History(takeover ? 2 ** settings.windowBits : 0);
      const encoded = messages.map((message) => {
        const blocks = deflate(message, sent, settings);
        expect(inflate(blocks.subarray(0, -4), sent.bytes, message.length)).toEqual(Uint8Array.from(message));
        sent.push(message);
        expect(Buffer.from(blocks.subarray(-4)).equals(TAIL)).toBe(true);
        return blocks;
      });
      // the smallest pieces of output make zlib look into its window for everything
      const options = { windowBits: settings.windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
      if (takeover) expect(inflateRawSync(Buffer.concat(encoded), options).equals(Buffer.concat(messages))).toBe(true);
      else encoded.forEach((blocks, at) => expect(inflateRawSync(blocks, options).equals(messages[at])).toBe(true));
    }), { numRuns: 100 });
  });

  it("makes what depends on the message, the history and the settings alone, whatever it kept of others", () => {
    const message = payload("json", 900, 5);
    const known = new History(4096);
    const said = Array.from({ length: 100 }, (_, at) => payload(at % 2 === 0 ? "json" : "words", 1 + at * 37 % 1300, at));
    for (const level of [1, 5, 6, 9]) {
      for (const each of said) {
        const settings = { ...SETTINGS, level };
        const ours = deflate(each, known, settings);
        expect(hex(deflate(each, history(4096, known.bytes), settings))).toBe(hex(ours));
        known.push(each);
      }
    }
    const first = deflate(message, NONE, SETTINGS);
    for (const each of said) deflate(each, NONE, SETTINGS);
    expect(hex(deflate(message, new History(0), SETTINGS))).toBe(hex(first));
  });

  it("serves more histories than are kept, taking turns: each message refers to its own", () => {
    const next = random(7);
    const ends = Array.from({ length: 400 }, (_, at) => ({
      settings: { windowBits: 9 + at % 7, level: at % 10, memLevel: 1 + at % 3 * 4 },
      sent: new History(at % 5 === 0 ? 0 : 2 ** (9 + at % 7)),
      said: [] as Buffer[],
      blocks: [] as Uint8Array[],
    }));
    for (let turn = 0; turn < 3000; turn++) {
      const end = ends[turn % 3 === 0 ? turn % 400 : next() % (turn % 800 < 400 ? 400 : 20)];
      const message = payload("json", 1 + next() % 700, turn % 4);
      end.blocks.push(deflate(message, end.sent, end.settings));
      end.sent.push(message);
      end.said.push(message);
    }
    for (const { settings: { windowBits }, sent, said, blocks } of ends) {
      const options = { windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
      if (sent.size > 0) expect(inflateRawSync(Buffer.concat(blocks), options).equals(Buffer.concat(said))).toBe(true);
      else blocks.forEach((each, at) => expect(inflateRawSync(each, options).equals(said[at])).toBe(true));
    }
  });

  it("refers to the history as it is, when it went on without it or has other settings now", () => {
    const sent = new History(4096);
    const message = payload("words", 500, 1);
    deflate(message, sent, SETTINGS); // not sent: nobody has seen it
    const other = payload("json", 400, 2);
    sent.push(other);
    for (const settings of [SETTINGS, { ...SETTINGS, level: 9 }, { ...SETTINGS, memLevel: 1 }]) {
      const blocks = deflate(message, sent, settings);
      expect(restore(blocks.subarray(0, -4), other)).toEqual(message);
    }
  });

  it("refers to the oldest byte of the window, and to none before it", () => {
    const message = payload("noise", 100, 3);
    for (const windowBits of [9, 12, 15]) {
      for (const level of [1, 9]) {
        const behind = (between: number): number => (
          deflate(message, history(32_768, message, payload("noise", between, 4)), { windowBits, level, memLevel: 9 }).length
        );
        expect([windowBits, behind(2 ** windowBits - 100) < 20]).toEqual([windowBits, true]);
        expect(behind(2 ** windowBits - 99)).toBeGreaterThan(100);
      }
    }
  });

  it("of level 0 says bytes as they are, and grows by no more than five in 32 KiB at any level", () => {
    for (const length of [1, 1000, 32_768, 32_769, 200_000]) {
      const message = payload("noise", length, 1);
      const most = length + 5 * Math.ceil(length / 32_768) + 5;
      expect(deflate(payload("zeros", length, 1), NONE, { ...SETTINGS, level: 0 }).length).toBe(most);
      for (const level of [1, 5, 9]) expect(deflate(message, NONE, { ...SETTINGS, level }).length).toBeLessThanOrEqual(most);
    }
  });

  it("makes about what zlib does at the same level", () => {
    for (const kind of ["words", "json", "runs"] as const) {
      for (const length of [1000, 20_000, 100_000]) {
        for (const level of [1, 5, 6, 9]) {
          const settings = { windowBits: 15, level, memLevel: 8 };
          const [before, message] = [payload(kind, length, 1), payload(kind, length, 2)];
          const [ours, zlibs] = [deflate(message, history(32_768, before), settings), deflated(message, before.subarray(-32_768), settings)];
          expect([kind, length, level, ours.length / zlibs.length > 1.14]).toEqual([kind, length, level, false]);
        }
      }
    }
  });

  it("finds more with each kind of level", () => {
    const message = payload("json", 60_000, 3);
    const lengths = [0, 5, 6, 9].map((level) => deflate(message, NONE, { ...SETTINGS, level }).length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(new Set(lengths).size).toBe(4);
  });

  it("leaves what it is lent, and gives arrays of the caller's own", () => {
    const sent = history(4096, payload("words", 300, 1));
    for (const length of [300, 70_000]) {
      const message = payload("words", length, 1);
      const [kept, input] = [sent.bytes.slice(), Buffer.from(message)];
      const first = deflate(message, sent, SETTINGS);
      const copy = first.slice();
      deflate(payload("noise", 300, 1), sent, SETTINGS);
      expect([sent.bytes, Buffer.from(message)]).toEqual([kept, input]);
      expect([first, first.buffer.byteLength]).toEqual([copy, first.length]);
      expect(sent.total).toBe(300);
    }
  });
});
