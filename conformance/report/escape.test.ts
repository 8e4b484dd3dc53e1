import { expect, test } from "vitest";
import { escapeMarkup, toScriptJson, visible, visibleHead } from "./escape.ts";
import { ATTACKS } from "./testing/hostile.ts";

test("what cannot be seen is shown, and the rest stays", () => {
  expect(visible("a\0\u007f\u0085\u202e\u2066\u200f\u2028\ufeff\ud800b")).toBe("a\\u{0}\\u{7f}\\u{85}\\u{202e}\\u{2066}\\u{200f}\\u{2028}\\u{feff}\\u{d800}b");
  expect(visible("κόσμε 👋\u{1f3fd}\ttab\nline é")).toBe("κόσμε 👋\u{1f3fd}\ttab\nline é");
});

test("a head has a line for each CRLF, and shows what is none", () => {
  expect(visibleHead("GET / HTTP/1.1\r\nA: 1\n2\r3\r\n\r\n")).toBe("GET / HTTP/1.1\nA: 1\\u{a}2\\u{d}3\n\n");
  expect(visibleHead("no end of line\0")).toBe("no end of line\\u{0}");
});

test("markup has no character that could end a text or an attribute", () => {
  for (const attack of ATTACKS) expect(escapeMarkup(attack)).not.toMatch(/[<>"']|&(?!#\d+;)/);
  expect(escapeMarkup(`a & b < "c"`)).toBe("a &#38; b &#60; &#34;c&#34;");
});

test("JSON in a script is the same value, and ends nothing", () => {
  const json = toScriptJson(ATTACKS);
  expect(json).not.toContain("<");
  expect(JSON.parse(json)).toEqual(ATTACKS);
});
