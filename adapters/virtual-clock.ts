/**
 * A clock that stands still until it is told how far to go: half a minute of silence takes a test no time.
 * @module
 */
import type { Clock } from "./clock.ts";
import { rest } from "./task.ts";

/** A clock for tests; it begins at 0. */
export class VirtualClock implements Clock {
  #now = 0;
  #count = 0;
  /** What is due last stands first. */
  readonly #events: Entry[] = [];
  readonly #rank: () => number;

  /**
   * Nothing is due yet.
   * @param rank of what is due at the same time, the lowest runs first; in the order of `schedule` when it is not said
   */
  constructor(rank: () => number = () => 0) {
    this.#rank = rank;
  }

  /** The time it was told, in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** Calls back as time gets there. */
  schedule(callback: () => void, delay: number): () => void {
    const event: Entry = { due: this.#now + Math.max(0, delay), rank: this.#rank(), count: this.#count++, callback };
    this.#events.splice(this.#place(event), 0, event);
    return () => {
      const at = this.#place(event);
      if (this.#events[at] === event) this.#events.splice(at, 1);
    };
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#events.length;
  }

  /** When the next is due; `Infinity` when none is set. */
  get next(): number {
    return this.#events.at(-1)?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Goes to the next timer and runs it. What it sets off in microtasks has not happened yet. */
  step(): void {
    const event = this.#events.pop();
    if (event === undefined) return;
    this.#now = Math.max(this.#now, event.due);
    event.callback();
  }

  /** Time goes by and nothing runs: as for a machine that slept. What came due runs late, at the next step. */
  leap(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Goes on by so many milliseconds, from timer to timer, and lets everything that each sets off come to rest. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await rest();
    while (this.next <= end) {
      this.step();
      await rest();
    }
    this.leap(Math.max(0, end - this.#now));
  }

  /** Where an event stands, or belongs: behind all that run after it. */
  #place(event: Entry): number {
    const events = this.#events;
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(event, events[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Something that is due. */
interface Entry {
  readonly due: number;
  readonly rank: number;
  readonly count: number;
  readonly callback: () => void;
}

function isBefore(one: Entry, other: Entry): boolean {
  if (one.due !== other.due) return one.due < other.due;
  return one.rank === other.rank ? one.count < other.count : one.rank < other.rank;
}
