/**
 * The opening handshake as a server must read it: the request line, and the fields that make it one of a WebSocket (RFC 6455, sections 4.2.1 and 4.4).
 * @module
 */
import { type Draft, type Finding, type ReadHead, type Rule, wrong } from "../case.ts";
import { KEY } from "../head.ts";
import { doubtful, either, field, inPlaceOf, line, opens, plus, refused, served, target, UNFIT } from "./asks.ts";
import { openingServerAnswer } from "./opening-server-answer.ts";
import { openingServerFields } from "./opening-server-fields.ts";

const METHOD: Rule = { name: "opening-method", section: "4.2.1", says: "A WebSocket is opened with the method GET alone" };
const HTTP_VERSION: Rule = { name: "opening-http-version", section: "4.2.1", says: "A WebSocket is opened by a request of HTTP/1.1 or higher" };
const TARGET: Rule = { name: "opening-target", section: "4.2.1", says: "The request target is a path with a query, or an http URI; what is well-formed is not taken for malformed" };
const UPGRADE: Rule = { name: "opening-upgrade", section: "4.2.1", says: 'The field Upgrade contains "websocket", in upper or lower case' };
const CONNECTION: Rule = { name: "opening-connection", section: "4.2.1", says: 'The field Connection has the token "Upgrade" in its list, in upper or lower case' };
const KEYS: Rule = { name: "opening-key", section: "4.2.1", says: "There is one Sec-WebSocket-Key, 16 bytes in base64; a server need not decode it" };
const ORIGIN: Rule = { name: "opening-origin", section: "4.2.2", says: "A server may refuse a web page by its Origin, with 403; a request without Origin is not of a web page" };
const VERSION: Rule = { name: "opening-version", section: "4.4", says: "Another version than those a server knows is refused, and the answer names those it knows" };
const VERSION_FORM: Rule = { name: "opening-version-form", section: "4.3", says: "Sec-WebSocket-Version of a request is one number from 0 to 255 without leading zeros" };
const HOST: Rule = { name: "opening-host", rfc: 9112, section: "3.2", says: "A request has one Host, which is a host and perhaps a port; any other is answered 400" };

const NO_VERSION = [400, 426];

/** The opening handshake with servers. */
export const openingServer: readonly Draft[] = [
  ...methods(), ...httpVersions(), ...targets(), ...upgrades(), ...connections(), ...keys(), ...versions(), ...hosts(), ...openingServerAnswer, ...origins(), ...openingServerFields,
];

function methods(): Draft[] {
  const by = (method: string, what: string): Draft => refused(METHOD, what, line({ method }), { statuses: UNFIT, plain: "pass" });
  return [
    by("POST", "POST opens nothing"),
    by("HEAD", "HEAD opens nothing, though it is answered like GET elsewhere"),
    by("PUT", "PUT opens nothing"),
    by("OPTIONS", "OPTIONS opens nothing"),
    by("get", "A method has its case: get is not GET"),
    by("GETS", "A method that begins with GET is another"),
  ];
}

function httpVersions(): Draft[] {
  const by = (version: string, title: string): Draft => refused(HTTP_VERSION, title, line({ version }), { statuses: [400, 426, 505], plain: "pass" });
  return [
    by("HTTP/1.0", "HTTP/1.0 opens nothing: its Upgrade is ignored"),
    by("HTTP/0.9", "HTTP/0.9 opens nothing"),
    refused(HTTP_VERSION, "A request line without a version opens nothing", (usual) => ({ ...usual, line: usual.line.replace(" HTTP/1.1", "") }), { statuses: [400, 505] }),
    either(HTTP_VERSION, "HTTP/1.2 is read as HTTP/1.1 or refused; the answer is HTTP/1.1 either way", line({ version: "HTTP/1.2" }), { statuses: [400, 505], check: isHttp11 }),
    doubtful(HTTP_VERSION, "HTTP/2.0 in a request line of HTTP/1.1 is refused", line({ version: "HTTP/2.0" }), { statuses: [400, 505] }),
    by("http/1.1", "The name of HTTP has its case: http/1.1 opens nothing"),
    by("HTTP/1", "A version of one number opens nothing"),
    by("HTTP/1.10", "A version of three digits opens nothing"),
  ];
}

function isHttp11({ line: said }: ReadHead): Finding | undefined {
  return said.startsWith("HTTP/1.1 ") ? undefined : wrong(`it answered ${said}`);
}

