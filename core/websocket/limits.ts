/**
 * Every limit of a connection in one place (a head's are in `http/head.ts`): what may grow, how far, and what happens past it (RFC 6455, section 10.4).
 * Each is checked before the bytes are kept, and each can be lifted with `Infinity`.
 * @module
 */

import { DEFAULT_HEAD_LIMITS, type HeadLimits } from "../http/head.ts";

/** Limits and times of a connection. Sizes in bytes, times in milliseconds. */
export interface Limits extends HeadLimits {
  /** From the start to the end of the opening handshake. Past it: a server answers 408, a client gives up. */
  readonly handshakeTimeout: number;
  /** The body of an answer that refuses a client. Past it: cut off. */
  readonly maxBody: number;
  /** A message, all its fragments together, compressed and restored. Past it: the connection fails with 1009. */
  readonly maxMessage: number;
  /** One frame. Past it: the connection fails with 1009. */
  readonly maxFrame: number;
  /** From one byte of a message to the next, in the middle of it. Past it: the connection fails with 1008. */
  readonly messageTimeout: number;
  /** Fragments of one message. Past it: the connection fails with 1008. */
  readonly maxFragments: number;
  /** Output queued and not yet taken. Past it: sending throws a RangeError, and nothing accepted is dropped. */
  readonly maxQueued: number;
  /** Input that arrives while reading is paused. Past it: the connection fails with 1008. */
  readonly maxHeld: number;
  /** Pongs queued and not yet taken. Past it: only the latest ping is answered (section 5.5.3 allows that). */
  readonly maxPendingPongs: number;
  /** Silence of the peer before it is pinged. */
  readonly pingInterval: number;
  /** How long after a ping the peer may stay silent. Past it: the connection ends with 1006. */
  readonly pongTimeout: number;
  /** From our close frame to the end of TCP. Past it: the transport is torn down. */
  readonly closeTimeout: number;
}

/** The limits that hold when nothing else is said. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...DEFAULT_HEAD_LIMITS,
  handshakeTimeout: 10_000,
  maxBody: 65_536,
  maxMessage: 1_048_576,
  maxFrame: Number.POSITIVE_INFINITY,
  messageTimeout: 30_000,
  maxFragments: 16_384,
  maxQueued: 16_777_216,
  maxHeld: 1_048_576,
  maxPendingPongs: 128,
  pingInterval: 30_000,
  pongTimeout: 20_000,
  closeTimeout: 5_000,
});

/** The defaults, with those that are named instead. What it gave before is given back as it is: all connections of a server share one. */
export function withDefaults(limits: Partial<Limits> | undefined): Limits {
  if (limits === undefined) return DEFAULT_LIMITS;
  if (complete.has(limits)) return limits as Limits;
  const named = Object.entries(limits).filter(([, value]) => value !== undefined); // else `{ maxMessage: undefined }` would lift the limit
  const all: Limits = Object.freeze({ ...DEFAULT_LIMITS, ...Object.fromEntries(named) });
  complete.add(all);
  return all;
}

const complete = new WeakSet<object>([DEFAULT_LIMITS]);
