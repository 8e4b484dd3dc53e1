/**
 * A server of WebSockets over whatever accepts sockets: what `serve` and `attach` share on every runtime.
 * @module
 */
import type { Fields } from "../core/http/field.ts";
import type { RequestHead } from "../core/http/head.ts";
import type { OriginPolicy } from "../core/http/origin.ts";
import type { Message } from "../core/protocol.ts";
import { type Accepted, acceptUpgrade, refuse, type Refused } from "../core/websocket/handshake.ts";
import type { Limits } from "../core/websocket/limits.ts";
import { ServerUpgrade } from "../core/websocket/server-upgrade.ts";
import type { Driver } from "./driver.ts";
import { explain, report } from "./error.ts";
import type { Listen, ListenOptions, Pipe } from "./pipe.ts";
import { type Handler, Socket } from "./socket.ts";

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
  /** Which web pages may connect. "same" when it is not said: only pages of the host they connect to. */
  readonly origins?: OriginPolicy;
  /** Those that are not named keep their defaults. */
  readonly limits?: Partial<Limits>;
  /**
   * Asked about each request that may be upgraded. Nothing or a `Grant` grants it; an answer with a status refuses it.
   * What it throws refuses it with 500.
   */
  upgrade?(request: UpgradeRequest): UpgradeVerdict<Data> | Promise<UpgradeVerdict<Data>>;
  /** Answers requests that ask for no upgrade, such as for a page. Without it they get 426. */
  request?(request: UpgradeRequest): HttpAnswer | Promise<HttpAnswer>;
}

/** What the `upgrade` hook may say. */
export type UpgradeVerdict<Data> = void | undefined | Grant<Data> | (HttpAnswer & { readonly status: number });

/** What `serve` takes: where to listen, and how to answer. */
export interface ServeOptions<Data = unknown> extends ServeHandler<Data>, ListenOptions {}

