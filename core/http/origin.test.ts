import { describe, expect, test } from "vitest";
import { Fields } from "./field.ts";
import type { RequestHead } from "./head.ts";
import { isOriginAllowed, type OriginPolicy } from "./origin.ts";

function request(origins: readonly string[], host = "example.com"): RequestHead {
  return { method: "GET", target: "/", fields: new Fields([["Host", host], ...origins.map((origin) => ["oRIGIN", origin] as const)]) };
}

function allowed(origin: string | undefined, policy: OriginPolicy, host?: string): boolean {
  return isOriginAllowed(request(origin === undefined ? [] : [origin], host), policy);
}

test("a client without Origin is no browser and may connect (RFC 6455, section 10.2)", () => {
  expect(allowed(undefined, "same")).toBe(true);
  expect(allowed(undefined, "any")).toBe(true);
  expect(allowed(undefined, [])).toBe(true);
});

test("two Origins are refused, whatever the policy", () => {
  for (const policy of ["same", "any", ["http://example.com"], () => true] satisfies OriginPolicy[]) {
    expect(isOriginAllowed(request(["http://example.com", "http://example.com"]), policy)).toBe(false);
  }
});

describe("same", () => {
  test("takes pages of the same host, whatever the scheme and the case", () => {
    for (const origin of ["http://example.com", "https://example.com", "HTTPS://Example.COM"]) expect([origin, allowed(origin, "same")]).toEqual([origin, true]);
    expect(allowed("http://example.com", "same", "EXAMPLE.com")).toBe(true);
    expect(allowed("http://[::1]:8080", "same", "[::1]:8080")).toBe(true);
  });

  test("counts the port, and knows the scheme's own (RFC 6454, section 4)", () => {
    const table: [origin: string, host: string, allowed: boolean][] = [
      ["http://example.com:80", "example.com", true],
      ["http://example.com", "example.com:80", true],
      ["http://example.com:80", "example.com:80", true],
      ["https://example.com:443", "example.com", true],
      ["https://example.com", "example.com:443", true],
      ["http://example.com:8080", "example.com:8080", true],
      ["http://example.com:443", "example.com", false],
      ["https://example.com:80", "example.com", false],
      ["http://example.com", "example.com:443", false],
      ["https://example.com", "example.com:80", false],
      ["http://example.com:8080", "example.com", false],
      ["http://example.com", "example.com:8080", false],
      ["http://example.com:81", "example.com:82", false],
    ];
    for (const [origin, host, expected] of table) expect([origin, host, allowed(origin, "same", host)]).toEqual([origin, host, expected]);
  });

  test("refuses everything else (CVE-2025-24010, CVE-2026-27148, CVE-2026-27977, CVE-2026-112085)", () => {
    const bad = [
      "null", "", "example.com", "//example.com", "http://evil.com", "http://evil-example.com", "http://example.com.evil.com", "http://sub.example.com",
      "http://example.com/", "http://example.com/path", "http://evil.com/http://example.com", "ftp://example.com", "httpss://example.com", "xhttp://example.com",
      "http:/example.com", "http://", "file://", "http://user@example.com", "http://example.com, http://example.com", "ws://example.com", "https://http://example.com",
    ];
    for (const origin of bad) expect([origin, allowed(origin, "same")]).toEqual([origin, false]);
  });

  test("refuses a page when the request has no Host", () => {
    for (const origin of ["http://example.com", "http://:80", "http://undefined"]) {
    expect(isOriginAllowed({ method: "GET", target: "/", fields: new Fields([["Origin", origin]]) }, "same")).toBe(false);
  }
  });
});

test("any takes every page", () => {
  for (const origin of ["null", "", "http://evil.com"]) expect(allowed(origin, "any")).toBe(true);
});

test("a list takes the origins in it, whole and without regard to case, whatever the host", () => {
  const list = ["https://good.com", "http://Other.com:8080"];
  expect(allowed("https://good.com", list)).toBe(true);
  expect(allowed("HTTPS://GOOD.com", list)).toBe(true);
  expect(allowed("http://other.com:8080", list)).toBe(true);
  const bad = ["http://good.com", "https://evil-good.com", "https://good.com.evil.com", "https://good.com:444", "http://other.com", "null", "", "http://example.com"];
  for (const origin of bad) expect([origin, allowed(origin, list)]).toEqual([origin, false]);
  expect(allowed("http://example.com", [])).toBe(false);
  expect(allowed("null", ["null"])).toBe(true);
});

test("a function is asked with the origin and the request, also where there is none (CVE-2026-133111)", () => {
  const asked: unknown[] = [];
  const policy: OriginPolicy = (origin, head) => {
    asked.push([origin, head.target]);
    return origin === "http://good.com";
  };
  expect(allowed("http://good.com", policy)).toBe(true);
  expect(allowed("http://example.com", policy)).toBe(false);
  expect(allowed(undefined, policy)).toBe(false);
  expect(allowed(undefined, () => true)).toBe(true);
  expect(asked).toEqual([["http://good.com", "/"], ["http://example.com", "/"], [undefined, "/"]]);
});

test("only true allows: the promise of an async function does not", () => {
  expect(allowed("http://evil.com", (async () => false) as unknown as OriginPolicy)).toBe(false);
  expect(allowed("http://evil.com", (() => 1) as unknown as OriginPolicy)).toBe(false);
});
