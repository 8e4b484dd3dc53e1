/**
 * How a right peer reads the head of a request or an answer (RFC 9112, sections 2 to 5): what two could read in two ways is refused.
 * @module
 */

/** The rules of heads. */
export interface HeadRules {
  /** No control character but a tab, and line ends are CR LF. */
  areCharactersRight(text: string): boolean;
  /** Where the head ends, and how many characters its end has. */
  findEnd(text: string): { readonly at: number; readonly length: number } | undefined;
  /** The lines of a head, its first one among them. */
  splitLines(text: string): readonly string[];
  /** A line that is no first one is `name: value`, without whitespace before the colon and without folding. */
  isFieldLine(line: string): boolean;
  /** RFC 9112, section 2.2: what stands before the first line; empty lines are skipped. */
  skipBefore(text: string): number;
  /** The longest first line, in bytes. */
  readonly maxLine: number;
  /** The longest head, in bytes. */
  readonly maxHead: number;
  /** The longest time a head may take, in milliseconds. */
  readonly patience: number;
}

/** As they should be. */
export const HEAD_RULES: HeadRules = {
  areCharactersRight: (text) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|$)|(?<!\r)\n/.test(text),
  findEnd: (text) => {
    const at = text.indexOf("\r\n\r\n");
    return at < 0 ? undefined : { at, length: 4 };
  },
  splitLines: (text) => text.split(/\r?\n/),
  isFieldLine: (line) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/.test(line),
  skipBefore: (text) => /^(?:\r\n)*/.exec(text)?.[0].length ?? 0,
  maxLine: 8 * 1024,
  maxHead: 16 * 1024,
  patience: 3_000,
};
