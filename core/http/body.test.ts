import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, cut, everySplit, utf8 } from "../testing/frames.ts";
import { BodyReader } from "./body.ts";
import { Fields } from "./field.ts";
import type { ResponseHead } from "./head.ts";

function head(fields: readonly (readonly [string, string])[] = [], status = 200): ResponseHead {
  return { status, reason: "", fields: new Fields(fields) };
}

const CHUNKED = head([["Transfer-Encoding", "chunked"]]);

/** Pushes the pieces and tells what came of it. */
function read(response: ResponseHead, pieces: readonly (string | Uint8Array)[], limit = 1_000): { text: string; done: boolean } {
  const reader = new BodyReader(response, limit);
  for (const piece of pieces) reader.push(typeof piece === "string" ? utf8(piece) : piece);
  const done = reader.done;
  return { text: new TextDecoder().decode(reader.take()), done };
}

describe("a body with Content-Length", () => {
  test("is done at its length, and what is behind is not its own (RFC 9112, section 6.3, point 6)", () => {
    const response = head([["Content-Length", "5"]]);
    expect(read(response, [])).toEqual({ text: "", done: false });
    expect(read(response, ["hell"])).toEqual({ text: "hell", done: false });
    expect(read(response, ["hello"])).toEqual({ text: "hello", done: true });
    expect(read(response, ["hello, world"])).toEqual({ text: "hello", done: true });
    expect(read(response, ["hel", "", "lo", "more"])).toEqual({ text: "hello", done: true });
  });

  test("is done at once when it is 0", () => {
    expect(read(head([["Content-Length", "0"]]), [])).toEqual({ text: "", done: true });
    expect(read(head([["Content-Length", "0"]]), ["x"])).toEqual({ text: "", done: true });
  });

  test("goes on to the end of the stream when the length is malformed", () => {
    for (const value of ["", "-1", "+1", "1.0", "0x1", "1, 1", "a1", "1a", "1 ", "1234567890123456"]) {
      expect([value, read(head([["Content-Length", value]]), ["hello"])]).toEqual([value, { text: "hello", done: false }]);
    }
    expect(read(head([["Content-Length", "1"], ["content-length", "1"]]), ["hello, world"])).toEqual({ text: "hello, world", done: false });
    expect(read(head([["Content-Length", "123456789012345"]]), ["hello"])).toEqual({ text: "hello", done: false });
    expect(read(head([["Content-Length", "000000000000002"]]), ["hello"])).toEqual({ text: "he", done: true });
  });
});

test("a body without a length ends with the stream (RFC 9112, section 6.3, point 8)", () => {
  expect(read(head(), ["hello", ", ", "world"])).toEqual({ text: "hello, world", done: false });
});

test("204 and 304 have no body, whatever their fields say (RFC 9112, section 6.3, point 1)", () => {
  for (const status of [204, 304]) {
    for (const fields of [[], [["Content-Length", "5"]], [["Transfer-Encoding", "chunked"]]] as [string, string][][]) {
      expect(read(head(fields, status), [])).toEqual({ text: "", done: true });
      expect(read(head(fields, status), ["5\r\nhello\r\n0\r\n\r\n"])).toEqual({ text: "", done: true });
    }
  }
  expect(read(head([], 203), ["hello"])).toEqual({ text: "hello", done: false });
});

describe("the limit", () => {
  test("cuts a body off and ends it", () => {
    expect(read(head(), ["hello"], 6)).toEqual({ text: "hello", done: false });
    expect(read(head(), ["hello"], 5)).toEqual({ text: "hello", done: true });
    expect(read(head(), ["hello"], 4)).toEqual({ text: "hell", done: true });
    expect(read(head(), ["he", "ll", "o!"], 3)).toEqual({ text: "hel", done: true });
    expect(read(head([["Content-Length", "100"]]), ["hello"], 3)).toEqual({ text: "hel", done: true });
    expect(read(CHUNKED, ["5\r\nhello\r\n5\r\nworld\r\n"], 7)).toEqual({ text: "hellowo", done: true });
    expect(read(CHUNKED, ["5\r\nhello\r\n5\r\nworld\r\n"], 5)).toEqual({ text: "hello", done: true });
  });

  test("of 0 wants nothing", () => {
    expect(read(head(), ["hello"], 0)).toEqual({ text: "", done: true });
  });

  test("holds for memory too: 64 MiB keep no more than it", () => {
    const reader = new BodyReader(head(), 65_536);
    const piece = new Uint8Array(65_535);
    for (let count = 0; count < 1_024; count++) reader.push(piece);
    const body = reader.take();
    expect([body.length, body.buffer.byteLength]).toEqual([65_536, 65_536]);
  });
});

