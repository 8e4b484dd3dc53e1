/**
 * What a terminal needs: colours where they are wanted, and text that cannot steer it.
 * @module
 */
import type { WriteStream } from "node:tty";

/** Writes text in a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;
/** The colours in use. */
export type Colour = keyof typeof CODES;

/** Colours for a stream; none when it is no terminal, or when NO_COLOR is set. */
export function painter(stream: NodeJS.WriteStream): Paint {
  const coloured = (stream as Partial<WriteStream>).isTTY === true && stream.hasColors(16);
  return (colour, text) => coloured ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

/** What came from elsewhere, with everything escaped that a terminal would obey: it could move the cursor, or fake a prompt. */
export function visible(text: string): string {
  return text.replace(COMMANDING, (character) => ESCAPES[character] ?? `\\u{${(character.codePointAt(0) as number).toString(16)}}`);
}

/** On one line, and cut off. */
export function excerpt(text: string, length: number): string {
  const line = visible(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return line.length > length ? `${line.slice(0, length - 3)}...` : line;
}

/** Controls but tab and line feed, and the marks that turn the direction of writing around. */
// deno-lint-ignore no-control-regex
const COMMANDING = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/gu;
const ESCAPES: Readonly<Record<string, string>> = { "\r": "\\r", "\x1b": "\\e", "\0": "\\0" };

/** Bytes for people: "5 bytes", "1.5 KiB". */
export function size(bytes: number): string {
  if (bytes === 1) return "1 byte";
  if (bytes < 1024) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${["", "KiB", "MiB", "GiB"][power]}`;
}

/** Milliseconds for people: "0.4 ms", "12 ms", "3.1 s", "2 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(milliseconds / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.floor(milliseconds / 1_000) % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1 message", "2 messages". */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
