/**
 * Small changes to an input that was good, or nearly.
 * @module
 */
import { join } from "./case.ts";
import type { Random } from "./random.ts";

/** A copy with one to four changes. `words` are what the format at hand is made of. */
export function mutate(random: Random, bytes: Uint8Array, words: readonly Uint8Array[]): Uint8Array {
  let changed: Uint8Array = bytes.slice();
  for (let count = 1 + random.below(4); count > 0; count--) changed = change(random, changed, words);
  return changed;
}

function change(random: Random, bytes: Uint8Array, words: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + random.small(16));
  switch (random.below(8)) {
    case 0: if (at < bytes.length) bytes[at] ^= 1 << random.below(8); return bytes;
    case 1: if (at < bytes.length) bytes[at] = random.next(); return bytes;
    case 2: return replace(bytes, at, to, []);
    case 3: return replace(bytes, at, at, [bytes.subarray(at, to)]);
    case 4: return replace(bytes, at, at, [random.bytes(1 + random.below(4))]);
    case 5: return replace(bytes, at, at, [random.pick(words)]);
    case 6: return replace(bytes, at, to, [random.pick(words)]);
    default: return bytes.slice(0, at);
  }
}

function replace(bytes: Uint8Array, from: number, to: number, by: readonly Uint8Array[]): Uint8Array {
  return join([bytes.subarray(0, from), ...by, bytes.subarray(to)]);
}
