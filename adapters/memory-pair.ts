/**
 * Two pipes joined in the process.
 *
 * Bytes travel in microtasks, in order, with the backpressure and half close that TCP has; timers follow the clock.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { type Clock, Driver, hostClock, type Transport } from "./driver.ts";
import { HIGH_WATER } from "./message.ts";
import type { Pipe } from "./pipe.ts";

/** Two pipes: what is written to one is read from the other. */
export function memoryPair(clock: Clock = hostClock): readonly [MemoryPipe, MemoryPipe] {
  const [one, other] = [new MemoryPipe(clock), new MemoryPipe(clock)];
  one.join(other);
  other.join(one);
  return [one, other];
}

/** One end of a `memoryPair`. */
export class MemoryPipe implements Pipe, Transport<Uint8Array> {
  readonly remoteAddress: undefined = undefined;
  readonly remotePort: undefined = undefined;
  readonly secure: boolean = false;
  readonly #clock: Clock;
  #peer!: MemoryPipe;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  /** What the peer wrote and this end has not read yet, and its bytes. */
  #inbox: Item[] = [];
  #size = 0;
  #peerWaits = false;
  #paused = false;
  #scheduled = false;
  #halves = 0;
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For `memoryPair`. */
  join(peer: MemoryPipe): void {
    this.#peer = peer;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this, this.#clock);
    if (this.#over) queueMicrotask(() => driver.closed());
    this.resume();
    return driver;
  }

  /** Bytes the peer has not read yet. */
  get bufferedAmount(): number {
    return this.#peer.#size;
  }

  write(output: readonly Uint8Array[]): boolean {
    return this.#peer.#put(output);
  }

  end(): void {
    this.#peer.#put(["end"]);
    queueMicrotask(() => this.#half());
  }

  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#inbox = [];
    this.#size = 0;
    this.#peer.#put(["gone"]);
    queueMicrotask(() => this.#driver?.closed());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** There is nobody to hide from: a URL of `wss:` is taken at its word. */
  startTls(): Promise<Pipe> {
    return Promise.resolve(this);
  }

  #put(items: readonly Item[]): boolean {
    if (this.#over) return true; // nobody reads it any more
    for (const item of items) {
      this.#inbox.push(item);
      if (typeof item !== "string") this.#size += item.length;
    }
    this.#schedule();
    return !(this.#peerWaits ||= this.#size >= HIGH_WATER);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const driver = this.#driver;
    while (driver !== undefined && this.#driver === driver && !this.#paused && this.#inbox.length > 0) {
      const item = this.#inbox.shift() as Item;
      if (item === "gone") {
        this.destroy();
      } else if (item === "end") {
        driver.ended();
        this.#half();
      } else {
        this.#size -= item.length;
        driver.received(item);
      }
    }
    if (!this.#peerWaits || this.#size >= HIGH_WATER) return;
    this.#peerWaits = false;
    this.#peer.#driver?.drained();
  }

  /** One direction is over. */
  #half(): void {
    if (++this.#halves === 2) this.destroy();
  }
}

/** Bytes, the end of one direction, or of both at once. */
type Item = Uint8Array | "end" | "gone";
