import { describe, expect, it } from "vitest";
import { Inverter, inverted } from "../testing/extension.ts";
import { concat, frame, pattern, readFrames, utf8 } from "../testing/frames.ts";
import { countingPool } from "../testing/pair.ts";
import { thrown } from "../testing/thrown.ts";
import { MessageWriter } from "./message-writer.ts";

const secret = (text: string): Uint8Array => inverted(utf8(text));

/** A writer, its session, and what it queued since it was asked last. */
function writer(maxQueued = 1000, random = false) {
  const session = new Inverter();
  const messages = new MessageWriter(random ? countingPool() : undefined, maxQueued, session);
  return { messages, session, take: (): Uint8Array => concat(messages.take()) };
}

describe("messages under an extension (RFC 7692, 6)", () => {
  it("are transformed and marked, text and binary", () => {
    const { messages, session, take } = writer();
    messages.message("Hällo");
    messages.message(pattern(5));
    expect(take()).toEqual(concat([frame(1, secret("Hällo"), { rsv: 0x40 }), frame(2, inverted(pattern(5)), { rsv: 0x40 })]));
    expect(session.encoded).toEqual([[[...utf8("Hällo")], true, true], [[...pattern(5)], true, true]]);
  });

  it("are masked behind it (5.3)", () => {
    const { messages, take } = writer(1000, true);
    messages.message("abc");
    expect(take()).toEqual(frame(1, secret("abc"), { rsv: 0x40, key: 0x01020304 }));
  });

  it("below the threshold are sent as they are; it counts bytes", () => {
    const { messages, session, take } = writer();
    for (const text of ["", "ab", "é", "éa"]) messages.message(text);
    expect(take()).toEqual(concat([frame(1), frame(1, "ab"), frame(1, "é"), frame(1, secret("éa"), { rsv: 0x40 })]));
    expect(session.encoded.length).toBe(1);
  });

  it("are sent as they are when the sender says so, or the extension does", () => {
    const { messages, session, take } = writer();
    messages.message("abc", false);
    session.declines = (data) => data[0] === 0x78;
    messages.message("xyz");
    messages.message("abc", true);
    expect(take()).toEqual(concat([frame(1, "abc"), frame(1, "xyz"), frame(1, secret("abc"), { rsv: 0x40 })]));
    expect(session.encoded.length).toBe(2);
  });

  it("in fragments are marked on the first alone, whatever the lengths", () => {
    const { messages, session, take } = writer();
    messages.fragment("a", false);
    messages.control(9, utf8("p"));
    messages.fragment("", false);
    messages.fragment("bcdef", true);
    expect(take()).toEqual(concat([
      frame(1, secret("a"), { rsv: 0x40, fin: false }), frame(9, "p"), frame(0, "", { fin: false }), frame(0, secret("bcdef")),
    ]));
    expect(session.encoded.map(([, first, final]) => [first, final])).toEqual([[true, false], [false, false], [false, true]]);
  });

  it("of a single fragment are like whole ones", () => {
    const { messages, take } = writer();
    messages.fragment("ab", true);
    messages.fragment("abc", true);
    expect(take()).toEqual(concat([frame(1, "ab"), frame(1, secret("abc"), { rsv: 0x40 })]));
  });

  it("in fragments are sent as they are when the first says so, whatever the others say", () => {
    const { messages, session, take } = writer();
    messages.fragment("abc", false, false);
    messages.fragment("def", false, true);
    messages.fragment("ghi", true);
    messages.fragment("abc", false);
    messages.fragment("def", true, false);
    expect(readFrames(take()).map(({ rsv, payload }) => [rsv, Buffer.from(payload).toString("latin1")])).toEqual([
      [0, "abc"], [0, "def"], [0, "ghi"], [0x40, Buffer.from(secret("abc")).toString("latin1")], [0, Buffer.from(secret("def")).toString("latin1")],
    ]);
    expect(session.encoded.length).toBe(2);
  });

  it("in fragments are never compressed where no message may be", () => {
    const { messages, session, take } = writer();
    session.threshold = Number.POSITIVE_INFINITY;
    messages.fragment("abc", false);
    messages.fragment("def", true);
    messages.message(pattern(500));
    expect(session.encoded).toEqual([]);
    expect(readFrames(take()).every(({ rsv }) => rsv === 0)).toBe(true);
  });

  it("past maxQueued are refused before the extension sees them: it would remember what is never sent", () => {
    const { messages, session, take } = writer(10);
    expect(thrown(() => messages.message(pattern(11)))).toBeInstanceOf(RangeError);
    messages.fragment("abc", false);
    expect(thrown(() => messages.fragment("defghi", true))).toBeInstanceOf(RangeError);
    expect(thrown(() => messages.message("abc"))).toBeInstanceOf(Error);
    expect(session.encoded.length).toBe(1);
    messages.fragment("defgh", true);
    expect(session.encoded.map(([data, first]) => [data.length, first])).toEqual([[3, true], [5, false]]);
    expect(readFrames(take()).map(({ rsv }) => rsv)).toEqual([0x40, 0]);
  });

  it("control frames never are", () => {
    const { messages, session, take } = writer();
    messages.control(9, utf8("abcdef"));
    messages.control(8, utf8("abcdef"));
    expect(take()).toEqual(concat([frame(9, "abcdef"), frame(8, "abcdef")]));
    expect(session.encoded).toEqual([]);
  });
});

it("without an extension, asking for compression changes nothing", () => {
  const messages = new MessageWriter(undefined, 1000);
  messages.message("abc".repeat(50), true);
  messages.message("abc", false);
  messages.fragment("abc", true, true);
  expect(concat(messages.take())).toEqual(concat([frame(1, "abc".repeat(50)), frame(1, "abc"), frame(1, "abc")]));
});
