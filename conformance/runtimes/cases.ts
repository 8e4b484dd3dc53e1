/**
 * Runs cases on the runtime it is started on, and tells of each.
 * @module
 */
import type { Capability, Case, Result, Runtime } from "../cases/case.ts";
import { CASES } from "../cases/all.ts";
import { LAST_LINE } from "./given.ts";

/** Runs the cases one after another. The process then has to end by itself: nothing may keep it alive. */
export async function runCases(runtime: Runtime, only: string, unhandled: unknown[], tellLine: (line: string) => void | Promise<void>): Promise<void> {
  const cases = CASES.filter(({ group, name }) => `${group}: ${name}`.includes(only));
  const noted = new Set<string>();
  const tell = async ({ group, name }: Pick<Case, "group" | "name">, status: Result["status"], milliseconds: number, reason?: string): Promise<void> => {
    const result: Result = { runtime: runtime.name, group, name, status, milliseconds, ...(reason === undefined ? {} : { reason }) };
    await tellLine(`@@${JSON.stringify(result)}`);
  };
  const first = cases.find((each) => each.pure === undefined && lacking(runtime, each) === undefined);
  if (first !== undefined) await within(first.run(runtime), 30_000).catch(() => {}); // a runtime opens its own resources at its first connection
  for (const each of cases) {
    const lack = lacking(runtime, each);
    if (lack !== undefined) {
      await tell(each, "skip", 0, runtime.cannot[lack]);
      noted.add(lack);
      continue;
    }
    const start = performance.now();
    try {
      await runOne(runtime, each);
      if (unhandled.length > 0) throw new Error(`unhandled: ${unhandled.splice(0).map(describe).join(", ")}`);
      await tell(each, "pass", performance.now() - start);
    } catch (error) {
      await tell(each, "fail", performance.now() - start, describe(error));
    }
  }
  if (first !== undefined) { // what is checked less, where nothing is skipped for it
    for (const [name, reason] of Object.entries(runtime.cannot)) {
      if (WEAKER.test(name) && !noted.has(name)) await tell({ group: "", name }, "note", 0, reason);
    }
  }
  await tellLine(LAST_LINE);
}

/** Capabilities without which cases run, and check less. */
const WEAKER = /^(?:tells|gives up a connection|lets go)/;

function lacking(runtime: Runtime, { needs }: Case): Capability | undefined {
  return needs.find((need) => runtime.cannot[need] !== undefined);
}

async function runOne(runtime: Runtime, { pure, leavesWithout, run }: Case): Promise<void> {
  if (pure) return run(runtime);
  if (leavesWithout !== undefined && runtime.cannot[leavesWithout] !== undefined) return within(run(runtime), 30_000);
  const before = await count(runtime);
  await within(run(runtime), 30_000);
  if (await nothingMore(runtime, before)) return;
  const again = await count(runtime); // the runtime's own comes once; what we leave comes each time
  await within(run(runtime), 30_000);
  if (!(await nothingMore(runtime, again))) throw new Error(`left open, beside ${again}: ${(await runtime.openResources())?.join(" ")}`);
}

async function count(runtime: Runtime): Promise<number> {
  return (await runtime.openResources())?.length ?? 0;
}

/** Waits until no more is open than before. */
async function nothingMore(runtime: Runtime, before: number): Promise<boolean> {
  const end = performance.now() + 1_000;
  while ((await count(runtime)) > before) {
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

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.stack?.includes(error.message) ? error.stack : `${error.message}\n${error.stack ?? ""}`;
}
