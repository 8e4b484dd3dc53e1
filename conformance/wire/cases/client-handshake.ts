/**
 * What a client makes of the fields of an answer that are about the WebSocket (RFC 6455, sections 4.1, 4.2.2, 9.1 and 11.3).
 * @module
 */
import { createHash } from "node:crypto";
import type { Draft, Head, ReadHead, Rule } from "../case.ts";
import { parseExtensions } from "../extension.ts";
import { acceptKey, plusField, withField } from "../head.ts";
import { answered, edited, type Judged, MUST_FAIL, MUST_OPEN, SHOULD_FAIL, valueOf, withLines } from "./client-answer.ts";

const ACCEPT_VALUE: Rule = { name: "accept-value", section: "4.1",
  says: "An answer has one Sec-WebSocket-Accept: the hash of the key that was sent, in base64; else a client fails the connection" };
const ACCEPT_BLANKS: Rule = { name: "accept-blanks", section: "4.1", says: "White space around Sec-WebSocket-Accept is no part of its value" };
const ANSWER_UPGRADE: Rule = { name: "answer-upgrade", section: "4.1",
  says: "An answer has an Upgrade that is websocket, in whatever case; else a client fails the connection" };
const ANSWER_CONNECTION: Rule = { name: "answer-connection", section: "4.1",
  says: "An answer has a Connection that names Upgrade, in whatever case and among others; else a client fails the connection" };
const CHOSEN_EXTENSIONS: Rule = { name: "chosen-extensions", section: "4.1",
  says: "An extension in an answer is one that was offered; else a client fails the connection" };
const CHOSEN_SUBPROTOCOL: Rule = { name: "chosen-subprotocol", section: "4.1",
  says: "A subprotocol in an answer is one that was offered; else a client fails the connection" };
const ANSWER_FIELDS: Rule = { name: "answer-fields", section: "4.1",
  says: "Names of fields count in whatever case, their order does not, and those that are unknown are ignored" };
const EXTENSIONS_GRAMMAR: Rule = { name: "extensions-grammar", section: "9.1",
  says: "Sec-WebSocket-Extensions in an answer that is no list of extensions fails the connection" };

const ACCEPT = "Sec-WebSocket-Accept";
const EXTENSIONS = "Sec-WebSocket-Extensions";
const SUBPROTOCOL = "Sec-WebSocket-Protocol";

