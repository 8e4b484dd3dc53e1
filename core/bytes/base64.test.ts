import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64 } from "./base64.ts";

test("the vectors of RFC 4648, section 10, are encoded with their padding", () => {
  const vectors = [["", ""], ["f", "Zg=="], ["fo", "Zm8="], ["foo", "Zm9v"], ["foob", "Zm9vYg=="], ["fooba", "Zm9vYmE="], ["foobar", "Zm9vYmFy"]];
  for (const [text, encoded] of vectors) expect(encodeBase64(new TextEncoder().encode(text))).toBe(encoded);
});

test("any bytes come back from the host's own decoder", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    expect([...Buffer.from(encodeBase64(bytes), "base64")]).toEqual([...bytes]);
  }));
});
