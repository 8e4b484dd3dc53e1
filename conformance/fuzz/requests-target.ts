/**
 * A server's handshake against what its bytes mean: accepted exactly when RFC 6455, section 4.2.1, holds; decided at the same byte under
 * every cut; what stands behind the head reaches the connection whole; a refusal is a whole answer.
 * @module
 */
import { DEFAULT_HEAD_LIMITS, type HeadLimits, type RequestHead } from "../../core/http/head.ts";
import type { Protocol } from "../../core/protocol.ts";
import { PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { type Case, equalBytes, join, latin1, lineStarts, piecesOf, remembered, type Target } from "./case.ts";
import { makeRequest, PROTOCOLS } from "./heads-grammar.ts";
import { judgeChoice } from "./deflate-rules.ts";
import { type Extension, extensionsOf, fieldsOf, findHead, isUpgradeRequest, values } from "./heads-model.ts";
import { CORE, type Subject } from "./subject.ts";

/** permessage-deflate, as it is served and offered. */
export const DEFLATE: PermessageDeflate = new PermessageDeflate({}, CORE.codec);

/** Requests at a server. */
export const REQUESTS: Target = {
  name: "requests",
  group: "heads",
  weight: 8,
  cuttable: true,
  starts: lineStarts,
  make(random) {
    const bytes = makeRequest(random);
    return { target: "requests", flags: (random.once(4) ? 1 : 0) + 2 * random.below(2), bytes, cuts: random.cuts(bytes.length) };
  },
  check(one, subject, tally) {
    tally.heads++;
    return checkRequest(one, serve(one, subject));
  },
};

/** Bit 0 of the flags; bit 1: permessage-deflate is served. */
export function headLimits(flags: number): HeadLimits {
  return (flags & 1) === 0 ? DEFAULT_HEAD_LIMITS : { maxHead: 500, maxLine: 110, maxFields: 12 };
}

/** What a server made of the bytes. */
export interface Served {
  readonly request: RequestHead | undefined;
  readonly accepted: boolean;
  /** What the connection got. */
  readonly rest: Uint8Array;
  readonly output: string;
  /** After which number of bytes it was decided, as far as the cuts tell; Infinity for not at all. */
  readonly decidedAt: number;
  readonly before: number;
  readonly problem: string | undefined;
}

/** Feeds a server, which accepts what it may. */
export function serve({ bytes, flags, cuts }: Case, subject: Subject): Served {
  let request: RequestHead | undefined;
  let accepted = false;
  let problem: string | undefined;
  const rest: Uint8Array[] = [];
  const upgrade = subject.server({
    limits: { ...headLimits(flags), maxHeld: Number.POSITIVE_INFINITY },
    onRequest(head) {
      if (request !== undefined) problem = "events: two requests were heard of one connection";
      request = head;
      const answer = subject.acceptUpgrade(head, { origins: "any", protocols: PROTOCOLS, extensions: (flags & 2) === 0 ? [] : [DEFLATE] });
      accepted = answer.accepted;
      if (answer.accepted) upgrade.accept(answer, sink(rest), 0);
      else upgrade.refuse(answer);
    },
  });
  const output: Uint8Array[] = [];
  let [fed, before, decidedAt] = [0, 0, Number.POSITIVE_INFINITY];
  for (const piece of piecesOf(bytes, cuts)) {
    upgrade.receive(piece, 0);
    const taken = upgrade.takeOutput(0);
    if (taken.length > 0 && decidedAt === Number.POSITIVE_INFINITY) [before, decidedAt] = [fed, fed + piece.length];
    output.push(...taken);
    fed += piece.length;
  }
  return { request, accepted, rest: join(rest), output: latin1(join(output)), decidedAt, before, problem };
}

const meaningOf = remembered(({ bytes, flags }) => {
  const found = findHead(bytes, 0, headLimits(flags));
  // an empty line before a request is ignored (RFC 9112, section 2.2)
  const head = found?.lines?.[0] === "" && found.lines.length > 1 ? { at: found.at, lines: found.lines.slice(1) } : found;
  return { head, wanted: head?.lines !== undefined && isUpgradeRequest(head.lines) };
});

function checkRequest(one: Case, served: Served): string | undefined {
  const { bytes } = one;
  const { head, wanted } = meaningOf(one);
  const at = head?.at ?? Number.POSITIVE_INFINITY;
  if (served.problem !== undefined) return served.problem;
  if (served.accepted !== wanted) return `verdict: it was ${served.accepted ? "accepted" : "not accepted"}: ${served.output.slice(0, 12)}`;
  if (at <= bytes.length ? served.before >= at || served.decidedAt < at : served.decidedAt <= bytes.length) {
    return `position: it was decided between byte ${served.before} and ${served.decidedAt}, and is known from ${at} on`;
  }
  if (head?.lines !== undefined && served.request !== undefined) {
    const [method, target] = head.lines[0].split(" ");
    const fields = JSON.stringify(fieldsOf(head.lines));
    if (served.request.method !== method || served.request.target !== target) return "head: method or target is another";
    if (JSON.stringify([...served.request.fields]) !== fields) return "head: the fields are others";
  }
  if (served.accepted && !equalBytes(served.rest, bytes.subarray(at))) return "rest: the connection got other bytes than those behind the head";
  if (!served.accepted && served.rest.length > 0) return "rest: the connection got bytes of a refused request";
  if (at > bytes.length) return served.output === "" ? undefined : "output: it answered before the request was whole";
  return checkAnswer(served) ?? (wanted ? checkChoice(one, head?.lines ?? [], served) : undefined);
}

/** The extension that is answered to those offered (RFC 7692, section 7.1). */
function checkChoice({ flags }: Case, lines: readonly string[], { output }: Served): string | undefined {
  const of = (from: readonly string[]): Extension[] => extensionsOf(values(fieldsOf(from) ?? [], "sec-websocket-extensions")) ?? [];
  const problem = judgeChoice((flags & 2) === 0 ? [] : of(lines), of(output.slice(0, -4).split("\r\n")));
  return problem === undefined ? undefined : `extension: ${problem}`;
}

function checkAnswer({ accepted, output }: Served): string | undefined {
  const [, top, body] = /^([^]*?\r\n)\r\n([^]*)$/.exec(output) ?? [];
  if (top === undefined || !/^HTTP\/1\.1 [1-5][0-9][0-9] [ -~]*\r\n(?:[\w-]+: [^\r\n]*\r\n)+$/.test(top)) return "output: the answer is no head";
  if (accepted) return top.startsWith("HTTP/1.1 101 ") && body === "" && /\r\nSec-WebSocket-Accept: [^\r]{28}\r\n/.test(top) ? undefined : "output: the answer is no 101";
  if (!/^HTTP\/1\.1 (?:400|403|405|414|426|431|505) /.test(top)) return `output: it refuses with ${top.slice(0, 12)}`;
  const length = /\r\nContent-Length: ([0-9]+)\r\n/.exec(top)?.[1];
  return Number(length) === body.length && top.includes("\r\nConnection: close\r\n") ? undefined : "output: the refusal's length is not its body's";
}

/** A connection that only collects what it gets. */
export function sink(rest: Uint8Array[]): Protocol<Uint8Array, Uint8Array> {
  return {
    outputEnded: false,
    paused: false,
    deadline: Number.POSITIVE_INFINITY,
    receive: (bytes) => void rest.push(bytes.slice()),
    receiveEnd: () => {},
    takeOutput: () => [],
    handleTimeout: () => {},
  };
}
