/**
 * The opening handshake as HTTP has it: the syntax of a request's fields, its body, and how it comes (RFC 9110 and RFC 9112).
 * @module
 */
import { text } from "../../frames.ts";
import type { Draft, Head, Rule } from "../case.ts";
import { writeHead } from "../head.ts";
import { doubtful, either, hidden, inPlaceOf, lines, opens, plus, raw, refused, UNFIT } from "./asks.ts";
import { HELLO } from "./ways.ts";

const LINES: Rule = { name: "http-lines", rfc: 9112, section: "2.2", says: "Lines end with CR LF, and nothing else ends one; an empty line before a request should be ignored" };
const FIELD_LINES: Rule = { name: "http-field-lines", rfc: 9112, section: "5.1", says: "A field is a name, a colon right behind it, and a value with blanks around it; a blank before the colon is answered 400" };
const FOLDS: Rule = { name: "http-folds", rfc: 9112, section: "5.2", says: "A line that begins with a blank goes on with the value before it, or the request is refused; it is no field of its own" };
const BODIES: Rule = { name: "http-bodies", rfc: 9112, section: "6.3", says: "A request's body is part of it: it is read or the request refused, and never taken for frames" };
const PIECES: Rule = { name: "http-pieces", rfc: 9112, section: "2.1", says: "A request is a stream of bytes, and may come in any pieces" };
const NAMES: Rule = { name: "http-names", rfc: 9110, section: "5.1", says: "Names of fields have no case and no order, and fields that are not known are ignored" };
const SIZES: Rule = { name: "http-sizes", rfc: 9110, section: "5.4", says: "Fields of usual number and size are read; more may be refused, with a status" };
const VALUES: Rule = { name: "http-values", rfc: 9110, section: "5.5", says: "Values are visible characters, blanks, tabs, and bytes past ASCII, whatever they mean; other bytes are dangerous" };
const EXPECT: Rule = { name: "http-expect", rfc: 9110, section: "10.1.1", says: "A client that expects 100 (Continue) gets that or a final answer" };

/** RFC 9112, then RFC 9110. */
export const openingServerFields: readonly Draft[] = [
  ...lineEnds(), ...fieldLines(), ...folds(), ...bodies(), ...pieces(), ...names(), ...sizes(), ...values(),
  either(EXPECT, "Expect: 100-continue without a body is answered", plus(["Expect", "100-continue"]), { statuses: [417] }),
];

function lineEnds(): Draft[] {
  return [
    opens(LINES, "An empty line before the request should be ignored", raw((head) => `\r\n${head}`), { refuses: "non-strict", drops: "non-strict" }),
    either(LINES, "A line that ends with LF alone is taken or refused", raw((head) => head.replace("\r\nUpgrade", "\nUpgrade")), { statuses: [400] }),
    hidden(LINES, "CR alone ends no line", "X-A: 1\rUpgrade: websocket"),
    hidden(LINES, "A vertical tab ends no line", "X-A: 1\x0bUpgrade: websocket"),
    hidden(LINES, "A form feed ends no line", "X-A: 1\x0cUpgrade: websocket"),
    hidden(LINES, "Byte 0x85, which is a line end elsewhere, ends none", "X-A: 1\x85Upgrade: websocket"),
    refused(LINES, "A line that begins with a blank right behind the request line is no field", ({ line, fields }) => {
      const others = fields.filter(([name]) => name !== "Upgrade");
      return writeHead({ line: `${line}\r\n Upgrade: websocket`, fields: others });
    }, { statuses: UNFIT, plain: "pass" }),
  ];
}

function fieldLines(): Draft[] {
  const bad = (title: string, ...added: readonly string[]): Draft => refused(FIELD_LINES, title, lines(...added), { statuses: [400] });
  return [
    bad("A blank before a colon is refused", "X-A : 1"),
    bad("A tab before a colon is refused", "X-A\t: 1"),
    refused(FIELD_LINES, "A blank before the colon of Upgrade is refused", inPlaceOf("Upgrade", "Upgrade : websocket"), { statuses: [400] }),
    bad("A line without a colon is refused", "X-A"),
    bad("A field without a name is refused", ": 1"),
    bad("A name with a blank in it is refused", "X A: 1"),
    doubtful(FIELD_LINES, "A name with a bracket in it is refused", lines("X(A): 1"), { statuses: [400] }),
    doubtful(FIELD_LINES, "A name with a byte past ASCII is refused", lines("X-\xe4: 1"), { statuses: [400] }),
    opens(FIELD_LINES, "A name may have every sign of a token", lines("!#$%&'*+-.^_`|~09Az: 1")),
    opens(FIELD_LINES, "A value may be empty", lines("X-A:", "X-B: ")),
    opens(FIELD_LINES, "A colon needs no blank behind it", raw((head) => head.replaceAll(": ", ":"))),
    opens(FIELD_LINES, "Blanks and tabs around values count for nothing", raw((head) => head.replace(/: (.*)\r\n/g, ": \t $1 \t \r\n"))),
    opens(FIELD_LINES, "A value may have colons", lines("X-A: a:b: c", "X-B: :")),
  ];
}

function folds(): Draft[] {
  return [
    either(FOLDS, "A folded value is read as one, or the request refused", lines("X-A: 1", " 2"), { statuses: [400] }),
    either(FOLDS, "An Upgrade that is folded is read as one value, or the request refused", inPlaceOf("Upgrade", "Upgrade:", " websocket"), { statuses: UNFIT, plain: "pass" }),
    hidden(FOLDS, "An Upgrade in a folded line is none", "X-A: 1", " Upgrade: websocket"),
    hidden(FOLDS, "An Upgrade in a line that is folded by a tab is none", "X-A: 1", "\tUpgrade: websocket"),
  ];
}

