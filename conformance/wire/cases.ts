/**
 * Every wire case there is, by number.
 * @module
 */
import type { Case } from "./case.ts";
import { closing } from "./cases-closing.ts";
import { compressed } from "./cases-compressed.ts";
import { data } from "./cases-data.ts";
import { deflateCases } from "./cases-deflate.ts";
import { framing } from "./cases-framing.ts";
import { offers } from "./cases-offers.ts";
import { utf8 } from "./cases-utf8.ts";

/** Autobahn's groups 1 to 7, 9, 10, 12 and 13, whose last two send so many messages each (few when it is not said), and our own from 20 on. */
export function allCases(messages?: number): readonly Case[] {
  return [...framing, ...utf8, ...closing, ...data, ...deflateCases(messages), ...offers, ...compressed];
}

/** The same, at a length for every day. */
export const CASES: readonly Case[] = allCases();
