/**
 * Every wire case there is, by number.
 * @module
 */
import type { Case } from "./case.ts";
import { closing } from "./cases-closing.ts";
import { data } from "./cases-data.ts";
import { deflateCases } from "./cases-deflate.ts";
import { framing } from "./cases-framing.ts";
import { utf8 } from "./cases-utf8.ts";

/** Autobahn's groups 1 to 7, 9, 10, 12 and 13. The cases of 12 and 13 send so many messages each; few when it is not said. */
export function allCases(messages?: number): readonly Case[] {
  return [...framing, ...utf8, ...closing, ...data, ...deflateCases(messages)];
}

/** The same, at a length for every day. */
export const CASES: readonly Case[] = allCases();
