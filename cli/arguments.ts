/**
 * The arguments of a command, checked against its options. A mistake is one sentence with the fix.
 * @module
 */
import { parseArgs } from "node:util";
import type { Command, Option } from "./command.ts";
import { UsageError } from "./exit.ts";
import { suggest } from "./suggest.ts";

/** What was given on the command line. */
export interface Arguments {
  /** Arguments that are no options. */
  readonly positionals: readonly string[];
  /** What stands behind "--", for a command that starts another; undefined without "--". */
  readonly behind: readonly string[] | undefined;
  /** True when the flag was given. */
  flag(name: string): boolean;
  /** The last value given for an option; "" where its value may be left out, and was. */
  value(name: string): string | undefined;
  /** All values given for an option, in order. */
  values(name: string): readonly string[];
}

/** Options that every command has. */
export const COMMON: readonly Option[] = [{ name: "help", short: "h", text: "print this" }];

/** Parses arguments. */
export function parseArguments(given: readonly string[], command: Pick<Command, "name" | "groups" | "maxPositionals" | "startsAnother">): Arguments {
  const end = command.startsAnother ? given.indexOf("--") : -1;
  const args = end < 0 ? given : given.slice(0, end);
  const options = [...command.groups.flatMap(([, group]) => group), ...COMMON];
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  const see = `see "isosocket help ${command.name}"`;
  for (const token of parseArgs({ args: [...args], options: toConfig(options), strict: false, allowPositionals: true, tokens: true }).tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) {
      const near = suggest(token.name, options.map(({ name }) => name), (name) => `--${name}`);
      throw new UsageError(`There is no option "${token.rawName}".${near === "" ? ` ${capital(see)}` : near}`);
    }
    if (option.value === undefined && token.value !== undefined) throw new UsageError(`Option ${token.rawName} takes no value: leave "=${token.value}" out`);
    const missing = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
    if (option.value !== undefined && missing && !option.optional) {
      throw new UsageError(`Option ${token.rawName} needs a value: ${token.rawName} ${option.value}`);
    }
    values.set(option.name, [...values.get(option.name) ?? [], token.value ?? ""]);
  }
  if (positionals.length > command.maxPositionals && !values.has("help")) {
    throw new UsageError(`"${positionals[command.maxPositionals]}" is one argument too many for "${command.name}": ${see}`);
  }
  const known = (name: string): string[] => {
    if (!options.some((option) => option.name === name)) throw new Error(`Cannot read option "${name}": ${command.name} has none`);
    return values.get(name) ?? [];
  };
  return {
    positionals,
    behind: end < 0 ? undefined : given.slice(end + 1),
    flag: (name) => known(name).length > 0,
    value: (name) => known(name).at(-1),
    values: (name) => known(name),
  };
}

function toConfig(options: readonly Option[]): Record<string, { type: "string" | "boolean"; short?: string }> {
  return Object.fromEntries(options.map(({ name, short, value, optional }) => [
    name,
    { type: value === undefined || optional ? "boolean" : "string", ...(short === undefined ? {} : { short }) },
  ]));
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
