/**
 * Peers that are wrong about pings, pongs and the shape of control frames (RFC 6455, sections 5.5, 5.5.2 and 5.5.3).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const control: readonly Mutant[] = [];
