/**
 * Clients that are wrong about the opening handshake (RFC 6455, sections 4.1 and 9.1).
 * @module
 */
import type { Mutant } from "./mutant.ts";
import { answerFields } from "./client-answers.ts";
import { answerHeads } from "./client-heads.ts";
import { requests } from "./client-requests.ts";

/** All of them. */
export const openingClient: readonly Mutant[] = [...requests, ...answerFields, ...answerHeads];
