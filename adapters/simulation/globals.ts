/**
 * The world's time in the place of the program's.
 * @module
 */
import type { Clock } from "../clock.ts";

/** Where time and chance come from. */
export interface TimeSource {
  /** The monotonic clock. */
  readonly clock: Clock;
  /** The wall clock, in milliseconds since 1970. */
  readonly date: number;
  /** As `Math.random`. */
  readonly random: () => number;
}

/** Who is installed: there is one set of globals. */
let installed: Globals | undefined;

/** The program's timers, dates and random numbers, replaced by a world's while it runs. */
export class Globals {
  readonly #replacements: readonly Replacement[];
  /** How each property was. */
  #kept: (PropertyDescriptor | undefined)[] = [];

  /** Replaces nothing yet. */
  constructor(source: TimeSource) {
    this.#replacements = replacements(source);
  }

  /**
   * Puts them in place.
   * @throws {Error} while another world's are
   */
  install(): void {
    if (installed !== undefined) throw new Error("Cannot run two worlds with `globals` at a time: there is one set of them");
    installed = this;
    this.#kept = this.#replacements.map(({ target, name }) => Object.getOwnPropertyDescriptor(target, name));
    for (const { target, name, value } of this.#replacements) {
      Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
    }
  }

  /** Puts back what was there. */
  restore(): void {
    if (installed !== this) return;
    installed = undefined;
    for (const [at, { target, name }] of this.#replacements.entries()) {
      const kept = this.#kept[at];
      if (kept === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, kept);
    }
  }
}

interface Replacement {
  readonly target: object;
  readonly name: string;
  readonly value: unknown;
}

type Callback = (...args: unknown[]) => void;

function replacements(source: TimeSource): Replacement[] {
  const timers = new Map<number, () => void>();
  let count = 0;
  const set = (callback: Callback, delay: unknown, args: unknown[], again: boolean): Timer => {
    const id = ++count;
    const wait = Math.max(1, Number(delay) || 0);
    const arm = (): void => void timers.set(id, source.clock.schedule(() => {
      if (again) arm();
      else timers.delete(id);
      callback(...args);
    }, wait));
    arm();
    return new Timer(id);
  };
  const clear = (timer: unknown): void => {
    const id = Number(timer);
    timers.get(id)?.();
    timers.delete(id);
  };
  const values = {
    setTimeout: (callback: Callback, delay?: number, ...args: unknown[]) => set(callback, delay, args, false),
    setInterval: (callback: Callback, delay?: number, ...args: unknown[]) => set(callback, delay, args, true),
    setImmediate: (callback: Callback, ...args: unknown[]) => set(callback, 0, args, false),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    Date: dateClass(source),
  };
  const start = source.clock.now();
  return [
    ...Object.entries(values).filter(([name]) => name in globalThis).map(([name, value]) => ({ target: globalThis, name, value })),
    { target: performance, name: "now", value: () => source.clock.now() - start },
    { target: Math, name: "random", value: source.random },
    { target: AbortSignal, name: "timeout", value: (delay: number) => abortAfter(source.clock, delay) },
  ];
}

/** What Node's timers are used for: numbers elsewhere have none of these, and nobody calls them there. */
class Timer {
  readonly #id: number;
  constructor(id: number) {
    this.#id = id;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

function dateClass(source: TimeSource): DateConstructor {
  const HostDate = Date;
  const now = (): number => Math.floor(source.date);
  return new Proxy(HostDate, {
    apply: () => new HostDate(now()).toString(),
    construct: (target, args: unknown[], newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    get: (target, name, receiver) => name === "now" ? now : Reflect.get(target, name, receiver) as unknown,
  });
}

function abortAfter(clock: Clock, delay: number): AbortSignal {
  const controller = new AbortController();
  clock.schedule(() => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")), delay);
  return controller.signal;
}
