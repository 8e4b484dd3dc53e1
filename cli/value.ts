/**
 * Values of options: text to numbers, sizes, headers and files. What cannot be read is a `UsageError` with an example.
 * @module
 */
import { readFileSync } from "node:fs";
import { UsageError } from "./exit.ts";

/** A whole number within bounds. */
export function toInteger(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new UsageError(`Cannot read ${option} "${text}": it must be a whole number of ${least} to ${most}`);
  }
  return number;
}

/** A length of time in some unit, or "forever" for `Infinity`. */
export function toLength(option: string, text: string, unit: string): number {
  if (text === "forever") return Number.POSITIVE_INFINITY;
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw new UsageError(`Cannot read ${option} "${text}": it must be a number of ${unit}, or forever`);
  return Number(text);
}

/** Bytes: a number with or without a unit, or "unlimited" for `Infinity`. */
export function toSize(option: string, text: string): number {
  if (text.toLowerCase() === "unlimited") return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text);
  const unit = UNITS[match?.[2].toLowerCase() ?? "?"];
  if (match === null || unit === undefined) {
    throw new UsageError(`Cannot read ${option} "${text}": write bytes such as 65536, 64KiB or 16MiB, or unlimited`);
  }
  return Math.floor(Number(match[1]) * unit);
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1, b: 1,
  k: 2 ** 10, kib: 2 ** 10, kb: 1e3,
  m: 2 ** 20, mib: 2 ** 20, mb: 1e6,
  g: 2 ** 30, gib: 2 ** 30, gb: 1e9,
};

/** A header as curl writes it. */
export function toHeader(text: string): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n\0]*)$/.exec(text);
  if (match === null) throw new UsageError(`Cannot read --header ${JSON.stringify(text)}: write it as "Name: value"`);
  return [match[1], match[2].trim()];
}

/** The bytes of a file. */
export function toFile(option: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file"
      : code === "EACCES" ? "you may not read it"
      : code === "EISDIR" ? "it is a folder"
      : message;
    throw new UsageError(`Cannot read ${option} "${path}": ${why}`);
  }
}

/** Bytes from hexadecimal digits, with or without blanks; undefined when they are none. */
export function toBytes(hex: string): Uint8Array | undefined {
  const digits = hex.replace(/0x|[\s:,]/gi, "");
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? new Uint8Array(Buffer.from(digits, "hex")) : undefined;
}
