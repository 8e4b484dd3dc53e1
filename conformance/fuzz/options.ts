/**
 * The options of `npm run fuzz`.
 * @module
 */
import { parseArgs } from "node:util";

/** What was asked for. */
export interface Options {
  readonly seed: number;
  readonly runs: number | undefined;
  readonly frames: number | undefined;
  readonly heads: number | undefined;
  readonly jobs: number;
  /** Names of targets or groups; none for all. */
  readonly only: readonly string[];
  /** A case's text, to be tried alone. */
  readonly replay: string | undefined;
  /** One run's number, to be tried alone. */
  readonly run: number | undefined;
  /** The folder of what failed once. */
  readonly corpus: string | undefined;
  /** A module to be tried in place of the core, and the name of its export behind "#". */
  readonly subject: string | undefined;
  readonly on: string;
  /** Seconds that one run may take. */
  readonly patience: number;
  readonly help: boolean;
}

/** What there is to ask for. */
export const HELP = `npm run fuzz -- [options]

  --runs N       inputs to try (100,000 unless frames or heads are asked for)
  --frames N     go on until so many frames were read
  --heads N      go on until so many heads were read
  --seed S       makes the same inputs again (a new one each time, and printed)
  --only A,B     frames, heads, deflate, or names of targets
  --replay CASE  one case, as a failure prints it, or a file with it
  --run I        one run of a seed alone; needs --seed and --only with one target
  --jobs N       worker processes (1)
  --corpus DIR   where what failed once is kept, tried first, and added to
  --subject FILE a module that is tried in place of the core, such as planted.ts#dropsByte
  --patience N   seconds after which a run that does not end hangs (60)
  --on RUNTIME   node, deno or bun (the one that runs this)`;

const NAMES = {
  runs: { type: "string" }, frames: { type: "string" }, heads: { type: "string" }, seed: { type: "string" }, only: { type: "string" }, replay: { type: "string" },
  run: { type: "string" }, jobs: { type: "string" }, corpus: { type: "string" }, subject: { type: "string" }, on: { type: "string" }, patience: { type: "string" }, help: { type: "boolean" },
} as const;

/** Reads the arguments. @throws {Error} with one sentence for people */
export function parseOptions(args: readonly string[], targets: readonly string[]): Options {
  const values: Partial<Record<keyof typeof NAMES, string>> = {};
  const { tokens } = parseArgs({ args: [...args], options: NAMES, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind === "positional") throw new Error(`Cannot use "${token.value}": every argument is an option, such as --runs 1000`);
    if (token.kind !== "option") continue;
    if (!Object.hasOwn(NAMES, token.name)) throw new Error(`There is no option ${token.rawName}: it is one of ${Object.keys(NAMES).map((name) => `--${name}`).join(", ")}`);
    if (token.name !== "help" && (token.value === undefined || token.value === "")) throw new Error(`Option ${token.rawName} needs a value`);
    values[token.name as keyof typeof NAMES] = token.value ?? "";
  }
  const number = (name: keyof typeof NAMES, least: number): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = Number(text.replace(/[_,]/g, ""));
    if (!/^[0-9][0-9_,]*$/.test(text) || !Number.isSafeInteger(value) || value < least) throw new Error(`Cannot use --${name} "${text}": it must be a whole number of at least ${least}`);
    return value;
  };
  const [runs, frames, heads, run] = [number("runs", 1), number("frames", 1), number("heads", 1), number("run", 0)];
  const only = (values.only ?? "").split(",").filter((name) => name !== "");
  for (const name of only) {
    if (!GROUPS.includes(name) && !targets.includes(name)) throw new Error(`Cannot use --only "${name}": it must be one of ${[...GROUPS, ...targets].join(", ")}`);
  }
  if (run !== undefined && (values.seed === undefined || only.length !== 1 || !targets.includes(only[0]))) throw new Error("Option --run needs --seed and --only with the name of one target");
  const on = values.on ?? "";
  if (!["", "node", "deno", "bun"].includes(on)) throw new Error(`Cannot use --on "${on}": it must be node, deno or bun`);
  return {
    seed: number("seed", 0) ?? Math.floor(Date.now() % 1_000_000_000),
    runs: runs ?? (frames === undefined && heads === undefined ? 100_000 : undefined),
    frames, heads, run, only, on,
    jobs: number("jobs", 1) ?? 1,
    patience: number("patience", 1) ?? 60,
    replay: values.replay,
    corpus: values.corpus,
    subject: values.subject,
    help: values.help !== undefined,
  };
}

const GROUPS: readonly string[] = ["frames", "heads", "deflate"];
