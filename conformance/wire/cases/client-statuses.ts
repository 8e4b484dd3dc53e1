/**
 * What a client makes of an answer's first line, of answers before the last one, of refusals with their bodies, and of redirects (RFC 6455, section 4.1;
 * RFC 9110, section 15; RFC 9112, sections 4 and 6.3).
 * @module
 */
import { type Answer, type Draft, type Head, lax, type ReadHead, type Rule } from "../case.ts";
import { plusField, withField, writeHead } from "../head.ts";
import { answered, type Judged, MAY_OPEN, MUST_FAIL, MUST_OPEN, SHOULD_FAIL, SHOULD_OPEN, withLine } from "./client-answer.ts";

const ANSWER_STATUS: Rule = { name: "answer-status", section: "4.1",
  says: "Only status 101 opens a connection, whatever the fields of the answer say" };
const STATUS_LINE: Rule = { name: "status-line", section: "4.1",
  says: "An answer begins with a version of HTTP/1 and three digits of status; the reason behind them does not count (RFC 9112, section 4)" };
const INTERIM_ANSWERS: Rule = { name: "interim-answers", section: "4.1",
  says: "An answer of 1xx but 101 is not the last one: it is read and forgotten, and the next one counts (RFC 9110, section 15.2)" };
const REFUSAL_BODIES: Rule = { name: "refusal-bodies", section: "4.1",
  says: "What stands behind the head of a refusal is its body: it opens nothing, and need not be waited for" };
const NO_BODY: Rule = { name: "no-body-in-101", section: "4.1",
  says: "A 101 has no body, whatever its fields say: frames begin behind its empty line (RFC 9112, section 6.3)" };
const REDIRECTS: Rule = { name: "redirects", section: "4.1",
  says: "A client may follow a redirect by a new handshake, or fail; it does not follow without end (RFC 9110, section 15.4)" };

