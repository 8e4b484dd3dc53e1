/**
 * What a head means and from which byte on it is known, read from the whole of it with none of the core's code: RFC 9112 for the form,
 * RFC 6455, sections 4.1 and 4.2.1, for the handshake.
 * @module
 */
import type { HeadLimits } from "../../core/http/head.ts";
import { latin1 } from "./case.ts";
import { parametersOf } from "./deflate-rules.ts";

/** Where a head ends, or what is wrong with its bytes; undefined while neither is known. */
export type HeadEnd = { readonly at: number; readonly lines: readonly string[] } | { readonly at: number; readonly lines: undefined } | undefined;

/** Finds the end of the head that begins at `from`. */
export function findHead(bytes: Uint8Array, from: number, limits: HeadLimits): HeadEnd {
  const text = latin1(bytes.subarray(from, from + limits.maxHead + 1));
  let bad = text.length > limits.maxHead ? limits.maxHead : Number.POSITIVE_INFINITY;
  bad = Math.min(bad, place(/[^\t\r\n -~\x80-\xff]/.exec(text), 0), place(/\r[^\n]/.exec(text), 1), place(/(?<!\r)\n/.exec(text), 0));
  const lines: string[] = [];
  let at = 0;
  while (at < bad) {
    const end = text.indexOf("\r\n", at);
    const [line] = text.slice(at, end < 0 ? undefined : end).split("\r", 1); // behind a lone CR nothing counts any more
    if (line.length > limits.maxLine) bad = Math.min(bad, at + limits.maxLine);
    if (end < 0) break;
    if (line === "" && lines.length > 0) return end + 1 < bad ? { at: from + end + 2, lines } : { at: from + bad + 1, lines: undefined };
    lines.push(line);
    if (lines.length > limits.maxFields + 1) bad = Math.min(bad, end + 1);
    at = end + 2;
  }
  return bad < text.length ? { at: from + bad + 1, lines: undefined } : undefined;
}

function place(match: RegExpExecArray | null, after: number): number {
  return match === null ? Number.POSITIVE_INFINITY : match.index + after;
}

/** Names in lower case with their values, in order; undefined when a line is no field. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** The fields of a head's lines. */
export function fieldsOf(lines: readonly string[]): Pairs | undefined {
  const pairs: [string, string][] = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon < 1 || !token(line.slice(0, colon))) return undefined;
    pairs.push([line.slice(0, colon), trim(line.slice(colon + 1))]);
  }
  return pairs;
}

