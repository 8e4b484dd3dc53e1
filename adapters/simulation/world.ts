/**
 * Servers and clients in one process, on a network and a clock that one number decides everything about.
 * @module
 */
import { RandomPool } from "../../core/bytes/random-pool.ts";
import type { Clock } from "../clock.ts";
import { type ConnectOptions, connectWith } from "../connect.ts";
import { type ServeOptions, type Server, serveWith } from "../serve.ts";
import type { Socket } from "../socket.ts";
import { rest } from "../task.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { type WebSocketConstructor, webSocketClass } from "../websocket.ts";
import { Globals } from "./globals.ts";
import type { Conditions } from "./lane.ts";
import type { Link } from "./link.ts";
import { type FaultRates, Network } from "./network.ts";
import { Seed } from "./seed.ts";
import { Trace } from "./trace.ts";

/** What a world is made from. */
export interface WorldOptions {
  /** A whole number that decides everything; drawn when it is not said, and told by `World.seed`. */
  readonly seed?: number;
  /** How links carry bytes; those that are not named are as in `DEFAULT_CONDITIONS`. */
  readonly network?: Partial<Conditions>;
  /** How often things go wrong by themselves: true for `DEFAULT_FAULTS`. Nothing does when it is not said. */
  readonly faults?: boolean | Partial<FaultRates>;
  /** Called for each dial before it goes out: `link.refuse()`, `link.hang()`, `link.cut({ after: 40 })`, ... */
  readonly dial?: (link: Link) => void;
  /** Called whenever everything that one event set off has come to rest: for what must hold at any time. What it throws ends the run. */
  readonly afterEach?: () => void;
  /**
   * True puts the world's time in the place of the program's while it runs: `setTimeout`, `setInterval`, `setImmediate`, `Date`,
   * `performance.now`, `Math.random` and `AbortSignal.timeout`, so that code that uses them need not know. For one world at a time.
   */
  readonly globals?: boolean;
  /** The wall clock's time at the start, in milliseconds since 1970; 2000-01-01 when it is not said. */
  readonly date?: number;
  /** Lines of `World.trace` that are kept; 100,000 when it is not said. */
  readonly maxTrace?: number;
}

/** A server of a world. */
export interface SimulatedServer<Data = unknown> extends Server<Data> {
  /** As when its process is killed: it hears nothing any more, nobody listens there, and its clients' connections are reset. */
  crash(): void;
}

/** Servers and clients, a network, and time that stands still until it is run. */
export class World {
  /** What decided everything. */
  readonly seed: number;
  /** The world's time, for code that takes a clock. */
  readonly clock: Clock;
  /** The WebSocket class of the web, in this world. */
  readonly WebSocket: WebSocketConstructor;
  readonly #events: VirtualClock;
  readonly #network: Network;
  readonly #trace: Trace;
  readonly #keys: RandomPool;
  readonly #chance: Seed;
  readonly #afterEach: () => void;
  readonly #globals: Globals | undefined;
  readonly #epoch: number;
  #atRest: (() => void)[] = [];
  #timers = 0;
  #jumped = 0;
  #running = false;
  #runs = 0;

