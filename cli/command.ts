/**
 * What a command is. To add one: write a module that exports a `Command`, and name it in commands.ts.
 * @module
 */
import type { Arguments } from "./arguments.ts";

/** An option of a command, as it is parsed and as the help shows it. */
export interface Option {
  /** The long name, without dashes. */
  readonly name: string;
  /** One letter, without its dash. */
  readonly short?: string;
  /** What its value is called in the help, such as "PORT"; absent for a flag. */
  readonly value?: string;
  /** Its value may be left out; where it is not, it is written with "=". */
  readonly optional?: boolean;
  /** May stand more than once. */
  readonly repeated?: boolean;
  /** One line or two for the help. */
  readonly text: string;
}

/** A command of the command line. */
export interface Command {
  readonly name: string;
  /** What stands behind the name, such as "URL [options]". */
  readonly usage: string;
  /** How many arguments that are no options it takes at most. */
  readonly maxPositionals: number;
  /** What stands behind "--" is a command of its own. */
  readonly startsAnother?: true;
  /** A paragraph on what it does. */
  readonly about: string;
  /** Its options under their headings. */
  readonly groups: readonly (readonly [heading: string, options: readonly Option[]])[];
  /** Further paragraphs for the help, under their headings. */
  readonly notes: readonly (readonly [heading: string, lines: readonly string[]])[];
  /** What its exit codes mean, where that is not the usual. */
  readonly exits?: readonly (readonly [code: string, text: string])[];
  /** Runs it. Settles with the exit code. */
  run(given: Arguments): Promise<number>;
}
