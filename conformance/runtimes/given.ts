/**
 * What a runtime is given by the process that runs the suite, and how it tells of its results.
 * @module
 */
import type { Runtime } from "../cases/case.ts";

/** What whoever runs the cases is given. */
export interface Given {
  readonly certificates: Runtime["certificates"];
  /** A folder for unix sockets. */
  readonly folder: string;
  /** Where vectors are cut: at every place on one runtime, at some on the others, for time's sake. */
  readonly cuts: Runtime["cuts"];
  /** Only cases whose group and name contain this. */
  readonly only: string;
  /** Where plain peers are to be had. */
  readonly control: string;
}

/** The name of the variable of the environment that has it, as JSON. */
export const GIVEN = "ISOSOCKET_CONFORMANCE";

/** What is told behind the last case. Each result before it is told as "@@" and JSON. */
export const LAST_LINE = "@@";
