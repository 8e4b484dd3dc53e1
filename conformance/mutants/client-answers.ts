/**
 * Clients that are wrong about the fields of an answer (RFC 6455, sections 4.1 and 9.1).
 * @module
 */
import type { Case, ReadHead } from "../wire/case.ts";
import { acceptKey } from "../wire/head.ts";
import type { Mutant } from "./mutant.ts";
import { readExtensions } from "./peer/fields.ts";
import { RIGHT } from "./peer/rules.ts";
import { client, mustRefuse, titled } from "./which.ts";

const HIDDEN = { cases: ["answer-syntax", "interim-answers"], because: "what they are about is an accept value that does not count" };
const STRANGERS = { cases: ["answer-syntax", "answer-size", "status-line"], because: "they have fields that nobody knows" };
const ANSWERED = { cases: ["extensions-grammar", "chosen-extensions", ({ deflate }: Case) => deflate !== undefined],
  because: "they answer with extensions that may not be taken" };

/** What a client makes of fields. */
export const answerFields: readonly Mutant[] = [
  { ...client("ignores-accept", "accept-value", "does not look at Sec-WebSocket-Accept", { isAccept: () => true }, [mustRefuse]),
    alsoCaughtBy: [HIDDEN] },
  { ...client("accept-may-lack", "accept-value", "takes an answer without Sec-WebSocket-Accept",
    { isAccept: (values, key) => values.length === 0 || RIGHT.isAccept(values, key) },
    titled("Sec-WebSocket-Accept is missing")), alsoCaughtBy: [HIDDEN] },
  client("accept-in-any-case", "accept-value", "compares Sec-WebSocket-Accept without regard to case",
    { isAccept: (values, key) => values.length === 1 && values[0].toLowerCase() === acceptKey(key).toLowerCase() },
    titled("Sec-WebSocket-Accept is right but for upper and lower case")),
  client("accept-as-long-as-it-goes", "accept-value", "compares as many characters of Sec-WebSocket-Accept as there are",
    { isAccept: (values, key) => values.length === 1 && acceptKey(key).startsWith(values[0]) },
    titled("Sec-WebSocket-Accept is empty", "Sec-WebSocket-Accept is right but for its last character, which is missing")),
  client("accept-and-more", "accept-value", "does not look at what stands behind Sec-WebSocket-Accept",
    { isAccept: (values, key) => values.length === 1 && values[0].startsWith(acceptKey(key)) },
    titled("Sec-WebSocket-Accept is right but for a character too many")),
  client("accept-unquoted", "accept-value", "takes quotes off Sec-WebSocket-Accept",
    { isAccept: (values, key) => values.length === 1 && values[0].replace(/^"(.*)"$/, "$1") === acceptKey(key) },
    titled("Sec-WebSocket-Accept is right, but in quotes")),
  {
    ...client("first-accept", "accept-value", "takes the first of several Sec-WebSocket-Accept",
      { isAccept: (values, key) => values[0] === acceptKey(key) },
      titled("There are two Sec-WebSocket-Accept, a right one and a wrong one", "There are two Sec-WebSocket-Accept, both right")),
    verdict: "non-strict",
  },
  {
    ...client("last-accept", "accept-value", "takes the last of several Sec-WebSocket-Accept",
      { isAccept: (values, key) => values.at(-1) === acceptKey(key) },
      titled("There are two Sec-WebSocket-Accept, a wrong one and a right one", "There are two Sec-WebSocket-Accept, both right")),
    verdict: "non-strict",
  },
  { ...client("refuses-blanks-behind", "accept-blanks", "refuses fields with blanks behind their values",
    { isFieldLine: (line) => RIGHT.isFieldLine(line) && !/[ \t]$/.test(line) },
    titled("Blanks around Sec-WebSocket-Accept",
      "Tabs around Sec-WebSocket-Accept")), alsoCaughtBy: [{ cases: titled("A field with an empty value"), because: "it has one" }] },
  { ...client("wants-a-blank", "accept-blanks", "refuses fields without a blank behind their colons",
    { isFieldLine: (line) => RIGHT.isFieldLine(line) && /^[^:]*: /.test(line) },
    titled("Tabs around Sec-WebSocket-Accept",
      "No blank behind the colons")), alsoCaughtBy: [{ cases: titled("A field with an empty value"), because: "it has one" }] },

  client("ignores-answered-upgrade", "answer-upgrade", "does not look at Upgrade", { isUpgraded: () => true }, [mustRefuse], "answer-syntax"),
  client("upgrade-may-lack", "answer-upgrade", "takes an answer without Upgrade",
    { isUpgraded: (values) => values.length === 0 || RIGHT.isUpgraded(values) }, titled("Upgrade is missing")),
  client("upgrade-to-the-letter", "answer-upgrade", "wants Upgrade in lower case", { isUpgraded: (values) => values.join() === "websocket" },
    titled("Upgrade is WebSocket", "Upgrade is WEBSOCKET")),
  client("upgrade-among-others", "answer-upgrade", "takes an Upgrade that names another protocol too",
    { isUpgraded: (values) => values.join(",").split(",").some((each) => each.trim().toLowerCase() === "websocket") },
    titled("Upgrade names another protocol behind websocket", "Upgrade names another protocol in front of websocket")),
  client("upgrade-begins-so", "answer-upgrade", "takes an Upgrade that begins with websocket",
    { isUpgraded: (values) => values.join().toLowerCase().startsWith("websocket") },
    titled("Upgrade only begins with websocket", "Upgrade names another protocol behind websocket", "Upgrade is websocket with a version")),
  client("upgrade-in-unicode", "answer-syntax", "compares Upgrade in Unicode's lower case",
    { isUpgraded: (values) => values.length === 1 && Buffer.from(values[0], "latin1").toString().toLowerCase() === "websocket" },
    titled("A letter of Upgrade that is k for Unicode, and not for ASCII")),

  client("ignores-answered-connection", "answer-connection", "does not look at Connection", { isConnected: () => true }, [mustRefuse]),
  client("connection-may-lack", "answer-connection", "takes an answer without Connection",
    { isConnected: (values) => values.length === 0 || RIGHT.isConnected(values) }, titled("Connection is missing")),
  client("connection-in-any-word", "answer-connection", "takes a Connection that contains upgrade",
    { isConnected: (values) => values.join().toLowerCase().includes("upgrade") },
    titled("Connection names a token that only contains Upgrade")),
  client("connection-to-the-letter", "answer-connection", "wants Connection with a capital letter",
    { isConnected: (values) => values.join(",").split(",").some((each) => each.trim() === "Upgrade") },
    titled("Connection is upgrade", "Connection is UPGRADE")),
  client("connection-alone", "answer-connection", "takes no Connection that names anything else",
    { isConnected: (values) => values.join(", ").toLowerCase() === "upgrade" },
    titled("Connection names Upgrade behind another", "Connection names Upgrade in front of another, without a blank",
      "Connection is a list with empty elements", "Connection stands there twice")),

  client("names-to-the-letter", "answer-fields", "knows fields in their usual case alone",
    { valuesOf: ({ fields }, name) => fields.filter(([each]) => each === name).map(([, value]) => value) },
    titled("Names of fields in lower case", "Names of fields in upper case")),
  client("wants-an-order", "answer-fields", "looks for Upgrade in front of Connection alone",
    { valuesOf: (answer, name) => name === "Upgrade" && placeOf(answer, name) > placeOf(answer, "Connection") ? [] : answer.all(name) },
    titled("Fields in another order")),
  { ...client("refuses-the-unknown", "answer-fields", "refuses fields that it does not know",
    { isFieldLine: (line) => /^(?:upgrade|connection|content-length|transfer-encoding|sec-websocket-[a-z]+|link|x-\w+):/i.test(line) },
    titled("Fields that servers and proxies add", "Names that objects have of their own", "Fifty unknown fields")), alsoCaughtBy: [STRANGERS] },
  client("refuses-odd-websocket-fields", "answer-fields", "refuses an answer with a field that is for requests",
    { isFieldLine: (line) => RIGHT.isFieldLine(line) && !/^sec-websocket-(?:key|version):/i.test(line) },
    titled("Fields of a WebSocket that have no place in an answer"), "answer-status"),
  client("wants-values", "answer-fields", "refuses fields without a value",
    { isFieldLine: (line) => RIGHT.isFieldLine(line) && /:[ \t]*[^ \t]/.test(line) }, titled("A field with an empty value")),
  client("fields-in-an-object", "answer-fields", "keeps fields by name in an object", { valuesOf: gathered },
    titled("Names that objects have of their own")),
  client("few-fields", "answer-fields", "takes no more than 32 fields", () => {
    let count = 0;
    return { isFieldLine: (line) => ++count <= 32 && RIGHT.isFieldLine(line) };
  }, titled("Fifty unknown fields")),

  { ...client("ignores-extensions", "chosen-extensions", "does not look at extensions that it did not offer", { mayExtend: () => true }),
    alsoCaughtBy: [ANSWERED] },
  {
    ...client("first-extension", "chosen-extensions", "looks at the first extension of an answer alone",
      { takeAnswer: ([answer], offer) => RIGHT.takeAnswer([answer], offer) },
      titled("An extension that was not offered, behind one that may have been", "An extension that was not offered, in a second field")),
    alsoCaughtBy: [ANSWERED],
  },
  {
    ...client("last-extension", "chosen-extensions", "looks at the last extension of an answer alone",
      { takeAnswer: (answers, offer) => RIGHT.takeAnswer(answers.slice(-1), offer) },
      titled("An extension that was not offered, in front of one that may have been")),
    alsoCaughtBy: [ANSWERED],
  },
  {
    ...client("ignores-odd-lists", "extensions-grammar", "takes what is no list of extensions for none",
      { mayExtend: (said, isTaken) => RIGHT.mayExtend(said, isTaken) || readExtensions(said) === undefined }, [mustRefuse]),
    alsoCaughtBy: [ANSWERED],
  },
  {
    ...client("ignores-empty-lists", "extensions-grammar", "takes an empty list of extensions",
      { mayExtend: (said, isTaken) => RIGHT.mayExtend(said, isTaken) || said.join("") === "" }, titled("The list of extensions is empty")),
    verdict: "non-strict",
  },
  { ...client("ignores-subprotocols", "chosen-subprotocol", "does not look at subprotocols that it did not offer", { isProtocol: () => true }),
    verdict: "non-strict" },
  { ...client("takes-empty-subprotocols", "chosen-subprotocol", "takes an empty subprotocol",
    { isProtocol: (values) => values.join("") === "" }, titled("An empty subprotocol")),
    verdict: "non-strict" },
];

function placeOf({ fields }: ReadHead, name: string): number {
  return fields.findIndex(([each]) => each.toLowerCase() === name.toLowerCase());
}

/** As a parser does it that forgets what an object has of its own. */
function gathered({ fields }: ReadHead, wanted: string): readonly string[] {
  const known: Record<string, string[]> = {};
  for (const [name, value] of fields) (known[name.toLowerCase()] ??= []).push(value);
  return known[wanted.toLowerCase()] ?? [];
}
