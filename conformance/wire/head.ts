/**
 * Heads of HTTP/1.1 written and read by hand: the writer can break every rule (RFC 6455, section 4; RFC 9112).
 * @module
 */
import { createHash } from "node:crypto";
import type { Head, ReadHead } from "./case.ts";

/** A head's text: each line and each field as it is. */
export function writeHead(head: Head | string): string {
  if (typeof head === "string") return head;
  return [head.line, ...head.fields.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}

/** Bytes of text of one byte a character. */
export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** A head's lines, read; undefined when a line is no field. */
export function readHead(text: string): ReadHead | undefined {
  const [line, ...others] = text.split("\r\n");
  const fields = others.map((other): [string, string] | undefined => {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(other) ?? [];
    return name === undefined ? undefined : [name, value];
  });
  if (!fields.every((field) => field !== undefined)) return undefined;
  const all = (name: string): string[] => fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  const words = line.split(" ");
  return {
    line, fields, all,
    start: words[0].startsWith("HTTP/") ? words.slice(1) : words,
    get: (name) => {
      const values = all(name);
      return values.length === 0 ? undefined : values.join(", ");
    },
  };
}

/** A head with a field in another way: the value of the first of that name, or behind all; undefined takes it away. */
export function withField(head: Head, name: string, value: string | undefined): Head {
  const at = head.fields.findIndex(([each]) => each.toLowerCase() === name.toLowerCase());
  const others = head.fields.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
  if (value === undefined) return { ...head, fields: others };
  return { ...head, fields: at < 0 ? [...others, [name, value]] : others.toSpliced(at, 0, [name, value]) };
}

/** A head with one more field. */
export function plusField(head: Head, name: string, value: string): Head {
  return { ...head, fields: [...head.fields, [name, value]] };
}

/** The accept value for a key (RFC 6455, section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** The example of RFC 6455, section 1.3: what the tester's requests have. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