function bodies(): Draft[] {
  const behind = (body: string) => ({ behind: [new TextEncoder().encode(body)], plain: "pass", refuses: "pass" } as const);
  const taken = (title: string, fields: Head["fields"], body: string): Draft => ({ ...opens(BODIES, title, plus(...fields), behind(body)), send: [{ alive: true }] }); // who takes it for frames fails at once
  const bad = (title: string, ...fields: readonly (readonly [string, string])[]): Draft => refused(BODIES, title, plus(...fields), { statuses: [400], behind: [new TextEncoder().encode("hello")] });
  const coded = (title: string, coding: string): Draft => refused(BODIES, title, plus(["Transfer-Encoding", coding]), { statuses: [400, 501], behind: [new TextEncoder().encode("0\r\n\r\n")] });
  return [
    opens(BODIES, "A request may say that its body has no bytes", plus(["Content-Length", "0"]), { refuses: "non-strict" }),
    taken("A body by Content-Length is read, or the request refused", [["Content-Length", "5"]], "hello"),
    taken("A body in chunks is read, or the request refused", [["Transfer-Encoding", "chunked"]], "5\r\nhello\r\n0\r\n\r\n"),
    {
      ...opens(BODIES, "A message behind a body is echoed, or the request refused", plus(["Content-Length", "5"]), behind("hello")),
      send: [{ frames: [text(HELLO)] }], expect: [text(HELLO)],
    },
    taken("A body in chunks that has a length too is read, or the request refused", [["Content-Length", "5"], ["Transfer-Encoding", "chunked"]], "5\r\nhello\r\n0\r\n\r\n"),
    coded("A coding that nobody knows is refused", "xchunked"),
    coded("A body whose last coding is not chunked is refused: it has no end", "chunked, gzip"),
    bad("A length that is no number is refused", ["Content-Length", "five"]),
    bad("A length below zero is refused", ["Content-Length", "-5"]),
    bad("A length with a sign is refused", ["Content-Length", "+5"]),
    bad("Two lengths that differ are refused", ["Content-Length", "5"], ["Content-Length", "6"]),
  ];
}

function pieces(): Draft[] {
  return [
    opens(PIECES, "The request comes byte by byte", undefined, { chop: 1 }),
    opens(PIECES, "The request comes line by line", undefined, { chop: "lines" }),
    opens(PIECES, "The request comes cut between the two bytes of each line's end", undefined, { chop: "line-ends" }),
  ];
}

function names(): Draft[] {
  const renamed = (change: (name: string) => string) => raw((head) => head.replace(/^[\w-]+(?=:)/gm, change));
  return [
    opens(NAMES, "Names of fields may be in lower case", renamed((name) => name.toLowerCase())),
    opens(NAMES, "Names of fields may be in upper case", renamed((name) => name.toUpperCase())),
    opens(NAMES, "The fields may stand in another order", (usual) => ({ ...usual, fields: usual.fields.toReversed() })),
    opens(NAMES, "Fields that are not known are ignored", plus(["X-Anything", "1"], ["X-Anything", "2"], ["Sec-WebSocket-Future", "yes"], ["User-Agent", "conformance"])),
    opens(NAMES, "An answer's field in a request is ignored", plus(["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])),
    opens(NAMES, "Names that objects have are names like others", plus(["constructor", "1"], ["__proto__", "2"], ["hasOwnProperty", "3"])),
  ];
}

function sizes(): Draft[] {
  const many = (count: number) => plus(...Array.from({ length: count }, (_, at) => [`X-Field-${at}`, "value"] as const));
  // whoever ends TCP before it has read all may lose its answer on the way
  const large = { statuses: [400, 413, 431], drops: "pass" } as const;
  return [
    opens(SIZES, "Fifty further fields are read", many(50), { refuses: "non-strict" }),
    opens(SIZES, "A cookie of 4,096 bytes is read", plus(["Cookie", `session=${"*".repeat(4_088)}`]), { refuses: "non-strict" }),
    either(SIZES, "A thousand further fields are read or refused", many(1_000), large),
    either(SIZES, "A field of 100,000 bytes is read or refused", plus(["X-Long", "*".repeat(100_000)]), large),
    either(SIZES, "A name of 20,000 bytes is read or refused", plus([`X-${"a".repeat(20_000)}`, "1"]), large),
  ];
}

function values(): Draft[] {
  return [
    opens(VALUES, "A value may have bytes past ASCII", plus(["X-A", "\x80\xe4\xff"]), { refuses: "non-strict" }),
    opens(VALUES, "A value may have UTF-8", plus(["X-A", "\xc3\xa4\xe2\x82\xac"]), { refuses: "non-strict" }),
    opens(VALUES, "A value may have tabs", plus(["X-A", "a\tb"])),
    hidden(VALUES, "NUL does not end a value", "Upgrade: websocket\0h2c"),
    either(VALUES, "NUL in a value of no meaning is refused or overlooked", lines("X-A: a\0b"), { statuses: [400] }),
    doubtful(VALUES, "A control byte in a value is refused", lines("X-A: a\x01b"), { statuses: [400] }),
    doubtful(VALUES, "DEL in a value is refused", lines("X-A: a\x7fb"), { statuses: [400] }),
    refused(VALUES, "A control byte behind the value of Upgrade does not belong to it", inPlaceOf("Upgrade", "Upgrade: websocket\x01"), { statuses: UNFIT, plain: "pass" }),
  ];
}
