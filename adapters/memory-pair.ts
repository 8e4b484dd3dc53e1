/**
 * Two pipes joined in the process: a simulated link on which nothing goes wrong and nothing takes time.
 *
 * Bytes travel in microtasks, in order, with the backpressure and half close that TCP has; timers follow the clock.
 * @module
 */
import { type Clock, hostClock } from "./clock.ts";
import type { Conditions } from "./simulation/lane.ts";
import { join, type LinkEnd } from "./simulation/link-end.ts";

/** Two pipes: what is written to one is read from the other. */
export function memoryPair(clock: Clock = hostClock): readonly [LinkEnd, LinkEnd] {
  const ground = { now: () => 0, later, seed: undefined, atRest: ignore, note: ignore };
  const info = { clock, secure: false, servesTls: true, remoteAddress: undefined, remotePort: undefined, onOver: ignore };
  const { client, server } = join(ground, IDEAL, info, info);
  return [client, server];
}

function ignore(): void {}

function later(step: () => void): () => void {
  let wanted = true;
  queueMicrotask(() => {
    if (wanted) step();
  });
  return () => wanted = false;
}

/** Everything that was written and not read is still the sender's. */
const IDEAL: Conditions = {
  delay: 0, jitter: 0, bandwidth: Number.POSITIVE_INFINITY, chunk: Number.POSITIVE_INFINITY, window: 0,
};
