/**
 * One job: a worker thread, so that whoever started it sees it hang.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { toCase } from "./case.ts";
import { heapInUse } from "./heap.ts";
import { seen } from "./peers-target.ts";
import { type Failure, Session } from "./session.ts";
import { loadSubject } from "./subject.ts";
import { chosen } from "./targets.ts";

/** What a job is given. */
export interface Work {
  readonly seed: number;
  readonly runs: number | undefined;
  readonly frames: number | undefined;
  readonly heads: number | undefined;
  readonly only: readonly string[];
  readonly subject: string | undefined;
  readonly job: number;
  readonly jobs: number;
  /** Cases that are tried first. */
  readonly cases: readonly string[];
  /** Where it tells how far it is: see the places below. */
  readonly progress: SharedArrayBuffer;
}

/** Places in `progress`. */
export const RUN = 0;
export const RUNS = 1;
export const FRAMES_READ = 2;
export const HEADS_READ = 3;
export const SHARE = 4;

/** What a job says. */
export type Word =
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "done"; readonly heap: string | undefined; readonly grown: number; readonly disagreements: readonly string[] };

if (parentPort !== null && (workerData as Work | null)?.progress !== undefined) await work(workerData as Work, (word) => parentPort?.postMessage(word));

async function work(given: Work, say: (word: Word) => void): Promise<void> {
  const progress = new Float64Array(given.progress);
  const { seed, runs, frames, heads, job, jobs } = given;
  const session = new Session({ seed, runs, frames, heads, job, jobs, targets: chosen(given.only), subject: await loadSubject(given.subject) });
  let told = 0;
  const tell = (): void => {
    progress.set([session.run, session.runs, session.tally.frames, session.tally.heads, session.progress]);
    for (; told < session.failures.length; told++) say({ kind: "failure", failure: session.failures[told] });
  };
  for (const text of given.cases) {
    session.replay(toCase(text));
    tell();
  }
  let before: number | undefined;
  const begin = (run: number): void => void (progress[RUN] = run);
  while (session.advance(200, begin)) {
    tell();
    if (before === undefined && session.progress > 0.1) before = heapInUse();
    await Promise.resolve();
    if (session.runs % 2_000 < 200) await new Promise((resolve) => setTimeout(resolve)); // what others put off to later runs now
  }
  tell();
  await new Promise((resolve) => setTimeout(resolve));
  const after = before === undefined ? undefined : heapInUse();
  say({
    kind: "done",
    grown: after === undefined || before === undefined ? 0 : after - before,
    heap: after === undefined || before === undefined ? undefined : `heap in use ${mebibytes(before)} after a tenth, ${mebibytes(after)} at the end`,
    disagreements: [...seen].map(([{ peers, section, says }, count]) => `${count.toLocaleString("en-US")} x ${peers.join(", ")}, section ${section}: ${says}`),
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / 0x10_0000).toFixed(1)} MiB`;
}
