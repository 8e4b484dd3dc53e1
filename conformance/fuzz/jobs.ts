/**
 * Starts jobs, adds up what they have done, and sees when one hangs.
 * @module
 */
import { Worker } from "node:worker_threads";
import type { Failure } from "./session.ts";
import { FRAMES_READ, HEADS_READ, RUN, RUNS, SHARE, type Word, type Work } from "./worker.ts";

/** How far all jobs are together. */
export interface Done {
  readonly runs: number;
  readonly frames: number;
  readonly heads: number;
  /** 0 to 1. */
  readonly share: number;
}

/** What was learnt once all jobs have ended. */
export interface Ending {
  readonly heap: readonly string[];
  readonly disagreements: readonly string[];
}

/** What may be in use at the end beyond what was after a tenth. */
const MAY_GROW = 8 * 0x10_0000;

/** All jobs of one call. */
export class Jobs {
  readonly ended: Promise<Ending>;
  readonly #workers: Worker[] = [];
  readonly #progress: Float64Array[] = [];

  /**
   * Starts them; `fail` hears of each failure as it is found.
   * @param patience milliseconds after which a run that does not end hangs
   */
  constructor(works: readonly Omit<Work, "progress">[], patience: number, fail: (failure: Failure) => void) {
    const heap: string[] = [];
    const disagreements: string[] = [];
    const all = works.map((work) => {
      const progress = new SharedArrayBuffer(5 * 8);
      const view = new Float64Array(progress);
      this.#progress.push(view);
      const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: { ...work, progress } satisfies Work });
      this.#workers.push(worker);
      return new Promise<void>((resolve, reject) => {
        const watch = watchFor(view, patience, () => {
          fail({ target: work.only.join(), problem: `hangs: no end in ${patience / 1_000} s`, run: view[RUN], text: "", length: 0, shrunkLength: 0 });
          void worker.terminate().then(() => resolve());
        });
        worker.on("message", (word: Word) => {
          if (word.kind === "failure") return fail(word.failure);
          if (word.heap !== undefined) heap.push(word.heap);
          if (word.grown > MAY_GROW) fail({ target: work.only.join(), problem: `grows: ${word.heap}`, run: -1, text: "", length: 0, shrunkLength: 0 });
          disagreements.push(...word.disagreements);
          clearInterval(watch);
          resolve();
          void worker.terminate();
        });
        worker.on("error", (error) => {
          clearInterval(watch);
          reject(error);
        });
        worker.on("exit", () => {
          clearInterval(watch);
          resolve();
        });
      });
    });
    this.ended = Promise.all(all).then(() => ({ heap, disagreements }));
  }

  /** How far they are. */
  get done(): Done {
    const sum = (place: number): number => this.#progress.reduce((total, view) => total + view[place], 0);
    return { runs: sum(RUNS), frames: sum(FRAMES_READ), heads: sum(HEADS_READ), share: sum(SHARE) / this.#progress.length };
  }

  /** Ends them at once. */
  stop(): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}

/** Calls when nothing moves for too long. */
function watchFor(view: Float64Array, patience: number, hangs: () => void): ReturnType<typeof setInterval> {
  let [last, since] = ["", performance.now()];
  const watch = setInterval(() => {
    const now = view.join();
    if (now !== last) [last, since] = [now, performance.now()];
    else if (performance.now() - since > patience) {
      clearInterval(watch);
      hangs();
    }
  }, 1_000);
  return watch;
}
