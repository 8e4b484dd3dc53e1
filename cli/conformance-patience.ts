/**
 * What both roles are tested with.
 * @module
 */
import type { Case, Patience } from "../conformance/mod.ts";
import type { ConformanceOptions } from "./conformance-options.ts";

/** The options of a test. */
export function toTestOptions({ cases, timeout, seed }: ConformanceOptions): { readonly cases: readonly Case[]; readonly patience: Partial<Patience>; readonly seed: number } {
  return { cases, seed, patience: { answer: timeout, drop: timeout, failFast: Math.min(timeout, 1_000) } };
}