/** Cases about the kind of an answer. */
export const statuses: readonly Draft[] = [
  refused("200 OK", "A 200 with all that a 101 has"),
  refused("204 No Content", "A 204 with all that a 101 has"),
  refused("102 Processing", "An interim answer with all that a 101 has, and none behind it"),
  refused("302 Found", "A 302 with all that a 101 has, and no Location"),
  refused("400 Bad Request", "A 400 with all that a 101 has"),
  refused("401 Unauthorized", "A 401 with all that a 101 has", ["WWW-Authenticate", 'Basic realm="conformance"']),
  refused("407 Proxy Authentication Required", "A 407 with all that a 101 has", ["Proxy-Authenticate", 'Basic realm="conformance"']),
  refused("408 Request Timeout", "A 408 with all that a 101 has"),
  refused("426 Upgrade Required", "A 426 with all that a 101 has, and the versions that are spoken", ["Sec-WebSocket-Version", "13, 8"]),
  refused("503 Service Unavailable", "A 503 with all that a 101 has, and when to come again", ["Retry-After", "0"]),
  refused("999 Odd", "A 999 with all that a 101 has"),
  refused("1010 Switching Protocols", "A status of four digits that begins with 101"),
  refused("10 Switching Protocols", "A status of two digits"),
  refused("404 101 Switching Protocols", "A 404 whose reason begins with 101"),

  lined("HTTP/1.1 101 Web Socket Protocol Handshake", "Another reason", MUST_OPEN),
  lined("HTTP/1.1 101 ", "No reason", MUST_OPEN),
  lined("HTTP/1.1 101 404 Not Found", "A reason that begins with a status", MUST_OPEN),
  lined("HTTP/1.1 101 Schl\xfcssel\tgetauscht", "A reason with a tab and a letter outside ASCII", SHOULD_OPEN),
  lined("HTTP/1.1 101", "No reason, and no blank in front of it", MAY_OPEN),
  lined("HTTP/1.2 101 Switching Protocols", "A later version of HTTP/1, which reads like this one", SHOULD_OPEN),
  lined("HTTP/1.0 101 Switching Protocols", "HTTP/1.0, which has no 101", SHOULD_FAIL),
  lined("HTTP/2.0 101 Switching Protocols", "HTTP/2.0, which has other heads", SHOULD_FAIL),
  lined("HTTP/1.10 101 Switching Protocols", "A version of three digits", SHOULD_FAIL),
  lined("http/1.1 101 Switching Protocols", "The name of HTTP in lower case", SHOULD_FAIL),
  lined("RTSP/1.0 101 Switching Protocols", "Another protocol than HTTP", SHOULD_FAIL),
  lined("HTTP/1.1  101 Switching Protocols", "Two blanks in front of the status", SHOULD_FAIL),
  lined("HTTP/1.1\t101\tSwitching Protocols", "Tabs in place of blanks", SHOULD_FAIL),
  lined("\r\nHTTP/1.1 101 Switching Protocols", "An empty line in front of the answer", SHOULD_FAIL),

  interim("A 100", "HTTP/1.1 100 Continue"),
  interim("A 100 without a reason", "HTTP/1.1 100 "),
  interim("A 102", "HTTP/1.1 102 Processing"),
  interim("A 103 with fields", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nLink: </more.css>; rel=preload"),
  interim("An unknown 1xx", "HTTP/1.1 199 Other"),
  interim("Three of them", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints"),
  interim("One whose Sec-WebSocket-Accept is wrong", "HTTP/1.1 103 Early Hints\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
  interim("A 100, both a byte a write", "HTTP/1.1 100 Continue", { chop: 1 }),
  interim("A 100, both a line a write", "HTTP/1.1 100 Continue", { chop: "lines" }),
  answered(INTERIM_ANSWERS, "A 103 has what the 101 lacks", MUST_FAIL, "A 103 with the right Sec-WebSocket-Accept, and behind it a 101 without",
    (usual) => writeHead({ ...usual, line: "HTTP/1.1 103 Early Hints" }) + writeHead(withField(usual, "Sec-WebSocket-Accept", undefined))),
  answered(INTERIM_ANSWERS, "A 100 and then a 403 with all that a 101 has", MUST_FAIL, "A 100, and behind it a 403 with all that a 101 has",
    (usual) => `HTTP/1.1 100 Continue\r\n\r\n${writeHead({ ...usual, line: "HTTP/1.1 403 Forbidden" })}`),

  bodied("A body that is a right 101", "404 Not Found", (body) => `Content-Length: ${body.length}\r\n\r\n${body}`, writeHead),
  bodied("A body in chunks that is a right 101", "404 Not Found",
    (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`, writeHead),
  bodied("A body without a length, up to TCP's end", "403 Forbidden", (body) => `Content-Type: text/plain\r\n\r\n${body}`, () => "Not you"),
  bodied("A body that is shorter than it says", "500 Internal Server Error", (body) => `Content-Length: 1000\r\n\r\n${body}`,
    () => "Something went wrong"),
  bodied("A body of 256 KiB", "404 Not Found", (body) => `Content-Length: ${body.length}\r\n\r\n${body}`, () => "*".repeat(256 * 1024)),
  bodied("Chunks without an end", "502 Bad Gateway", (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
    () => "No answer"),

  answered(NO_BODY, "A 101 with Content-Length: 0", MAY_OPEN, "A 101 with Content-Length: 0", (usual) => plusField(usual, "Content-Length", "0")),
  answered(NO_BODY, "A 101 with a length", MAY_OPEN, "A 101 with Content-Length: 1000, and no body",
    (usual) => plusField(usual, "Content-Length", "1000")),
  answered(NO_BODY, "A 101 in chunks", MAY_OPEN, "A 101 with Transfer-Encoding: chunked, and no chunk",
    (usual) => plusField(usual, "Transfer-Encoding", "chunked")),

  answered(REDIRECTS, "A redirect to a place that opens", MAY_OPEN, "A 302 whose Location is the same path with one more word in its query; a 101 there",
    (usual, request) => hops(request) > 0 ? usual : redirect(request)),
  answered(REDIRECTS, "Redirects without end", MUST_FAIL, "A 302 whose Location is the same path with another number in its query, and so on",
    (usual, request) => hops(request) > MOST_HOPS ? { ...usual, line: "HTTP/1.1 404 Not Found" } : redirect(request),
    { check: (request) => hops(request) > MOST_HOPS ? lax(`it followed ${MOST_HOPS} redirects`) : undefined }),
];

function refused(status: string, title: string, ...fields: readonly (readonly [name: string, value: string])[]): Draft {
  return answered(ANSWER_STATUS, title, MUST_FAIL, `An answer of ${status}, whose fields are those of a right 101`, (usual) =>
    ({ line: `HTTP/1.1 ${status}`, fields: [...usual.fields, ...fields] }));
}

function lined(line: string, title: string, judged: Judged): Draft {
  return answered(STATUS_LINE, title, judged, `A 101 whose first line is ${JSON.stringify(line)}`, withLine(line));
}

function interim(title: string, heads: string, more: Pick<Answer, "chop"> = {}): Draft {
  return answered(INTERIM_ANSWERS, `${title}, and then the 101`, SHOULD_OPEN,
    `${heads.split(/\r\n\r\n/).map((head) => JSON.stringify(head)).join(", ")}, and behind it the 101`, (usual) => `${heads}\r\n\r\n${writeHead(usual)}`, more);
}

/** A refusal; `frame` makes the fields about its body, and the body. */
function bodied(title: string, status: string, frame: (body: string) => string, body: (usual: Head) => string): Draft {
  return answered(REFUSAL_BODIES, title, MUST_FAIL, `An answer of ${status}. ${title}`,
    (usual) => `HTTP/1.1 ${status}\r\nConnection: close\r\n${frame(body(usual))}`);
}

function redirect(request: ReadHead): Head {
  const target = request.start[1].replace(/[?&]hops=[0-9]+$/, "");
  const location = `${target}${target.includes("?") ? "&" : "?"}hops=${hops(request) + 1}`;
  return { line: "HTTP/1.1 302 Found", fields: [["Location", location], ["Content-Length", "0"], ["Connection", "close"]] };
}

/** How many redirects led to this request. */
function hops({ start: [, target] }: ReadHead): number {
  return Number(/[?&]hops=([0-9]+)$/.exec(target)?.[1] ?? 0);
}

/** As many as browsers follow. */
const MOST_HOPS = 20;
