import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pattern } from "../testing/frames.ts";

beforeEach(() => void vi.resetModules());
afterEach(() => void vi.unstubAllGlobals());

/** The source as if it had just been loaded. */
function load(): Promise<typeof import("./simd.ts")> {
  return import("./simd.ts");
}

const WORD = 0xd4c3b2a1 | 0;

it("what stands in the read buffer is XORed as what stands elsewhere, and stays as it is", async () => {
  const wide = (await load()).simd()!;
  const { readBuffer } = wide;
  expect(readBuffer.length).toBe(65_536);
  readBuffer.set(pattern(65_536));
  for (const [start, end] of [[0, 65_536], [100, 100 + 640]]) {
    const [inside, outside] = [new Uint8Array(end - start), new Uint8Array(end - start)];
    wide.copy(readBuffer, start, end, inside, 0, WORD);
    wide.copy(pattern(65_536), start, end, outside, 0, WORD);
    expect(inside).toEqual(outside);
    expect(inside).not.toEqual(pattern(65_536).subarray(start, end));
    expect(readBuffer).toEqual(pattern(65_536));
  }
});

it("its memory has a fixed size", async () => {
  const wide = (await load()).simd()!;
  expect(wide.readBuffer.buffer.byteLength).toBe(131_072);
  wide.copy(pattern(1_048_576), 0, 1_048_576, new Uint8Array(1_048_576), 0, WORD);
  expect(wide.readBuffer.length).toBe(65_536);
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
