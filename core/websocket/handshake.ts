/**
 * The opening handshake over heads (RFC 6455, sections 1.3, 4 and 11.3): pure functions; who reads and writes the heads is
 * another's business.
 *
 * 1. The client offers: GET, Upgrade, Connection, a random key, version 13, and what it would like (4.1).
 * 2. The server accepts with the key's hash, or refuses with a status that says why (4.2).
 * 3. The client checks: the hash, and that nothing was chosen it did not offer (4.1, second half).
 * @module
 */
import { OutputQueue } from "../bytes/output-queue.ts";
import { encodeBase64 } from "../bytes/base64.ts";
import type { RandomPool } from "../bytes/random-pool.ts";
import { sha1Base64 } from "../bytes/sha1.ts";
import { encodeUtf8 } from "../bytes/utf8.ts";
import { Fields, isToken, parseExtensions, parseTokens } from "../http/field.ts";
import { checkField, isTarget, quote, type RequestHead, type ResponseHead, writeResponse } from "../http/head.ts";
import { isOriginAllowed, type OriginPolicy } from "../http/origin.ts";
import type { Message } from "../protocol.ts";
import { type Agreement, checkExtension, chooseExtension, type Extension, formatExtension } from "./extension.ts";

/** What a client asks for. */
export interface OfferOptions {
  /** The Host field: host, and port unless it is the scheme's own. */
  readonly host: string;
  /** Path and query, such as "/chat?room=1". */
  readonly target: string;
  /** Subprotocols, the most wanted first. */
  readonly protocols?: readonly string[];
  /** Extensions, the most wanted first. */
  readonly extensions?: readonly Extension[];
  /** Further fields. Those of the handshake itself may not be among them. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
}

/** A request to upgrade, and the key its answer is checked with. */
export interface Offer {
  /** The head to send. */
  readonly request: RequestHead;
  /** The value of Sec-WebSocket-Key. */
  readonly key: string;
  /** The subprotocols offered. */
  readonly protocols: readonly string[];
  /** The extensions offered. */
  readonly extensions?: readonly Extension[];
}

/** What a server is willing to do. */
export interface AcceptOptions {
  /** Subprotocols served. The first of the client's that is among them is chosen; none when none is. */
  readonly protocols?: readonly string[] | undefined;
  /** Extensions served. The first of the client's offers that one of them takes is chosen. */
  readonly extensions?: readonly Extension[] | undefined;
  /** Which web pages may connect; "same" when it is not said. */
  readonly origins?: OriginPolicy | undefined;
  /** Further fields for the 101 answer. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  /** The host's SHA-1 of ASCII text, in base64; our own when it is not said. */
  readonly sha1?: ((text: string) => string) | undefined;
}

/** The handshake succeeded. */
export interface Accepted {
  /** Tells it from a refusal. */
  readonly accepted: true;
  /** The subprotocol in use, '' for none. */
  readonly protocol: string;
  /** The extension in use, not started yet; undefined for none. */
  readonly extension: Agreement | undefined;
  /** The 101 head, sent or received. */
  readonly response: ResponseHead;
}

/** A server's answer that is no upgrade. */
export interface Refused {
  /** Tells it from `Accepted`. */
  readonly accepted: false;
  /** The head that says why. */
  readonly response: ResponseHead;
  /** Its body, such as one sentence for people. */
  readonly body: Message;
}

/** A client's verdict on an answer that it cannot take. */
export interface Unacceptable {
  /** Tells it from `Accepted`. */
  readonly accepted: false;
  /** The head that came. */
  readonly response: ResponseHead;
  /** What is wrong with it. */
  readonly message: string;
}

/** The accept value for a key (section 4.2.2, point 5.4). */
export function acceptKey(key: string, hash: (text: string) => string = sha1Base64): string {
  return hash(key + GUID);
}

/**
 * Makes a client's request (section 4.1).
 * @throws {TypeError} for a subprotocol that is no token or stands there twice, and for a header that may not be sent
 */
export function offerUpgrade(options: OfferOptions, random: RandomPool): Offer {
  const { protocols = [], extensions = [] } = options;
  checkProtocols(protocols);
  const key = encodeBase64(random.bytes(16));
  const fields: [string, string][] = [
    ["Host", options.host],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (protocols.length > 0) fields.push(["Sec-WebSocket-Protocol", protocols.join(", ")]);
  const offers = extensions.flatMap((extension) => extension.offers());
  if (offers.length > 0) fields.push(["Sec-WebSocket-Extensions", offers.map(formatExtension).join(", ")]);
  for (const [name, value] of options.headers ?? []) {
    checkField(name, value);
    const lower = name.toLowerCase();
    if (OWN_FIELDS.has(lower)) throw new TypeError(`Cannot send header "${name}": the handshake sets it itself`);
    if (lower === "host") fields[0] = ["Host", value];
    else fields.push([name, value]);
  }
  return { request: { method: "GET", target: options.target, fields: new Fields(fields) }, key, protocols, extensions };
}

/** Judges a client's request (section 4.2.1), and makes the answer. Nothing is thrown for what the request says. */
export function acceptUpgrade(request: RequestHead, options: AcceptOptions = {}): Accepted | Refused {
  const key = checkRequest(request);
  if (typeof key !== "string") return key;
  const { fields } = request;
  if (!isOriginAllowed(request, options.origins ?? "same")) {
    const origin = fields.get("Origin") ?? "none";
    return refuse(403, `A page of origin "${origin}" may not connect to this host. To allow it, list it in the server's "origins" option`);
  }
  const offered = fields.has("Sec-WebSocket-Protocol") ? parseTokens(fields.all("Sec-WebSocket-Protocol")) : NONE;
  if (offered === undefined || (offered.length > 1 && new Set(offered).size < offered.length)) {
    return refuse(400, "Sec-WebSocket-Protocol is not a list of distinct tokens");
  }
  const offers = fields.has("Sec-WebSocket-Extensions") ? parseExtensions(fields.all("Sec-WebSocket-Extensions")) : NONE;
  if (offers === undefined) return refuse(400, "Sec-WebSocket-Extensions is not a list of extensions");
  const protocol = chooseProtocol(offered, options.protocols ?? NONE);
  const extension = offers.length === 0 ? undefined : chooseExtension(offers, options.extensions ?? []);
  if (protocol === "" && extension === undefined && options.headers === undefined) return { accepted: true, protocol, extension, response: new BareAnswer(fields, options.sha1) };
  return accept(acceptKey(key, options.sha1), protocol, extension, options.headers);
}

function chooseProtocol(offered: readonly string[], served: readonly string[]): string {
  for (const name of offered) if (served.includes(name)) return name;
  return "";
}

/** The rules of section 4.2.1 that need no policy. The key, when all of them are kept. */
function checkRequest({ method, target, fields }: RequestHead): Refused | string {
  if (method !== "GET") return refuse(405, `A WebSocket is opened with GET, not ${method}`, [["Allow", "GET"]]);
  const absolute = target[0] === "/" ? undefined : /^https?:\/\/([^/?]*)/i.exec(target);
  // the characters, too: a host that parsed the head may let a "#" pass
  if (!isTarget(target) || (absolute !== undefined && (absolute === null || !isHost(absolute[1])))) {
    return refuse(400, "The request target is neither a path nor an http URI");
  }
  if (!fields.is("Host", lastHost)) {
    const hosts = fields.all("Host");
    if (hosts.length !== 1) return refuse(400, "The request needs exactly one Host");
    if (!isHost(hosts[0])) return refuse(400, "Host is not a host and port");
    lastHost = hosts[0];
  }
  if (fields.has("Transfer-Encoding") || (fields.get("Content-Length") ?? "0") !== "0") {
    return refuse(400, "A request to upgrade has no body");
  }
  if (!fields.is("Upgrade", "websocket") && !hasToken(fields, "Upgrade", "websocket")) {
    return refuse(426, "This is a WebSocket server: connect with ws:// or wss://", [["Upgrade", "websocket"]]);
  }
  if (!fields.is("Connection", "Upgrade") && !hasToken(fields, "Connection", "upgrade")) {
    return refuse(400, `Connection does not name "Upgrade": did a proxy drop it?`);
  }
  if (!fields.is("Sec-WebSocket-Version", "13")) {
    return refuse(426, "Only version 13 of the protocol is spoken here", [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]]);
  }
  const key = fields.get("Sec-WebSocket-Key") ?? "";
  return KEY.test(key) ? key : refuse(400, "Sec-WebSocket-Key is not one value of 16 bytes in base64");
}

/** The last Host that was good: most clients say the same. */
let lastHost = "localhost";

function accept(key: string, protocol: string, extension: Agreement | undefined, headers: AcceptOptions["headers"]): Accepted {
  const fields: (readonly [string, string])[] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", key],
  ];
  if (protocol !== "") fields.push(["Sec-WebSocket-Protocol", protocol]);
  if (extension !== undefined) fields.push(["Sec-WebSocket-Extensions", formatExtension(extension.chosen)]);
  for (const [name, value] of headers ?? []) {
    checkField(name, value);
    if (OWN_FIELDS.has(name.toLowerCase())) throw new TypeError(`Cannot send header "${name}": the handshake sets it itself`);
    fields.push([name, value]);
  }
  return { accepted: true, protocol, extension, response: { status: 101, reason: REASONS[101], fields: new Fields(fields) } };
}

