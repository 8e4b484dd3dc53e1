/**
 * Clients that are wrong about the head of an answer: its first line, its lines, its bytes and what stands behind it (RFC 6455, section 4.1;
 * RFC 9110 and 9112).
 * @module
 */
import type { Mutant } from "./mutant.ts";
import { RIGHT } from "./peer/rules.ts";
import { client, titled } from "./which.ts";

const INTERIM = "An interim answer with all that a 101 has, and none behind it";
const LONG = 16 * 1024;
const NO_CONTROLS = /[\x02-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n|$)|(?<!\r)\n/;

/** What a client makes of a head. */
export const answerHeads: readonly Mutant[] = [
  client("any-status", "answer-status", "does not look at the status", { isStatusLine: (line) => /^HTTP\/1\.\d /.test(line) },
    [({ title }) => title !== INTERIM], "interim-answers", "status-line"),
  client("status-begins-so", "answer-status", "takes a status that begins with 101", { isStatusLine: (line) => /^HTTP\/1\.[1-9] 101/.test(line) },
    titled("A status of four digits that begins with 101")),
  client("status-anywhere", "answer-status", "looks for 101 anywhere in the first line",
    { isStatusLine: (line) => /^HTTP\/1\.[1-9] (?:.* )?101(?: |$)/.test(line) }, titled("A 404 whose reason begins with 101"), "status-line"),
  nonStrict(client("any-1xx", "answer-status", "takes all of 1xx for 101",
    { isInterim: () => false, isStatusLine: (line) => /^HTTP\/1\.[1-9] 1\d\d(?: |$)/.test(line) }, titled(INTERIM), "interim-answers")),

  client("wants-a-reason", "status-line", "refuses a 101 without a reason",
    { isStatusLine: (line) => RIGHT.isStatusLine(line) && / 101 ./.test(line) }, titled("No reason")),
  nonStrict(client("wants-the-reason", "status-line", "wants the usual reason",
    { isStatusLine: (line) => RIGHT.isStatusLine(line) && line.endsWith(" 101 Switching Protocols") },
    titled("Another reason", "No reason", "A reason that begins with a status", "A reason with a tab and a letter outside ASCII"))),
  client("throws-without-a-blank", "status-line", "throws where no blank stands in front of the reason",
    { isStatusLine: (line) => RIGHT.isStatusLine(line) && line.split(" ", 3)[2].length >= 0 },
    titled("No reason, and no blank in front of it")),
  client("last-number", "status-line", "takes the last three digits of the first line for the status",
    { isStatusLine: (line) => line.startsWith("HTTP/1.1 ") && /(\d{3})(?:\D|$)(?!.*\d{3})/.exec(line.slice(9))?.[1] === "101" },
    titled("A reason that begins with a status"), "answer-status"),
  nonStrict(client("one-version", "status-line", "takes HTTP/1.1 alone",
    { isStatusLine: (line) => /^HTTP\/1\.1 101(?: |$)/.test(line) }, titled("A later version of HTTP/1, which reads like this one"))),
  nonStrict(client("any-answered-version", "status-line", "does not look at the version", { isStatusLine: (line) => /^HTTP\/\S+ 101(?: |$)/.test(line) },
    titled("HTTP/1.0, which has no 101", "HTTP/2.0, which has other heads", "A version of three digits"))),
  nonStrict(client("any-protocol", "status-line", "does not look at the protocol",
    { isStatusLine: (line) => /^\w+\/1\.[0-9] 101(?: |$)/.test(line) && !line.startsWith("http") },
    titled("HTTP/1.0, which has no 101", "Another protocol than HTTP"))),
  nonStrict(client("http-in-any-case", "status-line", "takes HTTP in any case",
    { isStatusLine: (line) => RIGHT.isStatusLine(line.toUpperCase()) }, titled("The name of HTTP in lower case"))),
  nonStrict(client("any-blanks", "status-line", "takes any blanks in the first line",
    { isStatusLine: (line) => RIGHT.isStatusLine(line.replace(/\s+/g, " ")) },
    titled("Two blanks in front of the status", "Tabs in place of blanks"))),
  nonStrict(client("skips-an-empty-line", "status-line", "skips an empty line in front of an answer",
    { splitLines: (text) => RIGHT.splitLines(text.replace(/^\r\n/, "")) }, titled("An empty line in front of the answer"))),

  nonStrict(client("no-interim", "interim-answers", "takes the first answer for the last",
    { isInterim: () => false }, [({ answer }) => answer?.refuses === "non-strict"])),
  nonStrict(client("continue-alone", "interim-answers", "knows no interim answer but 100",
    { isInterim: (line) => RIGHT.isInterim(line) && line.includes(" 100 ") },
    titled("A 102, and then the 101", "A 103 with fields, and then the 101", "An unknown 1xx, and then the 101", "Three of them, and then the 101",
      "One whose Sec-WebSocket-Accept is wrong, and then the 101"))),
  nonStrict(client("one-interim", "interim-answers", "waits for one interim answer alone", () => {
    let isFirst = true;
    return {
      isInterim: (line) => {
        const isInterim = isFirst && RIGHT.isInterim(line);
        isFirst = false;
        return isInterim;
      },
    };
  }, titled("Three of them, and then the 101"))),
  client("status-once", "interim-answers", "does not look at the status behind an interim answer", () => {
    let wasInterim = false;
    return {
      isInterim: (line) => {
        const isInterim = RIGHT.isInterim(line);
        wasInterim ||= isInterim;
        return isInterim;
      },
      isStatusLine: (line) => wasInterim || RIGHT.isStatusLine(line),
    };
  }, titled("A 100 and then a 403 with all that a 101 has"), "interim-answers"),
  client("adds-interim-fields", "interim-answers", "adds the fields of interim answers to those of the last", () => {
    const accepts: string[] = [];
    return {
      isFieldLine: (line) => {
        accepts.push(/^sec-websocket-accept:[ \t]*(.*?)[ \t]*$/i.exec(line)?.[1] ?? "");
        return RIGHT.isFieldLine(line);
      },
      isAccept: (_, key) => accepts.some((value) => RIGHT.isAccept([value], key)),
    };
  }, titled("A 103 has what the 101 lacks"), "accept-value"),
  client("reads-on-behind-refusals", "refusal-bodies", "looks for a 101 behind a refusal", { isInterim: (line) => !RIGHT.isStatusLine(line) },
    titled("A body that is a right 101"), "interim-answers", "status-line", "answer-status"),
  client("waits-for-bodies", "refusal-bodies", "waits for the body of a refusal, and knows no end of TCP",
    { endsTcpFor: (head) => !/\r\n(?:Content-Length: [1-9]|Transfer-Encoding|Content-Type)/.test(head) }),
  client("waits-for-length", "no-body-in-101", "skips a body behind a 101",
    { bytesBehind: ({ get }) => get("Transfer-Encoding") !== undefined ? Number.POSITIVE_INFINITY : Number(get("Content-Length") ?? 0) },
    titled("A 101 with a length", "A 101 in chunks")),
  client("zero-is-no-length", "no-body-in-101", "takes a length of zero for none, and skips all",
    { bytesBehind: ({ get }) => get("Content-Length") === "0" ? Number.POSITIVE_INFINITY : 0 }, titled("A 101 with Content-Length: 0")),
  client("stops-at-redirects", "redirects", "does nothing at a redirect", { endsTcpFor: (head) => !head.includes("\r\nLocation: ") }),

  nonStrict(client("line-feeds", "answer-syntax", "takes lines that end with LF alone", {
    areCharactersRight: (text) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|$)/.test(text),
    findEnd: (text) => {
      const match = /\r?\n\r?\n/.exec(text);
      return match === null ? undefined : { at: match.index, length: match[0].length };
    },
  }, titled("Lines that end with LF alone"))),
  client("carriage-returns", "answer-syntax", "takes lines that end with CR alone",
    { ...takes(/\r(?!\n|$)/), splitLines: (text) => text.split(/\r\n|\r(?!\n)/) },
    titled("A line that ends with CR alone, with Sec-WebSocket-Accept behind it")),
  nonStrict(client("returns-are-blanks", "answer-syntax", "takes CR for a blank",
    { ...takes(/\r(?!\n|$)/), splitLines: (text) => RIGHT.splitLines(text.replace(/\r(?!\n)/g, " ")) },
    titled("A CR inside a value", "A line that ends with CR CR LF"))),
  client("folds-are-fields", "answer-syntax", "takes lines that begin with a blank for fields",
    { splitLines: (text) => RIGHT.splitLines(text.replace(/\r\n[ \t]+/g, "\r\n")) },
    titled("Sec-WebSocket-Accept in a line that belongs to the field above it",
      "A blank in front of the first field, which is Sec-WebSocket-Accept")),
  client("throws-at-folds", "answer-syntax", "throws at lines that begin with a blank", {
    splitLines: (text) => {
      if (/\r\n[ \t]/.test(text)) throw new RangeError("a line begins with a blank");
      return RIGHT.splitLines(text);
    },
  }, titled("An unknown field that goes on in a second line", "Sec-WebSocket-Accept in a line that belongs to the field above it",
    "A blank in front of the first field, which is Sec-WebSocket-Accept")),
  nonStrict(client("skips-odd-lines", "answer-syntax", "skips lines that are no fields",
    { splitLines: (text) => RIGHT.splitLines(text).filter((line, at) => at === 0 || RIGHT.isFieldLine(line)) },
    titled("A line without a colon", "A field without a name", "A blank in front of a colon", "A blank inside a name",
      "A name with a character that is of no token", "A name outside ASCII"), "status-line")),
  client("ends-at-nul", "answer-syntax", "takes a NUL for the end of a value",
    { ...takes(/\0/), splitLines: (text) => RIGHT.splitLines(text.replace(/\0[^\r]*/g, "")) },
    titled("A NUL behind the right Sec-WebSocket-Accept, and more behind it")),
  nonStrict(client("skips-nul", "answer-syntax", "skips NULs",
    { ...takes(/\0/), splitLines: (text) => RIGHT.splitLines(text.replaceAll("\0", "")) }, titled("A NUL in a value", "A NUL in a name"))),
  nonStrict(client("any-controls", "answer-syntax", "takes control characters",
    { areCharactersRight: (text) => !text.includes("\0") && !NO_CONTROLS.test(text) }, titled("A control character in a value", "A DEL in a value"))),
  client("trims-all", "answer-syntax", "takes anything off Sec-WebSocket-Accept that Unicode has for a space",
    { isAccept: (values, key) => values.length === 1 && RIGHT.isAccept([values[0].trim()], key) },
    titled("A no-break space in front of the right Sec-WebSocket-Accept")),
  nonStrict(client("ascii-alone", "answer-syntax", "refuses what is not ASCII",
    { areCharactersRight: (text) => RIGHT.areCharactersRight(text) && !/[\x80-\xff]/.test(text) },
    titled("A value outside ASCII, in UTF-8", "A value outside ASCII that is no UTF-8"), "status-line")),
  nonStrict(client("utf8-alone", "answer-syntax", "refuses what is not UTF-8",
    { areCharactersRight: (text) => RIGHT.areCharactersRight(text) && Buffer.from(Buffer.from(text, "latin1").toString()).equals(Buffer.from(text, "latin1")) },
    titled("A value outside ASCII that is no UTF-8"), "status-line")),

  nonStrict(client("short-answers", "answer-size", "takes no head that is longer than 2 KiB", { maxHead: 2048 }, titled("A field of 4 KiB"))),
  client("overflows", "answer-size", "throws at heads that are longer than 16 KiB", {
    maxHead: Number.POSITIVE_INFINITY,
    splitLines: (text) => {
      if (text.length > LONG) throw new RangeError("the head is too long");
      return RIGHT.splitLines(text);
    },
  }, titled("A field of 128 KiB", "A thousand fields")),

  client("one-read", "head-in-pieces", "takes what comes first for the whole head",
    { findEnd: (text) => RIGHT.findEnd(text) ?? { at: text.length, length: 0 } }, undefined, "interim-answers"),
  client("no-cut-line-ends", "head-in-pieces", "refuses a head that is cut between CR and LF",
    { areCharactersRight: (text) => RIGHT.areCharactersRight(text) && !text.endsWith("\r") },
    titled("The head a byte a write", "The head cut between CR and LF of each line", "The head in writes of seven bytes, and a message in the last of them"), "ended-early",
      "interim-answers"),
  client("loses-early-frames", "behind-the-head", "loses what comes with the end of the head", { readsBehindAnswer: false }, undefined,
    "head-in-pieces"),
  client("skips-a-line-end", "behind-the-head", "skips a line's end behind the head",
    { bytesBehind: (_, rest) => rest[0] === 13 && rest[1] === 10 ? 2 : 0 }, titled("Right behind the head: one line end too many")),
  client("skips-a-second-head", "behind-the-head", "skips a second head behind the first",
    { bytesBehind: (_, rest) => Buffer.from(rest).toString("latin1").startsWith("HTTP/") ? rest.length : 0 },
    titled("Right behind the head: the same head once more")),

  client("waits-for-http", "not-http", "waits where no HTTP comes, and knows no end of TCP", { endsTcpFor: (head) => head.startsWith("HTTP/") },
    undefined, "status-line", "answer-status"),
  client("accept-alone", "not-http", "looks at nothing but Sec-WebSocket-Accept",
    { isStatusLine: () => true, isUpgraded: () => true, isConnected: () => true, isInterim: () => false },
    titled("A request with the fields of a 101", "The fields of a 101 without its first line"), "answer-status", "answer-upgrade",
      "answer-connection", "status-line", "interim-answers", "answer-syntax"),
  client("knows-no-end", "ended-early", "waits for the rest of an answer when TCP has ended",
    { endsTcpFor: (head, isCut) => !isCut || !head.startsWith("HTTP/") }),
];

/** Right characters, and these too. */
function takes(more: RegExp): { areCharactersRight(text: string): boolean } {
  return { areCharactersRight: (text) => RIGHT.areCharactersRight(text.replace(new RegExp(more, "g"), "")) };
}

function nonStrict(mutant: Mutant): Mutant {
  return { ...mutant, verdict: "non-strict" };
}
