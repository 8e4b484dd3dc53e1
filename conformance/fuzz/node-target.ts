/**
 * No request smuggled: what we accept, Node's HTTP parser accepts too, with the same method, target and fields, and its head ends at the
 * same byte. What both read, though we refuse it later, must be the same too.
 * @module
 */
import { equalBytes, lineStarts, type Target } from "./case.ts";
import { makeRequest } from "./heads-grammar.ts";
import type { ReadRequest } from "./node-http.ts";
import { serve } from "./requests-target.ts";

/** Requests, read by both. */
export function nodeTarget(read: ReadRequest): Target {
  return {
    name: "node-http",
    group: "heads",
    weight: 8,
    cuttable: false,
    starts: lineStarts,
    make: (random) => ({ target: "node-http", flags: 0, bytes: makeRequest(random), cuts: [] }),
    check(one, subject, tally) {
      tally.heads++;
      const { request, accepted, rest } = serve(one, subject);
      if (request === undefined) return undefined;
      const theirs = read(one.bytes);
      if (theirs === undefined) return accepted ? "refused: it refuses a request that we accept" : undefined;
      if (theirs.method !== request.method || theirs.target !== request.target) return `line: it reads ${theirs.method} ${theirs.target}`;
      if (JSON.stringify(theirs.fields) !== JSON.stringify([...request.fields].flat())) return "fields: it reads other fields";
      if (!accepted) return undefined;
      if (theirs.rest === undefined) return "upgrade: it sees no request to upgrade";
      return equalBytes(theirs.rest, rest) ? undefined : "end: the head ends at another byte";
    },
  };
}
