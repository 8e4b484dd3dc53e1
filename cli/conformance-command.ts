/**
 * A command that starts a client to be tested.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { UsageError } from "./exit.ts";
import { excerpt, visible } from "./terminal.ts";

/** The command, running. */
export class ClientCommand {
  /** Settles when it has ended; rejects when it cannot be started. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #last: string[] = [];
  #how: string | undefined = undefined;

  /** Starts it; `hear` gets each line that it prints. */
  constructor([program, ...args]: readonly string[], url: string, hear: (line: string) => void) {
    this.#name = program;
    const given = args.map((arg) => arg.replaceAll("{url}", url));
    this.#child = spawn(program, given, { env: { ...process.env, ISOSOCKET_URL: url }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) this.#hear(line, hear);
      }).on("end", () => {
        if (rest !== "") this.#hear(rest, hear);
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("close", (code, signal) => {
        this.#how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
        resolve();
      });
      this.#child.once("error", (error: NodeJS.ErrnoException) => reject(new UsageError(whyNot(program, args, error))));
    });
    process.once("exit", () => this.#child.kill("SIGKILL"));
  }

  /** How it ended, and what it printed last. */
  get told(): string {
    const printed = this.#last.length === 0 ? "it printed nothing" : `it printed last: ${this.#last.map((line) => excerpt(line, 200)).join(" / ")}`;
    return `"${visible(this.#name)}": ${this.#how ?? "it is still running"}, and ${printed}`;
  }

  /** Gives it a moment to end by itself, then asks it to, then makes it. */
  async settle(): Promise<void> {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(true), GRACE));
      const isLate = await Promise.race([this.ended.then(() => false), late]);
      clearTimeout(timer);
      if (!isLate) return;
      this.#child.kill(signal);
    }
    await this.ended;
  }

  /** Asks it to end. */
  kill(): void {
    this.#child.kill();
  }

  #hear(line: string, hear: (line: string) => void): void {
    this.#last.push(line);
    if (this.#last.length > LAST) this.#last.shift();
    hear(line);
  }
}

function whyNot(program: string, args: readonly string[], { code, message }: NodeJS.ErrnoException): string {
  const blank = args.length === 0 && program.includes(" ") ? ": write it without quotes, a word each" : "";
  const why = code === "ENOENT" ? `there is no such program${blank}` : code === "EACCES" ? "you may not run it, or it is no program" : message;
  return `Cannot start "${program}": ${why}`;
}

/** Milliseconds. */
const GRACE = 2_000;
/** Lines. */
const LAST = 5;
