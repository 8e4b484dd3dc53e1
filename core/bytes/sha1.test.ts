import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha1Base64 } from "./sha1.ts";

test("gives what FIPS 180 gives for its examples", () => {
  const hex = (text: string): string => Buffer.from(sha1Base64(text), "base64").toString("hex");
  expect(hex("")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  expect(hex("abc")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  expect(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe("84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  expect(hex("a".repeat(1_000_000))).toBe("34aa973cd4c4daa4f61eeb2bdbad27316534016f");
});

test("gives what OpenSSL gives for text of any length", () => {
  const expected = (text: string): string => createHash("sha1").update(text).digest("base64");
  for (let length = 0; length < 300; length++) expect(sha1Base64("x".repeat(length))).toBe(expected("x".repeat(length)));
  const ascii = fc.string({ unit: fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code)), maxLength: 200 });
  fc.assert(fc.property(ascii, (text) => {
    expect(sha1Base64(text)).toBe(expected(text));
  }));
});
