/**
 * Who listens in a simulated world, what becomes of dials, and which faults the seed draws.
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Address, ListenOptions, Listener, Pipe } from "../pipe.ts";
import type { Conditions } from "./lane.ts";
import { endsOf, Link, type Side } from "./link.ts";
import type { Seed } from "./seed.ts";

/** How often things go wrong by themselves. */
export interface FaultRates {
  /** The share of dials that are refused. */
  readonly refuse: number;
  /** The share of dials that nothing answers. */
  readonly hang: number;
  /** The share of links that are cut within the handshake. */
  readonly cut: number;
  /** Resets of a link, an hour. */
  readonly reset: number;
  /** Ends of one side, an hour. */
  readonly finish: number;
  /** Silences of a link, an hour: half of them last up to two minutes, the others until the link is given up. */
  readonly silence: number;
  /** Stalls of one side, an hour: each lasts up to a minute. */
  readonly stall: number;
}

/** For the world: what a network is made of. */
export interface NetworkOptions {
  /** For the drivers. */
  readonly clock: Clock;
  /** Runs a step later; what is returned prevents it. */
  readonly later: (step: () => void, delay: number) => () => void;
  /** Runs a step once all that the event under way set off has come to rest. */
  readonly atRest: (step: () => void) => void;
  /** The time. */
  readonly now: () => number;
  /** Draws jitter and cuts of bytes. */
  readonly seed: Seed;
  /** Draws faults. */
  readonly fate: Seed;
  /** How links carry bytes. */
  readonly conditions: Conditions;
  /** How often things go wrong. */
  readonly faults: FaultRates;
  /** Decides about each dial, before it goes out. */
  readonly dial: ((link: Link) => void) | undefined;
  /** Hears what happens. */
  readonly note: (what: string) => void;
}

/** Who listens at one place. */
interface Place {
  readonly secure: boolean;
  readonly onPipe: (pipe: Pipe) => void;
  /** Links to it, for when it crashes. */
  readonly links: Set<Link>;
}

/** A simulated network. */
export class Network {
  /** Links of which one end at least is not over. */
  readonly links: Set<Link> = new Set();
  readonly #options: NetworkOptions;
  readonly #places = new Map<string, Place>();
  /** What dials wait for. */
  readonly #hanging = new Set<(error: Error) => void>();
  #count = 0;
  #port = FIRST_FREE_PORT;
  #offline = false;
  #calm = false;

  /** Nobody listens yet. */
  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Whether everything is silent, new links too. */
  get offline(): boolean {
    return this.#offline;
  }

  set offline(offline: boolean) {
    this.#offline = offline;
    for (const link of this.links) {
      if (offline) link.silence();
      else link.restore();
    }
  }

