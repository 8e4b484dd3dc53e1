/**
 * Makes a failing case small: the same steps for the same case, so that everybody gets the same small one.
 * @module
 */
import type { Case, Cuts } from "./case.ts";

/** The smallest case found for which `fails` holds, with at most `budget` tries. */
export function shrink(found: Case, fails: (one: Case) => boolean, budget = 4_000): Case {
  let best = found;
  let left = budget;
  const better = (one: Case): boolean => {
    if (left-- <= 0 || !fails(one)) return false;
    best = one;
    return true;
  };
  let before: Case;
  do {
    before = best;
    better({ ...best, cuts: [] });
    if (best.cuts === "each") better({ ...best, cuts: [best.bytes.length >> 1] });
    for (let size = best.bytes.length; size >= 1; size = size >> 1) {
      for (let at = 0; at + size <= best.bytes.length;) {
        if (!better(without(best, at, size, true)) && !better(without(best, at, size, false))) at += size;
      }
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