type Hash = (text: string) => string;

/** The 101 that nearly all get: it is made from the request when it is written, and again when somebody asks, as an open connection is seldom asked. */
export class BareAnswer implements ResponseHead {
  readonly #request: Fields;
  readonly #hash: Hash | undefined;

  /** Answers a request with these fields; `hash` is the host's SHA-1 of ASCII text, in base64, and our own when it is not said. */
  constructor(request: Fields, hash?: Hash) {
    this.#request = request;
    this.#hash = hash;
  }

  /** 101. */
  get status(): number {
    return 101;
  }

  /** Its reason phrase. */
  get reason(): string {
    return REASONS[101];
  }

  /** Made anew each time. */
  get fields(): Fields {
    return new Fields([["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Accept", this.#key]]);
  }

  get #key(): string {
    return acceptKey(this.#request.get("Sec-WebSocket-Key") as string, this.#hash);
  }

  /** Measured: 50 ns behind the key, where `writeResponse` takes 300. */
  write(): Uint8Array {
    const key = this.#key;
    const from = written.extend(BARE_HEAD.length + key.length + 4);
    const { bytes } = written;
    bytes.set(BARE_HEAD, from);
    let at = from + BARE_HEAD.length;
    for (let index = 0; index < key.length; index++) bytes[at++] = key.charCodeAt(index);
    bytes[at] = bytes[at + 2] = 0x0d;
    bytes[at + 1] = bytes[at + 3] = 0x0a;
    return written.take()[0];
  }
}

/** Writes an answer's head. */
export function writeAnswer(response: ResponseHead): Uint8Array {
  return response instanceof BareAnswer ? response.write() : writeResponse(response);
}

/** Makes an answer that is no upgrade; its length and `Connection: close` are set here. The connection ends behind it. */
export function refuse(
  status: number,
  body: Message,
  headers: Iterable<readonly [name: string, value: string]> = [],
): Refused {
  const fields = [...headers].filter(([name]) => !FRAMING_FIELDS.has(name.toLowerCase()));
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  if (!names.has("content-type")) fields.push(["Content-Type", "text/plain; charset=utf-8"]);
  const length = typeof body === "string" ? encodeUtf8(body).length : body.length;
  fields.push(["Content-Length", String(length)], ["Connection", "close"]);
  return { accepted: false, response: { status, reason: REASONS[status] ?? "", fields: new Fields(fields) }, body };
}

/** Judges a server's answer (section 4.1, second half). */
export function checkUpgrade(response: ResponseHead, offer: Pick<Offer, "key" | "protocols" | "extensions">): Accepted | Unacceptable {
  const { status, fields } = response;
  const extension = checkExtension(fields.all("Sec-WebSocket-Extensions"), offer.extensions ?? []);
  const message = status !== 101 ? `The server answered ${status}${response.reason === "" ? "" : ` ${response.reason}`}`
    : !isOnly(fields, "Upgrade", "websocket") ? `Upgrade is not "websocket" in the answer`
    : !hasToken(fields, "Connection", "upgrade") ? `Connection does not name "Upgrade" in the answer`
    : fields.get("Sec-WebSocket-Accept") !== acceptKey(offer.key) ? "Sec-WebSocket-Accept does not match the key that was sent"
    : typeof extension === "string" ? extension
    : checkChosen(fields.all("Sec-WebSocket-Protocol"), offer.protocols);
  if (message !== undefined) return { accepted: false, response, message };
  return { accepted: true, protocol: fields.get("Sec-WebSocket-Protocol") ?? "", extension: extension as Agreement | undefined, response };
}

/** Section 4.1: a subprotocol that was not asked for fails the connection. Compared with regard to case. */
function checkChosen(chosen: readonly string[], offered: readonly string[]): string | undefined {
  if (chosen.length === 0) return undefined;
  if (chosen.length > 1 || !offered.includes(chosen[0])) return `The server chose a subprotocol that was not offered: "${chosen.join(", ")}"`;
  return undefined;
}

/**
 * Refuses a list of subprotocols that may not be offered (section 4.1, point 10).
 * @throws {TypeError}
 */
export function checkProtocols(protocols: readonly string[]): void {
  for (const [at, protocol] of protocols.entries()) {
    if (typeof protocol !== "string" || !isToken(protocol)) throw new TypeError(`Cannot offer subprotocol ${quote(protocol)}: it is no token`);
    if (protocols.indexOf(protocol) !== at) throw new TypeError(`Cannot offer subprotocol "${protocol}" twice`);
  }
}

function hasToken(fields: Fields, name: string, token: string): boolean {
  if (isOnly(fields, name, token)) return true;
  return parseTokens(fields.all(name))?.some((value) => value.toLowerCase() === token) ?? false;
}

function isOnly(fields: Fields, name: string, value: string): boolean {
  return fields.get(name)?.toLowerCase() === value;
}

/** A host or address and an optional port (RFC 9110, section 7.2): no user, path, blank or second port. */
function isHost(host: string): boolean {
  return /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]+)(?::[0-9]{0,5})?$/.test(host);
}

/** RFC 6455, section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A bare answer up to its key. */
const BARE_HEAD = encodeUtf8("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
const written = new OutputQueue();
const NONE: readonly never[] = [];
/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** The fields that say where a message ends. */
const FRAMING_FIELDS: ReadonlySet<string> = new Set(["connection", "content-length", "transfer-encoding"]);
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...FRAMING_FIELDS, "upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol",
  "sec-websocket-extensions", "sec-websocket-accept",
]);
const REASONS: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};
