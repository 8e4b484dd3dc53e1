import { describe, expect, test } from "vitest";
import { permessageDeflate } from "../index.deflate.ts";
import { CONNECT_OPTIONS, checkOptions, SERVE_OPTIONS } from "./options.ts";

function refusal(options: unknown, kinds = CONNECT_OPTIONS): string | undefined {
  try {
    checkOptions(options, kinds);
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe("options", () => {
  test("that are as they should be pass, and those that are undefined", () => {
    const nothing = (): void => {};
    expect(refusal({})).toBeUndefined();
    expect(refusal({
      protocols: "chat", headers: [["a", "b"]], signal: new AbortController().signal, redirects: 3, tls: {}, proxy: new URL("http://p"), unix: "/s",
      limits: { maxMessage: Infinity, maxQueued: 0, maxHead: undefined }, extensions: [permessageDeflate()], open: nothing, message: undefined, lend: true,
    })).toBeUndefined();
    expect(refusal({ protocols: ["a", "b"], headers: new Headers(), proxy: "http://p" })).toBeUndefined();
    for (const origins of ["same", "any", [], ["http://a"], () => true]) expect(refusal({ origins }, SERVE_OPTIONS)).toBeUndefined();
    expect(refusal({ port: 65_535, hostname: "::", path: "/", protocols: [], upgrade: nothing, request: nothing, overflow: {}, limits: { maxConnections: 1 } }, SERVE_OPTIONS)).toBeUndefined();
  });

  test("of another kind are refused by name", () => {
    for (const value of [null, 5, "x", true, Symbol("x"), 1n]) expect(refusal(value)).toMatch(/^TypeError: Cannot use options of type (?:null|number|string|boolean|symbol|bigint): they must be an object$/);
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      protocols: [5, {}, [5], ["a", null], new Set(["a"]), new Array(2), null], headers: ["a: b", 5, null], signal: [{}, 5, new EventTarget()], redirects: [NaN, -1, "3", null], tls: [5, "x"],
      proxy: [5, {}], unix: [5, {}], limits: [5, "x", null], extensions: [5, {}, [5], [{}], permessageDeflate()], open: [5, {}], error: ["x"], lend: [1, "true", null],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) expect([name, refusal({ [name]: value })]).toEqual([name, expect.stringMatching(new RegExp(`^TypeError: Cannot use option "${name}": it must be \\S`))]);
    }
    for (const port of [-1, 65_536, 1.5, NaN, "80", null]) expect(refusal({ port }, SERVE_OPTIONS)).toBe("TypeError: Cannot use option \"port\": it must be a whole number from 0 to 65535");
    for (const origins of ["all", 5, [5], {}, null]) expect(refusal({ origins }, SERVE_OPTIONS)).toContain("Cannot use option \"origins\"");
  });

  test("that are limits are numbers: one that is none would lift itself", () => {
    for (const value of [NaN, -1, -Infinity]) expect(refusal({ limits: { maxMessage: value } })).toBe(`RangeError: Cannot use limit "maxMessage" of ${value}: it must be a number, 0 or more`);
    for (const [value, type] of [["1000", "string"], [null, "null"], [1n, "bigint"], [{}, "object"]]) {
      expect(refusal({ limits: { maxMessage: value } })).toBe(`TypeError: Cannot use limit "maxMessage" of type ${type as string}: it must be a number, 0 or more`);
    }
  });
});
