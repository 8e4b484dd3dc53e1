/**
 * What can be seen of a victim's process from outside: its memory, its file descriptors, whether it lives, and whether it
 * still answers somebody else.
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Observation, Watch } from "./attack.ts";

/** A process as the system shows it. Where there is no /proc, it tells only whether it lives. */
export class ProcessProbe implements Watch {
  readonly pid: number;
  readonly #neighbour: (() => Promise<unknown>) | undefined;
  #idle: number | undefined = undefined;
  #running: { stopped: boolean; worst: number; readonly done: Promise<void> } | undefined = undefined;

  /** @param neighbour asks something of the victim on a connection of its own, and settles with the answer; rejects when there is none */
  constructor(pid: number, neighbour?: () => Promise<unknown>) {
    this.pid = pid;
    this.#neighbour = neighbour;
  }

  /** True while it runs. */
  get alive(): boolean {
    try {
      return process.kill(this.pid, 0) && this.#status("State") !== "Z";
    } catch {
      return false;
    }
  }

  /** Resident memory, in bytes. */
  get rss(): number | undefined {
    return kibibytes(this.#status("VmRSS"));
  }

  /** The highest resident memory since `start`, in bytes. */
  get peak(): number | undefined {
    return kibibytes(this.#status("VmHWM"));
  }

  /** Open file descriptors. */
  get files(): number | undefined {
    try {
      return readdirSync(`/proc/${this.pid}/fd`).length;
    } catch {
      return undefined;
    }
  }

  async start(): Promise<void> {
    this.#idle = this.rss;
    try {
      writeFileSync(`/proc/${this.pid}/clear_refs`, "5"); // the peak starts anew
    } catch {
      // no such system; then the growth is that since the process began
    }
    const ask = this.#neighbour;
    if (ask === undefined) return;
    const running = { stopped: false, worst: 0, done: Promise.resolve() };
    running.done = (async () => {
      while (!running.stopped) {
        const asked = performance.now();
        await ask();
        running.worst = Math.max(running.worst, performance.now() - asked);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    running.done.catch(() => {}); // `stop` tells
    this.#running = running;
  }

  async stop(): Promise<Observation> {
    const { peak } = this;
    const growth = peak === undefined || this.#idle === undefined ? undefined : peak - this.#idle;
    const running = this.#running;
    this.#running = undefined;
    if (running !== undefined) running.stopped = true;
    const harm = await running?.done.then(() => undefined, (error: unknown) => `a neighbour was harmed: ${error instanceof Error ? error.message : String(error)}`);
    if (!this.alive) return { growth, harm: "its process has ended" };
    return { growth, neighbour: running?.worst, harm };
  }

  #status(name: string): string | undefined {
    try {
      return new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(readFileSync(`/proc/${this.pid}/status`, "latin1"))?.[1];
    } catch {
      return undefined;
    }
  }
}

/** The process that a command started and waits for; the command itself when it started none, or the system does not tell. */
export function victimOf(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter((child) => child !== "");
    return children.length === 0 ? pid : victimOf(Number(children[0]));
  } catch {
    return pid;
  }
}

function kibibytes(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text) * 1024;
}
