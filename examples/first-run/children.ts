/**
 * Servers of the first run in processes of their own: on Deno, Bun and workerd, as npm installed them.
 * @module
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { findCheckout } from "./files.ts";

/** The runtimes that are started, besides Node. */
export type ChildName = "deno" | "bun" | "workerd";

/** What a server needs to know. */
export interface Task {
  /** What the hub shows to be let in. */
  readonly token: string;
  /** The page's origins. */
  readonly origins: readonly string[];
  /** What to run instead of what npm installed. */
  readonly program?: string | undefined;
}

/** A server that runs. */
export interface Child {
  readonly version: string;
  readonly port: number;
  /** Settles with a sentence when the process is gone. */
  readonly ended: Promise<string>;
  /** Ends it at once, and settles when it is gone. */
  stop(): Promise<void>;
}

/** Starts a server. Rejects with a sentence when it does not start. */
export async function startChild(name: ChildName, task: Task, signal: AbortSignal): Promise<Child> {
  const places = task.program === undefined ? PROGRAMS[name].map((path) => join(findCheckout(), "node_modules", path)) : [task.program];
  const program = places.find((path) => existsSync(path));
  if (program === undefined) throw new Error("It is not installed here: npm ci installs it");
  if (name === "workerd") return startWorkerd(program, task, signal);
  const env = { FIRST_RUN_TOKEN: task.token, FIRST_RUN_ORIGINS: task.origins.join(" "), DENO_NO_UPDATE_CHECK: "1" };
  return listening(new Process(program, [...FLAGS[name], source(`${name}.ts`)], { env, told: 1 }), signal);
}

/** Bundles the Worker, writes its configuration, and runs both. */
async function startWorkerd(program: string, { token, origins }: Task, signal: AbortSignal): Promise<Child> {
  const folder = await mkdtemp(join(tmpdir(), "isosocket-first-run-"));
  try {
    await writeFile(join(folder, "config.capnp"), toConfig(token, origins), { mode: 0o600 });
    // one after the other: whatever fails, nothing writes into the folder any more when it is removed
    await run(join(findCheckout(), "node_modules/esbuild/bin/esbuild"), [
      source("workerd.ts"), "--bundle", "--format=esm", "--external:cloudflare:*", "--log-level=error", `--outfile=${join(folder, "worker.js")}`,
    ], { timeout: START_TIMEOUT });
    const { stdout } = await run(program, ["--version"], { timeout: START_TIMEOUT });
    const process = new Process(program, ["serve", "--control-fd=3", "config.capnp"], { cwd: folder, told: 3 });
    return { ...await listening(process, signal), version: stdout.trim().replace("workerd ", "") };
  } finally {
    await rm(folder, { recursive: true, force: true }); // it has been read
  }
}

/** What it tells once it listens: a line of JSON. */
async function listening(process: Process, signal: AbortSignal): Promise<Child> {
  const late = AbortSignal.timeout(START_TIMEOUT);
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    late.addEventListener("abort", () => reject(new Error(`It did not start within ${START_TIMEOUT / 1000} seconds`)));
  });
  const failed = process.ended.then((how): never => {
    throw new Error(process.complaint === "" ? `${how} before it listened` : `${how}: ${process.complaint}`);
  });
  try {
    const { port, version = "" } = JSON.parse(await Promise.race([process.told, failed, aborted])) as { port: number; version?: string };
    return { port, version, ended: process.ended, stop: () => process.stop() };
  } catch (error) {
    await process.stop();
    throw error;
  }
}

/** A process that does not outlive this one, and its standard error. */
class Process {
  /** Settles with a sentence when it is gone. Never rejects. */
  readonly ended: Promise<string>;
  /** The first line it tells. */
  readonly told: Promise<string>;
  /** The last line of its standard error. */
  complaint = "";
  readonly #child: ChildProcess;

  /** @param told the file descriptor that it tells something on */
  constructor(program: string, args: readonly string[], { env, cwd, told }: { env?: NodeJS.ProcessEnv; cwd?: string; told: 1 | 3 }) {
    const [command, ...rest] = process.platform === "win32" ? [program, ...args] : ["sh", "-c", WATCHED, program, ...args];
    const child = this.#child = spawn(command, rest, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", told === 1 ? "pipe" : "ignore", "pipe", "pipe"],
      // Ctrl-C goes to a whole group: this process says goodbye first, then ends the others
      detached: process.platform !== "win32",
    });
    const kill = (): void => this.#kill();
    process.once("exit", kill);
    child.stdin?.on("error", () => {});
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.complaint = lastLine(text) ?? this.complaint);
    this.told = firstLine(child.stdio[told] as Readable);
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(`It cannot be run (${error.message})`));
      child.once("close", (code, name) => resolve(code === null ? `Its process was ended by ${name}` : `Its process ended with code ${code}`));
    });
    child.once("exit", () => {
      process.off("exit", kill);
      kill(); // its watcher
    });
  }

  async stop(): Promise<void> {
    this.#kill();
    await this.ended;
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // it is gone
    }
  }
}

/** Runs a program, next to which a watcher ends it when this process is gone, even by SIGKILL: standard input ends then. */
const WATCHED = `exec 4<&0; { read -r _ <&4; kill -9 $$; } >/dev/null 2>&1 3>&- & exec "$0" "$@" </dev/null 4<&-`;

function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
  });
}

function lastLine(text: string): string | undefined {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").at(-1)?.slice(0, 200);
}

function source(name: string): string {
  return join(findCheckout(), "examples/first-run/runtimes", name);
}

const run = promisify(execFile);
/** Milliseconds. */
const START_TIMEOUT = 30_000;

const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "x64";
const EXE = process.platform === "win32" ? ".exe" : "";
/** Below `node_modules`; they are there whether install scripts ran or not. */
const PROGRAMS: Readonly<Record<ChildName, readonly string[]>> = {
  deno: [`deno/deno${EXE}`, ".bin/deno"],
  bun: [`@oven/bun-${process.platform === "win32" ? "windows" : process.platform}-${ARCHITECTURE.replace("arm64", "aarch64")}/bin/bun${EXE}`, ".bin/bun"],
  workerd: [
    `@cloudflare/workerd-${process.platform === "win32" ? "windows" : process.platform}-${ARCHITECTURE.replace("x64", "64")}/bin/workerd${EXE}`, ".bin/workerd",
  ],
};
const FLAGS: Readonly<Record<"deno" | "bun", readonly string[]>> = {
  deno: ["run", "--no-prompt", "--no-remote", "--no-check", "--no-lock", "--allow-net=127.0.0.1", "--allow-env"],
  bun: [],
};

function toConfig(token: string, origins: readonly string[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "raw", address = "127.0.0.1:0", tcp = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [(className = "RoomObject", uniqueKey = "room", preventEviction = true)],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "ROOMS", durableObjectNamespace = "RoomObject"),
    (name = "TOKEN", text = ${JSON.stringify(token)}),
    (name = "ORIGINS", text = ${JSON.stringify(origins.join(" "))}),
  ],
);
`;
}
