import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pattern } from "../testing/frames.ts";

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllGlobals());

/** The source as if it had just been loaded. */
function load(): Promise<typeof import("./simd.ts")> {
  return import("./simd.ts");
}

const WORD = 0xd4c3b2a1 | 0;

it("is exact over more than its memory holds, and changes nothing else", async () => {
  const wide = (await load()).simd()!;
  const source = pattern(1_048_576);
  const target = new Uint8Array(1_048_576);
  for (const [start, end] of [[0, 1_048_000], [1_048_000, 1_048_576]]) wide.copy(source, start, end, target, start, WORD);
  expect(Buffer.compare(target, source.map((byte, i) => byte ^ [0xa1, 0xb2, 0xc3, 0xd4][i & 3]))).toBe(0);
  expect(Buffer.compare(source, pattern(1_048_576))).toBe(0);
});

it("leaves the result in its memory when that is the target, and makes a view of the source only when most of that is not wanted", async () => {
  const wide = (await load()).simd()!;
  for (const [length, start, end, views] of [[200, 8, 136, 0], [256, 128, 256, 0], [257, 128, 256, 1], [65_536, 32_768, 65_536, 0], [65_537, 1, 65_537, 1]]) {
    const source = pattern(length);
    const view = vi.spyOn(source, "subarray");
    expect(wide.copy(source, start, end, wide.memory, 0, WORD)).not.toBe(0);
    expect(view).toHaveBeenCalledTimes(views);
    expect(Buffer.compare(wide.memory.subarray(0, end - start), pattern(length).slice(start, end).map((byte, i) => byte ^ [0xa1, 0xb2, 0xc3, 0xd4][i & 3]))).toBe(0);
  }
});

it("compiles once, when it is first wanted", async () => {
  const compile = vi.spyOn(WebAssembly, "Module");
  const { simd } = await load();
  expect(compile).not.toHaveBeenCalled();
  expect(simd()).toBe(simd());
  expect(compile).toHaveBeenCalledTimes(1);
});

it.each([
  ["does not know WebAssembly", undefined],
  ["lets none be compiled", { Module: function refuse() { throw new Error("Wasm code generation disallowed by embedder"); } }],
  ["has no memory left for one", { Module: WebAssembly.Module, Instance: function refuse() { throw new RangeError("could not allocate memory"); } }],
])("a host that %s is asked once, and has none", async (_, host) => {
  const { simd } = await load();
  vi.stubGlobal("WebAssembly", host);
  expect(simd()).toBeUndefined();
  vi.unstubAllGlobals();
  expect(simd()).toBeUndefined();
});