  /** As `simulate` does. */
  constructor(options: WorldOptions = {}) {
    const { seed = crypto.getRandomValues(new Uint32Array(1))[0], faults = false, maxTrace = 100_000, afterEach, date = YEAR_2000 } = options;
    this.seed = seed;
    this.#epoch = date;
    this.#trace = new Trace(maxTrace);
    this.#afterEach = afterEach ?? ((): void => {});
    this.#chance = new Seed(seed, "chance");
    const keys = new Seed(seed, "keys");
    this.#keys = new RandomPool((target) => keys.fill(target));
    const ranks = new Seed(seed, "ranks");
    const events = this.#events = new VirtualClock(() => ranks.uint32());
    this.clock = { now: () => events.now(), schedule: (callback, delay) => this.#schedule(callback, delay) };
    this.#network = new Network({
      clock: this.clock,
      now: () => events.now(),
      later: (step, delay) => events.schedule(step, delay),
      atRest: (step) => void this.#atRest.push(step),
      seed: new Seed(seed, "network"),
      fate: new Seed(seed, "fate"),
      conditions: { ...DEFAULT_CONDITIONS, ...options.network },
      faults: { ...NO_FAULTS, ...(faults === true ? DEFAULT_FAULTS : faults === false ? {} : faults) },
      dial: options.dial,
      note: (what) => this.log(what),
    });
    this.WebSocket = webSocketClass(this.connect);
    if (options.globals === true) this.#globals = new Globals(this);
  }

  /** Milliseconds since the world began, on a clock that never goes back. */
  get now(): number {
    return this.#events.now();
  }

  /** What the wall clock shows, in milliseconds since 1970. */
  get date(): number {
    return this.#epoch + this.now + this.#jumped;
  }

  /** Timers that are set: by sockets, servers and `sleep`. 0 when all is over. */
  get timers(): number {
    return this.#timers;
  }

  /** Connections of which one end at least does not know that it is over, those being dialled too. 0 when all is over. */
  get links(): ReadonlySet<Link> {
    return this.#network.links;
  }

  /** What happened, a line each: every piece of bytes that arrived, every end and every fault. The same for the same seed. */
  get trace(): readonly string[] {
    return this.#trace.lines;
  }

  /** 16 hexadecimal digits for the whole trace, those lines too that were not kept. */
  get digest(): string {
    return this.#trace.digest;
  }

  /** Adds a line to the trace. */
  log(what: string): void {
    this.#trace.add(`${this.now.toFixed(3).padStart(12)} ${what}`);
  }

  /** A number from 0 up to, not including, 1, out of the seed: for what the program under test draws. */
  readonly random = (): number => this.#chance.unit();

  /** Serves, with what `serve` takes. Without a host name it answers for every name; without a port it takes a free one. */
  async serve<Data = unknown>(options: ServeOptions<Data>): Promise<SimulatedServer<Data>> {
    const server = await serveWith(this.#network.listen, options, this.clock);
    const { drain } = server;
    return Object.assign(server, {
      crash: (): void => this.#network.crash(server.port, server.hostname),
      drain: (drainOptions = {}): ReturnType<typeof drain> => drain({ random: this.random, ...drainOptions }),
    } satisfies Partial<SimulatedServer>);
  }

  /** Opens a WebSocket, with what `connect` takes. It takes time: await it inside `run`. */
  readonly connect = (url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> => {
    const attempt = connectWith(this.#network.dial, url, options, this.clock, this.#keys);
    return this.#running ? attempt : Promise.race([attempt, this.#standstill()]);
  };

  /** Settles so many milliseconds later. Rejects with the signal's reason when that aborts. */
  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = this.#schedule(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });

  /**
   * Runs time until a promise has settled, and gives what it gives.
   * @param work the promise, or an async function, in which time runs on whenever it waits
   * @param limit milliseconds of the world's time; an hour when it is not said
   * @throws {Error} when the limit is over, and when nothing is left that could happen
   */
  async run<T>(work: PromiseLike<T> | (() => PromiseLike<T> | T), limit: number = HOUR): Promise<T> {
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    const end = this.now + limit;
    await this.#drive(async () => {
      const started = typeof work === "function" ? call(work) : work;
      started.then((value) => outcome = { value }, (error: unknown) => outcome = { error });
      await this.#rest();
      while (outcome === undefined) {
        if (this.#events.next > end) throw new Error(this.#stuck(limit));
        await this.#step();
      }
    });
    if (outcome === undefined) throw new Error("The run ended early");
    if ("error" in outcome) throw outcome.error;
    return (outcome as { readonly value: T }).value;
  }

  /** Runs time for so many milliseconds. Inside `run` it is the same as `sleep`. */
  async advance(milliseconds: number): Promise<void> {
    if (this.#running) return this.sleep(milliseconds);
    const end = this.now + milliseconds;
    await this.#drive(async () => {
      await this.#rest();
      while (this.#events.next <= end) await this.#step();
      this.#events.leap(Math.max(0, end - this.now));
    });
  }

  /** All machines sleep, as a laptop does: time goes by and nothing happens meanwhile. What came due happens late. */
  leap(milliseconds: number): void {
    this.log(`leap of ${milliseconds} ms`);
    this.#events.leap(milliseconds);
  }

  /** The wall clock is set, forwards or backwards. No time goes by. */
  jump(milliseconds: number): void {
    this.log(`jump of the wall clock by ${milliseconds} ms`);
    this.#jumped += milliseconds;
  }

  /** The network is gone: every link is silent and no dial is answered. */
  offline(): void {
    this.log("offline");
    this.#network.offline = true;
  }

  /** The network is back. */
  online(): void {
    this.log("online");
    this.#network.offline = false;
  }

  /** From now on nothing goes wrong by itself, and what is silent or stalled goes on: for what must come right in the end. */
  calm(): void {
    this.log("calm");
    this.#network.calm();
  }

  /** Ends everything at once: servers, connections, dials. Timers of the program under test are its own. */
  async end(): Promise<void> {
    this.#network.end();
    await this.#drive(() => this.#rest());
  }

  /** Rejects when nobody runs time by the host's next turn: else the test would hang without a word. */
  async #standstill(): Promise<never> {
    const before = this.#runs;
    await rest();
    if (this.#runs === before) throw new Error("Time stands still: connect inside `world.run(...)`, or call `world.advance(...)` before you wait for it");
    return await new Promise<never>(() => {});
  }

  async #step(): Promise<void> {
    this.#events.step();
    await this.#rest();
    this.#afterEach();
  }

  /** Promises have settled, and what was written has left. */
  async #rest(): Promise<void> {
    await rest();
    const steps = this.#atRest;
    this.#atRest = [];
    for (const step of steps) step();
  }

  async #drive(body: () => Promise<void>): Promise<void> {
    if (this.#running) throw new Error("Cannot run the world from inside a run: await what you wait for instead");
    this.#globals?.install();
    this.#running = true;
    this.#runs++;
    try {
      await body();
    } finally {
      this.#globals?.restore();
      this.#running = false;
    }
  }

  #schedule(callback: () => void, delay: number): () => void {
    this.#timers++;
    let isSet = true;
    const done = (): boolean => {
      if (!isSet) return false;
      isSet = false;
      this.#timers--;
      return true;
    };
    const cancel = this.#events.schedule(() => {
      if (done()) callback();
    }, delay);
    return () => {
      if (done()) cancel();
    };
  }

  #stuck(limit: number): string {
    const why = this.#events.pending === 0
      ? "nothing is left to happen; it may wait for a real timer, or for real input or output, which a simulation has none of"
      : `${limit} ms are over`;
    return `Cannot run on: what is waited for has not settled and ${why} (seed ${this.seed}, at ${this.now} ms)`;
  }
}

/** Makes a world. */
export function simulate(options: WorldOptions = {}): World {
  return new World(options);
}

/** A connection over a continent: what links are like when nothing else is said. */
export const DEFAULT_CONDITIONS: Conditions = Object.freeze({
  delay: 20, jitter: 10, bandwidth: Number.POSITIVE_INFINITY, chunk: 1400, window: 65_536,
});

/** A bad mobile network: what `faults: true` stands for. */
export const DEFAULT_FAULTS: FaultRates = Object.freeze({
  refuse: 0.05, hang: 0.02, cut: 0.05, reset: 4, finish: 2, silence: 2, stall: 6,
});

const NO_FAULTS: FaultRates = { refuse: 0, hang: 0, cut: 0, reset: 0, finish: 0, silence: 0, stall: 0 };

/** What it throws rejects. */
async function call<T>(work: () => PromiseLike<T> | T): Promise<T> {
  return await work();
}

const HOUR = 3_600_000;
const YEAR_2000 = 946_684_800_000;
