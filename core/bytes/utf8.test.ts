import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cut, wellFormed } from "../testing/frames.ts";
import { decodeUtf8, encodeUtf8, standardText, Utf8Validator } from "./utf8.ts";

/** Any text, lone surrogates included. */
const anyText = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));
const goodText = fc.string({ unit: "binary", maxLength: 20 });
/** The bytes at which the rules change, and their neighbours. */
const edgeByte = fc.constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
const edgeBytes = fc.array(edgeByte, { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes));
/** Valid text with one byte replaced. */
const mutatedText = fc.tuple(goodText.filter((text) => text !== ""), fc.nat(), fc.oneof(edgeByte, fc.nat({ max: 255 }))).map(([text, at, byte]) => {
  const bytes = encodeUtf8(text).slice();
  bytes[at % bytes.length] = byte;
  return bytes;
});
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 12 }), edgeBytes, mutatedText, goodText.map((text) => encodeUtf8(text)));

function isValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Where the validator fails when bytes come one at a time; undefined when it does not. */
function failsAt(bytes: Uint8Array): number | undefined {
  const validator = new Utf8Validator();
  for (let at = 0; at < bytes.length; at++) if (!validator.push(bytes, at, at + 1)) return at;
  return undefined;
}

/** Whether some continuation makes the bytes valid: a character lacks three bytes at most. */
function canContinue(bytes: Uint8Array): boolean {
  const ends = [[], [0x80], [0xbf], [0x80, 0x80], [0xbf, 0xbf], [0x80, 0x80, 0x80], [0xbf, 0xbf, 0xbf]];
  for (const first of [0x90, 0xa0]) ends.push([first, 0x80], [first, 0x80, 0x80], [first]);
  return ends.some((end) => isValid(Uint8Array.from([...bytes, ...end])));
}

describe("encodeUtf8 and decodeUtf8", () => {
  it("text survives the way there and back", () => {
    fc.assert(fc.property(goodText, (text) => {
      const bytes = encodeUtf8(text);
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
    }));
  });

  it("a lone surrogate becomes U+FFFD", () => {
    expect([...encodeUtf8("\ud83d")]).toEqual([0xef, 0xbf, 0xbd]);
    expect([...encodeUtf8("\ude00!")]).toEqual([0xef, 0xbf, 0xbd, 0x21]);
    fc.assert(fc.property(anyText, (text) => {
      const bytes = encodeUtf8(text);
      expect(decodeUtf8(bytes, 0, bytes.length)).toBe(wellFormed(text));
    }));
  });

  it("only the bytes from start to end are decoded", () => {
    const bytes = Uint8Array.of(0xff, 0x61, 0x62, 0xff);
    expect(decodeUtf8(bytes, 1, 3)).toBe("ab");
    expect(decodeUtf8(bytes, 2, 2)).toBe("");
    expect(decodeUtf8(bytes, 0, 3)).toBeUndefined();
    expect(decodeUtf8(bytes, 1, 4)).toBeUndefined();
  });

  it("a byte order mark is kept", () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4)).toBe("\ufeffa");
  });

  it("bytes that are not valid give undefined, and the next call is not disturbed", () => {
    expect(decodeUtf8(Uint8Array.of(0xe2, 0x82), 0, 2)).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xac, 0x61), 0, 2)).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0x61), 0, 1)).toBe("a");
  });
});

describe("standardText", () => {
  it("text survives the way there and back, in the middle of other bytes", () => {
    fc.assert(fc.property(anyText, (text) => {
      const bytes = new Uint8Array(text.length * 3 + 4).fill(0xee);
      const count = standardText.encodeInto(text, bytes, 2);
      expect(bytes.subarray(2, 2 + count)).toEqual(encodeUtf8(text));
      expect([bytes[1], bytes[2 + count]]).toEqual([0xee, 0xee]);
      expect(standardText.decode(bytes, 2, 2 + count)).toBe(wellFormed(text));
    }));
    expect(standardText.decodeAscii(Uint8Array.of(0xff, 0x61, 0x62, 0xff), 1, 3)).toBe("ab");
    expect(standardText.decode(Uint8Array.of(0xff, 0x61), 0, 2)).toBeUndefined();
  });
});

