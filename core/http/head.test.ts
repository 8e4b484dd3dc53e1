import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, cut, everySplit } from "../testing/frames.ts";
import { Fields } from "./field.ts";
import {
  checkField, DEFAULT_HEAD_LIMITS, type HeadFault, type HeadLimits, HeadParser, parseRequest, parseResponse, type RequestHead,
  type ResponseHead, writeRequest, writeResponse,
} from "./head.ts";

const PROTOTYPE_NAMES = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf"];

/** One byte for each character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

interface Parsed {
  readonly used: number;
  readonly lines: readonly string[] | undefined;
  readonly fault: HeadFault | undefined;
}

/** Pushes the pieces one after the other. */
function parse(pieces: readonly Uint8Array[], limits: Partial<HeadLimits> = {}): Parsed {
  const parser = new HeadParser({ ...DEFAULT_HEAD_LIMITS, ...limits });
  const used = pieces.reduce((sum, piece) => sum + parser.push(piece), 0);
  return { used, lines: parser.text?.split("\r\n"), fault: parser.fault };
}

function requestOf(lines: readonly string[]): RequestHead | HeadFault {
  return parseRequest(lines.join("\r\n"));
}

function responseOf(lines: readonly string[]): ResponseHead | HeadFault {
  return parseResponse(lines.join("\r\n"));
}

function parseText(text: string, limits: Partial<HeadLimits> = {}): Parsed {
  return parse([bytesOf(text)], limits);
}