/** A running server. */
export interface Server<Data = unknown> {
  /** The port it listens on; 0 for a unix socket. */
  readonly port: number;
  /** The address it listens on. */
  readonly hostname: string;
  /** A URL that reaches it from this machine. */
  readonly url: string;
  /** The open sockets. */
  readonly sockets: ReadonlySet<Socket<Data>>;
  /** Accepts no more, closes every socket with the code, and settles when all are gone. */
  close(code?: number, reason?: string): Promise<void>;
  /** Closes with 1001 when its `await using` ends. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Listens and serves. Rejects with a sentence when it cannot listen. */
export async function serveWith<Data>(listen: Listen, options: ServeOptions<Data>): Promise<Server<Data>> {
  const acceptor = new Acceptor<Data>(options);
  const secure = options.tls !== undefined;
  const listener = await listen(options, (pipe) => acceptor.accept(pipe)).catch((error: unknown) => {
    const where = options.unix ?? `${options.hostname ?? "*"}:${options.port ?? 0}`;
    const { message, code } = explain(error);
    throw Object.assign(new Error(`Cannot listen on ${where}: ${message}`, { cause: error }), { code });
  });
  const { port, hostname } = listener;
  const server: Server<Data> = {
    port,
    hostname,
    url: port === 0 ? `ws+unix:${hostname}` : `${secure ? "wss" : "ws"}://${reachable(hostname)}:${port}/`,
    sockets: acceptor.sockets,
    async close(code = 1001, reason = "") {
      await Promise.all([listener.close(), acceptor.close(code, reason)]);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
}

/** An address that stands for all of the machine's is reached by name. */
function reachable(hostname: string): string {
  if (hostname === "0.0.0.0" || hostname === "::") return "localhost";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Turns accepted pipes into sockets. */
export class Acceptor<Data> {
  /** The open sockets. */
  readonly sockets: Set<Socket<Data>> = new Set();
  readonly #handler: ServeHandler<Data>;
  readonly #onOpen: ((socket: Socket<Data>) => void) | undefined;
  /** Pipes whose handshake is not done; one that is gone is in it no more. */
  readonly #pending: Set<Pipe> = new Set();
  #closing = false;

  /**
   * Answers as the handler says.
   * @param onOpen hears of each socket, behind the handler
   */
  constructor(handler: ServeHandler<Data>, onOpen?: (socket: Socket<Data>) => void) {
    this.#handler = handler;
    this.#onOpen = onOpen;
  }

  /** Serves a pipe from its first byte. */
  accept(pipe: Pipe): void {
    this.#run(pipe);
  }

  /** Serves a pipe whose request the host has parsed; `rest` came behind it. */
  acceptRequest(pipe: Pipe, request: RequestHead, rest: Uint8Array): void {
    const { upgrade, driver } = this.#run(pipe);
    upgrade.request(request);
    if (rest.length > 0) driver.received(rest);
    else driver.flush();
  }

  /** Closes every socket, drops every handshake, and settles when all are gone. */
  async close(code: number, reason: string): Promise<void> {
    this.#closing = true;
    for (const pipe of this.#pending) pipe.destroy();
    await Promise.all([...this.sockets].map((socket) => socket.close(code, reason)));
  }

  #run(pipe: Pipe): { upgrade: ServerUpgrade; driver: Driver<Uint8Array, Uint8Array> } {
    const { limits } = this.#handler;
    const upgrade: ServerUpgrade = new ServerUpgrade({
      ...(limits === undefined ? {} : { limits }),
      onRequest: (request) => void this.#decide(pipe, upgrade, () => driver, request),
    });
    const driver = pipe.run(upgrade);
    this.#pending.add(pipe);
    driver.onClosed = () => this.#pending.delete(pipe);
    if (this.#closing) pipe.destroy();
    else driver.flush();
    return { upgrade, driver };
  }

  async #decide(
    pipe: Pipe,
    upgrade: ServerUpgrade,
    driver: () => Driver<Uint8Array, Uint8Array>,
    head: RequestHead,
  ): Promise<void> {
    const request = toUpgradeRequest(head, pipe);
    try {
      const verdict = judge(this.#handler, request);
      const settled = verdict instanceof Promise ? await verdict : verdict;
      if ("refused" in settled) upgrade.refuse(settled.refused);
      else if (this.#pending.has(pipe)) this.#open(pipe, upgrade, driver(), request, settled.accepted, settled.data);
    } catch (error) {
      report(this.#handler, error);
      upgrade.refuse(refuse(500, "The server failed"));
    }
    this.#pending.delete(pipe);
    driver().schedule();
  }

  #open(
    pipe: Pipe,
    upgrade: ServerUpgrade,
    driver: Driver<Uint8Array, Uint8Array>,
    request: UpgradeRequest,
    accepted: Accepted,
    data: Data,
  ): void {
    const scheme = request.secure ? "wss" : "ws";
    const origin = {
      role: "server",
      url: `${scheme}://${request.header("Host")}${request.target}`,
      protocol: accepted.protocol,
      request,
      response: accepted.response,
      remoteAddress: pipe.remoteAddress,
      remotePort: pipe.remotePort,
      data,
    } as const;
    const socket = new Socket<Data>(origin, this.#handler, this.#handler.limits);
    if (!upgrade.accept(accepted, socket.wire, driver.now)) return;
    this.sockets.add(socket);
    void socket.closed.then(() => this.sockets.delete(socket));
    socket.start(driver);
    this.#onOpen?.(socket);
    if (this.#closing) void socket.close(1001);
  }
}

/** What becomes of a request. */
export type Verdict<Data> = { readonly refused: Refused } | { readonly accepted: Accepted; readonly data: Data };

/** The part of a handler that decides about requests. */
type Judge<Data> = Pick<ServeHandler<Data>, "protocols" | "origins" | "upgrade" | "request">;

/** Asks the handler about a request. What its hooks throw passes through. */
export function judge<Data>(handler: Judge<Data>, request: UpgradeRequest): Verdict<Data> | Promise<Verdict<Data>> {
  const { protocols, origins } = handler;
  if (handler.request !== undefined && !request.fields.has("Upgrade")) return answer(handler, request);
  const accepted = acceptUpgrade(request, { protocols: protocols ?? [], origins: origins ?? "same" });
  if (!accepted.accepted) return { refused: accepted };
  if (handler.upgrade === undefined) return { accepted, data: undefined as Data };
  return ask(handler, request, accepted);
}

async function ask<Data>(handler: Judge<Data>, request: UpgradeRequest, accepted: Accepted): Promise<Verdict<Data>> {
  const verdict = await handler.upgrade?.(request);
  if (verdict === undefined) return { accepted, data: undefined as Data };
  if ("status" in verdict) return { refused: toRefused(verdict) };
  const { protocol = accepted.protocol, headers, data } = verdict;
  const again = acceptUpgrade(request, { protocols: [protocol], origins: "any", headers: toPairs(headers) }) as Accepted;
  if (again.protocol !== protocol) throw new Error(`Cannot choose subprotocol "${protocol}": the client did not offer it`);
  return { accepted: again, data: data as Data };
}

async function answer<Data>(handler: Judge<Data>, request: UpgradeRequest): Promise<Verdict<Data>> {
  const refused = toRefused(await handler.request?.(request) ?? { status: 404, body: "Not found\n" });
  return { refused: request.method === "HEAD" ? { ...refused, body: "" } : refused };
}

/** A request as the hooks see it. */
export function toUpgradeRequest(head: RequestHead, from: Pick<Pipe, "remoteAddress" | "secure">): UpgradeRequest {
  const { method, target, fields } = head;
  const question = target.indexOf("?");
  return {
    method,
    target,
    fields,
    path: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : target.slice(question + 1)),
    header: (name: string) => fields.get(name),
    remoteAddress: from.remoteAddress,
    secure: from.secure,
  };
}

function toRefused({ status = 200, headers, body = "" }: HttpAnswer): Refused {
  return refuse(status, body, toPairs(headers));
}

/** Headers as pairs. */
export function toPairs(headers: HeaderInit | Fields | undefined): Iterable<readonly [name: string, value: string]> {
  if (headers === undefined) return [];
  if (Symbol.iterator in headers) return headers as Iterable<readonly [string, string]>;
  return Object.entries(headers);
}

