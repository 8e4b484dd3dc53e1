/**
 * `npm run fuzz`: tries the core with inputs made from a seed; `--help` has the options. Exit code 1 when something is wrong, 2 for a mistake in the
 * arguments, 130 when it is stopped.
 * @module
 */
import process from "node:process";
import { fuzz } from "./command.ts";

try {
  process.exitCode = await fuzz(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
