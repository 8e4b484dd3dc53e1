/**
 * Values of fields as the opening handshake has them (RFC 6455, section 9.1; RFC 9110, sections 5.6 and 7.2).
 * @module
 */
import { type Extension, parseExtensions } from "../../wire/extension.ts";

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

/** A list of extensions; none without values. */
export function readExtensions(values: readonly string[]): Extension[] | undefined {
  const all = elements(values);
  return all.length === 0 ? [] : parseExtensions(all.join(", "));
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

function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}
