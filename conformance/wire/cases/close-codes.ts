/**
 * Close codes: which are taken, and which are sent (RFC 6455, section 7.4).
 * @module
 */
import { close } from "../../frames.ts";
import type { Draft, Rule } from "../case.ts";

const CLOSE_CODES: Rule = { name: "close-codes", section: "7.4.1", says: "A code that is defined for close frames is taken; it is usual to answer with the same" };
const RESERVED_CODES: Rule = { name: "reserved-codes", section: "7.4.1", says: "A code that is never on the wire, or not defined, fails the connection" };
const NEVER_SENT: Rule = { name: "never-sent", section: "7.4.1", says: "Codes 1005, 1006 and 1015 are in no close frame, whatever an application asks for" };
const CODE_RANGES: Rule = { name: "code-ranges", section: "7.4.2", says: "Codes from 3000 to 4999 are taken; others outside those defined fail the connection" };
const SENT_RANGES: Rule = { name: "sent-ranges", section: "7.4.2", says: "Codes below 1000 and from 5000 on are in no close frame, whatever an application asks for" };

const DEFINED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011];
const PRIVATE = [3000, 3999, 4000, 4999];
const UNDEFINED = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
/** Given a meaning since: see the registry of close codes. */
const REGISTERED = [[1012, "the service restarts"], [1013, "try again later"], [1014, "a bad gateway"]] as const;

/** Section 7.4: those of Autobahn's groups 7.7, 7.9 and 7.13, and more. */
export const closeCodes: readonly Draft[] = [
  ...DEFINED.map((code, at) => ({ ...taken(CLOSE_CODES, code), autobahn: `7.7.${at + 1}` })),
  ...PRIVATE.map((code, at) => ({ ...taken(CODE_RANGES, code), autobahn: `7.7.${DEFINED.length + at + 1}` })),
  ...UNDEFINED.map((code, at) => ({ ...failing([1004, 1005, 1006].includes(code) ? RESERVED_CODES : CODE_RANGES, code), autobahn: `7.9.${at + 1}` })),
  { ...failing(CODE_RANGES, 5000), autobahn: "7.13.1", tolerated: [] }, // the ranges end at 4999, and nothing says what it means that they do
  { ...failing(CODE_RANGES, 65_535), autobahn: "7.13.2", tolerated: [] },
  ...REGISTERED.map(([code, meaning]): Draft => ({
    ...taken(CLOSE_CODES, code),
    title: `Close code ${code}, which means ${meaning} since it was registered, is answered`,
    accepts: { nonStrict: "It fails the connection, as was right before the code was registered, or answers with another code that may be sent" },
    drops: "non-strict",
  })),
  failing(RESERVED_CODES, 1015),
  ...[1005, 1006, 1015].map((code) => asked(NEVER_SENT, code)),
  {
    rule: NEVER_SENT, title: "A peer that drops the connection says nothing of it in a close frame",
    send: [{ command: "drop" }], end: "either", silent: true, refusal: "unimplemented",
    accepts: { pass: "It ends TCP, by a close frame with a code that may be sent or without one", fail: "It does not, or sends a code that is never on the wire" },
  },
  ...[0, 999, 5000, 65_535].map((code) => asked(SENT_RANGES, code)),
];

function taken(rule: Rule, code: number): Draft {
  return { rule, title: `Close code ${code} is answered`, send: [{ frames: [close(code)] }], answers: [code, 1000] };
}

function failing(rule: Rule, code: number): Draft {
  return { rule, title: `Close code ${code} fails the connection`, send: [{ frames: [close(code)] }], end: [1002] };
}

function asked(rule: Rule, code: number): Draft {
  return {
    rule, title: `A peer that is asked to close with ${code} does not send it`, send: [{ command: `close ${code} no` }], end: "either", refusal: "pass",
    accepts: { pass: "Its interface refuses, or it closes in a way that may be", fail: "A close frame with a code that is never on the wire, or nothing happens" },
  };
}
