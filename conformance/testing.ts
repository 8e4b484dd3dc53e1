/**
 * Commands of `targets/` as processes, for tests.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { RuntimeName } from "./targets/start.ts";

/** A command that runs. */
export class Target {
  /** Where it serves. */
  url = "";
  /** What it printed to stderr. */
  errors = "";
  /** Settles with its exit code once it and what it started are gone: till then its pipes are open. */
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(command: string, ...args: readonly string[]) {
    const path = join(import.meta.dirname, "targets", command);
    const child = this.#process = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.on("data", (text) => this.errors += String(text));
    this.ended = new Promise((resolve) => child.once("close", resolve));
  }

  /** A server at a free port, once it listens. */
  static async server(runtime: RuntimeName, ...args: readonly string[]): Promise<Target> {
    const target = new Target("main.ts", "--runtime", runtime, "--port", "0", ...args);
    target.url = await new Promise((resolve, reject) => {
      let printed = "";
      target.#process.stdout?.on("data", (text) => {
        const [, url] = /^ready (\S+)\n/.exec(printed += String(text)) ?? [];
        if (url !== undefined) resolve(url);
      });
      void target.ended.then((code) => reject(new Error(`it ended with ${code}: ${target.errors}`)));
    });
    return target;
  }

  /** The command's own process. */
  get pid(): number {
    return this.#process.pid as number;
  }

  /** Ends it. */
  end(): Promise<number | null> {
    this.#process.kill("SIGTERM");
    return this.ended;
  }
}
