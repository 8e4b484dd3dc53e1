import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { standardText } from "../core/bytes/utf8.ts";
import { difference } from "./testing/text-check.ts";
import { chooseText, hostText } from "./text.ts";

it("the host's calls are used here, and agree with the standard ones", () => {
  expect(hostText).not.toBe(standardText);
  expect(difference(hostText)).toBeUndefined();
});

it.each([["deno", ["run"]], ["bun", []]])("%s has them too, and they agree", { timeout: 60_000 }, (runtime, args) => {
  const file = `${import.meta.dirname}/testing/text-check.ts`;
  const output = execFileSync(`node_modules/.bin/${runtime}`, [...args, file], { encoding: "utf8", timeout: 50_000, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } });
  expect(output.trim()).toBe("true true");
});

const real = Buffer.prototype as unknown as Parameters<typeof chooseText>[0] & object;
const { latin1Slice, utf8Slice, utf8Write } = real;
const good = { latin1Slice, utf8Slice, utf8Write } as Required<typeof real>;

it("copies few characters by hand, as the host's call would", () => {
  for (const byHand of [0, 16, 48]) {
    const calls: string[] = [];
    const codec = chooseText({ ...good, utf8Write(this: Uint8Array, text: string, at: number) {
      calls.push(text);
      return utf8Write!.call(this, text, at);
    } }, byHand);
    calls.length = 0;
    const target = new Uint8Array(200);
    for (const text of ["", "x".repeat(byHand), "x".repeat(byHand + 1), "x\u00e9"]) {
      expect(codec.encodeInto(text, target.fill(0), 3)).toBe(new TextEncoder().encode(text).length);
      expect(Buffer.from(target.subarray(3)).toString().replaceAll("\0", "")).toBe(text);
    }
    expect(calls).toEqual(["", ...byHand === 0 ? [""] : [], "x".repeat(byHand + 1), "x\u00e9"]);
  }
});

it("any bytes and any text give the same by both", () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 300 });
  fc.assert(fc.property(units.map((each) => String.fromCharCode(...each)), fc.nat({ max: 9 }), (text, at) => {
    const [one, two] = [new Uint8Array(text.length * 3 + at), new Uint8Array(text.length * 3 + at)];
    expect(hostText.encodeInto(text, one, at)).toBe(standardText.encodeInto(text, two, at));
    expect(one).toEqual(two);
    expect(hostText.decode(one, at, one.length)).toBe(standardText.decode(one, at, one.length));
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 9 }), (bytes, start) => {
    const end = Math.max(start, bytes.length - 1);
    expect(hostText.decode(bytes, Math.min(start, bytes.length), Math.min(end, bytes.length))).toBe(standardText.decode(bytes, Math.min(start, bytes.length), Math.min(end, bytes.length)));
  }));
});

it("takes what does as it should", () => {
  expect(chooseText(good)).not.toBe(standardText);
});

it.each([
  ["there is no Buffer", undefined],
  ["a Buffer has none of the methods", {}],
  ["it lacks utf8Write", { latin1Slice: good.latin1Slice, utf8Slice: good.utf8Slice }],
  ["a method refuses what is no Buffer", { ...good, latin1Slice: () => { throw new TypeError("argument must be a buffer"); } }],
  ["a byte order mark is lost", { ...good, utf8Slice(this: Uint8Array, start: number, end: number) { return new TextDecoder().decode(this.subarray(start, end)); } }],
  ["a lone surrogate is not replaced", { ...good, utf8Write: () => 6 }],
])("falls back where %s", (_, slices) => {
  expect(chooseText(slices)).toBe(standardText);
});
