import { describe, expect, it } from "vitest";
import { lines } from "./lines.ts";
import { limitsFor } from "./limits.ts";
import { suggest } from "./suggest.ts";
import { toTarget } from "./target.ts";
import { count, duration, excerpt, size, visible } from "./terminal.ts";
import { toBytes, toHeader, toInteger, toLength, toSize } from "./value.ts";
import { frameLine } from "./words.ts";

describe("a URL as typed", () => {
  it.each([
    ["localhost:8080", "ws://localhost:8080"],
    [":8080/chat", "ws://localhost:8080/chat"],
    ["app.localhost", "ws://app.localhost"],
    ["127.0.0.1:1", "ws://127.0.0.1:1"],
    ["[::1]:8080/", "ws://[::1]:8080/"],
    ["localhost.example.com", "wss://localhost.example.com"],
    ["example.com/feed?x=ws://y", "wss://example.com/feed?x=ws://y"],
    ["//example.com", "wss://example.com"],
    ["https://example.com/", "wss://example.com/"],
    ["http://localhost:1/", "ws://localhost:1/"],
  ])("%s becomes %s, and that is said", (typed, url) => {
    const target = toTarget(typed);
    expect(target.url).toBe(url);
    expect(target.note).toContain(url);
  });

  it("is left alone when it has a scheme", () => {
    expect(toTarget("ws://example.com/")).toEqual({ url: "ws://example.com/", note: undefined });
  });

  it.each(["ftp://example.com/", "ws://", "ws://a b/", "ws://example.com/#part"])("%s is refused", (typed) => {
    expect(() => toTarget(typed)).toThrow(`Cannot connect to "${typed}"`);
  });
});

describe("lines", () => {
  async function split(...chunks: string[]): Promise<string[]> {
    const found: string[] = [];
    for await (const line of lines((async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })(), 10)) found.push(Buffer.from(line).toString());
    return found;
  }

  it("end at LF and CRLF, and nowhere else", async () => {
    expect(await split("a\nb\r\nc\u2028d\re\n")).toEqual(["a", "b", "c\u2028d\re"]);
  });

  it("may be split anywhere", async () => {
    expect(await split("on", "", "e\r", "\ntw", "o\n\nthr", "ee")).toEqual(["one", "two", "", "three"]);
  });

  it("have a limit", async () => {
    await expect(split("short\n", "0123456", "7890")).rejects.toThrow("longer than 10 bytes; send it with a larger --max-message");
  });

  it("are none in nothing", async () => {
    expect(await split()).toEqual([]);
  });
});

describe("values", () => {
  it.each([["0", 0], ["65536", 65_536], ["64KiB", 65_536], ["64k", 65_536], ["1.5 MiB", 1_572_864], ["2MB", 2e6], ["1g", 2 ** 30], ["unlimited", Infinity]])(
    "read a size of %s",
    (text, bytes) => expect(toSize("--max-message", text)).toBe(bytes),
  );

  it.each(["", "x", "-1", "1XB", "MiB", "1 2"])('refuse a size of "%s"', (text) => {
    expect(() => toSize("--max-message", text)).toThrow("write bytes such as");
  });

  it("read headers", () => {
    expect(toHeader("Authorization: Bearer a:b ")).toEqual(["Authorization", "Bearer a:b"]);
    expect(toHeader("X-Empty:")).toEqual(["X-Empty", ""]);
    for (const text of ["", "no colon", ": x", "a b: c", "a: b\nc: d"]) expect(() => toHeader(text)).toThrow('write it as "Name: value"');
  });

  it("read numbers, times and bytes", () => {
    expect(toInteger("--port", "80", 0, 65_535)).toBe(80);
    for (const text of ["", "-1", "65536", "8e1", "0x50", " 80"]) expect(() => toInteger("--port", text, 0, 65_535)).toThrow("whole number");
    expect(toLength("--wait", "forever", "milliseconds")).toBe(Infinity);
    expect(toLength("--wait", "0.5", "milliseconds")).toBe(0.5);
    expect(() => toLength("--wait", "soon", "milliseconds")).toThrow("or forever");
    expect(toBytes("00 ff:0x10")).toEqual(new Uint8Array([0, 255, 16]));
    expect(toBytes("0")).toBeUndefined();
    expect(toBytes("zz")).toBeUndefined();
  });
});

describe("words for people", () => {
  it("cannot steer a terminal", () => {
    expect(visible("\x1b[2Ja\rb\x07\x9b\u202e\tc\nd\0")).toBe("\\e[2Ja\\rb\\u{7}\\u{9b}\\u{202e}\tc\nd\\0");
    expect(excerpt("a\nb".repeat(50), 10)).toBe("a\\nba\\n...");
  });

  it("have units", () => {
    expect([0, 1, 1023, 1536, 16_777_216].map(size)).toEqual(["0 bytes", "1 byte", "1023 bytes", "1.5 KiB", "16 MiB"]);
    expect([0.42, 12.3, 3_100, 125_000, 3_720_000].map(duration)).toEqual(["0.4 ms", "12 ms", "3.1 s", "2 min 5 s", "1 h 2 min"]);
    expect([count(1, "message"), count(2, "message")]).toEqual(["1 message", "2 messages"]);
  });

  it("suggest what is near and nothing else", () => {
    const names = ["serve", "connect", "help"];
    expect(suggest("sevre", names)).toContain('"serve"');
    expect(suggest("conect", names)).toContain('"connect"');
    expect(suggest("conn", names)).toContain('"connect"');
    expect(suggest("elephant", names)).toBe("");
  });

  it("describe frames", () => {
    const frame = { direction: "received", fin: true, rsv: 0, opcode: 1, masked: false, maskingKey: undefined, length: 2, payload: Buffer.from("hi") } as const;
    expect(frameLine(frame, 60)).toBe('<- text 2 bytes "hi"');
    expect(frameLine({ ...frame, direction: "sent", fin: false, opcode: 2, rsv: 0x40, payload: Buffer.from([0, 255]) }, 60))
      .toBe("-> binary 2 bytes more follows compressed 00ff");
    expect(frameLine({ ...frame, opcode: 8, length: 5, payload: Buffer.from([3, 232, 98, 121, 101]) }, 60)).toBe("<- close 5 bytes 1000 bye");
    expect(frameLine({ ...frame, opcode: 9, length: 0, payload: new Uint8Array(0) }, 60)).toBe("<- ping 0 bytes");
  });
});

describe("limits", () => {
  it("let messages pass that are large and cut small", () => {
    expect(limitsFor(16 * 2 ** 20).maxFragments).toBeGreaterThanOrEqual(65_536);
    expect(limitsFor(64 * 2 ** 20).maxQueued).toBeGreaterThan(64 * 2 ** 20);
    expect(limitsFor(Infinity)).toEqual({ maxMessage: Infinity, maxFragments: Infinity, maxQueued: Infinity });
  });
});
