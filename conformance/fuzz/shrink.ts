/**
 * Makes a failing case small: the same steps for the same case, so that everybody gets the same small one.
 * @module
 */
import type { Case, Cuts } from "./case.ts";

/**
 * The smallest case found for which `fails` holds, with at most `budget` tries.
 * @param starts where the pieces begin that the bytes are made of: frames, lines
 */
export function shrink(found: Case, fails: (one: Case) => boolean, starts: (bytes: Uint8Array) => readonly number[], budget = 5_000): Case {
  let best = found;
  let left = budget;
  const better = (one: Case): boolean => {
    if (left-- <= 0 || !fails(one)) return false;
    best = one;
    return true;
  };
  const loses = (at: number, size: number): boolean => better(without(best, at, size, true)) || (best.cuts.length > 0 && better(without(best, at, size, false)));
  let before: Case;
  do {
    before = best;
    better({ ...best, cuts: [] });
    if (best.cuts === "each") better({ ...best, cuts: [best.bytes.length >> 1] });
    for (let count = starts(best.bytes).length; count >= 1; count >>= 1) {
      for (let at = 0; ;) {
        const places = starts(best.bytes);
        if (at >= places.length) break;
        if (!loses(places[at], (places[at + count] ?? best.bytes.length) - places[at])) at += count;
      }
    }
    for (let size = best.bytes.length; size >= 1;) {
      const fine = size <= FINE && best.bytes.length <= 2 * FINE;
      for (let at = 0; at + size <= best.bytes.length;) if (!loses(at, size)) at += fine ? 1 : size;
      size = fine ? size - 1 : size >> 1;
    }
    for (let at = 0; at < best.cuts.length && best.cuts !== "each"; at++) {
      if (better({ ...best, cuts: best.cuts.filter((_, index) => index !== at) })) at--;
    }
    for (let bit = 1; bit <= best.flags; bit *= 2) if ((best.flags & bit) !== 0) better({ ...best, flags: best.flags - bit });
    for (let at = 0; at < best.bytes.length; at++) {
      for (const value of SIMPLE) if (best.bytes[at] === value || better({ ...best, bytes: best.bytes.with(at, value) })) break;
    }
  } while (best !== before && left > 0);
  return best;
}

/** From this size down a small case loses pieces of every size at every place. */
const FINE = 32;
/** Tried in place of each byte, the simplest first: nothing, a letter. */
const SIMPLE = [0, 0x61];

function without({ cuts, bytes, ...rest }: Case, at: number, size: number, moves: boolean): Case {
  const kept = new Uint8Array(bytes.length - size);
  kept.set(bytes.subarray(0, at));
  kept.set(bytes.subarray(at + size), at);
  return { ...rest, bytes: kept, cuts: moves ? moved(cuts, at, size) : cuts };
}

function moved(cuts: Cuts, at: number, size: number): Cuts {
  if (cuts === "each") return cuts;
  return [...new Set(cuts.map((cut) => (cut <= at ? cut : Math.max(at, cut - size))))];
}
