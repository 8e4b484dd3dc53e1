/**
 * Starts a target on a runtime, and takes it along when this process ends.
 * @module
 */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../runtimes/bundle.ts";
import type { Task } from "./task.ts";

/** The runtimes there are targets for. */
export const RUNTIMES = ["node", "deno", "bun", "workerd"] as const;
export type RuntimeName = typeof RUNTIMES[number];

/** Starts it; the exit code when it has ended. Rejects with a sentence where the runtime is not installed. */
export async function startTarget(runtime: RuntimeName, task: Task): Promise<number> {
  if (runtime === "workerd") {
    const { startWorkerd } = await import("./workerd-process.ts");
    return startWorkerd(task);
  }
  const [program, ...args] = commandOf(runtime);
  const file = runtime === "node" ? bundled(`${runtime}.ts`) : join(import.meta.dirname, `${runtime}.ts`);
  return ended(startProcess(program, [...args, file, JSON.stringify(task)]));
}

/**
 * One file without types, as it is published. From its sources Node keeps a compiler beside the server, and each collection of garbage looks at that
 * too: 64 KiB messages take a third more (measured).
 */
function bundled(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "isosocket-target-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "target.mjs");
  bundle(join(import.meta.dirname, name), file, "--platform=node");
  return file;
}

/** What runs a script on a runtime: a program, and its arguments before the script. Throws where it is not installed. */
export function commandOf(runtime: Exclude<RuntimeName, "workerd">): readonly [program: string, ...args: string[]] {
  return COMMANDS[runtime]();
}

/** A process that does not outlive this one. @param detached signals to the group of processes we are in do not reach it */
export function startProcess(
  program: string,
  args: readonly string[],
  stdio: StdioOptions = ["ignore", "inherit", "inherit"],
  cwd?: string,
  detached = false,
): ChildProcess {
  const child = spawn(program, args, { stdio, cwd, detached, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } });
  if (running.size === 0) process.once("exit", stopProcesses);
  running.add(child);
  return child;
}

/** Ends what was started, at once: it holds nothing that wants to be put away. */
export function stopProcesses(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Tells what was started to come to an end. */
export function drainProcesses(): void {
  for (const child of running) (drains.get(child) ?? (() => child.kill("SIGTERM")))();
}

/** Says what brings a process to its end, where a signal does not. */
export function drainsBy(child: ChildProcess, drain: () => void): void {
  drains.set(child, drain);
}

const running = new Set<ChildProcess>();
const drains = new WeakMap<ChildProcess, () => void>();

/** Its exit code, once there is one. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** A program where npm put it, whether its install script ran or not. */
export function installed(runtime: RuntimeName, ...paths: readonly string[]): string {
  const found = paths.map((path) => join(import.meta.dirname, "../../node_modules", path)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`Cannot start a target on ${runtime}: it is not installed (npm ci)`);
  return found;
}

/** The program of workerd. Throws where it is not installed. */
export function workerdProgram(): string {
  return installed("workerd", `@cloudflare/workerd-${process.platform}-${process.arch === "arm64" ? "arm64" : "64"}/bin/workerd`, ".bin/workerd");
}

const COMMANDS: Readonly<Record<Exclude<RuntimeName, "workerd">, () => readonly [string, ...string[]]>> = {
  node: () => [process.execPath],
  deno: () => [installed("deno", "deno/deno", ".bin/deno"), "run", "--no-prompt", "--no-remote", "--no-check", "--allow-net"],
  bun: () => [installed("bun", `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : "x64"}/bin/bun`, ".bin/bun")],
};
