/**
 * All mutants: peers with one broken rule each, which show that the cases can fail a peer, and that each case can.
 *
 * To add one, put an entry into the file of its topic:
 * 1. `breaks` is the name of the rule that cases check (`Rule.name` in `wire/cases/*.ts`); exactly the cases of that rule must catch it.
 * 2. `change` replaces a rule of the right peer. They all stand, with their sections, in `peer/*-rules.ts`. Where none fits, take what your
 *    mutant does wrong out of `peer/connection.ts` or `peer/echo.ts` as one more rule there, with what is right as its default.
 * 3. `only` where it breaks a part of the rule: patterns of `wire/select.ts`, or a function of the case (`which.ts` has some).
 * 4. `alsoCaughtBy` for cases of other rules that need what it breaks, and may catch it too; and why. No further case may.
 * 5. `verdict: "non-strict"` where those who catch it say that, and not `fail`.
 *
 * `npm run mutants -- NAME …` (`node conformance/mutants/main.ts`) tells of each what was wrong; `mutants.test.ts` runs them all.
 * @module
 */
import { closeCodes } from "./close-codes.ts";
import { closing } from "./closing.ts";
import { control } from "./control.ts";
import { deflateBlocks } from "./deflate-blocks.ts";
import { deflate } from "./deflate.ts";
import { fragmentation } from "./fragmentation.ts";
import { fragments } from "./fragments.ts";
import { frames } from "./frames.ts";
import { framing } from "./framing.ts";
import { limits } from "./limits.ts";
import { masking } from "./masking.ts";
import type { Mutant } from "./mutant.ts";
import { openingClient } from "./opening-client.ts";
import { openingServer } from "./opening-server.ts";
import { moreControl } from "./pings.ts";
import { moreText } from "./texts.ts";
import { utf8 } from "./utf8.ts";

/** By topic. */
export const MUTANTS: readonly Mutant[] = [
  ...framing, ...frames, ...masking, ...fragmentation, ...fragments, ...control, ...moreControl, ...utf8, ...moreText, ...closing, ...closeCodes, ...limits, ...deflate, ...deflateBlocks, ...openingServer, ...openingClient,
];
