/**
 * A client's handshake against what the answer's bytes mean: accepted exactly when RFC 6455, section 4.1, holds; the body of a refusal
 * is the one RFC 9112, section 6, delimits; all known at the same byte under every cut. And a proxy's answer to CONNECT.
 * @module
 */
import { Fields } from "../../core/http/field.ts";
import { DEFAULT_HEAD_LIMITS } from "../../core/http/head.ts";
import type { UpgradeFailure } from "../../core/websocket/client-upgrade.ts";
import { equalBytes, join, lineStarts, piecesOf, remembered, type Target } from "./case.ts";
import { ACCEPT, KEY, makeAnswer, makeTunnelAnswer, PROTOCOLS } from "./heads-grammar.ts";
import { fieldsOf, findHead, isUpgradeAnswer, statusOf } from "./heads-model.ts";
import { readBody } from "./body-model.ts";
import { DEFLATE, headLimits, sink } from "./requests-target.ts";

const REQUEST = { method: "GET", target: "/", fields: new Fields([["Host", "a"]]) };

/** Answers at a client. Bit 0: small limits for heads, bit 1: for bodies, bit 2: permessage-deflate was offered. */
export const ANSWERS: Target = {
  name: "answers",
  group: "heads",
  weight: 8,
  cuttable: true,
  starts: lineStarts,
  make(random) {
    const bytes = makeAnswer(random);
    return { target: "answers", flags: (random.once(4) ? 1 + random.below(3) : 0) + 4 * random.below(2), bytes, cuts: random.cuts(bytes.length) };
  },
  check(one, subject, tally) {
    const { bytes, flags, cuts } = one;
    const wanted = meaningOf(one);
    tally.heads += wanted.heads;
    let problem: string | undefined;
    let told: "accepted" | UpgradeFailure | undefined;
    const tell = (what: typeof told): void => {
      if (told !== undefined) problem ??= "events: it was told of two outcomes";
      told = what;
    };
    const rest: Uint8Array[] = [];
    const client = subject.client({
      offer: { request: REQUEST, key: KEY, protocols: PROTOCOLS, extensions: (flags & 4) === 0 ? [] : [DEFLATE] },
      limits: { ...headLimits(flags), maxBody: maxBody(flags) },
      onAccepted() {
        tell("accepted");
        return sink(rest);
      },
      onFailure: tell,
    });
    let fed = 0;
    for (const piece of piecesOf(bytes, cuts)) {
      client.receive(piece, 0);
      fed += piece.length;
      if ((told !== undefined) !== fed >= wanted.at) return `position: at byte ${fed} it was ${told === undefined ? "not decided" : "decided"}, and is known from ${wanted.at} on`;
    }
    client.receiveEnd(0);
    if (problem !== undefined) return problem;
    const outcome = told === undefined ? "nothing" : told === "accepted" ? told : (told as UpgradeFailure).reason;
    if (outcome !== wanted.outcome) return `verdict: it was ${outcome} in place of ${wanted.outcome}`;
    if (outcome === "accepted") return equalBytes(join(rest), bytes.subarray(wanted.at)) ? undefined : "rest: the connection got other bytes than those behind the head";
    if (rest.length > 0) return "rest: a connection got bytes of a refusal";
    return equalBytes((told as unknown as UpgradeFailure).body, wanted.body) ? undefined : `body: the refusal's body has ${(told as unknown as UpgradeFailure).body.length} bytes in place of ${wanted.body.length}`;
  },
};

function maxBody(flags: number): number {
  return (flags & 2) === 0 ? 65_536 : 20;
}

interface Wanted {
  readonly outcome: string;
  readonly at: number;
  readonly body: Uint8Array;
  readonly heads: number;
}

const meaningOf = remembered(({ bytes, flags }): Wanted => {
  for (let from = 0, heads = 1;; heads++) {
    const head = findHead(bytes, from, headLimits(flags));
    if (head === undefined) return { outcome: "ended", at: Number.POSITIVE_INFINITY, body: EMPTY, heads };
    const { at, lines } = head;
    const status = lines === undefined ? undefined : statusOf(lines);
    if (lines === undefined || status === undefined) return { outcome: "malformed", at, body: EMPTY, heads };
    if (status === 101) return { outcome: isUpgradeAnswer(lines, ACCEPT, PROTOCOLS, (flags & 4) !== 0) ? "accepted" : "invalid", at, body: EMPTY, heads };
    if (status >= 200) {
      const body = readBody(status, fieldsOf(lines) ?? [], bytes, at, maxBody(flags));
      return { outcome: "refused", at: body.at, body: body.bytes, heads };
    }
    from = at;
  }
});

/** What a proxy answers: the tunnel is open when its answer is 2xx and nothing came with it, as what runs inside speaks first. */
export const TUNNELS: Target = {
  name: "tunnels",
  group: "heads",
  weight: 2,
  cuttable: true,
  starts: lineStarts,
  make(random) {
    const bytes = makeTunnelAnswer(random);
    return { target: "tunnels", flags: 0, bytes, cuts: random.cuts(bytes.length) };
  },
  check({ bytes, cuts }, subject, tally) {
    tally.heads++;
    let told: string | undefined;
    let twice = false;
    const tell = (what: string): void => {
      twice ||= told !== undefined;
      told = what;
    };
    const tunnel = subject.tunnel("example.com:443", { onOpen: () => tell("open"), onFailure: () => tell("failed") });
    const { at, good } = tunnelMeaning(bytes);
    let fed = 0;
    let open = good;
    for (const piece of piecesOf(bytes, cuts)) {
      if (fed < at && fed + piece.length > at) open = false;
      tunnel.receive(piece);
      fed += piece.length;
      if ((told !== undefined) !== fed >= at) return `position: at byte ${fed} it was ${told ?? "not decided"}, and is known from ${at} on`;
      if (fed >= at && told !== (open ? "open" : "failed")) return `verdict: the tunnel was ${told}`;
      if (tunnel.paused !== (told === "open") || tunnel.outputEnded !== (told === "failed")) return "state: what it shows is not what it told";
    }
    tunnel.receiveEnd();
    if (told === undefined) return "events: it told nothing though the proxy ended";
    return twice ? "events: it told two outcomes" : undefined;
  },
};

function tunnelMeaning(bytes: Uint8Array): { readonly at: number; readonly good: boolean } {
  for (let from = 0;;) {
    const head = findHead(bytes, from, DEFAULT_HEAD_LIMITS);
    if (head === undefined) return { at: Number.POSITIVE_INFINITY, good: false };
    const status = head.lines === undefined ? undefined : statusOf(head.lines);
    if (status === undefined || status >= 200 || status === 101) return { at: head.at, good: status !== undefined && status >= 200 && status < 300 };
    from = head.at; // an interim answer (RFC 9110, section 15.2)
  }
}

const EMPTY = new Uint8Array(0);
