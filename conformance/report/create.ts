/**
 * A report of what a run has found.
 * @module
 */
import { type CaseResult, countVerdicts, type Report } from "../wire/result.ts";

/** What a report says of its run beside the results. */
export type RunFacts = Omit<Report, "schema" | "totals" | "results" | "started"> & {
  /** When the run began. */
  readonly started: Date;
};

/** Puts a report together. */
export function createReport(results: readonly CaseResult[], { started, ...facts }: RunFacts): Report {
  return { schema: 1, ...facts, started: started.toISOString(), totals: countVerdicts(results), results };
}
