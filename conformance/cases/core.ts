/**
 * The vectors as cases: the core alone, whole, byte by byte and cut in two, on the engine of each runtime.
 * @module
 */
import { check as differences } from "../check.ts";
import { VECTORS } from "../websocket/all.ts";
import type { Case, Runtime } from "./case.ts";
import { Failure } from "./tools.ts";

/** What the sections of RFC 6455 are about. */
const TITLES: Readonly<Record<string, string>> = {
  "4.1": "the client's handshake",
  "4.2": "the server's handshake",
  "5.1": "masking is the client's",
  "5.2": "framing",
  "5.3": "masking",
  "5.4": "fragmentation",
  "5.5": "control frames",
  "5.6": "data frames",
  "5.7": "examples",
  "7.1": "closing",
  "7.4": "close codes",
  "8.1": "UTF-8",
  "10.4": "limits",
  "RFC 7692, 6.1": "compressed messages",
  "RFC 7692, 7.1": "agreeing on compression",
  "RFC 7692, 7.2": "compression",
};

/** One for each vector; a group for each section. */
export const CORE_CASES: readonly Case[] = VECTORS.map((vector) => ({
  group: titleOf(vector.section),
  name: vector.name,
  needs: [],
  pure: true as const,
  run({ cuts }: Runtime): Promise<void> {
    const found = differences(vector, cuts);
    return found.length === 0 ? Promise.resolve() : Promise.reject(new Failure(found.join("\n      ")));
  },
})).sort((one, other) => order(one.group) - order(other.group));

function titleOf(section: string): string {
  const [outer] = /^(?:RFC 7692, )?\d+(?:\.\d+)?/.exec(section) ?? [];
  return `core ${outer} ${TITLES[outer ?? ""] ?? ""}`.trim();
}

function order(group: string): number {
  const [, rfc, chapter, section = 0] = /^core (?:RFC (\d+), )?(\d+)(?:\.(\d+))?/.exec(group) ?? [];
  return Number(rfc ?? 0) * 10_000 + Number(chapter) * 100 + Number(section);
}
