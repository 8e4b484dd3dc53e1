/**
 * What a right client does in the opening handshake, each rule on its own (RFC 6455, section 4.1): a mutant replaces one.
 * @module
 */
import { type Frame } from "../../frames.ts";
import type { Head, ReadHead } from "../../wire/case.ts";
import { acceptKey } from "../../wire/head.ts";
import { hasToken } from "./fields.ts";

/** The rules of a client's opening handshake. */
export interface ClientRules {
  /** 4.1: 16 bytes in base64, anew for each connection. */
  makeKey(): string;
  /** The last touch to the request before it is sent. */
  shapeRequest(request: Head): Head;
  /** 4.1: the status is 101, in HTTP/1.1 or a later HTTP/1. */
  isStatusLine(line: string): boolean;
  /** RFC 9110, section 15.2: an answer that another follows; a 101 is not. */
  isInterim(line: string): boolean;
  /** 4.1: Upgrade is "websocket", in any case. */
  isUpgraded(values: readonly string[]): boolean;
  /** 4.1: Connection has "Upgrade", in any case. */
  isConnected(values: readonly string[]): boolean;
  /** 4.1: the accept value is that of the key. */
  isAccept(values: readonly string[], key: string): boolean;
  /** 4.1: no subprotocol that was not offered; none is. */
  isProtocol(values: readonly string[]): boolean;
  /** 4.1: no extension that was not offered, and no list that is none: what is said was taken. */
  mayExtend(said: readonly string[], isTaken: boolean): boolean;
  /** The values of an answer's field: names count in any case, and the order of fields does not. */
  valuesOf(answer: ReadHead, name: string): readonly string[];
  /** 7.1.7: what is sent when the handshake fails: nothing. */
  readonly saysOnFailure: readonly Frame[];
  /** 4.1: what is sent before the answer has come: nothing. */
  readonly sendsEarly: readonly Frame[];
  /** TCP is ended when the handshake fails: `head` is what came of the last head, which is wrong, no answer of HTTP, or `cut` off by TCP's end. */
  endsTcpFor(head: string, isCut: boolean): boolean;
  /** What comes right behind the answer is read. */
  readonly readsBehindAnswer: boolean;
  /** RFC 9112, section 6.3: how many bytes behind the answer are none of frames: none. */
  bytesBehind(answer: ReadHead, rest: Uint8Array): number;
}

/** As they should be. */
export const CLIENT_RULES: ClientRules = {
  makeKey: () => Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64"),
  shapeRequest: (request) => request,
  isStatusLine: (line) => /^HTTP\/1\.[1-9] 101(?: |$)/.test(line),
  isInterim: (line) => /^HTTP\/1\.[1-9] 1(?!01)\d\d(?: |$)/.test(line),
  isUpgraded: (values) => values.length === 1 && values[0].toLowerCase() === "websocket",
  isConnected: (values) => hasToken(values, "upgrade"),
  isAccept: (values, key) => values.length === 1 && values[0] === acceptKey(key),
  isProtocol: (values) => values.length === 0,
  mayExtend: (said, isTaken) => said.length === 0 || isTaken,
  valuesOf: (answer, name) => answer.all(name),
  saysOnFailure: [],
  sendsEarly: [],
  endsTcpFor: () => true,
  readsBehindAnswer: true,
  bytesBehind: () => 0,
};
