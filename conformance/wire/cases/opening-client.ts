/**
 * The opening handshake as a client must do it (RFC 6455, sections 4.1 and 9.1; HTTP by RFC 9110 and 9112).
 * @module
 */
import type { Draft } from "../case.ts";
import { handshakes } from "./client-handshake.ts";
import { heads } from "./client-heads.ts";
import { requests } from "./client-requests.ts";
import { statuses } from "./client-statuses.ts";

/** All of it; each of these files is about one part. */
export const openingClient: readonly Draft[] = [...requests, ...handshakes, ...statuses, ...heads];
