/**
 * Every wire case there is, by number.
 * @module
 */
import type { Case } from "./case.ts";
import { closing } from "./cases-closing.ts";
import { data } from "./cases-data.ts";
import { framing } from "./cases-framing.ts";
import { utf8 } from "./cases-utf8.ts";

/** Groups 1 to 7, 9 and 10. */
export const CASES: readonly Case[] = [...framing, ...utf8, ...closing, ...data];
