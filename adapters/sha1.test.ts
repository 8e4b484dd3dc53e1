import { expect, test } from "vitest";
import { acceptKey } from "../core/websocket/handshake.ts";
import { findSha1, hostSha1 } from "./sha1.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455, section 1.3
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

test("the host's hash and our own give the same", () => {
  expect(acceptKey(KEY)).toBe(ACCEPT);
  expect(acceptKey(KEY, hostSha1)).toBe(ACCEPT);
  for (let at = 0; at < 100; at++) expect(acceptKey(`key ${at}`, hostSha1)).toBe(acceptKey(`key ${at}`));
});

test("a host's hash is used where there is one, and it knows SHA-1", () => {
  const host = (hash: unknown): Parameters<typeof findSha1>[0] => ({ process: { getBuiltinModule: () => ({ hash }) as never } });
  const known = findSha1(host((_: string, text: string) => text === "" ? "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" : `hash of ${text}`));
  expect(known?.("a")).toBe("hash of a");
  const refuse = (): never => {
    throw new Error("SHA-1 is not allowed here");
  };
  expect(findSha1({ ...host((_: string, text: string) => text === "" ? "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" : ""), Deno: {} })).toBeUndefined();
  for (const none of [{}, { process: {} }, { process: { getBuiltinModule: () => undefined } }, host(undefined), host(() => "other"), host(refuse)]) {
    expect(findSha1(none)).toBeUndefined();
  }
});
