/**
 * How the command ends: its exit codes, and the errors that are told in one sentence.
 * @module
 */

/** Exit codes; the help lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143, hangup: 129 } as const;

/** The command line is wrong, or what it names cannot be used. The message is one sentence with the fix. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for did not work out. The message is one sentence with the fix. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** What programs may want to know besides. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.facts = facts;
  }
}

/** Ends the process once everything printed has left it. */
export async function exit(code: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => {
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
  })));
  process.exit(code);
}

/** Watches for a pipe whose reader has gone, such as `| head`: that is no failure, and nobody is left to tell. */
export function watchPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") brokenPipe();
      else process.exit(EXIT.failed);
    });
  }
}

/** Says what to do instead of ending at once when a pipe's reader has gone. */
export function onBrokenPipe(callback: () => void): void {
  brokenPipe = callback;
}

let brokenPipe = (): void => process.exit(EXIT.ok);

/**
 * Calls back at the first Ctrl-C or request to end; the second ends the process at once. Returns what undoes it.
 *
 * SIGTERM to a group of processes comes twice: to us, and to a shell or npm that passes it on. Together they are one.
 */
export function onInterrupt(callback: (code: number) => void): () => void {
  let askedAt: number | undefined;
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const listener = (): void => {
      if (askedAt === undefined) {
        askedAt = performance.now();
        callback(code);
      } else if (signal !== "SIGTERM" || performance.now() - askedAt > PASSED_ON) {
        process.exit(code);
      }
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const undo of listeners) undo();
  };
}

/** Milliseconds within which a second SIGTERM is the first one, passed on. */
const PASSED_ON = 250;
const SIGNALS: Readonly<Record<string, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangup,
};
