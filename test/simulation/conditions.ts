/**
 * Under which conditions the chat runs: each seed has its own.
 * @module
 */
import type { ServeHandler } from "../../adapters/serve.ts";
import type { Limits } from "../../core/websocket/limits.ts";
import { type Conditions, DEFAULT_CONDITIONS, DEFAULT_FAULTS, type FaultRates } from "../../index.testing.ts";

/** Worse than any network people put up with. */
export const STORM: FaultRates = { ...DEFAULT_FAULTS, reset: 30, finish: 15, silence: 15, stall: 40 };

/** Near and far, narrow and wide, with much and with nothing in between. */
export function networkOf(seed: number): Conditions {
  const pick = (numbers: readonly number[], step: number): number => numbers[Math.floor(seed / step) % numbers.length];
  return {
    delay: pick([20, 0, 1, 300], 1), jitter: pick([10, 0, 100], 4), bandwidth: pick([Infinity, 50_000], 12),
    chunk: pick([1400, 100, 16_384, 1400, 37], 3), window: pick([DEFAULT_CONDITIONS.window, 0, 4096], 5),
  };
}

/** Every fifth world's server has less memory and fewer places than its clients would like. */
export function crowdingOf(seed: number): Pick<ServeHandler, "limits" | "overflow"> {
  if (seed % 5 !== 3) return { limits: LIMITS };
  return {
    limits: { ...LIMITS, maxMemory: 60_000 + seed % 7 * 20_000, maxConnections: 2 + seed % 4 },
    overflow: { memory: (["pause", "refuse", "close"] as const)[seed % 3], connections: seed % 2 === 0 ? "refuse" : "drop" },
  };
}

/** What a client and a server that have room for it allow. */
export const LIMITS: Partial<Limits> = { maxMessage: 65_536, maxQueued: 131_072, maxHeld: 131_072 };
