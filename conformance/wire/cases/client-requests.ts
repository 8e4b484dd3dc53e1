/**
 * What a client asks with (RFC 6455, sections 4.1 and 9.1).
 * @module
 */
import { type Answer, type Draft, type Finding, lax, type ReadHead, type Rule, wrong } from "../case.ts";
import { parseExtensions } from "../extension.ts";
import { KEY } from "../head.ts";
import { WORKS } from "./client-answer.ts";

const REQUEST_LINE: Rule = { name: "request-line", section: "4.1",
  says: "A client asks with GET, in HTTP/1.1 or a later HTTP/1, for the path and query of the URL" };
const REQUEST_HOST: Rule = { name: "request-host", section: "4.1",
  says: "A request has one Host: that of the URL, with its port unless it is the scheme's own" };
const REQUEST_UPGRADE: Rule = { name: "request-upgrade", section: "4.1",
  says: "A request has an Upgrade that names websocket, and a Connection that names Upgrade" };
const REQUEST_KEY: Rule = { name: "request-key", section: "4.1",
  says: "A request has one Sec-WebSocket-Key: 16 bytes in base64, drawn anew for each connection" };
const REQUEST_VERSION: Rule = { name: "request-version", section: "4.1", says: "A request has one Sec-WebSocket-Version: 13" };
const REQUEST_FIELDS: Rule = { name: "request-fields", section: "4.1",
  says: "A request is well-formed HTTP: each field is a token and a value, and none stands twice that must stand once (RFC 9110, section 5)" };
const REQUEST_ORIGIN: Rule = { name: "request-origin", section: "4.1",
  says: "An Origin in a request is a serialised origin, or null (RFC 6454, section 6.1)" };
const OFFERED_SUBPROTOCOLS: Rule = { name: "offered-subprotocols", section: "4.1",
  says: "The subprotocols that a request names are tokens, each another" };
const REQUEST_ENDS: Rule = { name: "request-ends", section: "4.1", says: "A request has no body, and nothing follows it before the answer has come" };
const MESSAGE = "Once the connection is open, a message";
const OFFERED_EXTENSIONS: Rule = { name: "offered-extensions", section: "9.1",
  says: "Sec-WebSocket-Extensions in a request is a list of extensions: names, and parameters with values that are tokens" };

