/**
 * Peers that are wrong about text (RFC 6455, sections 5.6 and 8.1).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const utf8: readonly Mutant[] = [];
