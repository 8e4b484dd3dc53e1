/**
 * What the commands of the targets have in common: their arguments, and how they end.
 * @module
 */
import { DEFAULT_LIMITS, type Limits } from "../../core/websocket/limits.ts";
import { DEFLATE_MODES, type DeflateMode } from "./deflate.ts";
import { MAX_MESSAGE } from "./echo-server.ts";
import { drainProcesses, type RuntimeName, RUNTIMES, startTarget, stopProcesses } from "./start.ts";
import type { Task } from "./task.ts";

/** Runs a command: what it throws is one sentence for the caller, and exit code 2. SIGTERM has a server drain; SIGINT ends all at once. */
export async function runCommand(parse: () => Promise<{ readonly runtime: RuntimeName; readonly task: Task }>): Promise<void> {
  let stopped = false;
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopped = true;
      if (signal === "SIGTERM") drainProcesses();
      else stopProcesses();
    });
  }
  try {
    const { runtime, task } = await parse();
    process.exitCode = stopped ? 1 : await startTarget(runtime, task);
    if (stopped && task.role === "server") process.exitCode = 0; // as it was asked to
  } catch (error) {
    if (!stopped) console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}

/** What a command's arguments say; what is wrong with them is one sentence, and exit code 2. */
export function readArguments<Said>(read: () => Said): Said {
  try {
    return read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

/** One of the names allowed. */
export function oneOf<Name extends string>(option: string, value: string, names: readonly Name[]): Name {
  const name = names.find((each) => each === value);
  if (name === undefined) throw new Error(`Cannot use ${option} "${value}": it must be one of ${names.join(", ")}`);
  return name;
}

/** The runtime asked for. */
export function toRuntime(value: string): RuntimeName {
  return oneOf("--runtime", value, RUNTIMES);
}

/** A whole number of a range. */
export function toNumber(option: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!/^[0-9]+$/.test(value) || number < least || number > most) throw new Error(`Cannot use ${option} "${value}": it must be a number from ${least} to ${most}`);
  return number;
}

/** Limits from `name=number`, such as "handshakeTimeout=1000". */
export function toLimits(values: readonly string[]): Partial<Limits> {
  return Object.fromEntries(values.map((value) => {
    const [name, number = ""] = value.split("=");
    return [oneOf("--limit", name, Object.keys(DEFAULT_LIMITS)), toNumber("--limit", number, 0, Number.MAX_SAFE_INTEGER)];
  }));
}

/** `--deflate` may stand alone: then it is "takeover". */
export function withDeflate(args: readonly string[]): string[] {
  return args.map((arg, at) => arg === "--deflate" && !DEFLATE_MODES.some((mode) => mode === args[at + 1]) ? "--deflate=takeover" : arg);
}

/** The way of permessage-deflate asked for; `PMD` in the environment (ctx, noctx or off) stands for one that is not given. */
export function toDeflate(value: string | undefined): DeflateMode {
  const { PMD = "" } = process.env;
  const said = value ?? ({ ctx: "takeover", noctx: "no-takeover", off: "off" } as Record<string, string>)[PMD] ?? "takeover";
  return oneOf("--deflate", said, DEFLATE_MODES);
}

/** The largest message, in bytes. */
export function toMaxMessage(value: string | undefined): number {
  return value === undefined ? MAX_MESSAGE : toNumber("--max-message", value, 1, Number.MAX_SAFE_INTEGER);
}
