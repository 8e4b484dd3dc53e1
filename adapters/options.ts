/**
 * Options as people write them. What is of the wrong kind is refused in one sentence before anything is done with it: a limit that is no
 * number would lift itself, and a header that is none would fail far from where it was written.
 * @module
 */

/** What an option must be, in words, and whether a value is that. */
export type Kind = readonly [words: string, is: (value: unknown) => boolean];

/**
 * Checks each option that is set.
 * @throws {TypeError} for options that are no object, and for one that is not of its kind
 * @throws {RangeError} for a limit below 0, or NaN
 */
export function checkOptions(options: unknown, kinds: Readonly<Record<string, Kind>>): void {
  if (!isObject(options)) throw new TypeError(`Cannot use options of type ${typeName(options)}: they must be an object`);
  for (const [name, [words, is]] of Object.entries(kinds)) {
    const value = options[name];
    if (value !== undefined && !is(value)) throw new TypeError(`Cannot use option "${name}": it must be ${words}`);
  }
  if (options["limits"] !== undefined) checkLimits(options["limits"]);
}

/** Each limit is a number, 0 or more; one that is undefined keeps its default. */
function checkLimits(limits: unknown): void {
  for (const [name, value] of Object.entries(limits as object)) {
    if (value === undefined || (typeof value === "number" && value >= 0)) continue;
    const error = typeof value === "number" ? RangeError : TypeError;
    throw new error(`Cannot use limit "${name}" of ${typeof value === "number" ? value : `type ${typeName(value)}`}: it must be a number, 0 or more`);
  }
}

/** The type of a value, in one word; null has one of its own. */
export function typeName(value: unknown): string {
  return value === null ? "null" : typeof value;
}

/** True for anything that has properties of its own, but for functions. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && Array.from(value).every((each) => typeof each === "string");
}

const OBJECT: Kind = ["an object", isObject];
const STRING: Kind = ["a string", (value) => typeof value === "string"];
const FUNCTION: Kind = ["a function", (value) => typeof value === "function"];

/** What every handler may have. */
const HANDLER: Readonly<Record<string, Kind>> = {
  open: FUNCTION, message: FUNCTION, ping: FUNCTION, pong: FUNCTION, closing: FUNCTION, close: FUNCTION, error: FUNCTION, frame: FUNCTION,
  limits: OBJECT,
  lend: ["true or false", (value) => typeof value === "boolean"],
  extensions: ["a list of extensions, such as [permessageDeflate()]", (value) => (
    Array.isArray(value) && Array.from(value).every((each) => isObject(each) && typeof each["offers"] === "function" && typeof each["accept"] === "function")
  )],
};

/** What `connect` takes. */
export const CONNECT_OPTIONS: Readonly<Record<string, Kind>> = {
  ...HANDLER,
  protocols: ["a string or a list of strings", (value) => typeof value === "string" || isStrings(value)],
  headers: OBJECT,
  signal: ["an AbortSignal", (value) => isObject(value) && typeof value["throwIfAborted"] === "function" && typeof value["addEventListener"] === "function"],
  redirects: ["a number, 0 or more", (value) => typeof value === "number" && value >= 0],
  tls: OBJECT,
  proxy: ["a URL, such as \"http://proxy.example:3128\"", (value) => typeof value === "string" || value instanceof URL],
  unix: STRING,
};

/** What `serve` and `attach` take. */
export const SERVE_OPTIONS: Readonly<Record<string, Kind>> = {
  ...HANDLER,
  port: ["a whole number from 0 to 65535", (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535],
  hostname: STRING,
  unix: STRING,
  tls: OBJECT,
  path: ["a path or a function", (value) => typeof value === "string" || typeof value === "function"],
  protocols: ["a list of strings", isStrings],
  origins: ["\"same\", \"any\", a list of origins or a function", (value) => value === "same" || value === "any" || typeof value === "function" || isStrings(value)],
  overflow: OBJECT,
  upgrade: FUNCTION,
  request: FUNCTION,
};
