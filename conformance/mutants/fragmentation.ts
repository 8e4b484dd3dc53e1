/**
 * Peers that are wrong about fragments (RFC 6455, section 5.4).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const fragmentation: readonly Mutant[] = [];
