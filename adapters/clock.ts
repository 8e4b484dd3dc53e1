/**
 * Where time comes from. A host's timers are few, whatever there is to wait for: deadlines that fall close together share one.
 * @module
 */

/** A clock, and a way to be called later. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once, after a delay in milliseconds or up to a sixteenth of it later; the function returned cancels. */
  schedule(callback: () => void, delay: number): () => void;
}

/** The host's own clock. */
export const hostClock: Clock = {
  now: () => performance.now(),
  schedule(callback, delay) {
    if (delay < SHARED) return later(callback, delay);
    const grain = 2 ** Math.floor(Math.log2(delay) - 4);
    const now = performance.now();
    const due = Math.ceil((now + delay) / grain) * grain;
    let alarm = alarms.get(due);
    if (alarm === undefined) alarms.set(due, alarm = new Alarm(due, now));
    return alarm.add(callback);
  },
};

/** One timer of the host, and all that wait for it. */
class Alarm {
  readonly #due: number;
  readonly #waiting = new Set<{ readonly callback: () => void }>();
  readonly #cancel: () => void;

  constructor(due: number, now: number) {
    this.#due = due;
    this.#cancel = later(() => this.#ring(), due - now);
  }

  add(callback: () => void): () => void {
    const one = { callback };
    this.#waiting.add(one);
    return () => {
      if (!this.#waiting.delete(one) || this.#waiting.size > 0) return;
      alarms.delete(this.#due);
      this.#cancel(); // else it would keep the process alive for nothing
    };
  }

  #ring(): void {
    alarms.delete(this.#due);
    for (const one of this.#waiting) {
      this.#waiting.delete(one);
      try {
        one.callback();
      } catch (error) {
        queueMicrotask(() => {
          throw error; // as from a timer of its own
        });
      }
    }
  }
}

function later(callback: () => void, delay: number): () => void {
  const timer = setTimeout(callback, Math.min(delay, MAX_DELAY));
  return () => clearTimeout(timer);
}

const alarms = new Map<number, Alarm>();
/** A shorter delay has a timer of its own, in milliseconds. */
const SHARED = 256;
/** The longest delay `setTimeout` knows; an earlier call does nothing, and the timer is set again. */
const MAX_DELAY = 2_147_483_647;
