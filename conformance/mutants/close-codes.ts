/**
 * Peers that are wrong about close codes (RFC 6455, section 7.4).
 * @module
 */
import { close } from "../frames.ts";
import type { Case } from "../wire/case.ts";
import type { Mutant } from "./mutant.ts";
import { COMMAND_RULES } from "./peer/command-rules.ts";
import { CONNECTION_RULES } from "./peer/connection-rules.ts";
import { mentions, sendsClose } from "./which.ts";

const { isCloseCode } = CONNECTION_RULES;
const ALL = { cases: [() => true], because: "each ends with a closing handshake" } as const;

/** All of them. */
export const closeCodes: readonly Mutant[] = codes();

/** Which codes are right. */
function codes(): Mutant[] {
  const { obey } = COMMAND_RULES;
  const withCode = (is: (code: number) => boolean): { readonly cases: readonly ((item: Case) => boolean)[]; readonly because: string } => ({
    cases: [sendsClose((code) => code !== undefined && is(code)), ({ send = [] }) => send.some((step) => "command" in step && is(Number(/^close (\d+)/.exec(step.command)?.[1])))],
    because: "such a code is sent or asked for",
  });
  const taking = (...taken: readonly number[]): Mutant["change"] => ({ isCloseCode: (code) => isCloseCode(code) || taken.includes(code), obey: (message) => obey(message, isCloseCode) });
  const refusing = (is: (code: number) => boolean): Mutant["change"] => ({ isCloseCode: (code) => isCloseCode(code) && !is(code), obey: (message) => obey(message, isCloseCode) });
  const sending = (...sent: readonly number[]): Mutant["change"] => ({ obey: (message) => obey(message, (code) => isCloseCode(code) || sent.includes(code)) });
  return [
    {
      name: "knows-1000-alone", breaks: "close-codes", says: "fails the connection for defined codes but 1000",
      change: refusing((code) => code > 1000 && code < 1012),
      verdict: "non-strict", only: [({ title }) => /code 10(01|03|07|08|09|10|11) /.test(title)], alsoCaughtBy: [withCode((code) => code > 1000 && code < 1012)],
    },
    {
      name: "fails-for-1000", breaks: "close-codes", says: "fails the connection for 1000",
      change: refusing((code) => code === 1000), verdict: "non-strict", only: [mentions("Close code 1000")], alsoCaughtBy: [ALL],
    },
    {
      name: "knows-no-later-codes", breaks: "close-codes", says: "fails the connection for codes that were registered later",
      change: refusing((code) => code > 1011 && code < 1015), verdict: "non-strict",
      only: [mentions("since it was registered")],
    },
    { name: "takes-1004", breaks: "reserved-codes", says: "takes close code 1004", change: taking(1004), only: [mentions("1004")] },
    {
      name: "takes-1005", breaks: "reserved-codes", says: "takes close code 1005, and answers with it",
      change: taking(1005), only: [mentions("1005")], alsoCaughtBy: [withCode((code) => code === 1005)],
    },
    { name: "takes-1006", breaks: "reserved-codes", says: "takes close code 1006, and answers with it", change: taking(1006), only: [mentions("1006")] },
    { name: "takes-1015", breaks: "reserved-codes", says: "takes close code 1015, and answers with it", change: taking(1015), only: [mentions("1015")] },
    { name: "sends-1005", breaks: "never-sent", says: "closes with 1005 when it is asked to", change: sending(1005), only: [mentions("1005")] },
    {
      name: "sends-reserved-codes", breaks: "never-sent", says: "closes with codes that are never on the wire when it is asked to",
      change: sending(1005, 1006, 1015), only: [mentions("asked to close")],
    },
    {
      name: "says-1006-as-it-drops", breaks: "never-sent", says: "says 1006 before it drops TCP", only: [mentions("drops the connection")],
      change: { obey: (message, mayClose) => message === "conformance:drop" ? [close(1006)] : obey(message, mayClose) },
    },
    {
      name: "takes-undefined-codes", breaks: "code-ranges", says: "takes codes from 1000 to 2999 that are not defined",
      change: taking(1016, 1100, 2000, 2999), only: [mentions("1016", "1100", "2000", "2999")],
    },
    { name: "takes-low-codes", breaks: "code-ranges", says: "takes codes below 1000", change: taking(0, 999), only: [mentions("code 0 ", "code 999")] },
    { name: "takes-high-codes", breaks: "code-ranges", says: "takes codes from 5000 on", change: taking(5000, 65_535), only: [mentions("5000", "65535")] },
    {
      name: "keeps-3000s-out", breaks: "code-ranges", says: "fails the connection for codes from 3000 to 3999",
      change: refusing((code) => code >= 3000 && code < 4000), verdict: "non-strict", only: [mentions("3000", "3999")],
      alsoCaughtBy: [withCode((code) => code >= 3000 && code < 4000)],
    },
    {
      name: "keeps-4000s-out", breaks: "code-ranges", says: "fails the connection for codes from 4000 on",
      change: refusing((code) => code >= 4000), verdict: "non-strict", only: [mentions("4000", "4999")],
      alsoCaughtBy: [withCode((code) => code >= 4000)],
    },
    { name: "sends-any-code", breaks: "sent-ranges", says: "closes with codes outside all ranges when it is asked to", change: sending(0, 999, 5000, 65_535) },
  ];
}