describe("HeadParser", () => {
  const sample = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  test("gives the lines up to the empty one, and says which bytes are not the head's", () => {
    expect(parseText(`${sample}behind\r\n\r\n`)).toEqual({ used: sample.length, lines: ["GET / HTTP/1.1", "Host: a"], fault: undefined });
    expect(parseText("GET / HTTP/1.1\r\n\r\n")).toEqual({ used: 18, lines: ["GET / HTTP/1.1"], fault: undefined });
    expect(parseText(sample.slice(0, -1))).toEqual({ used: sample.length - 1, lines: undefined, fault: undefined });
  });

  test("takes nothing more once the head is whole", () => {
    const parser = new HeadParser(DEFAULT_HEAD_LIMITS);
    parser.push(bytesOf(sample));
    const { text } = parser;
    expect(parser.push(bytesOf(sample))).toBe(0);
    expect(parser.text).toBe(text);
    expect(parser.fault).toBeUndefined();
  });

  test("takes nothing more once there is a fault", () => {
    const parser = new HeadParser(DEFAULT_HEAD_LIMITS);
    expect(parser.push(bytesOf("a\nGET"))).toBe(2);
    const fault = parser.fault;
    expect(fault).toBeDefined();
    expect(parser.push(bytesOf(sample))).toBe(0);
    expect(parser.fault).toBe(fault);
    expect(parser.text).toBeUndefined();
  });

  test("tells whether anything has come", () => {
    const parser = new HeadParser(DEFAULT_HEAD_LIMITS);
    expect(parser.started).toBe(false);
    parser.push(new Uint8Array(0));
    expect(parser.started).toBe(false);
    parser.push(bytesOf("G"));
    expect(parser.started).toBe(true);
  });

  test("counts an empty first line as a line: what it means is for those who read the lines", () => {
    expect(parseText("\r\n\r\n")).toEqual({ used: 4, lines: [""], fault: undefined });
    expect(parseText("\r\nGET\r\n\r\n")).toEqual({ used: 9, lines: ["", "GET"], fault: undefined });
  });

  test("refuses a lone CR or LF as soon as the next byte shows it (RFC 9112, section 2.2)", () => {
    const fault = { status: 400, message: "A line does not end with CR LF" };
    for (const [text, used] of [["\n", 1], ["a\nb", 2], ["a\rb", 3], ["a\r\r\n", 3], ["\r ", 2], ["a\r\n\n", 4], ["a\r\n\rb", 5]] as const) {
      expect([text, parseText(`${text}rest`)]).toEqual([text, { used, lines: undefined, fault }]);
    }
  });

  test("refuses every control byte but the tab, and no other byte", () => {
    for (let byte = 0; byte <= 0xff; byte++) {
      const { used, fault, lines } = parse([bytesOf("a"), Uint8Array.of(byte), bytesOf("b\r\n\r\n")]);
      if (byte === 0x0a || byte === 0x0d) {
        expect(fault?.message).toBe("A line does not end with CR LF");
      } else if ((byte < 0x20 && byte !== 9) || byte === 0x7f) {
        expect(fault).toEqual({ status: 400, message: "The head has a control byte: is this a TLS client at a plain port?" });
        expect(used).toBe(2);
      } else {
        expect(lines).toEqual([`a${String.fromCharCode(byte)}b`]);
      }
    }
  });

  test("keeps VT, FF, FS and NEL from being line ends (CVE-2026-44546)", () => {
    for (const byte of ["\v", "\f", "\x1c", "\x1d", "\x1e"]) expect(parseText(`a: b${byte}c: d\r\n\r\n`).lines).toBeUndefined();
    expect(parseText("a: b\x85c: d\r\n\r\n").lines).toEqual(["a: b\x85c: d"]);
  });

  test("takes a head of exactly maxHead bytes, and refuses the byte behind", () => {
    const text = `${"a".repeat(6)}\r\n\r\n`;
    expect(parseText(text, { maxHead: 10 }).lines).toEqual(["aaaaaa"]);
    expect(parseText(text, { maxHead: 9 })).toEqual({ used: 10, lines: undefined, fault: { status: 431, message: "The head is larger than the limit" } });
  });

  test("takes lines of exactly maxLine bytes without their end, and refuses the byte behind", () => {
    const limits = { maxLine: 4 };
    expect(parseText("aaaa\r\nbbbb\r\n\r\n", limits).lines).toEqual(["aaaa", "bbbb"]);
    expect(parseText("aaaaa\r\n", limits)).toEqual({ used: 5, lines: undefined, fault: { status: 414, message: "The start line is longer than the limit" } });
    expect(parseText("aaaa\r\nbbbbb\r\n", limits)).toEqual({ used: 11, lines: undefined, fault: { status: 431, message: "A header line is longer than the limit" } });
  });

  test("takes exactly maxFields fields, and refuses the one behind at its end (CVE-2024-37890)", () => {
    const limits = { maxFields: 2 };
    expect(parseText("s\r\na:\r\nb:\r\n\r\n", limits).lines).toEqual(["s", "a:", "b:"]);
    expect(parseText("s\r\na:\r\nb:\r\nc:\r\n\r\n", limits)).toEqual({
      used: 15,
      lines: undefined,
      fault: { status: 431, message: "The head has more fields than the limit" },
    });
    expect(parseText("s\r\n\r\n", { maxFields: 0 }).lines).toEqual(["s"]);
    expect(parseText("s\r\na:\r\n\r\n", { maxFields: 0 }).fault?.status).toBe(431);
  });

  test("has limits of 16 KiB, 8 KiB and 100 fields when nothing else is said, and no more memory than its head", () => {
    expect(DEFAULT_HEAD_LIMITS).toEqual({ maxHead: 16_384, maxLine: 8_192, maxFields: 100 });
    expect(Object.isFrozen(DEFAULT_HEAD_LIMITS)).toBe(true);
    // CVE-2026-54465: 32 MiB of headers
    const parser = new HeadParser(DEFAULT_HEAD_LIMITS);
    const line = bytesOf(`a: ${"b".repeat(500)}\r\n`);
    let used = parser.push(bytesOf("GET / HTTP/1.1\r\n"));
    for (let count = 0; count < 65_000; count++) used += parser.push(line);
    expect(used).toBe(16_385);
    expect(parser.fault?.message).toBe("The head is larger than the limit");
  });

  test("reads each byte once: 8,000 blanks, quotes or separators come a byte at a time (CVE-2023-43669)", () => {
    for (const character of [" ", "\t", `"`, ",", ";", "\\", ":"]) {
      const text = `a:${character.repeat(8_000)}x`;
      const bytes = bytesOf(`GET / HTTP/1.1\r\n${text}\r\n\r\n`);
      const { lines } = parse(Array.from(bytes, (byte) => Uint8Array.of(byte)));
      expect(lines).toEqual(["GET / HTTP/1.1", text]);
      const value = (requestOf(lines as string[]) as RequestHead).fields.get("a");
      expect(value).toBe(/[ \t]/.test(character) ? "x" : `${character.repeat(8_000)}x`);
    }
  });

  test("reads lines of any length where the limits are lifted", () => {
    for (const length of [4_095, 4_096, 4_097, 8_192, 300_000]) {
      const line = Array.from({ length }, (_, at) => String.fromCharCode(0x80 + (at % 97))).join("");
      const { lines } = parseText(`${line}\r\n\r\n`, { maxHead: Infinity, maxLine: Infinity });
      expect(lines?.length === 1 && lines[0] === line).toBe(true);
    }
  });

  test("keeps nothing of its input: it is lent", () => {
    const parser = new HeadParser(DEFAULT_HEAD_LIMITS);
    const bytes = bytesOf(sample.slice(0, 10));
    parser.push(bytes);
    bytes.fill(0);
    parser.push(bytesOf(sample.slice(10)));
    expect(parser.text).toBe("GET / HTTP/1.1\r\nHost: a");
  });

  test("tells the same of the same bytes however they are cut", () => {
    const texts = [
      `${sample}behind`, "\r\n\r\n\r\n", "a\rb", "a\r\r\n", "a\r\n\n", "a\0b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", "s\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n", "s\r\na: bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
    ];
    for (const text of texts) {
      const bytes = bytesOf(text);
      const limits = { maxHead: 40, maxLine: 20, maxFields: 3 };
      const whole = parse([bytes], limits);
      for (const pieces of everySplit(bytes)) expect(parse(pieces, limits)).toEqual(whole);
    }
  });

  test("tells the same of any bytes however they are cut", () => {
    const piece = fc.constantFrom("\r\n", "\r\n\r\n", "\r", "\n", "a", "bcdefg", ": ", "\t", "\0", "\x7f", "\xff");
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 5 }), (parts, offsets) => {
      const bytes = bytesOf(parts.join(""));
      const limits = { maxHead: 50, maxLine: 12, maxFields: 3 };
      expect(parse(cut(bytes, offsets), limits)).toEqual(parse([bytes], limits));
    }), { numRuns: 2_000 });
  });
});

