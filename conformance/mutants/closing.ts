/**
 * Peers that are wrong about the closing handshake (RFC 6455, sections 5.5.1 and 7).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const closing: readonly Mutant[] = [];
