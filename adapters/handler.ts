/**
 * What a server's hooks are asked and may say, and what becomes of a request.
 * @module
 */
import type { Fields } from "../core/http/field.ts";
import { checkField, type RequestHead } from "../core/http/head.ts";
import type { OriginPolicy } from "../core/http/origin.ts";
import type { Message } from "../core/protocol.ts";
import type { Extension } from "../core/websocket/extension.ts";
import { type Accepted, acceptUpgrade, refuse, type Refused } from "../core/websocket/handshake.ts";
import type { Overflow, ServerLimits } from "./budget.ts";
import { isObject, typeName } from "./options.ts";
import type { Pipe } from "./pipe.ts";
import { hostSha1 } from "./sha1.ts";
import type { Handler } from "./socket.ts";

/** An HTTP answer that is no upgrade. */
export interface HttpAnswer {
  /** The status; 200 when it is not said. */
  readonly status?: number;
  /** Further headers. Length and connection are set by the server. */
  readonly headers?: HeaderInit;
  /** The body; text is sent as UTF-8. */
  readonly body?: Message;
}

/** Headers as people write them: an object, pairs, or anything that iterates as pairs, such as `Headers`. */
export type HeaderInit = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** An upgrade that is granted, with more to say. */
export interface Grant<Data> {
  /** The subprotocol to use, one of those offered; overrules `protocols`. */
  readonly protocol?: string;
  /** Further headers of the 101 answer, such as Set-Cookie. */
  readonly headers?: HeaderInit;
  /** Becomes `socket.data`. */
  readonly data?: Data;
}

/** A request as the hooks see it. */
export interface UpgradeRequest extends RequestHead {
  /** The path of the target, as it came: nothing is decoded or normalised. */
  readonly path: string;
  /** The query of the target, parsed. */
  readonly query: URLSearchParams;
  /** Same as `fields.get`. */
  header(name: string): string | undefined;
  /** The other end's address, when the runtime tells. */
  readonly remoteAddress: string | undefined;
  /** True when it came over TLS. */
  readonly secure: boolean;
}

/** How a server answers. */
export interface ServeHandler<Data = unknown> extends Handler<Data> {
  /** Subprotocols served. The first of the client's that is among them is chosen. */
  readonly protocols?: readonly string[];
  /** Extensions served, such as `permessageDeflate()`. The first of the client's offers that one of them takes is chosen. */
  readonly extensions?: readonly Extension[];
  /** Which web pages may connect. "same" when it is not said: only pages of the host they connect to. */
  readonly origins?: OriginPolicy;
  /** Those that are not named keep their defaults. */
  readonly limits?: Partial<ServerLimits>;
  /** What happens past the limits that all connections share. */
  readonly overflow?: Overflow;
  /**
   * Asked about each request that may be upgraded. Nothing or a `Grant` grants it; an answer with a status refuses it.
   * What it throws refuses it with 500.
   */
  upgrade?(request: UpgradeRequest): UpgradeVerdict<Data> | Promise<UpgradeVerdict<Data>>;
  /** Answers requests that ask for no upgrade, such as for a page. Without it they get 426. */
  request?(request: UpgradeRequest): HttpAnswer | Promise<HttpAnswer>;
  /** Hears of each handshake that was refused, whoever refused it. What it throws goes to `error`. */
  refused?(refusal: Refusal): unknown;
}

/** A handshake that was refused. */
export interface Refusal {
  /** The status of the answer. */
  readonly status: number;
  /** Its body, when it is text: for our own refusals one sentence that says why. */
  readonly message: string;
  /** The request; undefined when none that can be read had come. */
  readonly request: UpgradeRequest | undefined;
  /** The other end's address, when the runtime tells. */
  readonly remoteAddress: string | undefined;
}

/** What the `upgrade` hook may say. */
export type UpgradeVerdict<Data> = void | undefined | Grant<Data> | (HttpAnswer & { readonly status: number });

/** What becomes of a request; `plain` when it asked for no upgrade, and the `request` hook answered. */
export type Verdict<Data> = { readonly refused: Refused; readonly plain?: true } | { readonly accepted: Accepted; readonly data: Data };

/** The part of a handler that decides about requests. */
type Judge<Data> = Pick<ServeHandler<Data>, "protocols" | "extensions" | "origins" | "upgrade" | "request">;

