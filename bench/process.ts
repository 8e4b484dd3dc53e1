/**
 * The processes of a benchmark: the generator on one core, a peer on another, both asked and answering in lines of JSON.
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { bundle } from "../conformance/runtimes/bundle.ts";
import { commandOf } from "../conformance/targets/start.ts";

/** The runtimes that are measured. */
export const RUNTIMES = ["node", "bun", "deno"] as const;
export type Runtime = typeof RUNTIMES[number];

/** Whether processes keep to a core each, which takes `taskset` and two cores. */
export const PINNED: boolean = process.platform === "linux" && availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** Connections that one process may have, by the system's limit of open files; some are needed for other things. */
export function mostConnections(): number {
  const said = process.platform === "win32" ? "" : spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).stdout;
  return (Number.parseInt(said, 10) || Number.POSITIVE_INFINITY) - 200;
}

/** A process that answers. It ends with its stdin, and so with us. */
export class Peer {
  /** Where it listens, for one that does. */
  readonly port: number;
  readonly #stdin: Writable;
  readonly #lines: AsyncIterator<string>;
  readonly #kill: () => void;

  private constructor(port: number, stdin: Writable, lines: AsyncIterator<string>, kill: () => void) {
    this.port = port;
    this.#stdin = stdin;
    this.#lines = lines;
    this.#kill = kill;
  }

  /** Starts a script, and settles once it is ready. */
  static async start(runtime: Runtime, script: string, core: number, task: object = {}, env: Readonly<Record<string, string>> = {}): Promise<Peer> {
    const command = [...(PINNED ? ["taskset", "-c", String(core)] : []), ...commandFor(runtime), runtime === "node" ? bundled(script) : script, JSON.stringify(task)];
    const child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env } });
    child.on("error", () => {}); // told by the end of its stdout
    child.stdin.on("error", () => {});
    const lines = (createInterface(child.stdout as Readable) as Interface)[Symbol.asyncIterator]();
    const { port } = await answer<{ readonly port: number }>(lines, script);
    return new Peer(port, child.stdin, lines, () => child.kill("SIGKILL"));
  }

  /** Sends a line, and gives the next that comes. */
  ask<Answer>(question: unknown): Promise<Answer> {
    this.#stdin.write(`${JSON.stringify(question)}\n`);
    return answer<Answer>(this.#lines, JSON.stringify(question));
  }

  stop(): void {
    this.#kill();
  }
}

async function answer<Answer>(lines: AsyncIterator<string>, question: string): Promise<Answer> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error(`It ended without an answer to ${question}`);
  const said = JSON.parse(value) as Answer & { readonly error?: string };
  if (said.error !== undefined) throw new Error(said.error);
  return said;
}

/**
 * One file of JavaScript, beside the packages it takes: from TypeScript Node keeps a compiler in the same process, and each collection of garbage
 * looks at that too, which no program that is published pays for.
 */
function bundled(script: string): string {
  const file = join(import.meta.dirname, "../node_modules/.cache/isosocket-bench", `${basename(script, ".ts")}.mjs`);
  bundle(script, file, "--platform=node", "--packages=external");
  return file;
}

/** Garbage can be collected when it is asked for: memory is measured without it. */
function commandFor(runtime: Runtime): readonly string[] {
  const [program] = commandOf(runtime);
  if (runtime === "node") return [program, "--expose-gc", "--disable-warning=ExperimentalWarning"];
  return runtime === "bun" ? [program] : [program, "run", "--allow-all", "--no-check", "--quiet", "--v8-flags=--expose-gc"];
}
