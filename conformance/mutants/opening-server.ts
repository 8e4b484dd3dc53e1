/**
 * Servers that are wrong about the opening handshake (RFC 6455, section 4.2).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const openingServer: readonly Mutant[] = [];
