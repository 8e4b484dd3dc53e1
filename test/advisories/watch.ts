/**
 * What an attack may do besides being answered wrongly: end the process, keep memory, or never come back.
 * @module
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import vm from "node:vm";

/** Runs the body and gives what would have ended the process meanwhile, and in the turns of the event loop behind it. */
export async function uncaughtDuring(body: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const note = (error: unknown): void => void seen.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  try {
    await body();
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve, 2));
  } finally {
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
  }
  return seen;
}

v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc") as () => void;

/** Bytes that are in use, in the heap and in buffers, once nothing unreachable is left. */
export async function memory(): Promise<number> {
  for (let rounds = 0; rounds < 3; rounds++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve)); // buffers are let go of behind the collection
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** 2 to the power of 20. */
export const MIB = 1_048_576;

/** Runs a script in a process of its own, since an endless loop stops a test's own deadline too. Gives what it printed; "hung" when it does not end. */
export function runApart(script: string, timeout = 30_000): string {
  const { stdout, stderr, error } = spawnSync(process.execPath, ["--input-type=module", "--no-warnings", "-e", script], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)), encoding: "utf8", timeout,
  });
  return (error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT" ? "hung" : (stdout + stderr).trim();
}