/** Cases that look at a request, and at whether the connection works. */
export const requests: readonly Draft[] = [
  asked(REQUEST_LINE, "The method is GET", ({ start }) => bad(start[0] !== "GET", `the method is ${start[0]}`)),
  asked(REQUEST_LINE, "The version is HTTP/1.1, or a later HTTP/1",
    ({ line, start }) => bad(start.length !== 3 || !/^HTTP\/1\.[1-9]$/.test(start[2]), `the request line is ${line}`)),
  asked(REQUEST_LINE, "The target is a path and a query", ({ start: [, target] }) => isPath(target) ? undefined
    : /^https?:\/\//i.test(target) ? lax(`the target is ${target}: that is for proxies`) : wrong(`the target is ${target}`)),
  asked(REQUEST_HOST, "There is one Host", (request) => once(request, "Host")),
  asked(REQUEST_HOST, "Host is a host, and the port of the URL when it is not the scheme's own", ({ all }, { port }) => all("Host").map((host) =>
    bad(!HOST.test(host), `the Host is ${JSON.stringify(host)}`)
      ?? bad(port !== undefined && port !== 80 && port !== 443 && !/:[0-9]+$/.test(host), `the Host is ${host}, without the port ${port}`)).find(Boolean)),
  asked(REQUEST_UPGRADE, "Upgrade names websocket",
    (request) => bad(!tokens(request, "Upgrade").includes("websocket"), `the Upgrade is ${request.get("Upgrade") ?? "missing"}`)),
  asked(REQUEST_UPGRADE, "Connection names Upgrade",
    (request) => bad(!tokens(request, "Connection").includes("upgrade"), `the Connection is ${request.get("Connection") ?? "missing"}`)),
  asked(REQUEST_KEY, "There is one key", (request) => once(request, "Sec-WebSocket-Key")),
  asked(REQUEST_KEY, "The key is 16 bytes in base64", ({ all }) => all("Sec-WebSocket-Key").map((key) =>
    Buffer.from(key, "base64").length !== 16 || Buffer.from(key, "base64").toString("base64") !== key
      ? wrong(`the key is ${JSON.stringify(key)}`) : undefined).find(Boolean)),
  asked(REQUEST_KEY, "The key is none that an earlier connection had", ({ all }, { keys }) => all("Sec-WebSocket-Key").map((key) =>
    bad(key === KEY || keys.includes(key), `the key is ${key}${key === KEY ? ", the example of RFC 6455" : " once more"}`)).find(Boolean)),
  asked(REQUEST_VERSION, "There is one version", (request) => once(request, "Sec-WebSocket-Version")),
  asked(REQUEST_VERSION, "The version is 13",
    ({ all }) => all("Sec-WebSocket-Version").map((version) => bad(version !== "13", `the version is ${JSON.stringify(version)}`)).find(Boolean)),
  asked(REQUEST_FIELDS, "The names of fields are tokens",
    ({ fields }) => fields.map(([name]) => bad(!TOKEN.test(name), `a field is named ${JSON.stringify(name)}`)).find(Boolean)),
  asked(REQUEST_FIELDS, "The values of fields are visible text", ({ fields }) =>
    fields.map(([name, value]) => bad(CONTROLS.test(value), `the value of ${name} is ${JSON.stringify(value)}`)
      ?? (OBSOLETE.test(value) ? lax(`the value of ${name} is not ASCII`) : undefined)).find(Boolean)),
  asked(REQUEST_FIELDS, "No field stands twice that is no list", (request) => SINGLE.map((name) =>
    bad(request.all(name).length > 1, `${name} stands there ${request.all(name).length} times`)).find(Boolean)),
  asked(REQUEST_ORIGIN, "An Origin, when there is one, is an origin",
    ({ all }) => all("Origin").map((origin) => bad(!ORIGIN.test(origin), `the Origin is ${JSON.stringify(origin)}`)).find(Boolean)),
  asked(OFFERED_SUBPROTOCOLS, "Subprotocols, when there are some, are tokens", (request) => subprotocols(request).map((name) =>
    bad(!TOKEN.test(name), `a subprotocol is ${JSON.stringify(name)}`)).find(Boolean)),
  asked(OFFERED_SUBPROTOCOLS, "No subprotocol stands there twice", (request) =>
    bad(new Set(subprotocols(request)).size < subprotocols(request).length, `the subprotocols are ${subprotocols(request).join(", ")}`)),
  asked(REQUEST_ENDS, "The request has no body", ({ get }) => {
    if (get("Transfer-Encoding") !== undefined) return wrong(`it has Transfer-Encoding: ${get("Transfer-Encoding")}`);
    const length = get("Content-Length");
    return length === undefined ? undefined : length === "0" ? lax("it has Content-Length: 0") : wrong(`it has Content-Length: ${length}`);
  }),
  { ...asked(REQUEST_ENDS, "Nothing is sent before the answer has come", () => undefined), answer: { hesitates: true },
    sends: ["The usual answer, after a moment", MESSAGE] },
  asked(OFFERED_EXTENSIONS, "Extensions, when there are some, are a list by its grammar", ({ get }) => {
    const offered = get("Sec-WebSocket-Extensions");
    return bad(offered !== undefined && parseExtensions(offered) === undefined, `the extensions are ${JSON.stringify(offered)}`);
  }),
];

function asked(rule: Rule, title: string, check: NonNullable<Answer["check"]>): Draft {
  return {
    rule, title, only: "client", ...WORKS, answer: { check }, sends: ["The usual answer", MESSAGE],
    accepts: { pass: "The request is right in this, and the connection then works", fail: "It is not, or the connection does not work" },
  };
}

function bad(isSo: boolean, says: string): Finding | undefined {
  return isSo ? wrong(says) : undefined;
}

function once({ all }: ReadHead, name: string): Finding | undefined {
  return all(name).length === 1 ? undefined : wrong(`${name} ${all(name).length === 0 ? "is missing" : `stands there ${all(name).length} times`}`);
}

/** The elements of a list of tokens, in lower case. */
function tokens({ all }: ReadHead, name: string): string[] {
  return all(name).join(",").toLowerCase().split(",").map((token) => token.trim());
}

function subprotocols({ all }: ReadHead): string[] {
  const values = all("Sec-WebSocket-Protocol");
  return values.length === 0 ? [] : values.join(",").split(",").map((name) => name.trim());
}

function isPath(target: string | undefined): target is string {
  return target !== undefined && /^\/[\x21\x22\x24-\x7e]*$/.test(target);
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/;
const OBSOLETE = /[\x80-\xff]/;
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(?::[0-9]{1,5})?$/;
const ORIGIN = /^(?:null|[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#@\s]*)$/;
/** Fields of a request that are no lists (RFC 9110; RFC 6265, section 5.4). */
const SINGLE = ["Origin", "User-Agent", "Content-Length", "Authorization", "Cookie", "From", "Referer", "Max-Forwards", "Content-Type", "Date"];
