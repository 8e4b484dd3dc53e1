/**
 * Medians, and how far single rounds are from them.
 * @module
 */

/** The middle of some figures and their ends. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The median with the least and the most; undefined of none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Ratios of figures that were taken in the same round: what slows a machine down slows both. */
export function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.slice(0, others.length).map((value, round) => value / others[round]);
}
