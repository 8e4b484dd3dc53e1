/**
 * Where the body of a refusal ends and what is in it (RFC 9112, sections 6 and 7.1), read from the whole of it.
 * @module
 */
import { latin1 } from "./case.ts";
import { type Pairs, values } from "./heads-model.ts";

/** The first `limit` bytes of the body that begins at `start`, and after which byte nothing more is wanted. */
export function readBody(status: number, fields: Pairs, all: Uint8Array, start: number, limit: number): { readonly at: number; readonly bytes: Uint8Array } {
  const coding = values(fields, "transfer-encoding").join(", ").toLowerCase();
  if (status === 204 || status === 304) return { at: start, bytes: new Uint8Array(0) };
  if (coding === "chunked") return readChunks(all, start, limit);
  const length = values(fields, "content-length").join();
  const declared = /^[0-9]{1,15}$/.test(length) ? Number(length) : Number.POSITIVE_INFINITY;
  const end = start + Math.min(declared, limit);
  return { at: end <= all.length ? end : Number.POSITIVE_INFINITY, bytes: all.slice(start, end) };
}

function readChunks(all: Uint8Array, start: number, limit: number): { readonly at: number; readonly bytes: Uint8Array } {
  const kept: number[] = [];
  const done = (at: number): ReturnType<typeof readChunks> => ({ at, bytes: Uint8Array.from(kept) });
  let trailer = false;
  for (let at = start;;) {
    const end = all.indexOf(10, at);
    const line = latin1(all.subarray(at, end < 0 ? all.length : end));
    if (line.length > MAX_LINE) return done(at + MAX_LINE + 1);
    if (end < 0) return done(Number.POSITIVE_INFINITY);
    at = end + 1;
    const words = line.trim();
    if (trailer) {
      if (words === "") return done(at);
      continue;
    }
    if (words === "") continue;
    const digits = /^[\da-f]+/i.exec(words)?.[0] ?? "";
    const behind = words[digits.length] as string | undefined;
    if (digits === "" || digits.length > 8 || (behind !== undefined && ![" ", "\t", ";"].includes(behind))) return done(at);
    const size = Number.parseInt(digits, 16);
    trailer = size === 0;
    for (let i = 0; i < size; i++, at++) {
      if (at === all.length) return done(Number.POSITIVE_INFINITY);
      kept.push(all[at]);
      if (kept.length === limit) return done(at + 1);
    }
  }
}

/** The longest line between chunks. */
const MAX_LINE = 1024;
