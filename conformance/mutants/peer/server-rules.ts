/**
 * What a right server does in the opening handshake, each rule on its own (RFC 6455, section 4.2; RFC 9112): a mutant replaces one.
 * @module
 */
import type { Head, ReadHead } from "../../wire/case.ts";
import { acceptKey } from "../../wire/head.ts";
import { areExtensions, areTokens, hasToken, isHost } from "./fields.ts";

/** An answer that is no 101. */
export interface Refusal {
  readonly status: number;
  readonly fields?: Head["fields"];
}

/** The rules of a server's opening handshake. */
export interface ServerRules {
  /** RFC 9112, section 3: three words with a blank between them; undefined for anything else. */
  readLine(line: string): readonly [method: string, target: string, version: string] | undefined;
  /** 4.2.1: GET. */
  isMethod(method: string): boolean;
  /** 4.2.1: a path, or an http URI, without a fragment. */
  isTarget(target: string): boolean;
  /** 4.2.1: HTTP/1.1 or higher; nothing higher is served. */
  isVersionOfHttp(version: string): boolean;
  /** 4.2.1: one Host. */
  isHost(hosts: readonly string[]): boolean;
  /** A request to upgrade has no body. */
  hasNoBody(request: ReadHead): boolean;
  /** 4.2.1: Upgrade has "websocket", in any case. */
  isUpgrade(values: readonly string[]): boolean;
  /** 4.2.1: Connection has "Upgrade", in any case. */
  isConnection(values: readonly string[]): boolean;
  /** 4.2.1: one key, which is 16 bytes in base64. */
  isKey(keys: readonly string[]): boolean;
  /** 4.2.1: version 13. */
  isVersion(versions: readonly string[]): boolean;
  /** 4.1: tokens, none twice. */
  areProtocols(values: readonly string[]): boolean;
  /** 9.1: a list of extensions. */
  areExtensions(values: readonly string[]): boolean;
  /** The subprotocol of those that were offered. An echo server serves none. */
  chooseProtocol(offered: readonly string[]): string | undefined;
  /** 4.2.2: what stands in Sec-WebSocket-Accept. */
  accept(key: string): string;
  /** The last touch to a 101 before it is sent. */
  shapeAnswer(answer: Head, request: ReadHead): Head;
  /** 4.2.2, 4.4: what a request is refused with. */
  refuse(why: Why): Refusal;
  /** The last touch to a refusal before it is sent. */
  shapeRefusal(answer: Head): Head;
  /** One who is refused is listened to as if not. */
  readonly opensAnyway: boolean;
  /** What came right behind the request, as it is read once that is accepted; more may be said of it. */
  readEarly(bytes: Uint8Array, say: (head: Head) => void): Uint8Array;
}

/** What is wrong with a request. */
export type Why = "head" | "line" | "size" | "method" | "target" | "http" | "host" | "body" | "upgrade" | "connection" | "key" | "version" | "protocols" | "extensions" | "late";

/** As they should be. */
export const SERVER_RULES: ServerRules = {
  readLine: (line) => {
    const [method, target, version, ...more] = line.split(" ");
    return version === undefined || more.length > 0 ? undefined : [method, target, version];
  },
  isMethod: (method) => method === "GET",
  isTarget: (target) => /^(?:\/|https?:\/\/[^/?]+(?:[/?]|$))[!-"$-~]*$/i.test(target),
  isVersionOfHttp: (version) => version === "HTTP/1.1",
  isHost: (hosts) => hosts.length === 1 && isHost(hosts[0]),
  hasNoBody: (request) => request.get("Transfer-Encoding") === undefined && (request.get("Content-Length") ?? "0") === "0",
  isUpgrade: (values) => hasToken(values, "websocket"),
  isConnection: (values) => hasToken(values, "upgrade"),
  isKey: (keys) => keys.length === 1 && /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(keys[0]),
  isVersion: (versions) => versions.length === 1 && versions[0] === "13",
  areProtocols: (values) => areTokens(values),
  areExtensions: (values) => areExtensions(values),
  chooseProtocol: () => undefined,
  accept: acceptKey,
  shapeAnswer: (answer) => answer,
  refuse: (why) => REFUSALS[why] ?? { status: 400 },
  shapeRefusal: (answer) => answer,
  opensAnyway: false,
  readEarly: (bytes) => bytes,
};

const REFUSALS: Partial<Record<Why, Refusal>> = {
  line: { status: 414 },
  size: { status: 431 },
  method: { status: 405, fields: [["Allow", "GET"]] },
  http: { status: 505 },
  upgrade: { status: 426, fields: [["Upgrade", "websocket"]] },
  version: { status: 426, fields: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]] },
  late: { status: 408 },
};

/** Why a request is refused; undefined where it is not. */
export function judgeRequest(request: ReadHead, rules: ServerRules): Why | undefined {
  const words = rules.readLine(request.line);
  if (words === undefined) return "head";
  const [method, target, version] = words;
  if (!rules.isVersionOfHttp(version)) return /^HTTP\/\d\.\d$/.test(version) ? "http" : "head";
  if (!rules.isMethod(method)) return "method";
  if (!rules.isTarget(target)) return "target";
  if (!rules.isHost(request.all("Host"))) return "host";
  if (!rules.hasNoBody(request)) return "body";
  if (!rules.isUpgrade(request.all("Upgrade"))) return "upgrade";
  if (!rules.isConnection(request.all("Connection"))) return "connection";
  if (!rules.isVersion(request.all("Sec-WebSocket-Version"))) return "version";
  if (!rules.isKey(request.all("Sec-WebSocket-Key"))) return "key";
  if (!rules.areProtocols(request.all("Sec-WebSocket-Protocol"))) return "protocols";
  return rules.areExtensions(request.all("Sec-WebSocket-Extensions")) ? undefined : "extensions";
}
