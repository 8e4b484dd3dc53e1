/**
 * The limits that belong to a size of message.
 * @module
 */
import { DEFAULT_LIMITS, type Limits } from "../index.node.ts";

/** Limits under which messages of up to `maxMessage` bytes pass both ways, in small fragments too. */
export function limitsFor(maxMessage: number): Partial<Limits> {
  return {
    maxMessage,
    maxFragments: Math.max(DEFAULT_LIMITS.maxFragments, Math.ceil(maxMessage / SMALL_FRAGMENT)),
    maxQueued: Math.max(DEFAULT_LIMITS.maxQueued, maxMessage + SLACK),
  };
}

/** Conformance suites cut 4 MiB into fragments of this size. */
const SMALL_FRAGMENT = 64;
/** What may be queued already when a message of the largest size is sent. */
const SLACK = 1_048_576;