describe("parseRequest", () => {
  test("a line that begins like the last good one is read by itself", () => {
    for (const [line, status] of [["GET / HTTP/1.1", undefined], ["GET / HTTP/1.10", 400], ["GET / HTTP/1.1 x", 400], ["GET /a HTTP/1.1", undefined], ["GET / HTTP/1.1", undefined], ["GET /a HTTP/1.1?", 400]] as const) {
      const request = parseRequest(`${line}\r\nHost: x`);
      expect("status" in request ? request.status : undefined).toBe(status);
      if (!("status" in request)) expect(request.target).toBe(line.split(" ")[1]);
    }
  });

  test("gives method, target and fields as they came (RFC 9112, section 3)", () => {
    const request = requestOf(["GET /a/../b?c=%2e HTTP/1.1", "Host:a", "X-Y: \t z: w \t", "Empty:"]) as RequestHead;
    expect({ ...request, fields: [...request.fields] }).toEqual({
      method: "GET",
      target: "/a/../b?c=%2e",
      fields: [["Host", "a"], ["X-Y", "z: w"], ["Empty", ""]],
    });
  });

  test("ignores one empty line before a request (RFC 9112, section 2.2), and none before an answer", () => {
    expect(requestOf(["", "GET / HTTP/1.1", "Host: a"])).toMatchObject({ method: "GET", target: "/" });
    expect(requestOf(["", "Host: a"])).toMatchObject({ status: 400 });
    expect(requestOf([""])).toMatchObject({ status: 400 });
    expect(responseOf(["", "HTTP/1.1 200 OK"])).toMatchObject({ status: 400 });
  });

  test("does not decode or normalise the target (CVE-2026-15631)", () => {
    for (const target of ["/a/../b", "/%2e%2e/", "//h/p", "/a;x/..", "*", "http://h/p", "h:443", "/?a=b?c", "/\\"]) {
      expect(requestOf([`GET ${target} HTTP/1.1`])).toMatchObject({ target });
    }
  });

  test("refuses a request line that is not three parts with one blank between", () => {
    const fault = { status: 400, message: `The request line is not "METHOD target HTTP/1.1"` };
    const bad = [
      "", "GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET\t/\tHTTP/1.1", "GET / a HTTP/1.1",
      "G(T / HTTP/1.1", " / HTTP/1.1", "  ", "\"GET\" / HTTP/1.1",
    ];
    for (const line of bad) expect([line, requestOf([line])]).toEqual([line, fault]);
  });

  test("refuses a version that is malformed", () => {
    const bad = ["HTTP/1", "HTTP/1.", "http/1.1", "HTTP/11.1", "HTTP/1.11", "HTTP/1.1x", "xHTTP/1.1", "HTTP 1.1", "HTTP/1x1", "HTTP/a.1", "HTTP/1.a", "HTTP/1.1\t", "HTTPS/1.1", ""];
    for (const version of bad) {
      const fault = requestOf([`GET / ${version}`]) as HeadFault;
      expect([version, fault.status]).toEqual([version, 400]);
      if (!version.includes(" ")) expect([version, fault.message]).toEqual([version, "The HTTP version is malformed"]);
    }
  });

  test("answers 505 to other versions", () => {
    for (const version of ["HTTP/1.0", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9"]) {
      expect(requestOf([`GET / ${version}`])).toEqual({ status: 505, message: `${version} is not served here: use HTTP/1.1` });
    }
  });

  test("refuses a target that is empty, or has a fragment, blanks, control bytes or bytes past ASCII (CVE-2026-129502)", () => {
    const fault = { status: 400, message: "The request target has characters that must be percent-encoded" };
    for (const target of ["", "#", "/#f", "#f", "/a\tb", "\t/", "/\t", "/é", "é/", "/\x7f", "\x7f/"]) {
      expect([target, requestOf([`GET ${target} HTTP/1.1`])]).toEqual([target, fault]);
    }
    for (let code = 0x21; code < 0x7f; code++) {
      const target = `/${String.fromCharCode(code)}x`;
      expect([target, "status" in requestOf([`GET ${target} HTTP/1.1`])]).toEqual([target, target === "/#x"]);
    }
  });

  test("refuses white space before a colon, folded lines, empty names and lines without a colon (RFC 9112, section 5)", () => {
    for (const line of ["Host : a", " Host: a", "\tfolded", " folded: b", ": a", ":", "", "Host", "Ho st: a", "Host\xa0: a", "{}: a", "a", "ab"]) {
      const fault = { status: 400, message: `A header line is not "Name: value": "${line}"` };
      expect([line, requestOf(["GET / HTTP/1.1", "Host: a", line])]).toEqual([line, fault]);
      expect(responseOf(["HTTP/1.1 200 OK", line])).toEqual(fault);
    }
  });

  test("shows at most 40 characters of a line that it refuses", () => {
    const fault = requestOf(["GET / HTTP/1.1", "x".repeat(41)]) as HeadFault;
    expect(fault.message).toBe(`A header line is not "Name: value": "${"x".repeat(40)}"`);
  });

  test("takes the names every object has as names like others", () => {
    const request = requestOf(["GET / HTTP/1.1", ...PROTOTYPE_NAMES.map((name) => `${name}: ${name}`)]) as RequestHead;
    expect([...request.fields]).toEqual(PROTOTYPE_NAMES.map((name) => [name, name]));
    expect(request.fields.get("status")).toBeUndefined();
    expect(requestOf(["GET / HTTP/1.1", "status: 1", "message: 2"])).toMatchObject({ method: "GET" });
  });
});

describe("parseResponse", () => {
  test("gives status, reason and fields (RFC 9112, section 4)", () => {
    const response = responseOf(["HTTP/1.1 101 Switching Protocols", "a: b"]) as ResponseHead;
    expect({ ...response, fields: [...response.fields] }).toEqual({ status: 101, reason: "Switching Protocols", fields: [["a", "b"]] });
    expect(responseOf(["HTTP/1.0 404 Not Found"])).toMatchObject({ status: 404, reason: "Not Found" });
    expect(responseOf(["HTTP/1.0 101 Switching"])).toMatchObject({ message: expect.stringContaining("HTTP/1.0 101") });
    for (const version of ["HTTP/1.1", "HTTP/1.2", "HTTP/1.9"]) expect(responseOf([`${version} 101 Switching`])).toMatchObject({ status: 101 }); // RFC 9110, section 2.5
    expect(responseOf(["HTTP/1.1 200 "])).toMatchObject({ status: 200, reason: "" });
    expect(responseOf(["HTTP/1.1 200"])).toMatchObject({ status: 200, reason: "" });
    expect(responseOf(["HTTP/1.1 999  a é "])).toMatchObject({ status: 999, reason: " a é " });
    expect(responseOf(["HTTP/1.1 100 x"])).toMatchObject({ status: 100 });
  });

  test("refuses every other status line", () => {
    const bad = [
      "", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 099 x", "HTTP/1.1 000 x", "HTTP/1.1  200 OK", "HTTP/1.1 200OK",
      "HTTP/1.1 200\tOK", "HTTP/1.12 200 OK", "HTTP/1. 200 OK", "HTTP/2.0 200 OK", "HTTP/2 200", "http/1.1 200 OK", " HTTP/1.1 200 OK", "HTTP/1x1 200 OK",
      "HTTP/1.1 2x0 OK", "HTTP/1.1 20x OK", "HTTP/1.1 x00 OK", "ICY 200 OK", "xHTTP/1.1 200 OK", "HTTP/1.1x200 OK",
    ];
    for (const line of bad) {
      expect([line, responseOf([line])]).toEqual([line, { status: 400, message: `The answer does not begin with "HTTP/1.1" and a status: "${line}"` }]);
    }
    expect(responseOf(["x".repeat(41)])).toMatchObject({ message: `The answer does not begin with "HTTP/1.1" and a status: "${"x".repeat(40)}"` });
  });
});

describe("writing", () => {
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

  test("a request is its line, its fields and an empty line", () => {
    const fields = new Fields([["Host", "a"], ["X", ""], ["Y", "\xff"]]);
    expect(text(writeRequest({ method: "GET", target: "/?a", fields }))).toBe("GET /?a HTTP/1.1\r\nHost: a\r\nX: \r\nY: \xff\r\n\r\n");
  });

  test("a response is its line, its fields and an empty line", () => {
    expect(text(writeResponse({ status: 426, reason: "Upgrade Required", fields: new Fields([["a", "b"]]) }))).toBe("HTTP/1.1 426 Upgrade Required\r\na: b\r\n\r\n");
    expect(text(writeResponse({ status: 100, reason: "", fields: new Fields() }))).toBe("HTTP/1.1 100 \r\n\r\n");
    expect(text(writeResponse({ status: 999, reason: "\t\xff", fields: new Fields() }))).toBe("HTTP/1.1 999 \t\xff\r\n\r\n");
  });

  test("a request line that would forge another is not written (CVE-2026-1527, CVE-2026-47072)", () => {
    const bad = [["GET ", "/"], ["", "/"], ["G\r\nT", "/"], ["GET", ""], ["GET", "/ "], ["GET", " /"], ["GET", "/\r\nX: y"], ["GET", "/é"], ["GET", "/#f"], ["GET", "#/"]];
    for (const [method, target] of bad) {
      expect(() => writeRequest({ method, target, fields: new Fields() })).toThrow(
        new TypeError(`Cannot write the request line "${method} ${target}": it has characters that may not stand there`),
      );
    }
  });

  test("a status line that would not be read back is not written", () => {
    const bad: [number, string][] = [[99, ""], [1000, ""], [200.5, ""], [NaN, ""], [Infinity, ""], [200, "a\r\nb"], [200, "\0"], [200, "\u0100"]];
    for (const [status, reason] of bad) {
      expect(() => writeResponse({ status, reason, fields: new Fields() })).toThrow(
        new TypeError(`Cannot write the status line "${status} ${reason}": it has characters that may not stand there`),
      );
    }
  });

  test("a field that would forge another is not written (CVE-2020-35678)", () => {
    const fields = new Fields([["a", "b\r\nc: d"]]);
    const error = new TypeError(`Cannot send header "a": its value "b\\r\\nc: d" may not stand in a header`);
    expect(() => writeRequest({ method: "GET", target: "/", fields })).toThrow(error);
    expect(() => writeResponse({ status: 200, reason: "", fields })).toThrow(error);
  });

  test("checkField lets through what is read back as it is, and nothing else", () => {
    for (const [name, value] of [["a", ""], ["X-Y", "a b\tc"], ["__proto__", "\xff"]]) expect(() => checkField(name, value)).not.toThrow();
    for (const name of ["", "a b", "a:", "é", "a\r\n", 5, null, undefined, ["a"]]) {
      expect(() => checkField(name as string, "x")).toThrow(new TypeError(`Cannot send header ${typeof name === "string" ? JSON.stringify(name) : `of type ${typeof name}`}: its name is no token`));
    }
    for (const value of [" a", "a ", "\ta", "a\t", " ", "a\nb", "a\rb", "\0", "\x7f", "\u0100", 5, null, undefined, ["a"]]) {
      expect(() => checkField("X", value as string)).toThrow(new TypeError(`Cannot send header "X": its value ${typeof value === "string" ? JSON.stringify(value) : `of type ${typeof value}`} may not stand in a header`));
    }
  });
});

describe("what is written is read back", () => {
  const characters = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at));
  const tokenUnit = fc.constantFrom(...characters(0x21, 0x7e).filter((character) => !`"(),/:;<=>?@[\\]{}`.includes(character)));
  const token = fc.string({ unit: tokenUnit, minLength: 1, maxLength: 10 });
  const valueUnit = fc.constantFrom("\t", ...characters(0x20, 0x7e), ...characters(0x80, 0xff));
  const value = fc.string({ unit: valueUnit, maxLength: 20 });
  const trimmed = value.map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));
  const name = fc.oneof(token, fc.constantFrom(...PROTOTYPE_NAMES, "status", "message"));
  const fields = fc.array(fc.tuple(name, trimmed), { maxLength: 8 });
  const offsets = fc.array(fc.nat(), { maxLength: 4 });
  const behind = fc.uint8Array({ maxLength: 10 });

  test("every request, however it is cut", () => {
    const target = fc.string({ unit: fc.constantFrom(...characters(0x21, 0x7e).filter((character) => character !== "#")), minLength: 1, maxLength: 20 });
    fc.assert(fc.property(token, target, fields, offsets, behind, (method, target, pairs, offsets, behind) => {
      const bytes = writeRequest({ method, target, fields: new Fields(pairs) });
      const { used, lines } = parse(cut(concat([bytes, behind]), offsets));
      expect(used).toBe(bytes.length);
      const head = requestOf(lines as string[]) as RequestHead;
      expect([head.method, head.target, [...head.fields]]).toEqual([method, target, pairs]);
    }));
  });

  test("every response, however it is cut", () => {
    fc.assert(fc.property(fc.integer({ min: 100, max: 999 }), value, fields, offsets, behind, (status, reason, pairs, offsets, behind) => {
      const bytes = writeResponse({ status, reason, fields: new Fields(pairs) });
      const { used, lines } = parse(cut(concat([bytes, behind]), offsets));
      expect(used).toBe(bytes.length);
      const head = responseOf(lines as string[]) as ResponseHead;
      expect([head.status, head.reason, [...head.fields]]).toEqual([status, reason, pairs]);
    }));
  });

  test("whatever can be written: all else is a TypeError", () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (method, target, name, value) => {
      let bytes: Uint8Array;
      try {
        bytes = writeRequest({ method, target, fields: new Fields([[name, value]]) });
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      const head = requestOf(parse([bytes]).lines as string[]) as RequestHead;
      expect([head.method, head.target, [...head.fields]]).toEqual([method, target, [[name, value]]]);
    }));
  });
});
