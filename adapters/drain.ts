/**
 * Lets the connections of a server go one by one, so that nothing that was accepted is lost and not all clients come back at once.
 * @module
 */
import { encodeClose } from "../core/websocket/close.ts";
import type { Clock } from "./clock.ts";
import { random as pool, type Socket } from "./socket.ts";

/** How a server is drained. */
export interface DrainOptions {
  /** The code every client is told; 1001 (going away) when it is not said. */
  readonly code?: number;
  /** The reason every client is told. */
  readonly reason?: string;
  /** Milliseconds over which the connections are spread: each is asked to go at a random point of them. 3 seconds when it is not said. */
  readonly window?: number;
  /**
   * Milliseconds from the call until nobody is waited for any more: who is still being answered is closed then, and torn down a
   * second later. Ten seconds more than the window when it is not said; `Infinity` waits for ever.
   */
  readonly timeout?: number;
  /** Gives numbers from 0 to below 1, for tests that want to know when each goes. */
  readonly random?: () => number;
}

/** What became of the connections that were open when draining began. */
export interface DrainSummary {
  /** How many there were. */
  readonly closed: number;
  /** How many had all that was read from them answered, and went through the closing handshake. */
  readonly clean: number;
  /** How many were cut short: by the timeout, or as they did not answer the close frame. The rest left by themselves. */
  readonly forced: number;
}

/** A socket, as far as it matters here. */
type Leaver = Pick<Socket, "state" | "closed" | "drain" | "close" | "terminate">;

/** What is drained. */
export interface Drainable {
  /** The open sockets. None is added. */
  readonly sockets: ReadonlySet<Leaver>;
  /** Settles once all connections are gone, those whose handshake was refused too. */
  gone(): Promise<void>;
  /** Tears down what is left beside the sockets. */
  destroy(): void;
}

/**
 * Refuses options that draining could not keep to.
 * @throws {RangeError} for a code no close frame may carry, a reason of over 123 bytes, and a time that is none
 */
export function checkDrain({ code = 1001, reason = "", window = WINDOW, timeout = PATIENCE }: DrainOptions): void {
  encodeClose(code, reason);
  if (!(window >= 0 && window < Number.POSITIVE_INFINITY)) throw new RangeError(`Cannot drain over a window of ${window} milliseconds`);
  if (!(timeout >= 0)) throw new RangeError(`Cannot drain with a timeout of ${timeout} milliseconds`);
}

/** Drains. Never rejects. */
export async function drainAll({ sockets, gone, destroy }: Drainable, options: DrainOptions, clock: Clock): Promise<DrainSummary> {
  const { code = 1001, reason = "", window = WINDOW, timeout = window + PATIENCE, random = randomNumber } = options;
  let clean = 0;
  let closed = 0;
  const forced = new Set<Leaver>();
  for (const socket of sockets) {
    const cancel = clock.schedule(() => void socket.drain(code, reason), random() * Math.min(window, timeout));
    void socket.closed.then((close) => {
      cancel();
      closed++;
      if (close.fault?.name === "closeTimeout") forced.add(socket);
      if (close.clean && !forced.has(socket)) clean++;
    });
  }
  const cancels = timeout === Number.POSITIVE_INFINITY ? [] : [
    clock.schedule(() => {
      for (const socket of sockets) {
        if (socket.state !== "open") continue;
        forced.add(socket);
        void socket.close(code, reason);
      }
    }, timeout),
    clock.schedule(() => {
      for (const socket of sockets) {
        forced.add(socket);
        socket.terminate();
      }
      destroy();
    }, timeout + GRACE),
  ];
  await gone();
  for (const cancel of cancels) cancel();
  return { closed, clean, forced: forced.size };
}

function randomNumber(): number {
  return pool.uint32() / 0x1_0000_0000;
}

const WINDOW = 3_000;
const PATIENCE = 10_000;
/** Between the last close frame and the end. */
const GRACE = 1_000;