/** True when RFC 6455, section 4.2.1, holds for the request, and its form leaves no doubt. */
export function isUpgradeRequest(lines: readonly string[]): boolean {
  const fields = fieldsOf(lines);
  const target = /^GET ([!"$-~]+) HTTP\/1\.1$/.exec(lines[0])?.[1];
  if (fields === undefined || target === undefined) return false;
  if (target[0] !== "/" && !isAuthority(/^https?:\/\/(.*)/i.exec(target)?.[1].split(/[/?]/)[0] ?? "")) return false;
  const all = (name: string): string[] => values(fields, name);
  const [host, key] = [all("host"), all("sec-websocket-key")];
  if (host.length !== 1 || !isAuthority(host[0])) return false;
  if (all("transfer-encoding").length > 0 || all("content-length").some((value) => value !== "0") || all("content-length").length > 1) return false;
  if (!names(all("upgrade"), "websocket") || !names(all("connection"), "upgrade")) return false;
  if (all("sec-websocket-version").join("|") !== "13") return false;
  if (key.length !== 1 || key[0].length !== 24 || !/^[+/\w]{22}==$/.test(key[0]) || key[0].includes("_")) return false;
  const protocols = listOf(all("sec-websocket-protocol"));
  if (all("origin").length > 1) return false; // which page is it? (RFC 6454, section 7.3)
  if (protocols === undefined || protocols.some((name, at) => protocols.includes(name, at + 1))) return false;
  return extensionsOf(all("sec-websocket-extensions")) !== undefined;
}

/** True when RFC 6455, section 4.1, lets a client take this answer. */
export function isUpgradeAnswer(lines: readonly string[], accept: string, offered: readonly string[], deflates: boolean): boolean {
  const fields = fieldsOf(lines);
  if (fields === undefined) return false;
  const all = (name: string): string[] => values(fields, name);
  const [upgrade, protocol, chosen] = [all("upgrade"), all("sec-websocket-protocol"), extensionsOf(all("sec-websocket-extensions"))];
  return upgrade.length === 1 && upgrade[0].toLowerCase() === "websocket" && names(all("connection"), "upgrade")
    && all("sec-websocket-accept").join("|") === accept
    && (all("sec-websocket-extensions").length === 0 || (deflates && chosen?.length === 1 && parametersOf(chosen[0], true) !== undefined))
    && protocol.length < 2 && protocol.every((name) => offered.includes(name));
}

/** The status of an answer; undefined when it is no answer of HTTP/1. */
export function statusOf(lines: readonly string[]): number | undefined {
  const [version, status = "", ...more] = lines[0].split(" ");
  if (version.length !== 8 || !version.startsWith("HTTP/1.") || !(version[7] >= "0" && version[7] <= "9") || (version[7] === "0" && status === "101")) return undefined;
  if (status.length !== 3 || [...status].some((digit) => digit < "0" || digit > "9") || status[0] === "0") return undefined;
  void more;
  return fieldsOf(lines) === undefined ? undefined : Number(status);
}

/** All values of a field. */
export function values(fields: Pairs, name: string): string[] {
  return fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

/** The elements of a list of tokens, read a character at a time; undefined when it is none. */
export function listOf(all: readonly string[]): string[] | undefined {
  const found: string[] = [];
  for (const value of all) {
    let element = "";
    let over = false;
    for (const letter of `${value},`) {
      if (letter === ",") {
        if (element !== "") found.push(element);
        [element, over] = ["", false];
      } else if (letter === " " || letter === "\t") over = element !== "";
      else if (over || !token(letter)) return undefined;
      else element += letter;
    }
  }
  return found;
}

/** An extension and its parameters. */
export type Extension = readonly [name: string, parameters: readonly (readonly [name: string, value: string | undefined])[]];

/** The elements of a list of extensions, read a character at a time with quoted strings as one piece; undefined when it is none. */
export function extensionsOf(all: readonly string[]): Extension[] | undefined {
  const found: Extension[] = [];
  for (const value of all) {
    let at = 0;
    const blanks = (): void => {
      while (value[at] === " " || value[at] === "\t") at++;
    };
    const word = (): string => {
      const from = at;
      while (at < value.length && token(value[at])) at++;
      return value.slice(from, at);
    };
    const quoted = (): string | undefined => {
      let text = "";
      for (at++; at < value.length && value[at] !== "\""; at++) text += value[at] === "\\" ? value[++at] ?? "" : value[at];
      return value[at++] === "\"" ? text : undefined;
    };
    for (; at <= value.length; at++) {
      blanks();
      const name = word();
      blanks();
      const parameters: [string, string | undefined][] = [];
      while (name !== "" && value[at] === ";") {
        at++;
        blanks();
        const parameter = word();
        blanks();
        if (parameter === "") return undefined;
        let given: string | undefined;
        if (value[at] === "=") {
          at++;
          blanks();
          given = value[at] === "\"" ? quoted() : word();
          blanks();
          if (given === undefined || !token(given)) return undefined;
        }
        parameters.push([parameter, given]);
      }
      if (at < value.length && value[at] !== ",") return undefined;
      if (name !== "") found.push([name, parameters]);
    }
  }
  return found;
}

function names(all: readonly string[], wanted: string): boolean {
  return listOf(all)?.some((each) => each.toLowerCase() === wanted) ?? false;
}

/** A host or address, and a port or none (RFC 3986, section 3.2). */
function isAuthority(text: string): boolean {
  const colon = text.lastIndexOf(":");
  const bracket = text.lastIndexOf("]");
  const hasPort = colon > bracket;
  const host = hasPort ? text.slice(0, colon) : text;
  const port = hasPort ? text.slice(colon + 1) : "";
  if (port.length > 5 || [...port].some((digit) => digit < "0" || digit > "9")) return false;
  if (host[0] === "[") return host.length > 2 && host.endsWith("]") && [...host.slice(1, -1)].every((letter) => "0123456789abcdefABCDEF:.".includes(letter));
  return host !== "" && [...host].every((letter) => HOST.includes(letter));
}

/** True for a token of one character or more. */
export function token(text: string): boolean {
  for (const letter of text) if (!TOKEN.includes(letter)) return false;
  return text !== "";
}

/** Without blanks and tabs at its ends. */
export function trim(text: string): string {
  const letters = [...text];
  while (letters.length > 0 && (letters[0] === " " || letters[0] === "\t")) letters.shift();
  while (letters.length > 0 && (letters.at(-1) === " " || letters.at(-1) === "\t")) letters.pop();
  return letters.join("");
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const TOKEN = `${ALPHANUMERIC}!#$%&'*+-.^_\`|~`;
const HOST = `${ALPHANUMERIC}-._~!$&'()*+,;=%`;
