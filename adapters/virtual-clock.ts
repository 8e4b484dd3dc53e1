/**
 * A clock that stands still until it is told how far to go: half a minute of silence takes a test no time.
 * @module
 */
import type { Clock } from "./driver.ts";

/** A clock for `memoryPair` and `memoryServer`; it begins at 0. */
export class VirtualClock implements Clock {
  #now = 0;
  /** In the order in which they are due. */
  readonly #timers: { readonly due: number; readonly callback: () => void }[] = [];

  /** The time it was told, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** Calls back as `advance` gets there. */
  schedule(callback: () => void, delay: number): () => void {
    const timer = { due: this.#now + Math.max(0, delay), callback };
    const at = this.#timers.findIndex(({ due }) => due > timer.due);
    this.#timers.splice(at < 0 ? this.#timers.length : at, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Goes on by so many milliseconds, from timer to timer, and lets everything that each sets off come to rest. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await rest();
    while (this.#timers.length > 0 && this.#timers[0].due <= end) {
      const { due, callback } = this.#timers.shift() as { due: number; callback: () => void };
      this.#now = due;
      callback();
      await rest();
    }
    this.#now = end;
  }
}

/** All microtasks run before the host's next task. */
function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
