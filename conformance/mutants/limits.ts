/**
 * Peers that stand too little, or too much (RFC 6455, section 10.4), or give way under load (sections 5.1, 6.1 and 6.2).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const limits: readonly Mutant[] = [];
