/**
 * What was measured, where and when.
 * @module
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, release } from "node:os";
import { join } from "node:path";
import { commandOf } from "../conformance/targets/start.ts";
import type { Effort, Row } from "./measure.ts";
import { PINNED, type Runtime, RUNTIMES } from "./process.ts";

/** One scenario on one runtime. */
export interface Entry extends Effort {
  readonly runtime: Runtime;
  readonly scenario: string;
  readonly date: string;
  readonly rows: readonly Row[];
}

/** Where it was measured: figures of two places are not to be compared. */
export interface Place {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  /** The peer and the generator keep to a core each. */
  readonly pinned: boolean;
  readonly versions: Readonly<Record<string, string>>;
}

/** All of one place. */
export interface Results {
  readonly place: Place;
  readonly entries: readonly Entry[];
}

/** This machine, and what is installed on it. */
export function thisPlace(): Place {
  const versions = Object.fromEntries([
    ...RUNTIMES.map((runtime): [string, string] => [runtime, versionOf(runtime)]),
    ...["ws", "bufferutil", "faye-websocket"].map((name): [string, string] => [name, packageVersion(`node_modules/${name}`)]),
    ["isosocket", packageVersion(".")],
  ]);
  return { cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism(), system: `${platform()} ${release()} ${arch()}`, pinned: PINNED, versions };
}

function versionOf(runtime: Runtime): string {
  const [program] = commandOf(runtime);
  return /\d+\.\d+\.\d+\S*/.exec(execFileSync(program, ["--version"], { encoding: "utf8" }))?.[0] ?? "unknown";
}

function packageVersion(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(import.meta.dirname, "..", folder, "package.json"), "utf8")) as { version: string }).version;
  } catch {
    return "not installed";
  }
}

/** As it is stored: a line for each entry, so that a change shows what was measured anew. */
export function toJson({ place, entries }: Results): string {
  return `{\n"place": ${JSON.stringify(place)},\n"entries": [\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]\n}\n`;
}

/** With what was measured now in the place of what was measured before; what is from another place, or of other versions, is left out. */
export function merged(before: Results | undefined, place: Place, entries: readonly Entry[]): Results {
  const same = before !== undefined && JSON.stringify(before.place) === JSON.stringify(place);
  const kept = same ? before.entries.filter((old) => !entries.some(({ runtime, scenario }) => runtime === old.runtime && scenario === old.scenario)) : [];
  return { place, entries: [...kept, ...entries] };
}
