/**
 * Starts the cases on a runtime and collects what comes of them.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Result } from "../cases/case.ts";
import { type Given, GIVEN, LAST_LINE } from "./given.ts";

export const ROOT: string = join(import.meta.dirname, "../..");

/** A runtime that has been started. */
export interface Running {
  /** Settles when it has ended: with a sentence when that was not as it should be. */
  readonly ended: Promise<string | undefined>;
  /** Ends it at once, whether it has ended or not. */
  stop(): Promise<void> | void;
}

/** A runtime, and how to start its cases. */
export interface Column {
  readonly name: string;
  /** Why it cannot be started; undefined when it can. */
  readonly missing?: string | undefined;
  start(given: Given, onLine: (line: string) => void): Promise<Running> | Running;
}

/** What came of a column. */
export interface Outcome {
  readonly name: string;
  readonly results: readonly Result[];
  /** From its start to its end, in milliseconds. */
  readonly milliseconds: number;
}

/** Runs a column's cases to their end. What is not installed fails on CI, and is skipped elsewhere. */
export async function runColumn(column: Column, given: Given): Promise<Outcome> {
  const begin = performance.now();
  const results: Result[] = [];
  const tell = (status: Result["status"], reason: string): void => (
    void results.push({ runtime: column.name, group: "process", name: "(all of it)", status, milliseconds: 0, reason })
  );
  let running: Running | undefined;
  const onExit = (): void => void running?.stop();
  process.once("exit", onExit);
  let complete = false;
  let guard: ReturnType<typeof setTimeout> | undefined;
  const onLine = (line: string): void => {
    guard?.refresh();
    if (line === LAST_LINE) complete = true;
    else if (line.startsWith("@@")) results.push(JSON.parse(line.slice(2)) as Result);
  };
  try {
    if (column.missing !== undefined) {
      tell(process.env["CI"] === "true" ? "fail" : "skip", column.missing);
    } else {
      running = await column.start(given, onLine);
      const silent = new Promise<string>((resolve) => {
        guard = setTimeout(() => resolve("it did not end, or was silent for too long"), 35_000);
      });
      const reason = await Promise.race([running.ended, silent]);
      if (reason !== undefined) tell("fail", reason);
      else if (!complete) tell("fail", "it ended before its last case");
    }
  } catch (error) {
    tell("fail", error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(guard);
    await running?.stop();
    process.off("exit", onExit);
  }
  const told = results.find(({ group }) => group !== "process")?.runtime;
  return { name: told ?? column.name, results, milliseconds: performance.now() - begin };
}

/** A column of a program that prints its results. */
export function processColumn(name: string, programs: readonly string[], args: readonly string[]): Column {
  const program = installed(...programs);
  return {
    name,
    missing: program === undefined ? `${name} is not installed` : undefined,
    start: (given, onLine) => startProcess(program as string, args, given, onLine),
  };
}

function startProcess(program: string, args: readonly string[], given: Given, onLine: (line: string) => void): Running {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, [GIVEN]: JSON.stringify(given), DENO_NO_UPDATE_CHECK: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  child.stdout.setEncoding("utf8").on("data", toLines((line) => {
    if (!line.startsWith("@@")) errors += `${line}\n`;
    onLine(line);
  }));
  return {
    ended: new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => resolve(code === 0 ? undefined : `it ended with ${code ?? signal}: ${errors.slice(-2_000)}`));
    }),
    stop: () => void child.kill("SIGKILL"),
  };
}

/** Cuts what comes into lines. */
export function toLines(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) onLine(line);
  };
}

/** The first of these that is there; a relative one in node_modules, where npm put it whether its install script ran or not. */
export function installed(...programs: readonly string[]): string | undefined {
  return programs.map((path) => path.startsWith("/") ? path : join(ROOT, "node_modules", path)).find((path) => existsSync(path));
}
