/**
 * Servers that read HTTP wrongly (RFC 9110 and RFC 9112).
 * @module
 */
import type { Mutant } from "./mutant.ts";
import { HEAD_RULES } from "./peer/head-rules.ts";
import { SERVER_RULES } from "./peer/server-rules.ts";
import { opensRight, refusedFor, requestOf, titled } from "./requests.ts";

/** All of them. */
export const openingServerHttp: readonly Mutant[] = [...lineEnds(), ...fieldLines(), ...bodies(), ...names(), ...values()];

function lineEnds(): Mutant[] {
  const splitting = (name: string, says: string, end: RegExp, ...only: readonly string[]): Mutant => ({
    name, breaks: "http-lines", role: "server", says, only: [titled(...only)],
    change: { areCharactersRight: () => true, splitLines: (text) => text.split(end) },
  });
  return [
    {
      name: "no-empty-line-before", breaks: "http-lines", role: "server", says: "refuses an empty line before the request", verdict: "non-strict",
      change: { skipBefore: () => 0 }, only: [titled("empty line before")],
    },
    {
      name: "stumbles-over-heads", breaks: "http-lines", role: "server", says: "answers 500 to a head that it cannot read", verdict: "non-strict",
      change: { refuse: (why) => why === "head" ? { status: 500 } : SERVER_RULES.refuse(why) }, only: [refusedFor("head")],
      alsoCaughtBy: [{ cases: [(item) => refusedFor("head")(item) && item.ask?.statuses !== undefined], because: "the right server refuses their heads, too" }],
    },
    splitting("cr-ends-lines", "takes CR alone for the end of a line", /\r\n|\r|\n/, "CR alone"),
    splitting("splits-like-python", "splits lines at every sign that Unicode knows for it", /\r\n|[\n\x0b\x0c\x1c-\x1e\x85]/, "vertical tab", "form feed", "Byte 0x85"),
    {
      name: "needs-one-write", breaks: "http-pieces", role: "server", says: "takes what it reads at once for the whole head",
      change: { findEnd: (text) => HEAD_RULES.findEnd(text) ?? { at: text.length, length: 0 } },
    },
    {
      name: "needs-cr-lf-at-once", breaks: "http-pieces", role: "server", says: "takes a CR at the end of what it reads for one alone", only: [titled("byte by byte", "between the two bytes")],
      change: { areCharactersRight: (text) => HEAD_RULES.areCharactersRight(text) && !text.endsWith("\r") },
    },
  ];
}

function fieldLines(): Mutant[] {
  const line = (name: string, says: string, isFieldLine: (line: string) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "http-field-lines", role: "server", says, change: { isFieldLine }, only: [titled(...only)],
  });
  const right = HEAD_RULES.isFieldLine;
  return [
    line("blank-before-colon", "takes blanks before a colon", (text) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*:/.test(text), "before a colon", "before the colon"),
    line("skips-lines-without-colon", "skips lines that have no colon", (text) => right(text) || !text.includes(":"), "without a colon"),
    line("skips-fields-without-name", "skips fields that have no name", (text) => right(text) || text.startsWith(":"), "without a name"),
    {
      ...line("any-name", "takes anything before a colon for a name", (text) => /^[^\s:][^:]*:/.test(text), "before a colon", "before the colon", "blank in it", "bracket", "past ASCII"),
      verdict: "non-strict",
    },
    line("names-of-letters", "takes names of letters, digits and hyphens alone", (text) => /^[\w-]+:/.test(text), "every sign"),
    line("needs-value", "refuses fields without a value", (text) => right(text) && !/^[^:]*:[ \t]*$/.test(text), "A value may be empty"),
    line("needs-blank-behind-colon", "refuses fields without a blank behind the colon", (text) => right(text) && text.includes(": "), "A value may be empty", "needs no blank"),
    {
      ...line("no-tabs-around", "refuses a tab right behind a colon", (text) => right(text) && !/:[ ]*\t/.test(text), "around values"),
      alsoCaughtBy: [{ cases: [(item) => opensRight(item) && /^[^:\r\n]+: *\t/m.test(requestOf(item))], because: "they have such tabs" }],
    },
    {
      ...line("no-colons-in-values", "refuses values with colons", (text) => right(text) && text.split(":").length === 2, "may have colons"),
      alsoCaughtBy: [{ cases: [(item) => item.rule.name === "opening-host" && titled("IPv6")(item)], because: "an address has colons" }],
    },
    {
      name: "trims-lines", breaks: "http-folds", role: "server", says: "takes a line that begins with a blank for a field", only: [titled("is none")],
      change: { isFieldLine: (text) => right(text.trim()) },
      alsoCaughtBy: [{ cases: [(item) => item.rule.name === "http-lines" && titled("begins with a blank")(item)], because: "it is such a line" }],
    },
    {
      name: "fails-at-heads", breaks: "http-folds", role: "server", says: "answers 500 where it cannot read a line", verdict: "non-strict", only: [titled("is read as one")],
      change: { refuse: (why) => why === "head" ? { status: 500 } : SERVER_RULES.refuse(why) },
      alsoCaughtBy: [{ cases: [({ ask }) => ask?.refuses === "pass"], because: "they may be refused, with a status that fits" }],
    },
  ];
}

