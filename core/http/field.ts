/**
 * HTTP fields (RFC 9110, section 5) and the two list grammars of the opening handshake (RFC 6455, section 9.1; RFC 9110, section 5.6).
 *
 * Every function here takes time linear in its input: no pattern backtracks.
 * @module
 */

/** The fields of a head, in order. Names are compared without regard to case; nothing is keyed by what a peer named. */
export class Fields {
  /** Lines of "Name: value": to cut each name and value out of it takes several times as long as all the rest of a head (measured). */
  #text = "";
  /** Where the head's first line ends. */
  #start = 0;
  /** Where each field stands, for what was made from pairs; others are looked through when somebody asks. */
  #marks: Marks | undefined = undefined;

  /** Copies the pairs, unchecked: `checkField` says what may be sent. */
  constructor(pairs?: Iterable<readonly [name: string, value: string]>) {
    if (pairs === undefined) return;
    const marks: number[] = [];
    for (const [name, value] of pairs) {
      const start = this.#text.length;
      this.#text += `${name}${value}`;
      marks.push(start, start + name.length, start + name.length, this.#text.length);
    }
    marks.push(END);
    this.#marks = marks;
  }

  /** Reads a head from the end of its first line on. Where the first line begins that is no field, when there is one. */
  static read(head: string, start: number): Fields | number {
    const fields = new Fields();
    fields.#text = head;
    fields.#start = start;
    const bad = mark(head, start);
    marked = fields;
    return bad < 0 ? fields : bad;
  }

  /** How many there are. */
  get length(): number {
    return [...this].length;
  }

  /** The values of a field, in order. */
  all(name: string): string[] {
    const values: string[] = [];
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + STEP)) values.push(this.#value(at));
    return values;
  }

  /** The values of a field joined with ", " (RFC 9110, section 5.3); undefined when it is not there. */
  get(name: string): string | undefined {
    let at = this.#find(name, 0);
    if (at < 0) return undefined;
    let joined = this.#value(at);
    while ((at = this.#find(name, at + STEP)) >= 0) joined += `, ${this.#value(at)}`;
    return joined;
  }

  /** True when the field is there. */
  has(name: string): boolean {
    return this.#find(name, 0) >= 0;
  }

  /** True when the field is there once and has this value: asked so, no string is made. */
  is(name: string, value: string): boolean {
    const at = this.#find(name, 0);
    if (at < 0 || this.#find(name, at + STEP) >= 0) return false;
    const marks = this.#where();
    return marks[at + 3] - marks[at + 2] === value.length && this.#text.startsWith(value, marks[at + 2]);
  }

  /** Name and value as they came. */
  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    const pairs: [string, string][] = [];
    const marks = this.#where();
    for (let at = 0; marks[at] !== END; at += STEP) pairs.push([this.#text.slice(marks[at], marks[at + 1]), this.#value(at)]);
    return pairs[Symbol.iterator]();
  }

  #where(): Marks {
    if (this.#marks !== undefined) return this.#marks;
    if (marked !== this) mark(this.#text, this.#start);
    marked = this;
    return shared;
  }

  /** The next field of this name, from one on. */
  #find(name: string, from: number): number {
    const marks = this.#where();
    for (let at = from; marks[at] !== END; at += STEP) {
      if (marks[at + 1] - marks[at] === name.length && isSame(this.#text, marks[at], name)) return at;
    }
    return -1;
  }

  #value(at: number): string {
    const marks = this.#where();
    return this.#text.slice(marks[at + 2], marks[at + 3]);
  }
}

/** Of each field where its name begins and ends, and where its value does; `END` stands behind the last. */
type Marks = readonly number[];

/** Finds the fields behind the line that ends at `start`. Where the first line begins that is none; -1 when all are. */
function mark(text: string, start: number): number {
  let count = 0;
  let next = start + 2;
  while (next <= text.length) {
    const at = next;
    let colon = at;
    while (TOKEN_CODES[text.charCodeAt(colon)] === 1) colon++;
    if (colon === at || text.charCodeAt(colon) !== COLON) {
      shared[count] = END;
      return at;
    }
    const lineEnd = text.indexOf("\r\n", colon);
    let end = lineEnd < 0 ? text.length : lineEnd;
    next = end + 2;
    let from = colon + 1;
    while (from < end && isBlank(text.charCodeAt(from))) from++;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    shared[count] = at;
    shared[count + 1] = colon;
    shared[count + 2] = from;
    shared[count + 3] = end;
    count += STEP;
  }
  shared[count] = END;
  return -1;
}

/** True when `name` stands there, but for the case of letters. */
function isSame(text: string, start: number, name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = text.charCodeAt(start + at);
    const other = name.charCodeAt(at);
    if (code !== other && ((code ^ other) !== CASE || !isLetter(code))) return false;
  }
  return true;
}

function isLetter(code: number): boolean {
  const lower = code | CASE;
  return lower >= 0x61 && lower <= 0x7a;
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
  while (isBlank(text.charCodeAt(start))) start++; // there is no blank past an end
  while (isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A list of tokens, empty elements skipped (RFC 9110, section 5.6.1). Undefined when something in it is no token. */
export function parseTokens(values: readonly string[]): string[] | undefined {
  const tokens: string[] = [];
  if (values.length === 0) return tokens;
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

/**
 * A list of extensions. Undefined when it does not follow the grammar.
 *
 * It is split at commas and semicolons inside quotes too: a quoted value must be a token once it is unquoted, so one with a
 * separator in it is refused either way.
 */
export function parseExtensions(values: readonly string[]): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = [];
  if (values.length === 0) return offers;
  for (const element of values.join(",").split(",")) {
    const [name, ...rest] = element.split(";").map(trimBlanks);
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
  const [name, value, ...more] = text.split("=").map(trimBlanks);
  if (!isToken(name) || more.length > 0) return undefined;
  if (value === undefined) return [name, undefined];
  const unquoted = unquote(value);
  return isToken(unquoted) ? [name, unquoted] : undefined;
}

/** What a quoted string stands for (RFC 9110, section 5.6.4), or the text as it is. */
function unquote(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const END = -1;
const STEP = 4;
const COLON = 0x3a;
/** What tells a small letter from a capital. */
const CASE = 0x20;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TOKEN_CODES = Uint8Array.from({ length: 256 }, (_, code) => TOKEN.test(String.fromCharCode(code)) ? 1 : 0);
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** One for all: a head is asked about as it comes, and hardly ever after. */
const shared: number[] = [END];
/** Whose they are. */
let marked: Fields | undefined;