  /** Listens at a port of one host name, or of all when none is said. */
  listen = ({ port = 0, hostname = "::", unix, tls }: ListenOptions, onPipe: (pipe: Pipe) => void): Promise<Listener> => {
    const free = port === 0 && unix === undefined ? this.#port++ : port;
    const key = unix === undefined ? `${hostname}:${free}` : `unix:${unix}`;
    if (this.#places.has(key)) {
      return Promise.reject(Object.assign(new Error(`listen EADDRINUSE: address already in use ${key}`), { code: "EADDRINUSE" }));
    }
    const place: Place = { secure: tls !== undefined, onPipe, links: new Set() };
    this.#places.set(key, place);
    const close = (): Promise<void> => {
      if (this.#places.get(key) === place) this.#places.delete(key);
      return Promise.resolve();
    };
    return Promise.resolve({ port: unix === undefined ? free : 0, hostname: unix ?? hostname, close });
  };

  /** Dials; settles a round trip later. */
  dial = (address: Address, signal: AbortSignal): Promise<Pipe> => new Promise((resolve, reject) => {
    const { now, later, atRest, seed, conditions, clock } = this.#options;
    const id = ++this.#count;
    const note = (what: string): void => this.#options.note(`link ${id} ${what}`);
    const name = address.unix ?? `${address.hostname}:${address.port}`;
    const clientPort = FIRST_FREE_PORT + id;
    const link: Link = new Link({
      id, address: name, clock, conditions,
      ground: { now, later, atRest, seed, note },
      secure: this.#find(address)?.secure ?? false,
      remote: { address: "127.0.0.1", clientPort, serverPort: address.port },
      onOver: () => this.#forget(link),
    });
    this.links.add(link);
    this.#draw(link);
    this.#options.dial?.(link);
    note(`dials ${name}`);
    const fail = (error: unknown): void => {
      this.#hanging.delete(fail);
      signal.removeEventListener("abort", onAbort);
      endsOf(link).client.destroy();
      if (!accepted) endsOf(link).server.lost();
      reject(error as Error);
    };
    const onAbort = (): void => {
      note("given up");
      fail(signal.reason);
    };
    signal.addEventListener("abort", onAbort);
    this.#hanging.add(fail);
    let accepted = false;
    const arrive = (): void => {
      if (link.fate === "hanging" || this.#offline) return;
      const place = link.fate === "refused" ? undefined : this.#find(address);
      if (place === undefined) return link.after(conditions.delay, () => {
        note("refused");
        fail(Object.assign(new Error(`connect ECONNREFUSED ${name}`), { code: "ECONNREFUSED" }));
      });
      accepted = true;
      place.links.add(link);
      note("open");
      place.onPipe(endsOf(link).server);
      link.after(conditions.delay, () => {
        this.#hanging.delete(fail);
        signal.removeEventListener("abort", onAbort);
        resolve(endsOf(link).client);
      });
    };
    link.after(conditions.delay, arrive);
  });

  /** A machine is switched off: nobody listens there, and every link to it is reset. */
  crash(port: number, hostname: string): void {
    const key = port === 0 ? `unix:${hostname}` : `${hostname}:${port}`;
    const place = this.#places.get(key);
    this.#places.delete(key);
    for (const link of place?.links ?? []) {
      endsOf(link).server.lost();
      link.reset();
    }
  }

  /** From now on nothing goes wrong by itself, and what is silent or stalled goes on. */
  calm(): void {
    this.#calm = true;
    for (const link of this.links) link.restore();
  }

  /** Everything is reset, and nobody dials any more. */
  end(): void {
    for (const fail of [...this.#hanging]) fail(new Error("The world has ended"));
    for (const link of [...this.links]) {
      endsOf(link).client.lost();
      endsOf(link).server.lost();
    }
    this.#places.clear();
  }

  #find({ hostname, port, unix }: Address): Place | undefined {
    if (unix !== undefined) return this.#places.get(`unix:${unix}`);
    const exact = this.#places.get(`${hostname}:${port}`);
    return exact ?? this.#places.get(`:::${port}`) ?? this.#places.get(`0.0.0.0:${port}`);
  }

  #forget(link: Link): void {
    this.links.delete(link);
    for (const place of this.#places.values()) place.links.delete(link);
    this.#options.note(`link ${link.id} over`);
  }

  #draw(link: Link): void {
    if (this.#calm) return;
    const { faults, fate } = this.#options;
    if (fate.chance(faults.refuse)) link.refuse();
    if (fate.chance(faults.hang)) link.hang();
    const to: Side = fate.chance(0.5) ? "client" : "server";
    const by = fate.below(CUTS.length);
    if (fate.chance(faults.cut)) link.cut({ after: fate.below(HANDSHAKE_SIZE), to, by: CUTS[by] });
    this.#repeat(link, faults.reset, () => link.reset());
    this.#repeat(link, faults.finish, () => link.finish(this.#side()));
    this.#repeat(link, faults.silence, () => link.silence(fate.chance(0.5) ? fate.below(MAX_SILENCE) : undefined));
    this.#repeat(link, faults.stall, () => link.stall(this.#side(), fate.below(MAX_STALL)));
  }

  #side(): Side {
    return this.#options.fate.chance(0.5) ? "client" : "server";
  }

  /** Again and again, so often an hour on average. Even spacing would do as well, but no logarithm is drawn: see `Seed`. */
  #repeat(link: Link, rate: number, fault: () => void): void {
    if (rate <= 0) return;
    link.after(this.#options.fate.below(2 * HOUR / rate), () => {
      if (this.#calm) return;
      fault();
      this.#repeat(link, rate, fault);
    });
  }
}

const CUTS = ["reset", "end", "silence"] as const;
const HOUR = 3_600_000;
const MAX_SILENCE = 120_000;
const MAX_STALL = 60_000;
/** About what the request of a handshake has; its answer has less, so that some cuts come a little behind it. */
const HANDSHAKE_SIZE = 240;
const FIRST_FREE_PORT = 49_152;