/** Cases about a 101 whose fields are right or wrong. */
export const handshakes: readonly Draft[] = [
  accepting("Sec-WebSocket-Accept is missing", MUST_FAIL, () => undefined),
  accepting("Sec-WebSocket-Accept is empty", MUST_FAIL, () => ""),
  accepting("Sec-WebSocket-Accept is the hash of another key", MUST_FAIL, () => acceptKey("AQIDBAUGBwgJCgsMDQ4PEA==")),
  accepting("Sec-WebSocket-Accept is the key itself", MUST_FAIL, (key) => key),
  accepting("Sec-WebSocket-Accept is the hash of the key alone", MUST_FAIL, (key) => sha1(key, "base64")),
  accepting("Sec-WebSocket-Accept is the hash of the key's bytes and not of its text", MUST_FAIL, (key) =>
    createHash("sha1").update(Buffer.from(key, "base64")).update(GUID).digest("base64")),
  accepting("Sec-WebSocket-Accept is the right hash in hexadecimal", MUST_FAIL, (key) => sha1(`${key}${GUID}`, "hex")),
  accepting("Sec-WebSocket-Accept is right but for upper and lower case", MUST_FAIL, (key) => swapCase(acceptKey(key))),
  accepting("Sec-WebSocket-Accept is right but for its last character, which is missing", MUST_FAIL, (key) => acceptKey(key).slice(0, -1)),
  accepting("Sec-WebSocket-Accept is right but for a character too many", MUST_FAIL, (key) => `${acceptKey(key)}=`),
  accepting("Sec-WebSocket-Accept is right, but in quotes", MUST_FAIL, (key) => `"${acceptKey(key)}"`),
  answered(ACCEPT_VALUE, "There are two Sec-WebSocket-Accept, a right one and a wrong one", MUST_FAIL,
    "A 101 with the right Sec-WebSocket-Accept, and behind it one for another key",
    (usual) => plusField(usual, ACCEPT, OTHER)),
  answered(ACCEPT_VALUE, "There are two Sec-WebSocket-Accept, a wrong one and a right one", MUST_FAIL,
    "A 101 with Sec-WebSocket-Accept for another key, and behind it the right one",
    (usual) => plusField(withField(usual, ACCEPT, OTHER), ACCEPT, valueOf(usual, ACCEPT))),
  answered(ACCEPT_VALUE, "There are two Sec-WebSocket-Accept, both right", SHOULD_FAIL, "A 101 with the right Sec-WebSocket-Accept twice",
    (usual) => plusField(usual, ACCEPT, valueOf(usual, ACCEPT))),
  answered(ACCEPT_BLANKS, "Blanks around Sec-WebSocket-Accept", MUST_OPEN,
    "A 101 with blanks in front of the value of Sec-WebSocket-Accept and behind it", edited(/Accept: (.*)\r\n/, "Accept:   $1  \r\n")),
  answered(ACCEPT_BLANKS, "Tabs around Sec-WebSocket-Accept", MUST_OPEN,
    "A 101 with a tab in front of the value of Sec-WebSocket-Accept and behind it", edited(/Accept: (.*)\r\n/, "Accept:\t$1\t\r\n")),
  answered(ACCEPT_BLANKS, "No blank behind the colons", MUST_OPEN, "A 101 without a blank behind the colons", edited(/: /g, ":")),

  replaced(ANSWER_UPGRADE, "Upgrade is missing", MUST_FAIL, "Upgrade", undefined),
  replaced(ANSWER_UPGRADE, "Upgrade is empty", MUST_FAIL, "Upgrade", ""),
  replaced(ANSWER_UPGRADE, "Upgrade is another protocol", MUST_FAIL, "Upgrade", "h2c"),
  replaced(ANSWER_UPGRADE, "Upgrade only begins with websocket", MUST_FAIL, "Upgrade", "websocket2"),
  replaced(ANSWER_UPGRADE, "Upgrade names another protocol behind websocket", MUST_FAIL, "Upgrade", "websocket, h2c"),
  replaced(ANSWER_UPGRADE, "Upgrade names another protocol in front of websocket", MUST_FAIL, "Upgrade", "h2c, websocket"),
  replaced(ANSWER_UPGRADE, "Upgrade is WebSocket", MUST_OPEN, "Upgrade", "WebSocket"),
  replaced(ANSWER_UPGRADE, "Upgrade is WEBSOCKET", MUST_OPEN, "Upgrade", "WEBSOCKET"),
  replaced(ANSWER_UPGRADE, "Upgrade is websocket with a version", MUST_FAIL, "Upgrade", "websocket/13"),

  replaced(ANSWER_CONNECTION, "Connection is missing", MUST_FAIL, "Connection", undefined),
  replaced(ANSWER_CONNECTION, "Connection is empty", MUST_FAIL, "Connection", ""),
  replaced(ANSWER_CONNECTION, "Connection is keep-alive", MUST_FAIL, "Connection", "keep-alive"),
  replaced(ANSWER_CONNECTION, "Connection is close", MUST_FAIL, "Connection", "close"),
  replaced(ANSWER_CONNECTION, "Connection names a token that only contains Upgrade", MUST_FAIL, "Connection", "no-upgrade"),
  replaced(ANSWER_CONNECTION, "Connection is upgrade", MUST_OPEN, "Connection", "upgrade"),
  replaced(ANSWER_CONNECTION, "Connection is UPGRADE", MUST_OPEN, "Connection", "UPGRADE"),
  replaced(ANSWER_CONNECTION, "Connection names Upgrade behind another", MUST_OPEN, "Connection", "keep-alive, Upgrade"),
  replaced(ANSWER_CONNECTION, "Connection names Upgrade in front of another, without a blank", MUST_OPEN, "Connection", "Upgrade,keep-alive"),
  replaced(ANSWER_CONNECTION, "Connection is a list with empty elements", MUST_OPEN, "Connection", ", Upgrade ,"),
  answered(ANSWER_CONNECTION, "Connection stands there twice", MUST_OPEN,
    "A 101 with Connection: keep-alive, and behind all fields Connection: Upgrade",
    (usual) => plusField(withField(usual, "Connection", "keep-alive"), "Connection", "Upgrade")),

  answered(ANSWER_FIELDS, "Names of fields in lower case", MUST_OPEN, "A 101 with the names of its fields in lower case",
    renamed((name) => name.toLowerCase())),
  answered(ANSWER_FIELDS, "Names of fields in upper case", MUST_OPEN, "A 101 with the names of its fields in upper case",
    renamed((name) => name.toUpperCase())),
  answered(ANSWER_FIELDS, "Fields in another order", MUST_OPEN, "A 101 with its fields in the opposite order",
    (usual) => ({ ...usual, fields: usual.fields.toReversed() })),
  answered(ANSWER_FIELDS, "Fields that servers and proxies add", MUST_OPEN, "A 101 with Date, Server, Via, Vary, Cache-Control and two Set-Cookie",
    withLines(
    "Date: Sat, 21 Nov 2026 12:00:00 GMT", "Server: conformance/1.0 (any)", "Via: 1.1 proxy", "Vary: Origin", "Cache-Control: no-store",
    "Set-Cookie: a=1; Path=/; HttpOnly", "Set-Cookie: b=2; Expires=Sun, 22 Nov 2026 12:00:00 GMT")),
  answered(ANSWER_FIELDS, "Fields of a WebSocket that have no place in an answer", MUST_OPEN,
    "A 101 with Sec-WebSocket-Version, Sec-WebSocket-Key and an unknown field of that family",
    withLines("Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==", "Sec-WebSocket-Other: a, b; c=\"d\"")),
  answered(ANSWER_FIELDS, "A field with an empty value", MUST_OPEN, "A 101 with a field whose value is empty", withLines("X-Empty:", "X-Blank:  ")),
  answered(ANSWER_FIELDS, "Names that objects have of their own", MUST_OPEN, "A 101 with fields named constructor, __proto__ and hasOwnProperty",
    withLines("constructor: 1", "__proto__: 2", "hasOwnProperty: 3", "toString: 4")),
  answered(ANSWER_FIELDS, "Fifty unknown fields", MUST_OPEN, "A 101 with 50 unknown fields",
    withLines(...Array.from({ length: 50 }, (_, at) => `X-Field-${at}: ${at}`))),

  extending(CHOSEN_EXTENSIONS, "An extension that was not offered", () => ["x-unknown"]),
  extending(CHOSEN_EXTENSIONS, "An extension that was not offered, with parameters", () => ['x-unknown; a; b=1; c="d"']),
  extending(CHOSEN_EXTENSIONS, "An extension that was not offered, behind one that may have been", () => ["permessage-deflate, x-unknown"]),
  extending(CHOSEN_EXTENSIONS, "An extension that was not offered, in front of one that may have been", () => ["x-unknown, permessage-deflate"]),
  extending(CHOSEN_EXTENSIONS, "An extension that was not offered, in a second field", () => ["permessage-deflate", "x-unknown"]),
  extending(CHOSEN_EXTENSIONS, "Permessage-deflate where it was not offered, else one more",
    (offered) => [offered.includes("permessage-deflate") ? "x-webkit-deflate-frame" : "permessage-deflate"]),
  replaced(CHOSEN_SUBPROTOCOL, "A subprotocol that was not offered", MUST_FAIL, SUBPROTOCOL, "x-unknown"),
  replaced(CHOSEN_SUBPROTOCOL, "A list of subprotocols that were not offered", MUST_FAIL, SUBPROTOCOL, "x-unknown, x-other"),
  answered(CHOSEN_SUBPROTOCOL, "Two fields of subprotocols that were not offered", MUST_FAIL, "A 101 with Sec-WebSocket-Protocol twice",
    (usual) => plusField(plusField(usual, SUBPROTOCOL, "x-unknown"), SUBPROTOCOL, "x-other")),
  answered(CHOSEN_SUBPROTOCOL, "An empty subprotocol", SHOULD_FAIL, "A 101 with an empty Sec-WebSocket-Protocol",
    (usual) => plusField(usual, SUBPROTOCOL, "")),

  ...["permessage-deflate; =1", "permessage-deflate;", "permessage-deflate; server_max_window_bits=", "permessage deflate", '"permessage-deflate"',
    "permessage-deflate; server_max_window_bits=\"1 5\"", "permessage-deflate; server_max_window_bits=\"15", ";", "="]
    .map((value) => extending(EXTENSIONS_GRAMMAR, `The extensions are ${value}`, () => [value])),
  answered(EXTENSIONS_GRAMMAR, "The list of extensions is empty", SHOULD_FAIL, "A 101 with an empty Sec-WebSocket-Extensions",
    (usual) => plusField(usual, EXTENSIONS, "")),
];

