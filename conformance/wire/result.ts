/**
 * What a run gives: a verdict for each case, why, and what went over the wire. It is plain JSON, in the shape that conformance/report/schema.json says.
 * @module
 */

/**
 * How well a peer did.
 * - `pass`: as the rule wants it.
 * - `non-strict`: allowed, but not best: late, lax, or with another code than the fitting one.
 * - `fail`: a rule was broken.
 * - `unimplemented`: it does not do what the case is about, as it may.
 */
export type Verdict = "pass" | "non-strict" | "fail" | "unimplemented";

/** All of them, the best first. */
export const VERDICTS: readonly Verdict[] = ["pass", "non-strict", "unimplemented", "fail"];

/** What a case is, in words: it stands in each report, so that a page needs nothing beside it. */
export interface CaseInfo {
  /** Section and number, such as "5.5.2-3" of RFC 6455, or "7692:7.2.1-4" of another. */
  readonly id: string;
  /** What is special in this case, in a sentence. */
  readonly title: string;
  /** The rule it checks, in a sentence. */
  readonly rule: string;
  /** Where that stands. */
  readonly rfc: number;
  /** Such as "5.5.2". */
  readonly section: string;
  /** The number of the Autobahn testsuite's case of the same meaning. */
  readonly autobahn?: string;
  /** What the tester does, a line each. */
  readonly sends: readonly string[];
  /** What is taken as what. `nonStrict` is undefined where there is nothing between right and wrong. */
  readonly accepts: { readonly pass: string; readonly nonStrict?: string; readonly fail: string };
}

/** One case that was run. */
export interface CaseResult extends CaseInfo {
  /** How well the peer did. */
  readonly verdict: Verdict;
  /** What was wrong, lax or lacking, one sentence each. */
  readonly reasons: readonly string[];
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /** What went over the wire, in order; the middle of long ones is left out. */
  readonly log: readonly LogEntry[];
  /** What came back compressed: how many messages, their bytes on the wire, and the bytes they stand for. */
  readonly compressed?: { readonly messages: number; readonly payload: number; readonly restored: number };
}

/** Something on the wire, or about it. `at` is milliseconds since the case began. */
export type LogEntry =
  /** The head of a request or an answer, as text. */
  | { readonly at: number; readonly by: Side; readonly kind: "head"; readonly text: string }
  | FrameEntry
  /** Bytes that are no frame, or not a whole one. `hex` shows the first of them. */
  | { readonly at: number; readonly by: Side; readonly kind: "bytes"; readonly length: number; readonly hex: string }
  /** One side ended TCP (`end`), dropped it (`drop`), or TCP was lost. */
  | { readonly at: number; readonly by: Side; readonly kind: "end" | "drop" }
  /** What the tester thinks. */
  | { readonly at: number; readonly by: "tester"; readonly kind: "note"; readonly text: string }
  /** Entries that are left out here. */
  | { readonly at: number; readonly by: Side; readonly kind: "skipped"; readonly count: number };

/** One frame. */
export interface FrameEntry {
  /** Milliseconds since the case began. */
  readonly at: number;
  /** Who sent it. */
  readonly by: Side;
  /** Tells it from other entries. */
  readonly kind: "frame";
  /** Whether its message ends with it. */
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  /** 0 continues a message, 1 is text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** Whether it has a masking key. */
  readonly masked: boolean;
  /** Bytes of payload. */
  readonly length: number;
  /** The frame's header in hexadecimal, with the masking key. */
  readonly header: string;
  /** The first bytes of its payload in hexadecimal, unmasked. */
  readonly payload: string;
  /** The payload in words: text in quotes, a close frame's code and reason; absent where hexadecimal says all. */
  readonly says?: string;
}

/** Who did it. */
export type Side = "tester" | "peer";

/** One run against one agent: what `report.json` holds. */
export interface Report {
  /** The version of this format. */
  readonly schema: 1;
  /** The version of the suite. */
  readonly suite: string;
  /** What was tested, as the caller names it. */
  readonly agent: string;
  /** What it is: a server that was dialled, or a client that was served. */
  readonly role: "server" | "client";
  /** Its URL, or the tester's. */
  readonly url: string;
  /** When the run began, as an ISO date. */
  readonly started: string;
  /** In milliseconds. */
  readonly duration: number;
  /** Decided on masking keys. */
  readonly seed: number;
  /** False when the run was stopped before its end. */
  readonly complete: boolean;
  /** The command that does it again. */
  readonly command?: string;
  /** How many cases ended in which verdict. */
  readonly totals: Readonly<Record<Verdict, number>>;
  /** In the order of the cases. */
  readonly results: readonly CaseResult[];
}

/** How many cases ended in which verdict. */
export function countVerdicts(results: readonly { readonly verdict: Verdict }[]): Record<Verdict, number> {
  const totals = { pass: 0, "non-strict": 0, unimplemented: 0, fail: 0 };
  for (const { verdict } of results) totals[verdict]++;
  return totals;
}
