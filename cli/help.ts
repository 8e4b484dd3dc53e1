/**
 * The help: for the whole, and for each command. Eighty columns.
 * @module
 */
import { readFileSync } from "node:fs";
import { COMMON } from "./arguments.ts";
import type { Command, Option } from "./command.ts";
import { COMMANDS } from "./commands.ts";

/** The help for the whole. */
export function overview(): string {
  return [
    "isosocket: WebSockets from the command line",
    "",
    "Usage: isosocket COMMAND [options]",
    "",
    "Commands",
    ...COMMANDS.flatMap(({ name, summary }) => columns(`  ${name}`, summary)),
    ...columns("  help [COMMAND]", "explain a command, with examples"),
    "",
    "Options",
    ...columns("  -h, --help", "print this, or behind a command its help"),
    ...columns("      --version", "print the version"),
    "",
    "Examples",
    "  isosocket serve",
    "  isosocket connect localhost:8080",
    "  echo hi | isosocket connect wss://echo.example.com/",
    "",
    "Exit codes",
    ...EXIT_CODES.flatMap(([code, text]) => columns(`  ${code}`, text, 8)),
    "",
  ].join("\n");
}

/** The help for one command. */
export function commandHelp(command: Command): string {
  const groups = [...command.groups, ["Help", COMMON] as const];
  return [
    `Usage: isosocket ${command.name} ${command.usage}`,
    "",
    ...wrap(command.about, WIDTH),
    ...groups.flatMap(([heading, options]) => ["", heading, ...options.flatMap(optionLines)]),
    ...command.notes.flatMap(([heading, lines]) => ["", heading, ...lines.map((line) => `  ${line}`)]),
    "",
    "Exit codes",
    ...(command.exits ?? EXIT_CODES).flatMap(([code, text]) => columns(`  ${code}`, text, 8)),
    "",
  ].join("\n");
}

/** The version of the package. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return version;
}

function optionLines({ name, short, value, optional, repeated, text }: Option): string[] {
  const names = `  ${short === undefined ? "   " : `-${short},`} --${name}${value === undefined ? "" : optional ? `[=${value}]` : ` ${value}`}`;
  return columns(names, repeated ? `${text}; repeatable` : text);
}

/** A term and its text in two columns. */
function columns(term: string, text: string, indent = INDENT): string[] {
  const [first, ...rest] = wrap(text, WIDTH - indent).map((line) => " ".repeat(indent) + line);
  return term.length + 2 > indent ? [term, first, ...rest] : [term + first.slice(term.length), ...rest];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

const EXIT_CODES: readonly (readonly [code: string, text: string])[] = [
  ["0", "it went well, and the connection closed cleanly"],
  ["1", "it did not connect or listen, the connection broke, or the other side closed it with an error code (1002 to 1014)"],
  ["2", "the command line is wrong"],
  ["130", "ended by Ctrl-C (129 by a hangup, 143 by SIGTERM; a server that drained at SIGTERM without a loss ends with 0)"],
];
const WIDTH = 80;
const INDENT = 26;
