/**
 * Peers that are wrong about permessage-deflate (RFC 7692).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const deflate: readonly Mutant[] = [];
