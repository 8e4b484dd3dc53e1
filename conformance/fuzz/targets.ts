/**
 * Everything that is tried.
 * @module
 */
import { ANSWERS, TUNNELS } from "./answers-target.ts";
import type { Target } from "./case.ts";
import { FIELDS } from "./fields-target.ts";
import { FRAMES } from "./frames-target.ts";
import { REQUESTS } from "./requests-target.ts";

/** All targets. */
export const TARGETS: readonly Target[] = [FRAMES, REQUESTS, ANSWERS, TUNNELS, FIELDS];