describe("a chunked body", () => {
  test("is its chunks in order (RFC 9112, section 7.1)", () => {
    expect(read(CHUNKED, ["5\r\nhello\r\n1\r\n,\r\nA\r\n0123456789\r\n0\r\n\r\n"])).toEqual({ text: "hello,0123456789", done: true });
    expect(read(CHUNKED, ["0\r\n\r\n"])).toEqual({ text: "", done: true });
    expect(read(CHUNKED, ["000\r\n\r\n"])).toEqual({ text: "", done: true });
  });

  test("may hold line ends in its chunks, and chunks of no length do not stand in it", () => {
    expect(read(CHUNKED, ["4\r\n\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n"])).toEqual({ text: "\r\n\r\n0\r", done: true });
  });

  test("is named without regard to case, and wins over Content-Length (RFC 9112, section 6.3, point 4)", () => {
    for (const value of ["chunked", "Chunked", "CHUNKED"]) {
      expect(read(head([["transfer-encoding", value], ["Content-Length", "1"]]), ["1\r\na\r\n0\r\n\r\n"])).toEqual({ text: "a", done: true });
    }
  });

  test("that is coded in another way as well is shown as it came", () => {
    expect(read(head([["Transfer-Encoding", "gzip, chunked"]]), ["1\r\n"])).toEqual({ text: "1\r\n", done: false });
  });

  test("is not done before the empty line behind its trailers (RFC 9112, section 7.1.2)", () => {
    expect(read(CHUNKED, ["1\r\na\r\n0\r\n"])).toEqual({ text: "a", done: false });
    expect(read(CHUNKED, ["1\r\na\r\n0\r\nX: y\r\n"])).toEqual({ text: "a", done: false });
    expect(read(CHUNKED, ["1\r\na\r\n0\r\n5\r\nhello\r\nX: y\r\n\r\nmore"])).toEqual({ text: "a", done: true });
  });

  test("may have chunk extensions (RFC 9112, section 7.1.1)", () => {
    for (const line of ["1;a=b", "1;a=\"b\"", "1 ;a", "1\t;a", "1 ", "01", "00000001", " 1"]) {
      expect([line, read(CHUNKED, [`${line}\r\na\r\n0\r\n\r\n`])]).toEqual([line, { text: "a", done: true }]);
    }
  });

  test("reads its sizes as hexadecimal in both cases", () => {
    expect(read(CHUNKED, ["1f\r\n", "x".repeat(40)])).toEqual({ text: `${"x".repeat(31)}`, done: false });
    for (const digit of "123456789abcdefABCDEF") {
      expect(read(CHUNKED, [`${digit}\r\n`, "x".repeat(Number.parseInt(digit, 16)), "\r\n0\r\n\r\n"])).toEqual({ text: "x".repeat(Number.parseInt(digit, 16)), done: true });
    }
  });

  test("that is malformed ends with what was read", () => {
    for (const line of ["x", "-1", "1x", "0x1", "123456789", ";a", "g", "1-", "1,"]) {
      expect([line, read(CHUNKED, [`1\r\na\r\n${line}\r\nb\r\n`])]).toEqual([line, { text: "a", done: true }]);
    }
  });

  test("may have lines of 1,024 bytes and no longer", () => {
    expect(read(CHUNKED, [`1;${"a".repeat(1_021)}\r\nb`])).toEqual({ text: "b", done: false });
    expect(read(CHUNKED, [`1;${"a".repeat(1_022)}`])).toEqual({ text: "", done: false });
    expect(read(CHUNKED, [`1;${"a".repeat(1_022)}\r\nb`])).toEqual({ text: "", done: true });
    expect(read(CHUNKED, [`1;${"a".repeat(1_023)}`])).toEqual({ text: "", done: true });
    expect(read(CHUNKED, [`0\r\n${"a".repeat(1_025)}`])).toEqual({ text: "", done: true });
  });
});

test("what is pushed is lent: nothing of it is kept", () => {
  const reader = new BodyReader(head(), 10);
  const bytes = utf8("hello");
  reader.push(bytes);
  bytes.fill(0);
  expect(new TextDecoder().decode(reader.take())).toBe("hello");
});

test("the same bytes give the same body however they are cut", () => {
  const heads = [head(), CHUNKED, head([["Content-Length", "9"]])];
  const bytes = utf8("5\r\nhello\r\n0;x\r\nA: b\r\n\r\nbehind");
  for (const response of heads) {
    for (const limit of [0, 3, 5, 1_000]) {
      const whole = read(response, [bytes], limit);
      for (const pieces of everySplit(bytes)) expect(read(response, pieces, limit)).toEqual(whole);
    }
  }
});

test("any bytes give the same body however they are cut", () => {
  const part = fc.constantFrom("\r\n", "0", "1", "3", "a", ";", "x", "\n", "0\r\n\r\n", "2\r\nab\r\n");
  fc.assert(fc.property(fc.constantFrom(head(), CHUNKED, head([["Content-Length", "9"]])), fc.array(part), fc.array(fc.nat()), fc.nat({ max: 20 }), (response, parts, offsets, limit) => {
    const bytes = utf8(parts.join(""));
    expect(read(response, cut(bytes, offsets), limit)).toEqual(read(response, [bytes], limit));
  }), { numRuns: 2_000 });
});

test("any chunks come back, however they are cut", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }), fc.array(fc.nat()), (chunks, offsets) => {
    const coded = concat([...chunks.flatMap((chunk) => [utf8(`${chunk.length.toString(16)}\r\n`), chunk, utf8("\r\n")]), utf8("0\r\n\r\n")]);
    const reader = new BodyReader(CHUNKED, Infinity);
    for (const piece of cut(coded, offsets)) {
      if (piece.length > 0) expect(reader.done).toBe(false);
      reader.push(piece);
    }
    expect(reader.done).toBe(true);
    expect([...reader.take()]).toEqual([...concat(chunks)]);
  }));
});
