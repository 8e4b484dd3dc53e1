/**
 * Values of fields as the opening handshake has them (RFC 6455, section 9.1; RFC 9110, sections 5.6 and 7.2).
 * @module
 */
import type { Extension } from "../../wire/extension.ts";

/** A list of tokens has this one, in any case. */
export function hasToken(values: readonly string[], token: string): boolean {
  const all = elements(values);
  return all.every(isToken) && all.some((each) => each.toLowerCase() === token);
}

/** A list of tokens, none of which stands there twice. */
export function areTokens(values: readonly string[]): boolean {
  const all = elements(values);
  return all.every(isToken) && new Set(all).size === all.length;
}

/** A list of extensions; undefined when it is none. It may be cut at separators inside quotes too: a quoted value is a token once it is unquoted. */
export function readExtensions(values: readonly string[]): Extension[] | undefined {
  const extensions = elements(values).map(readExtension);
  return extensions.every((each) => each !== undefined) ? extensions : undefined;
}

/** It is such a list. */
export function areExtensions(values: readonly string[]): boolean {
  return readExtensions(values) !== undefined;
}

/** A host and perhaps a port. */
export function isHost(host: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::\d{0,5})?$/.test(host);
}

/** The elements of a list; empty ones are skipped. */
export function elements(values: readonly string[]): string[] {
  return values.join(",").split(",").map((each) => each.replace(/^[ \t]+|[ \t]+$/g, "")).filter((each) => each !== "");
}

function readExtension(element: string): Extension | undefined {
  const [name, ...others] = element.split(";").map((part) => part.trim());
  const parameters = others.map((part): [string, string | true] | undefined => {
    const [, key, value] = /^(\S+?)(?:\s*=\s*(.*))?$/.exec(part) ?? [];
    const unquoted = value !== undefined && /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
    return key !== undefined && isToken(key) && (unquoted === undefined || isToken(unquoted)) ? [key, unquoted ?? true] : undefined;
  });
  return isToken(name) && parameters.every((each) => each !== undefined) ? { name, parameters } : undefined;
}

function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}
