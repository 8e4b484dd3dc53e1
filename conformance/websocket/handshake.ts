/**
 * Vectors for the opening handshake (RFC 6455, sections 1.3, 4.1 and 4.2).
 * @module
 */
import type { Vector } from "../vector.ts";
export const clientHandshake: readonly Vector[] = [];
export const serverHandshake: readonly Vector[] = [];