function bodies(): Mutant[] {
  return [
    { name: "body-as-frames", breaks: "http-bodies", role: "server", says: "takes the body of a request for frames", change: { hasNoBody: () => true }, only: [(item) => !titled("no bytes")(item)] },
    {
      name: "refuses-any-length", breaks: "http-bodies", role: "server", says: "refuses a request that says how long its body is, and be it nothing", verdict: "non-strict", only: [titled("no bytes")],
      change: { hasNoBody: (request) => request.get("Transfer-Encoding") === undefined && request.get("Content-Length") === undefined },
    },
    {
      name: "only-ever-continues", breaks: "http-expect", role: "server", says: "answers 100 to a client that expects it, and nothing behind it",
      change: { shapeAnswer: (answer, request) => request.get("Expect") === undefined ? answer : { line: "HTTP/1.1 100 Continue", fields: [] } },
    },
  ];
}

function names(): Mutant[] {
  const spelled = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
  const line = (name: string, breaks: string, says: string, isRefused: (line: string) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks, role: "server", says, only: [titled(...only)], change: { isFieldLine: (text) => HEAD_RULES.isFieldLine(text) && !isRefused(text) },
  });
  return [
    {
      name: "names-with-case", breaks: "http-names", role: "server", says: "knows names of fields in one spelling alone", only: [titled("in lower case", "in upper case")],
      change: { splitLines: (text) => HEAD_RULES.splitLines(text).filter((each) => !spelled.some((name) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`) && !each.startsWith(name))) },
    },
    {
      name: "needs-host-first", breaks: "http-names", role: "server", says: "wants Host to be the first field", only: [titled("another order")],
      change: {
        splitLines(text) {
          const lines = HEAD_RULES.splitLines(text);
          return /^host:/i.test(lines[1] ?? "") ? lines : ["?"];
        },
      },
    },
    line("no-other-fields-of-ours", "http-names", "refuses fields of a WebSocket that it does not know", (text) => /^sec-websocket-(?!key|version|protocol|extensions)/i.test(text), "not known", "An answer's field"),
    line("stumbles-over-objects", "http-names", "looks fields up in an object that has names of its own", (text) => /^(?:constructor|__proto__|hasOwnProperty):/.test(text), "objects"),
    {
      name: "forty-fields", breaks: "http-sizes", role: "server", says: "reads forty fields at most", verdict: "non-strict", only: [titled("Fifty")],
      change: { splitLines: (text) => HEAD_RULES.splitLines(text).length > 41 ? ["?"] : HEAD_RULES.splitLines(text) },
    },
    {
      name: "short-heads", breaks: "http-sizes", role: "server", says: "reads heads of 4 KiB at most", verdict: "non-strict", only: [titled("4,096")], change: { maxHead: 4096 },
      alsoCaughtBy: [{ cases: [(item) => opensRight(item) && requestOf(item).length > 4096], because: "their heads are larger" }],
    },
    {
      name: "stumbles-over-sizes", breaks: "http-sizes", role: "server", says: "answers 500 to a head that is too large", verdict: "non-strict", only: [refusedFor("size")],
      change: { refuse: (why) => why === "size" ? { status: 500 } : SERVER_RULES.refuse(why) },
    },
  ];
}

function values(): Mutant[] {
  const characters = (name: string, says: string, isRefused: (text: string) => boolean, ...only: readonly string[]): Mutant => ({
    name, breaks: "http-values", role: "server", says, only: [titled(...only)], change: { areCharactersRight: (text) => HEAD_RULES.areCharactersRight(text) && !isRefused(text) },
  });
  const ends = /\r(?!\n|$)|(?<!\r)\n/;
  return [
    { ...characters("ascii-values", "refuses bytes past ASCII", (text) => /[\x80-\xff]/.test(text), "past ASCII", "UTF-8"), verdict: "non-strict" },
    {
      ...characters("no-tabs", "refuses tabs", (text) => text.includes("\t"), "have tabs"),
      alsoCaughtBy: [{ cases: [(item) => opensRight(item) && requestOf(item).includes("\t")], because: "they have tabs" }],
    },
    {
      name: "takes-control-bytes", breaks: "http-values", role: "server", says: "takes control bytes for characters like others", verdict: "non-strict", only: [titled("A control byte in a value", "DEL")],
      change: { areCharactersRight: (text) => !ends.test(text) },
    },
    {
      name: "ends-values-at-nul", breaks: "http-values", role: "server", says: "reads values up to their first NUL", only: [titled("NUL does not end")],
      change: { areCharactersRight: (text) => HEAD_RULES.areCharactersRight(text.replaceAll("\0", "")), splitLines: (text) => HEAD_RULES.splitLines(text).map((each) => each.split("\0")[0]) },
    },
    {
      name: "trims-control-bytes", breaks: "http-values", role: "server", says: "trims control bytes like blanks", only: [titled("behind the value")],
      change: { areCharactersRight: (text) => !ends.test(text), splitLines: (text) => HEAD_RULES.splitLines(text).map((each) => each.replace(/[\0-\x20]+$/, "")) },
    },
    {
      name: "stumbles-over-nul", breaks: "http-values", role: "server", says: "answers 500 to NUL", verdict: "non-strict", only: [titled("NUL in a value")],
      change: {
        areCharactersRight: (text) => HEAD_RULES.areCharactersRight(text.replaceAll("\0", "")),
        shapeAnswer: (answer, request) => request.fields.some(([, value]) => value.includes("\0")) ? { line: "HTTP/1.1 500 No", fields: [["Content-Length", "0"]] } : answer,
      },
    },
  ];
}
