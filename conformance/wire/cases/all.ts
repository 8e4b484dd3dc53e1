/**
 * Every wire case there is. A case's number is its place among those of its section, so new ones are put behind the others of their file.
 * @module
 */
import type { Case, Draft } from "../case.ts";
import { closeCodes } from "./close-codes.ts";
import { closingBegun } from "./closing-begun.ts";
import { closingEnds } from "./closing-ends.ts";
import { closingHandshake } from "./closing-handshake.ts";
import { control } from "./control.ts";
import { deflateBlocks } from "./deflate-blocks.ts";
import { compressed } from "./deflate-messages.ts";
import { offers } from "./deflate-offers.ts";
import { deflateCases } from "./deflate.ts";
import { fragmentation } from "./fragmentation.ts";
import { framing } from "./framing.ts";
import { http2 } from "./http2.ts";
import { large } from "./large.ts";
import { limits } from "./limits.ts";
import { masking } from "./masking.ts";
import { openingClient } from "./opening-client.ts";
import { openingServer } from "./opening-server.ts";
import { tls } from "./tls.ts";
import { utf8 } from "./utf8.ts";

/** All cases; those of Autobahn's groups 12 and 13 send so many messages each, few when it is not said. */
export function allCases(messages?: number): readonly Case[] {
  return number([
    ...framing, ...masking, ...fragmentation, ...control, ...closingHandshake, ...closingBegun, ...closingEnds, ...closeCodes, ...utf8,
    ...large, ...deflateCases(messages), ...offers, ...compressed, ...deflateBlocks, ...limits, ...tls, ...http2, ...openingClient, ...openingServer,
  ]);
}

function number(drafts: readonly Draft[]): Case[] {
  const counts = new Map<string, number>();
  return drafts.map((draft) => {
    const { rfc = 6455, section } = draft.rule;
    const key = rfc === 6455 ? section : `${rfc}:${section}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return Object.defineProperties({ id: `${key}-${count}` } as Case, Object.getOwnPropertyDescriptors(draft)); // some make their frames when asked
  });
}

/** The same, at a length for every day. */
export const CASES: readonly Case[] = allCases();
