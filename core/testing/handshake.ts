/**
 * The sample handshake of RFC 6455, sections 1.2 and 1.3, for tests.
 * @module
 */
import { Fields } from "../http/field.ts";
import type { RequestHead } from "../http/head.ts";

/** Fields, in order. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** The key of RFC 6455, section 1.3. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** The accept value for it. */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/** Names that every object has. */
export const PROTOTYPE_NAMES: readonly string[] = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"];

/** The sample request of section 1.2, with fields replaced (by the name as it stands here), left out (undefined) and added. */
export function sampleRequest(changes: Record<string, string | undefined> = {}, added: Pairs = [], line: Partial<RequestHead> = {}): RequestHead {
  const sample: Pairs = [
    ["Host", "server.example.com"],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", KEY],
    ["Origin", "http://server.example.com"],
    ["Sec-WebSocket-Protocol", "chat, superchat"],
    ["Sec-WebSocket-Version", "13"],
  ];
  return { method: "GET", target: "/chat", fields: new Fields([...change(sample, changes), ...added]), ...line };
}

/** The pairs with some values replaced, or left out (undefined). */
export function change(pairs: Pairs, changes: Record<string, string | undefined>): Pairs {
  return pairs.flatMap(([name, value]) => {
    const changed = Object.hasOwn(changes, name) ? changes[name] : value;
    return changed === undefined ? [] : [[name, changed] as const];
  });
}
