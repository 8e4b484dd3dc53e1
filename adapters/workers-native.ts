/**
 * WebSockets that workerd frames itself: the only servers everybody reaches on Cloudflare, and clients through `fetch`,
 * which service bindings and Durable Objects have too.
 *
 * The socket is a `NativeSocket`: no pings, no fragments and no limits on frames; the platform has its own (1 MiB a message
 * unless set otherwise, permessage-deflate with its own word).
 * @module
 */
import { Fields } from "../core/http/field.ts";
import type { RequestHead, ResponseHead } from "../core/http/head.ts";
import { refuse, type Refused } from "../core/websocket/handshake.ts";
import { HandshakeError, refuseOptions, report } from "./error.ts";
import type { NativeConnectOptions } from "./native.ts";
import { type NativeHandler, type NativeLimits, NativeSocket, type NativeWebSocket } from "./native-socket.ts";
import { type HeaderInit, judge, type ServeHandler, toPairs, toUpgradeRequest, type Verdict } from "./serve.ts";
import { parseUrl, withoutCredentials } from "./url.ts";

/** How a Worker answers; see `ServeHandler`. */
export interface UpgradeHandler<Data = unknown>
  extends NativeHandler<Data>, Pick<ServeHandler<Data>, "protocols" | "origins" | "upgrade" | "request"> {
  /** Those that are not named keep their defaults. */
  readonly limits?: NativeLimits;
}

/** Answers a request that a `fetch` handler got: return what it gives. What is no upgrade goes to `request`, or gets 426. */
export async function upgradeRequest<Data = unknown>(request: Request, handler: UpgradeHandler<Data>): Promise<Response> {
  const url = new URL(request.url);
  const upgrade = toUpgradeRequest(toHead(request, url), { remoteAddress: undefined, secure: url.protocol === "https:" });
  let verdict: Verdict<Data>;
  try {
    verdict = await judge<Data>(handler, upgrade);
  } catch (error) {
    report(handler, error);
    verdict = { refused: refuse(500, "The server failed") };
  }
  if ("refused" in verdict) return toResponse(verdict.refused);
  const { accepted, data } = verdict;
  const { 0: client, 1: server } = new (globalThis as unknown as { WebSocketPair: new () => readonly [WorkersWebSocket, WorkersWebSocket] }).WebSocketPair();
  server.accept();
  const address = `${upgrade.secure ? "wss" : "ws"}://${url.host}${upgrade.target}`;
  new NativeSocket<Data>(server, { url: address, protocol: accepted.protocol, data }, handler, handler.limits).start();
  return new Response(null, { status: 101, webSocket: client, headers: toHeaders(accepted.response) } as ResponseInit);
}

/** How to connect through `fetch`. */
export interface FetchConnectOptions extends NativeConnectOptions {
  /** Further request headers. */
  readonly headers?: HeaderInit;
  /** Who fetches: a service binding or a Durable Object's stub; the platform itself when it is not said. */
  readonly fetcher?: { fetch(url: string, init: RequestInit): Promise<Response> };
}

/**
 * Opens a WebSocket through `fetch`. Rejects with a `HandshakeError` when it does not open, and with the signal's reason when
 * that aborts.
 */
export async function connectFetch(url: string | URL, options: FetchConnectOptions = {}): Promise<NativeSocket<undefined>> {
  refuseOptions(options, UNABLE);
  const target = parseUrl(url);
  const shown = withoutCredentials(target);
  target.protocol = target.protocol === "wss:" ? "https:" : "http:";
  const { protocols = [], signal, fetcher = globalThis, limits } = options;
  const offered = typeof protocols === "string" ? [protocols] : protocols;
  const headers = new Headers([...toPairs(options.headers)] as [string, string][]);
  headers.set("Upgrade", "websocket");
  if (offered.length > 0) headers.set("Sec-WebSocket-Protocol", offered.join(", "));
  const timeout = limits?.handshakeTimeout ?? 10_000;
  const attempt = new AbortController();
  const onAbort = (): void => attempt.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => attempt.abort(TIMED_OUT), timeout);
  const fail = (message: string, facts: object): HandshakeError => (
    new HandshakeError(`Cannot connect to ${shown}: ${message}`, { stage: "response", url: shown, ...facts })
  );
  try {
    const response = await fetcher.fetch(target.href, { headers, redirect: "manual", signal: attempt.signal });
    const { status } = response;
    const { webSocket } = response as { webSocket?: WorkersWebSocket | null };
    if (!webSocket) {
      throw fail(`the server answered ${status}`, { status, headers: new Fields([...response.headers]), body: await response.text() });
    }
    webSocket.accept();
    const protocol = response.headers.get("Sec-WebSocket-Protocol") ?? "";
    const socket = new NativeSocket<undefined>(webSocket, { url: shown, protocol, data: undefined }, options, limits);
    socket.start();
    return socket;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof HandshakeError) throw error;
    if (attempt.signal.aborted) throw fail(`no answer to the handshake within ${timeout} ms`, { code: "ETIMEDOUT" });
    throw fail((error as Error).message, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** One end of a pair, or what a fetch gave. */
interface WorkersWebSocket extends NativeWebSocket {
  accept(): void;
}

/** A head that says what the platform has seen to and does not show. */
function toHead(request: Request, url: URL): RequestHead {
  const fields: [string, string][] = [...request.headers];
  for (const [name, value] of [["Host", url.host], ...(request.headers.has("Upgrade") ? SEEN : [])]) {
    if (!request.headers.has(name)) fields.push([name, value]);
  }
  return { method: request.method, target: `${url.pathname}${url.search}`, fields: new Fields(fields) };
}

/** What is not the platform's own to say. */
function toHeaders({ fields }: ResponseHead): [string, string][] {
  return [...fields].filter(([name]) => !HIDDEN.has(name.toLowerCase())).map(([name, value]) => [name, value]);
}

function toResponse({ response, body }: Refused): Response {
  return new Response(body as BodyInit, { status: response.status, headers: toHeaders(response) });
}

const SEEN: readonly (readonly [string, string])[] = [
  ["Connection", "Upgrade"], ["Sec-WebSocket-Version", "13"], ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="],
];
const HIDDEN: ReadonlySet<string> = new Set(["connection", "sec-websocket-accept", "content-length"]);
const TIMED_OUT: Error = new Error("The time is up");
const UNABLE: Readonly<Record<string, string>> = Object.fromEntries([
  ...["tls", "proxy", "unix", "redirects"].map((name) => [name, "fetch decides that"]),
  ...["ping", "pong", "frame"].map((name) => [name, "the platform frames, and shows none of it"]),
]);
