/**
 * The host's tasks.
 * @module
 */

/** A host's scheduler, where it has one: `setTimeout` waits a millisecond or more. Taken once, so that faked timers do not stop events. */
const { setImmediate: hostImmediate, setTimeout: hostTimeout } = globalThis as {
  setImmediate?: (task: () => void) => unknown;
  setTimeout: (task: () => void, delay: number) => unknown;
};

const runSoon: (task: () => void) => void = hostImmediate === undefined
  ? (task) => void hostTimeout(task, 0)
  : (task) => void hostImmediate(task);

/** True where a task begins at once, and not a millisecond or more later. */
export const tasksAreQuick: boolean = hostImmediate !== undefined;

/** Tasks queued here that have not begun. */
let waiting = 0;

/** Queues a task (HTML, section 8.1.7): tasks run in order, each with an empty stack, and promises settle between two. */
export function queueTask(task: () => void): void {
  waiting++;
  runSoon(() => {
    waiting--;
    task();
  });
}

/** Settles when no microtask is left, and no task of `queueTask`: everything that waits for neither time nor I/O has happened. */
export async function rest(): Promise<void> {
  do await new Promise<void>(runSoon);
  while (waiting > 0);
}
