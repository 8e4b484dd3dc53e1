import { expect, test } from "vitest";
import { compareNumbers, groupCases, groupId } from "./groups.ts";

test("numbers are compared as numbers", () => {
  const sorted = ["4.1-1", "5.2-2", "5.2-10", "5.5-1", "5.5.1-1", "5.5.2-1", "5.10-1", "10.4-1", "7692:7.2.1-4", "8441:5-1"];
  expect([...sorted].reverse().sort(compareNumbers)).toEqual(sorted);
  expect([...sorted].sort(compareNumbers)).toEqual(sorted);
  expect(compareNumbers("5.2-1", "5.2-1")).toBe(0);
});

test("cases of a section stand together, RFC 6455 first, whatever order they come in", () => {
  const cases = ["7692:7.1-2", "5.10-1", "3986:2-1", "5.2-10", "7692:7.1-1", "5.2-9"].map((id) => {
    const [, rfc = "6455", section] = /^(?:(\d+):)?(.+)-/.exec(id)!;
    return { id, rfc: Number(rfc), section };
  });
  expect(groupCases(cases).map((group) => [groupId(group), ...group.cases.map(({ id }) => id)])).toEqual([
    ["rfc6455-5.2", "5.2-9", "5.2-10"], ["rfc6455-5.10", "5.10-1"], ["rfc3986-2", "3986:2-1"], ["rfc7692-7.1", "7692:7.1-1", "7692:7.1-2"],
  ]);
});
