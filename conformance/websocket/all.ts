/**
 * Every vector there is.
 * @module
 */
import type { Vector } from "../vector.ts";
import { clientHandshake } from "./client-handshake.ts";
import { closing } from "./close.ts";
import { control } from "./control.ts";
import { deflate } from "./deflate.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { limits, times } from "./limits.ts";
import { masking } from "./masking.ts";
import { serverHandshake } from "./server-handshake.ts";
import { utf8 } from "./utf8.ts";

/** In the order of the RFC. */
export const VECTORS: readonly Vector[] = [
  ...clientHandshake, ...serverHandshake, ...masking, ...framing, ...fragmentation, ...control, ...closing, ...times, ...utf8, ...limits, ...deflate,
];
