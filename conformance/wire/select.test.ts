import { describe, expect, it } from "vitest";
import type { Case } from "./case.ts";
import { matches, select, unmatched } from "./select.ts";

const PING = { id: "5.5.2-3", autobahn: "2.4", rule: { name: "ping-answered", section: "5.5.2", says: "" } };
const DEFLATE = { id: "7692:7.2.1-14", rule: { name: "parameters-kept", rfc: 7692, section: "7.2.1", says: "" } };
const CASES = [PING, DEFLATE] as unknown as readonly Case[];

describe("a pattern", () => {
  it.each(["5.5.2-3", "5.5.2", "5.5.2.*", "5.5", "5", "5.*", "5.*.2-3", "*", "6455:5.5.2", "autobahn:2.4", "autobahn:2", "autobahn:2.*", "ping-answered"])("%s means a case", (pattern) => {
    expect(matches(PING, pattern)).toBe(true);
  });

  it.each(["5.5.2-33", "5.5.2-", "5.5.1", "5.5.22", "5.50", "7692:5.5.2", "autobahn:2.40", "autobahn:5.5.2", "ping", "5x5.2", ""])("%j does not mean it", (pattern) => {
    expect(matches(PING, pattern)).toBe(false);
  });

  it("of another RFC has its number", () => {
    expect(["7692:*", "7692:7.2", "7692:7.2.1-14", "*", "7.2", "7692"].map((pattern) => matches(DEFLATE, pattern))).toEqual([true, true, true, true, false, false]);
  });

  it("that speaks of Autobahn means no case that it does not have", () => {
    expect(matches(DEFLATE, "autobahn:*")).toBe(false);
  });
});

describe("patterns", () => {
  it("pick cases, and leave some out", () => {
    expect(select(CASES, [])).toEqual([PING, DEFLATE]);
    expect(select(CASES, ["5.*"])).toEqual([PING]);
    expect(select(CASES, ["5.*", "7692:*"], ["parameters-kept"])).toEqual([PING]);
    expect(select(CASES, [], ["*"])).toEqual([]);
  });

  it("that mean nothing are told", () => {
    expect(unmatched(CASES, ["5.*", "9.1", "no-such-rule"])).toEqual(["9.1", "no-such-rule"]);
  });
});
