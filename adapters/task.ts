/**
 * The host's tasks.
 * @module
 */

/** A host's scheduler, where it has one: `setTimeout` waits a millisecond or more. Taken once, so that faked timers do not stop events. */
const { setImmediate: hostImmediate, setTimeout: hostTimeout } = globalThis as {
  setImmediate?: (task: () => void) => unknown;
  setTimeout: (task: () => void, delay: number) => unknown;
};

const runLater = (task: () => void): void => void hostTimeout(task, 0);
const runSoon: (task: () => void) => void = hostImmediate === undefined ? runLater : (task) => void hostImmediate(task);

/** True where a turn begins at once, and not a millisecond or more later. On Deno `setImmediate` lets no I/O in between (measured on 2.9.5). */
export const turnsAreQuick: boolean = hostImmediate !== undefined && !("Deno" in globalThis);

/** Tasks queued here that have not begun. */
let waiting = 0;

/** Queues a task (HTML, section 8.1.7): tasks run in order, each with an empty stack, and promises settle between two. */
export function queueTask(task: () => void): void {
  queue(task, runSoon);
}

/** Queues a task for when other connections have been heard. */
export function queueTurn(task: () => void): void {
  queue(task, turnsAreQuick ? runSoon : runLater);
}

function queue(task: () => void, run: (task: () => void) => void): void {
  waiting++;
  run(() => {
    waiting--;
    task();
  });
}

/** Settles when no microtask is left, and no task of `queueTask`: everything that waits for neither time nor I/O has happened. */
export async function rest(): Promise<void> {
  do await new Promise<void>(runSoon);
  while (waiting > 0);
}