function targets(): Draft[] {
  const bad = (title: string, change: Parameters<typeof target>[0]): Draft => doubtful(TARGET, title, target(change), { statuses: UNFIT });
  const host = ({ fields }: { readonly fields: readonly (readonly [string, string])[] }): string => fields[0][1];
  const query = (path: string, more: string): string => `${path}${path.includes("?") ? "&" : "?"}${more}`;
  return [
    opens(TARGET, "A target that is an absolute http URI is served", target((path, head) => `http://${host(head)}${path}`)),
    opens(TARGET, "The scheme of a target may be written in capitals", target((path, head) => `HTTP://${host(head)}${path}`)),
    served(TARGET, "A target may have a query", target((path) => query(path, "room=1&name=a+b"))),
    served(TARGET, "A query may be empty", target((path) => path.includes("?") ? path : `${path}?`)),
    served(TARGET, "A query may have question marks and slashes", target((path) => query(path, "a=/b?c"))),
    served(TARGET, "A query may have bytes in percent-encoding", target((path) => query(path, "a=%20%C3%A4%00%ff"))),
    served(TARGET, "A query may have every sign that a URI allows", target((path) => query(path, "-._~!$&'()*+,;=:@"))),
    opens(TARGET, "A request line of 8,000 bytes should be read", target((path) => query(path, "*".repeat(7_983 - path.length))), { refuses: "non-strict" }),
    either(TARGET, "A target of 100,000 bytes is served, or refused with 414", target((path) => query(path, "*".repeat(100_000))), { statuses: [414], drops: "pass" }),
    either(TARGET, "A percent sign without two digits is served or refused", target((path) => query(path, "a=%zz%")), { statuses: UNFIT }),
    bad("A target with a fragment is refused", (path) => `${path}#fragment`),
    bad("A target * is refused: it is for OPTIONS", () => "*"),
    bad("A target of host and port is refused: it is for CONNECT", (_, head) => host(head)),
    bad("A target without a slash at its beginning is refused", () => "chat"),
    bad("A target with the scheme ws is refused", (path, head) => `ws://${host(head)}${path}`),
    bad("A target with a blank in it is refused", (path) => query(path, "a b")),
    bad("A target with a byte past ASCII is refused", (path) => query(path, "\xe4")),
    bad("A request line with two blanks in a row is refused", (path) => ` ${path}`),
    refused(TARGET, "A request line without a target is refused", (usual) => ({ ...usual, line: "GET HTTP/1.1" }), { statuses: [400] }),
  ];
}

function upgrades(): Draft[] {
  const no = (title: string, value: string | undefined): Draft => refused(UPGRADE, title, field("Upgrade", value), { statuses: UNFIT, plain: "pass" });
  return [
    no("A request without Upgrade opens nothing", undefined),
    no("An empty Upgrade opens nothing", ""),
    no("Upgrade: h2c opens nothing", "h2c"),
    no("Upgrade: websockets is another protocol", "websockets"),
    no("Upgrade: my-websocket is another protocol", "my-websocket"),
    opens(UPGRADE, "Upgrade: WebSocket is the same protocol", field("Upgrade", "WebSocket")),
    opens(UPGRADE, "Upgrade: wEBSOCKET is the same protocol", field("Upgrade", "wEBSOCKET")),
    opens(UPGRADE, "Upgrade may be a list that contains websocket", field("Upgrade", "h2c, websocket"), { refuses: "non-strict" }),
    opens(UPGRADE, "Upgrade may stand there twice, websocket in the second", inPlaceOf("Upgrade", "Upgrade: h2c", "Upgrade: websocket"), { refuses: "non-strict" }),
    doubtful(UPGRADE, "A websocket with a version of its own is refused", field("Upgrade", "websocket/13"), { statuses: UNFIT, plain: "pass" }),
  ];
}

function connections(): Draft[] {
  const no = (title: string, value: string | undefined): Draft => refused(CONNECTION, title, field("Connection", value), { statuses: UNFIT, plain: "pass" });
  const yes = (title: string, value: string): Draft => opens(CONNECTION, title, field("Connection", value));
  return [
    no("A request without Connection opens nothing", undefined),
    no("An empty Connection opens nothing", ""),
    no("Connection: keep-alive opens nothing", "keep-alive"),
    no("Connection: close opens nothing", "close"),
    no("Connection: upgraded is another token", "upgraded"),
    no("Connection: x-upgrade is another token", "x-upgrade"),
    yes("Connection: upgrade is the same token", "upgrade"),
    yes("Connection: UPGRADE is the same token", "UPGRADE"),
    yes("Connection: keep-alive, Upgrade names it", "keep-alive, Upgrade"),
    yes("Connection: Upgrade, keep-alive names it", "Upgrade, keep-alive"),
    yes("A list needs no blanks: keep-alive,Upgrade", "keep-alive,Upgrade"),
    yes("Empty elements of a list are skipped", ", keep-alive, , Upgrade,"),
    yes("Blanks and tabs around an element do not belong to it", "keep-alive\t ,\t Upgrade"),
    opens(CONNECTION, "Two fields Connection are one list", inPlaceOf("Connection", "Connection: keep-alive", "Connection: Upgrade")),
  ];
}

