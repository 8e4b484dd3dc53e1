/**
 * What the requests of cases have in common, for mutants of servers.
 * @module
 */
import type { Case } from "../wire/case.ts";
import { latin1, writeHead } from "../wire/head.ts";
import { usualRequest } from "../wire/opening.ts";
import { EchoPeer } from "./peer/echo.ts";
import { RIGHT } from "./peer/rules.ts";
import type { Why } from "./peer/server-rules.ts";

/** The request that a case sends to a server, one byte a character. */
export function requestOf({ ask, deflate }: Case): string {
  const usual = usualRequest(new URL("ws://localhost/"), deflate);
  return writeHead(ask?.request?.(usual) ?? usual);
}

/** The right server accepts the request. */
export function opensRight(item: Case): boolean {
  return (item.only ?? "server") === "server" && verdictOf(item) === "open";
}

/** The right server refuses the request for this. */
export function refusedFor(...whys: readonly Why[]): (item: Case) => boolean {
  return (item) => (item.only ?? "server") === "server" && whys.some((why) => verdictOf(item) === why);
}

/** The case's title has one of these words in it. */
export function titled(...parts: readonly string[]): (item: Case) => boolean {
  return ({ title }) => parts.some((part) => title.includes(part));
}

function verdictOf(item: Case): Why | "open" | "waits" {
  const known = verdicts.get(item);
  if (known !== undefined) return known;
  let verdict: Why | "open" | "waits" = "waits";
  const peer = new EchoPeer("server", {
    ...RIGHT,
    refuse(why) {
      verdict = why;
      return RIGHT.refuse(why);
    },
    shapeAnswer(answer) {
      verdict = "open";
      return answer;
    },
  });
  peer.receive(latin1(requestOf(item)), 0);
  verdicts.set(item, verdict);
  return verdict;
}

const verdicts = new WeakMap<Case, Why | "open" | "waits">();