function accepting(title: string, judged: Judged, make: (key: string) => string | undefined): Draft {
  return answered(ACCEPT_VALUE, title, judged, `A 101 in which ${title}`,
    (usual, request) => withField(usual, ACCEPT, make(request.get("Sec-WebSocket-Key") ?? "")));
}

function replaced(rule: Rule, title: string, judged: Judged, name: string, value: string | undefined): Draft {
  return answered(rule, title, judged, value === undefined ? `A 101 without ${name}` : `A 101 with ${name}: ${value}`,
    (usual) => withField(usual, name, value));
}

function extending(rule: Rule, title: string, make: (offered: readonly string[]) => readonly string[]): Draft {
  const offers = (request: ReadHead): string[] => (parseExtensions(request.get(EXTENSIONS) ?? "") ?? []).map(({ name }) => name);
  return answered(rule, title, MUST_FAIL, `A 101 with Sec-WebSocket-Extensions: ${make(["permessage-deflate"]).join(`, and ${EXTENSIONS}: `)}`,
    (usual, request) => make(offers(request)).reduce((head, value) => plusField(head, EXTENSIONS, value), usual));
}

function renamed(name: (name: string) => string): (usual: Head) => Head {
  return (usual) => ({ ...usual, fields: usual.fields.map(([each, value]) => [name(each), value]) });
}

function sha1(text: string, encoding: "base64" | "hex"): string {
  return createHash("sha1").update(text).digest(encoding);
}

function swapCase(text: string): string {
  return Array.from(text, (letter) => letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()).join("");
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const OTHER = acceptKey("AQIDBAUGBwgJCgsMDQ4PEA==");
