/**
 * XOR of many bytes at once, by 128-bit words of WebAssembly, where a host lets one be compiled.
 * @module
 */

/** What simd.wat exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** XORs from `from` to `end` into memory at `to`, in steps of 64 bytes. Returns 0 when every byte written is ASCII. */
  xor(from: number, to: number, end: number, word: number): number;
}

/** XORs by way of a memory of its own. */
export class Simd {
  /** Where it works: 64 KiB, for whoever wants to look at the result there. The next call writes over it. */
  readonly memory: Uint8Array;
  readonly #xor: Exports["xor"];

  /** @throws when the host compiles no WebAssembly: Workers, pages whose policy lacks `wasm-unsafe-eval`, engines without SIMD. */
  constructor() {
    const code = Uint8Array.from(atob(CODE), (char) => char.charCodeAt(0));
    const { memory, xor } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as unknown as Exports;
    this.memory = new Uint8Array(memory.buffer);
    this.#xor = xor;
  }

  /**
   * Copies `source` from `start` to `end`, a multiple of 64 bytes, into `target` at `at`, XORed. Returns 0 when all that was written is ASCII.
   * @param target may be `memory`, when all fits and `at` is 0
   * @param word four bytes to XOR with, the first at the bottom
   */
  copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number, word: number): number {
    const { memory } = this;
    let all = 0;
    for (let from = start, to = at; from < end; from += BLOCK, to += BLOCK) {
      const stop = Math.min(from + BLOCK, end);
      const count = stop - from;
      const first = this.#load(source, from, stop);
      all |= this.#xor(first, 0, first + count, word);
      if (target !== memory) target.set(count < BLOCK ? memory.subarray(0, count) : memory, to);
    }
    return all;
  }

  /**
   * Brings a part of `source` into memory and returns where it begins. When that is most of it all comes along, as Bun pays for a view of what it read:
   * a message of 1 KiB costs 0.5 us less there (measured).
   */
  #load(source: Uint8Array, start: number, end: number): number {
    if (source.length > BLOCK || source.length > 2 * (end - start)) {
      this.memory.set(source.subarray(start, end));
      return 0;
    }
    this.memory.set(source);
    return start;
  }
}

/** The one instance, made when it is first wanted: a program that never sees a large frame never pays for it. Undefined where a host refuses. */
export function simd(): Simd | undefined {
  if (instance === null) {
    try {
      instance = new Simd();
    } catch {
      instance = undefined;
    }
  }
  return instance;
}

let instance: Simd | undefined | null = null;
/** Bytes of the memory. Blocks of 8 KiB to 128 KiB were equally fast (measured). */
const BLOCK = 65_536;
/** simd.wat, as wat2wasm of wabt 1.0.39 assembles it. */
const CODE = "AGFzbQEAAAABCQFgBH9/f38BfwMCAQAFBAEBAQEHEAIGbWVtb3J5AgADeG9yAAAKhQEBggEBBnsgA/0RIQQDQCABIAD9AAQAIAT9USIG/QsEACABIAD9AAQQIAT9USIH/QsEECABIAD9AAQgIAT9USII/QsEICABIAD9AAQwIAT9USIJ/QsEMCAFIAYgB/1QIAggCf1Q/VD9UCEFIAFBwABqIQEgAEHAAGoiACACSQ0ACyAF/WQL";
