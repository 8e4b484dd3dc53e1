/**
 * HTTP fields (RFC 9110, section 5) and the two list grammars of the opening handshake (RFC 6455, section 9.1; RFC 9110, section 5.6).
 *
 * Every function here takes time linear in its input: no pattern backtracks.
 * @module
 */

/** The fields of a head, in order. Names are compared without regard to case; nothing is keyed by what a peer named. */
export class Fields {
  readonly #pairs: readonly (readonly [name: string, value: string])[];

  constructor(pairs: Iterable<readonly [name: string, value: string]> = []) {
    this.#pairs = [...pairs];
  }

  /** How many there are. */
  get length(): number {
    return this.#pairs.length;
  }

  /** The values of a field, in order. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (const [key, value] of this.#pairs) if (key.toLowerCase() === wanted) values.push(value);
    return values;
  }

  /** The values of a field joined with ", " (RFC 9110, section 5.3); undefined when it is not there. */
  get(name: string): string | undefined {
    const values = this.all(name);
    return values.length === 0 ? undefined : values.join(", ");
  }

  /** True when the field is there. */
  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  /** Name and value as they came. */
  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#pairs[Symbol.iterator]();
  }
}

/** True for a token (RFC 9110, section 5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** True for what may stand as a field's value: visible characters, blanks and obs-text, no line ends (RFC 9110, section 5.5). */
export function isFieldValue(text: string): boolean {
  return VALUE.test(text);
}

/** Strips blanks and tabs at both ends. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A list of tokens, empty elements skipped (RFC 9110, section 5.6.1). Undefined when something in it is no token. */
export function parseTokens(values: readonly string[]): string[] | undefined {
  const tokens: string[] = [];
  for (const part of values.join(",").split(",")) {
    const token = trimBlanks(part);
    if (token === "") continue;
    if (!isToken(token)) return undefined;
    tokens.push(token);
  }
  return tokens;
}

/** One extension with its parameters in order; a parameter without a value has `undefined` (RFC 6455, section 9.1). */
export interface ExtensionOffer {
  /** The extension's token. */
  readonly name: string;
  /** Parameter names and values; a quoted value is unquoted. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** A list of extensions. Undefined when it does not follow the grammar. */
export function parseExtensions(values: readonly string[]): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = [];
  for (const element of splitUnquoted(values.join(","), ",")) {
    const [name, ...rest] = splitUnquoted(element, ";").map(trimBlanks);
    if (name === "" && rest.length === 0) continue;
    if (!isToken(name)) return undefined;
    const parameters: [string, string | undefined][] = [];
    for (const part of rest) {
      const parameter = parseParameter(part);
      if (parameter === undefined) return undefined;
      parameters.push(parameter);
    }
    offers.push({ name, parameters });
  }
  return offers;
}

function parseParameter(text: string): [string, string | undefined] | undefined {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : trimBlanks(text.slice(0, equals));
  if (!isToken(name)) return undefined;
  if (equals < 0) return [name, undefined];
  const value = unquote(trimBlanks(text.slice(equals + 1)));
  // RFC 6455, section 9.1: a quoted value must be a token once it is unquoted
  return isToken(value) ? [name, value] : undefined;
}

function unquote(text: string): string {
  if (text.length < 2 || text[0] !== '"' || text.at(-1) !== '"') return text;
  let value = "";
  for (let at = 1; at < text.length - 1; at++) {
    if (text[at] === "\\") at++;
    value += text[at];
  }
  return value;
}

/** Splits at a separator wherever it does not stand inside a quoted string. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (character === "\\" && quoted) at++;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