/** Asks the handler about a request. What its hooks throw passes through. */
export function judge<Data>(handler: Judge<Data>, request: UpgradeRequest): Verdict<Data> | Promise<Verdict<Data>> {
  const { protocols, origins, extensions } = handler;
  if (handler.request !== undefined && !request.fields.has("Upgrade")) return answer(handler, request);
  const accepted = acceptUpgrade(request, { protocols, extensions, origins, sha1: hostSha1 });
  if (!accepted.accepted) return { refused: accepted };
  if (handler.upgrade === undefined) return { accepted, data: undefined as Data };
  return ask(handler, request, accepted);
}

async function ask<Data>(handler: Judge<Data>, request: UpgradeRequest, accepted: Accepted): Promise<Verdict<Data>> {
  void request.remoteAddress; // known from here on, however long the hook takes
  const verdict = await handler.upgrade?.(request);
  if (verdict === undefined) return { accepted, data: undefined as Data };
  if (!isObject(verdict as unknown)) throw new TypeError(`Cannot use what "upgrade" gave: it is of type ${typeName(verdict)}, and must be an object or undefined`);
  if ("status" in verdict) return { refused: toRefused(verdict) };
  const { protocol = accepted.protocol, headers, data } = verdict;
  const again = acceptUpgrade(request, { protocols: [protocol], extensions: handler.extensions ?? [], origins: "any", headers: toPairs(headers), sha1: hostSha1 }) as Accepted;
  if (again.protocol !== protocol) throw new TypeError(`Cannot choose subprotocol ${typeof protocol === "string" ? `"${protocol}"` : `of type ${typeName(protocol)}`}: the client did not offer it`);
  return { accepted: again, data: data as Data };
}

async function answer<Data>(handler: Judge<Data>, request: UpgradeRequest): Promise<Verdict<Data>> {
  void request.remoteAddress;
  const given = await handler.request?.(request) ?? { status: 404, body: "Not found\n" };
  if (!isObject(given)) throw new TypeError(`Cannot answer with what "request" gave: it is of type ${typeName(given)}, and must be an object`);
  const refused = toRefused(given);
  return { refused: request.method === "HEAD" ? { ...refused, body: "" } : refused, plain: true };
}

/** A request as the hooks see it. */
export function toUpgradeRequest(head: RequestHead, from: Pick<Pipe, "remoteAddress" | "secure">): UpgradeRequest {
  return new LazyRequest(head, from);
}

/** Makes what is seldom asked for when it is asked for: the socket keeps its request. */
class LazyRequest implements UpgradeRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  readonly #from: Pick<Pipe, "remoteAddress" | "secure">;
  #query: URLSearchParams | undefined = undefined;

  constructor({ method, target, fields }: RequestHead, from: Pick<Pipe, "remoteAddress" | "secure">) {
    this.method = method;
    this.target = target;
    this.fields = fields;
    this.#from = from;
  }

  get remoteAddress(): string | undefined {
    return this.#from.remoteAddress;
  }

  get secure(): boolean {
    return this.#from.secure;
  }

  get path(): string {
    const question = this.target.indexOf("?");
    return question < 0 ? this.target : this.target.slice(0, question);
  }

  get query(): URLSearchParams {
    const question = this.target.indexOf("?");
    return this.#query ??= new URLSearchParams(question < 0 ? "" : this.target.slice(question + 1));
  }

  /** A function of its own, as it may be taken off the request. */
  get header(): (name: string) => string | undefined {
    return (name) => this.fields.get(name);
  }
}

function toRefused({ status = 200, headers, body = "" }: HttpAnswer): Refused {
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError(`Cannot answer with status ${typeof status === "number" ? status : `of type ${typeName(status)}`}: it must be a whole number from 200 to 599`);
  }
  if (typeof body !== "string" && !(body instanceof Uint8Array)) {
    throw new TypeError(`Cannot answer with a body of type ${typeName(body)}: it must be a string or a Uint8Array`);
  }
  return refuse(status, body, toPairs(headers));
}

/**
 * Headers as pairs.
 * @throws {TypeError} for what is none
 */
export function toPairs(headers: HeaderInit | Fields | undefined): [name: string, value: string][] {
  if (headers === undefined) return [];
  if (!isObject(headers)) throw new TypeError(`Cannot send headers of type ${typeName(headers)}: they must be an object, or pairs`);
  const isList = typeof (headers as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
  const pairs = isList ? [...headers as unknown as Iterable<readonly [string, string]>] : Object.entries(headers);
  return pairs.map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new TypeError(`Cannot send a header of type ${typeName(pair)}: it must be a pair of a name and a value`);
    const [name, value] = pair as [string, string];
    checkField(name, value);
    return [name, value];
  });
}
