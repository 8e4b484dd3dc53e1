import { expect, test } from "vitest";
import { CASES } from "../wire/cases/all.ts";
import { sectionName } from "./sections.ts";
import { capitalize, formatCount, formatDate, formatDuration, formatSection, formatTotals, sectionUrl, worstOf } from "./words.ts";

test("numbers, times and dates", () => {
  expect([0, 999, 1031, 1_234_567].map(formatCount)).toEqual(["0", "999", "1,031", "1,234,567"]);
  expect([0, 0.43, 9.96, 12.3, 999, 1000, 59_949, 59_950, 125_000].map(formatDuration)).toEqual(["0 ms", "0.4 ms", "10 ms", "12 ms", "999 ms", "1.0 s", "59.9 s", "1 min 0 s", "2 min 5 s"]);
  expect([formatDate("2026-11-21T05:00:17.120Z"), formatDate("yesterday")]).toEqual(["2026-11-21 05:00 UTC", "yesterday"]);
  expect(capitalize("it answered")).toBe("It answered");
});

test("totals name what there is, and the worst of it", () => {
  const none = { pass: 0, "non-strict": 0, unimplemented: 0, fail: 0 };
  expect(formatTotals({ ...none, pass: 1020, fail: 11 })).toBe("1,020 passed, 11 failed");
  expect(formatTotals(none)).toBe("no cases");
  expect([none, { ...none, unimplemented: 3 }, { ...none, unimplemented: 3, pass: 1 }, { ...none, pass: 9, "non-strict": 1 }, { pass: 9, "non-strict": 1, unimplemented: 1, fail: 1 }].map(worstOf))
    .toEqual([undefined, "unimplemented", "pass", "non-strict", "fail"]);
});

test("sections lead to where they can be read", () => {
  expect(sectionUrl(6455, "5.5.2")).toBe("https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2");
  expect(sectionUrl(1951, "A")).toBe("https://www.rfc-editor.org/rfc/rfc1951#appendix-A");
  expect(sectionUrl(6455, `"><script>`)).not.toMatch(/["<>]/);
  expect(formatSection(6455, "5.5.2")).toBe("RFC 6455, section 5.5.2");
});

test("each section that has cases has a name", () => {
  const sections = new Set(CASES.map(({ rule }) => `${rule.rfc ?? 6455} ${rule.section}`));
  expect(sections.size).toBeGreaterThan(10);
  expect([...sections].filter((section) => sectionName(Number(section.split(" ")[0]), section.split(" ")[1]) === undefined)).toEqual([]);
});
