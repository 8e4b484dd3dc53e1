import { expect, test } from "vitest";
import { renderBadge } from "./badge.ts";
import { findAll, parseXml, type XmlElement } from "./testing/xml.ts";

const none = { pass: 0, "non-strict": 0, unimplemented: 0, fail: 0 };
const badge = (totals: Partial<typeof none>, complete = true, label = "conformance"): XmlElement => parseXml(renderBadge(label, { totals: { ...none, ...totals }, complete }));
const texts = (svg: XmlElement): string[] => findAll(svg, "text").map(({ text }) => text);
const fill = (svg: XmlElement): string => findAll(svg, "rect")[0].attributes["fill"];

test("says how many passed, and has that as its title", () => {
  const svg = badge({ pass: 1020, fail: 11 });
  expect(texts(svg)).toEqual(["conformance", "1,020 of 1,031 passed"]);
  expect(svg.attributes["role"]).toBe("img");
  expect([svg.attributes["aria-label"], findAll(svg, "title")[0].text]).toEqual(Array(2).fill("conformance: 1,020 passed, 11 failed"));
});

test("does not count what a peer need not do", () => {
  expect(texts(badge({ pass: 500, unimplemented: 400 }))[1]).toBe("500 of 500 passed");
});

test("has another colour for each result", () => {
  const colors = [badge({ pass: 5 }), badge({ pass: 5, "non-strict": 1 }), badge({ pass: 5, "non-strict": 1, fail: 1 }), badge({ pass: 5 }, false), badge({})].map(fill);
  expect(new Set(colors.slice(0, 4)).size).toBe(4);
  expect(colors[4]).toBe(colors[3]);
  expect(texts(badge({ pass: 5 }, false))[1]).toBe("5 of 5 passed, stopped early");
});

test("is as wide as its texts, which do not overlap", () => {
  const svg = badge({ pass: 1 }, true, "what a label <&\"'>\0 can be");
  expect(renderBadge("a", { totals: none, complete: true })).not.toMatch(/ id="/);
  const [left, right] = findAll(svg, "text").map(({ attributes }) => [Number(attributes["x"]), Number(attributes["textLength"])]);
  expect(left[0] + left[1]).toBeLessThan(right[0]);
  expect(right[0] + right[1]).toBeLessThan(Number(svg.attributes["width"]));
  expect(texts(svg)[0]).toBe("what a label <&\"'>\\u{0} can be");
});
