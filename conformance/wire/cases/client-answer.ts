/**
 * What the cases about a client's opening handshake are made with: an answer, and what a client may make of it.
 * @module
 */
import { text } from "../../frames.ts";
import type { Answer, Draft, Head, Rule } from "../case.ts";
import { HELLO } from "./ways.ts";

/** What an answer means: what it is if a client opens the connection, and what if it does not. */
export type Judged = Pick<Answer, "opens" | "refuses">;

/** The answer is right. */
export const MUST_OPEN: Judged = {};
/** The answer is right, but so unusual that a client may be forgiven. */
export const SHOULD_OPEN: Judged = { refuses: "non-strict" };
/** Nothing says which; what is opened must work, and what is not must end. */
export const MAY_OPEN: Judged = { refuses: "pass" };
/** The answer breaks a rule that a client need not look at. */
export const SHOULD_FAIL: Judged = { opens: "non-strict", refuses: "pass" };
/** The answer opens nothing. */
export const MUST_FAIL: Judged = { opens: "fail", refuses: "pass" };

/** A connection that works: a message comes back. */
export const WORKS: Pick<Draft, "send" | "expect"> = { send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)] };

/** A case about an answer; `says` is that answer in words. */
export function answered(
  rule: Rule, title: string, judged: Judged, says: string, response: Answer["response"], more: Omit<Answer, "response"> = {},
): Draft {
  const opened = judged.opens === "fail" ? {} : WORKS;
  return {
    rule, title, only: "client", ...opened, answer: { ...judged, ...more, ...(response === undefined ? {} : { response }) },
    sends: [says, ...(judged.opens === "fail" ? [] : ["Once the connection is open, a message"])],
  };
}

/** The usual answer with some of its text replaced. */
export function edited(from: string | RegExp, to: string): NonNullable<Answer["response"]> {
  return (usual) => [usual.line, ...usual.fields.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n").replace(from, to);
}

/** The usual answer with another first line. */
export function withLine(line: string): NonNullable<Answer["response"]> {
  return (usual) => ({ ...usual, line });
}

/** The usual answer with these lines in front of its fields, as they are. */
export function withLines(...lines: readonly string[]): NonNullable<Answer["response"]> {
  return edited("\r\n", ["", ...lines, ""].join("\r\n"));
}

/** The value of a field; '' where it is missing. */
export function valueOf(head: Head, name: string): string {
  return head.fields.find(([each]) => each === name)?.[1] ?? "";
}
