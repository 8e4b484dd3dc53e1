/**
 * Everything that is tried.
 * @module
 */
import { ANSWERS, TUNNELS } from "./answers-target.ts";
import type { Target } from "./case.ts";
import { DEFLATE, INFLATE, zlibLacks } from "./deflate-target.ts";
import { FIELDS } from "./fields-target.ts";
import { COMPRESSED, FRAMES } from "./frames-target.ts";
import { nodeReader } from "./node-http.ts";
import { nodeTarget } from "./node-target.ts";
import { loadPeers } from "./peers.ts";
import { peerTargets } from "./peers-target.ts";
import { REQUESTS } from "./requests-target.ts";
import { WORK } from "./work-target.ts";
import { PACKING, WRITING } from "./writing-target.ts";

const { peers, missing } = loadPeers();
const reader = nodeReader();
const lacks = zlibLacks();

/** All targets that this runtime has what they need for. */
export const TARGETS: readonly Target[] = [
  FRAMES, WRITING, WORK, ...peerTargets(peers), REQUESTS, ...(typeof reader === "string" ? [] : [nodeTarget(reader)]), ANSWERS, TUNNELS, FIELDS,
  COMPRESSED, PACKING, ...(lacks === undefined ? [INFLATE, DEFLATE] : []),
];
/** Why there are not more. */
export const MISSING: readonly string[] = [
  ...missing,
  ...(typeof reader === "string" ? [`no comparison with node:http: ${reader}`] : []),
  ...(lacks === undefined ? [] : [`no comparison with node:zlib: ${lacks}`]),
];

/** Those of some names or groups; all for none. */
export function chosen(only: readonly string[]): readonly Target[] {
  return TARGETS.filter(({ name, group }) => only.length === 0 || only.includes(name) || only.includes(group));
}
