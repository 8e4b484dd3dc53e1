/**
 * Every case there is, in the order they run.
 * @module
 */
import { BACKPRESSURE_CASES } from "./backpressure.ts";
import type { Case } from "./case.ts";
import { COMPRESSION_CASES } from "./compression.ts";
import { CLOSE_CASES } from "./close.ts";
import { CORE_CASES } from "./core.ts";
import { CROWD_CASES } from "./crowd.ts";
import { DRAIN_CASES } from "./drain.ts";
import { ECHO_CASES } from "./echo.ts";
import { ENDING_CASES } from "./endings.ts";
import { INTEROP_CASES } from "./interop.ts";
import { TLS_CASES } from "./tls.ts";
import { WAY_CASES } from "./ways.ts";

export const CASES: readonly Case[] = [
  ...CORE_CASES, ...ECHO_CASES, ...BACKPRESSURE_CASES, ...WAY_CASES, ...CLOSE_CASES, ...DRAIN_CASES, ...CROWD_CASES, ...TLS_CASES, ...ENDING_CASES,
  ...INTEROP_CASES, ...COMPRESSION_CASES,
];
