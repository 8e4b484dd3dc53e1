/**
 * Peers that are wrong about masking (RFC 6455, sections 5.1 and 5.3).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const masking: readonly Mutant[] = [];
