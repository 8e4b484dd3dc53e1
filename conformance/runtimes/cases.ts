/**
 * Runs cases on the runtime it is started on, and prints one line for each: "@@" and JSON.
 * @module
 */
import { readdirSync, readlinkSync } from "node:fs";
import type { Case, Runtime } from "../transport.ts";

/** How a case went. */
export interface Result {
  readonly runtime: string;
  readonly group: string;
  readonly name: string;
  readonly status: "pass" | "fail" | "skip";
  /** How long it took. */
  readonly milliseconds: number;
  /** Why it failed, or why it was skipped. */
  readonly reason?: string;
}

/** What a process that runs cases is given, as JSON in the environment. */
export interface Given {
  readonly certificates: Runtime["certificates"];
  readonly folder: string;
  /** Only cases whose group and name contain this. */
  readonly only: string;
}

/** The name of the variable that has it. */
export const GIVEN = "ISOSOCKET_CONFORMANCE";

/** Runs the cases one after another. The process then has to end by itself: nothing may keep it alive. */
export async function runCases(runtime: Runtime, cases: readonly Case[], only: string, unhandled: readonly unknown[]): Promise<void> {
  console.log(`${runtime.name} starts`); // a runtime opens its own resources at its first output and its first connection
  await within(cases[0].run(runtime), 30_000).catch(() => {});
  for (const { group, name, needs, run } of cases) {
    if (!`${group}: ${name}`.includes(only)) continue;
    const tell = (status: Result["status"], milliseconds: number, reason?: string): void => {
      const result: Result = { runtime: runtime.name, group, name, status, milliseconds, ...(reason === undefined ? {} : { reason }) };
      console.log(`@@${JSON.stringify(result)}`);
    };
    const lack = needs === undefined ? undefined : runtime.cannot[needs];
    if (lack !== undefined) {
      tell("skip", 0, lack);
      continue;
    }
    const before = runtime.openResources()?.length ?? 0;
    const start = performance.now();
    try {
      await within(run(runtime), 30_000);
      if (!(await nothingMore(runtime, before))) { // the runtime's own comes once; what we leave comes each time
        const first = runtime.openResources()?.length ?? 0;
        await within(run(runtime), 30_000);
        if (!(await nothingMore(runtime, first))) throw new Error(`left open, beside ${first}: ${runtime.openResources()?.join(" ")}`);
      }
      if (unhandled.length > 0) throw new Error(`unhandled: ${unhandled.map(String).join(", ")}`);
      tell("pass", performance.now() - start);
    } catch (error) {
      tell("fail", performance.now() - start, error instanceof Error ? error.stack ?? error.message : String(error));
    }
  }
  console.log(LAST_LINE);
}

/** What is printed behind the last case. */
export const LAST_LINE = "@@";

/** Waits until no more is open than before. */
async function nothingMore(runtime: Runtime, before: number): Promise<boolean> {
  const end = performance.now() + 1_000;
  while ((runtime.openResources()?.length ?? 0) > before) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}

async function within<Value>(promise: Promise<Value>, time: number): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${time} ms`)), time);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The sockets of this process as Linux lists them; undefined elsewhere. */
export function socketFiles(): readonly string[] | undefined {
  try {
    const targets = readdirSync("/proc/self/fd").map((file) => {
      try {
        return readlinkSync(`/proc/self/fd/${file}`);
      } catch {
        return ""; // closed in the meantime
      }
    });
    return [...new Set(targets)].filter((target) => target.startsWith("socket:")); // runtimes duplicate those of stdin and stdout
  } catch {
    return undefined;
  }
}