describe("Utf8Validator", () => {
  it("judges a piece known to be ASCII without a look: only a character that was begun makes it wrong", () => {
    const ascii = Uint8Array.of(0x61, 0x62);
    const validator = new Utf8Validator();
    expect(validator.push(ascii, 0, 2, true)).toBe(true);
    expect(validator.push(Uint8Array.of(0xc3), 0, 1)).toBe(true);
    expect(validator.push(ascii, 1, 1, true)).toBe(true);
    expect(validator.complete).toBe(false);
    expect(validator.push(ascii, 0, 2, true)).toBe(false);
  });

  it("agrees with a strict decoder, however the bytes are cut", () => {
    fc.assert(fc.property(anyBytes, fc.array(fc.nat(), { maxLength: 4 }), (bytes, offsets) => {
      const validator = new Utf8Validator();
      const pushed = cut(bytes, offsets).every((piece) => validator.push(piece, 0, piece.length));
      expect(pushed && validator.complete).toBe(isValid(bytes));
    }), { numRuns: 2000 });
  });

  it("fails at the first byte that no continuation can make valid", () => {
    fc.assert(fc.property(anyBytes, (bytes) => {
      let expected: number | undefined;
      for (let at = 0; at < bytes.length && expected === undefined; at++) {
        if (!canContinue(bytes.slice(0, at + 1))) expected = at;
      }
      expect(failsAt(bytes)).toBe(expected);
    }), { numRuns: 500 });
  });

  it("judges every pair of bytes as a strict decoder does", () => {
    const wrong: number[][] = [];
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const bytes = Uint8Array.of(first, second);
        const possible = first < 0x80 ? second < 0x80 || (second >= 0xc2 && second <= 0xf4)
          : first >= 0xc2 && first <= 0xf4 && second >= (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80)
            && second <= (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf);
        if ((failsAt(bytes) === undefined) !== possible) wrong.push([first, second]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ["a stray continuation byte", [0x80], 0],
    ["C0, which only begins longer forms", [0xc0], 0],
    ["C1, which only begins longer forms", [0xc1], 0],
    ["F5, which is past U+10FFFF", [0xf5], 0],
    ["a longer form behind E0", [0xe0, 0x9f], 1],
    ["a surrogate", [0xed, 0xa0], 1],
    ["a longer form behind F0", [0xf0, 0x8f], 1],
    ["a character past U+10FFFF", [0xf4, 0x90], 1],
    ["a third byte that continues nothing", [0xe2, 0x82, 0x20], 2],
    ["a fourth byte that continues nothing", [0xf0, 0x9f, 0x98, 0xc2], 3],
    ["a lead byte inside a character", [0xc2, 0xc2], 1],
  ])("fails at %s", (_, bytes, at) => {
    expect(failsAt(Uint8Array.from(bytes))).toBe(at);
  });

  it.each([
    ["two bytes", [0xc2, 0x80]],
    ["the last of two bytes", [0xdf, 0xbf]],
    ["the first of three bytes", [0xe0, 0xa0, 0x80]],
    ["low third bytes behind E0", [0xe0, 0xbf, 0x80]],
    ["the last before the surrogates", [0xed, 0x9f, 0xbf]],
    ["the first behind the surrogates", [0xee, 0x80, 0x80]],
    ["the last of three bytes", [0xef, 0xbf, 0xbf]],
    ["the first of four bytes", [0xf0, 0x90, 0x80, 0x80]],
    ["the last of four bytes", [0xf4, 0x8f, 0xbf, 0xbf]],
  ])("takes %s, complete only at the end, and the bounds are wide again behind it", (_, bytes) => {
    const validator = new Utf8Validator();
    expect(validator.complete).toBe(true);
    bytes.forEach((byte, i) => {
      expect(validator.push(Uint8Array.of(byte), 0, 1)).toBe(true);
      expect(validator.complete).toBe(i === bytes.length - 1);
    });
    expect(validator.push(Uint8Array.of(0xe1, 0x80, 0xbf, 0xe1, 0xbf, 0x80), 0, 6)).toBe(true);
    expect(validator.complete).toBe(true);
  });

  it("checks only the bytes from start to end", () => {
    const validator = new Utf8Validator();
    expect(validator.push(Uint8Array.of(0xff, 0x61, 0xff), 1, 2)).toBe(true);
    expect(validator.push(Uint8Array.of(0xff), 0, 0)).toBe(true);
    expect(validator.push(Uint8Array.of(0x61, 0xff), 0, 2)).toBe(false);
  });
});
