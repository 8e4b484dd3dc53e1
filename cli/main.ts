#!/usr/bin/env node
/**
 * The command line: `npx isosocket`.
 * @module
 */
import { parseArguments } from "./arguments.ts";
import { COMMANDS } from "./commands.ts";
import { exit, EXIT, UsageError, watchPipes } from "./exit.ts";
import { commandHelp, overview, version } from "./help.ts";
import { suggest } from "./suggest.ts";
import { painter, visible } from "./terminal.ts";

watchPipes();
run(process.argv.slice(2)).catch(explain).then(exit);

async function run([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(overview());
    return EXIT.usage;
  }
  if (name === "--version" || name === "version") return print(`${version()}\n`);
  if (name === "--help" || name === "-h") return print(overview());
  if (name === "help") return print(rest.length === 0 ? overview() : commandHelp(await load(rest[0])));
  const command = await load(name);
  const given = parseArguments(rest, command);
  return given.flag("help") ? print(commandHelp(command)) : command.run(given);
}

function load(name: string): ReturnType<typeof COMMANDS[number]["load"]> {
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry !== undefined) return entry.load();
  if (name.startsWith("-")) throw new UsageError(`Option "${name}" needs a command before it, such as "isosocket serve ${name}"`);
  if (/^\w+:\/\//.test(name)) throw new UsageError(`A URL needs a command before it: isosocket connect ${name}`);
  const near = suggest(name, ["help", "version", ...COMMANDS.map((command) => command.name)]);
  throw new UsageError(`There is no command "${name}".${near === "" ? ' See "isosocket --help"' : near}`);
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

function explain(error: unknown): number {
  const said = error instanceof Error && error.message !== "" ? error.message : String(error);
  process.stderr.write(`${painter(process.stderr)("red", "error:")} ${visible(said).replaceAll("\n", " ")}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
