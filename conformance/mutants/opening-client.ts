/**
 * Clients that are wrong about the opening handshake (RFC 6455, section 4.1).
 * @module
 */
import type { Mutant } from "./mutant.ts";

/** All of them. */
export const openingClient: readonly Mutant[] = [];