function keys(): Draft[] {
  const no = (title: string, value: string | undefined): Draft => refused(KEYS, title, field("Sec-WebSocket-Key", value), { statuses: UNFIT });
  const bad = (title: string, value: string): Draft => doubtful(KEYS, title, field("Sec-WebSocket-Key", value), { statuses: UNFIT });
  return [
    no("A request without a key is refused", undefined),
    no("An empty key is refused", ""),
    bad("A key of 15 bytes is refused", "AAECAwQFBgcICQoLDA0O"),
    bad("A key of 17 bytes is refused", "AAECAwQFBgcICQoLDA0ODxA="),
    bad("A key without its padding is refused", "dGhlIHNhbXBsZSBub25jZQ"),
    bad("A key that is not base64 is refused", "?GhlIHNhbXBsZSBub25jZQ=="),
    bad("A key in the alphabet for URLs is refused", "-_79-_79-_79-_79-_79-w=="),
    bad("A key with a blank inside is refused", "dGhlIHNhbX BsZSBub25jZQ=="),
    refused(KEYS, "Two keys are refused", inPlaceOf("Sec-WebSocket-Key", `Sec-WebSocket-Key: ${KEY}`, "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw=="), { statuses: UNFIT }),
  ];
}

function versions(): Draft[] {
  const unknown = (value: string): Draft => refused(VERSION, `Version ${value} is refused, and the answer names 13`, field("Sec-WebSocket-Version", value), { statuses: NO_VERSION, check: namesVersion });
  const old = (value: string): Draft => doubtful(VERSION, `Version ${value} of a draft is refused, and the answer names 13`, field("Sec-WebSocket-Version", value), { statuses: NO_VERSION, check: namesVersion });
  const bad = (title: string, value: string): Draft => refused(VERSION_FORM, title, field("Sec-WebSocket-Version", value), { statuses: NO_VERSION });
  return [
    old("7"), old("8"), unknown("0"), unknown("12"), unknown("14"), unknown("130"), unknown("255"),
    refused(VERSION, "A request without a version is refused", field("Sec-WebSocket-Version", undefined), { statuses: NO_VERSION }),
    bad("An empty version is refused", ""),
    bad("Version 013 is no number of a version", "013"),
    bad("Version +13 is no number of a version", "+13"),
    bad("Version 13.0 is no number of a version", "13.0"),
    bad("Version 13abc is no number of a version", "13abc"),
    bad("A request has one version: 13, 8 is refused", "13, 8"),
    bad("A request has one version: 8, 13 is refused", "8, 13"),
    refused(VERSION_FORM, "A request with 13 and 8 in two fields is refused", inPlaceOf("Sec-WebSocket-Version", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"), { statuses: NO_VERSION }),
  ];
}

function namesVersion({ start: [status], get }: ReadHead): Finding | undefined {
  if (status === "101") return undefined;
  const said = get("Sec-WebSocket-Version");
  const names = said?.split(",").map((version) => version.trim()).includes("13") ?? false;
  return names ? undefined : wrong(`it refused with ${status}, and its Sec-WebSocket-Version ${said === undefined ? "is missing" : `is ${said}`}`);
}

function hosts(): Draft[] {
  const bad = (title: string, value: string): Draft => refused(HOST, title, field("Host", value), { statuses: [400] });
  return [
    refused(HOST, "A request without Host is refused", field("Host", undefined), { statuses: [400] }),
    refused(HOST, "Two Hosts are refused", inPlaceOf("Host", "Host: a.example", "Host: b.example"), { statuses: [400] }),
    bad("A Host with a blank in it is refused", "a b"),
    bad("A Host with a user is refused", "user@localhost"),
    bad("A Host with a path is refused", "localhost/path"),
    bad("A Host whose port is no number is refused", "localhost:http"),
    bad("A Host whose bracket is not closed is refused", "[::1"),
    doubtful(HOST, "An empty Host is refused", field("Host", ""), { statuses: [400] }),
    served(HOST, "A Host may be any name, without a port", field("Host", "conformance.example")),
    served(HOST, "A Host may be an address of IPv6", field("Host", "[::1]:9001")),
  ];
}

function origins(): Draft[] {
  return [
    either(ORIGIN, "A page of another origin may connect, or is refused with 403", plus(["Origin", "https://elsewhere.example"]), { statuses: [403] }),
    either(ORIGIN, "A page whose origin is hidden may connect, or is refused with 403", plus(["Origin", "null"]), { statuses: [403] }),
    opens(ORIGIN, "A page of the same host may connect", (usual) => plus(["Origin", `http://${usual.fields[0][1]}`])(usual), { refuses: "non-strict" }),
  ];
}
