/**
 * isosocket on Cloudflare Workers and workerd: `connect` on the platform's TCP sockets, `accept` for a `connect` handler.
 *
 * Only a workerd of your own hands raw TCP to a Worker (`tcp = ()`); on Cloudflare a `connect` handler is reached through a
 * service binding. Servers for everybody answer `fetch` with `upgradeRequest`: see workers-native.ts.
 * @module
 */
/// <reference path="./cloudflare.d.ts" />
import { connect as open } from "cloudflare:sockets";
import { type ConnectOptions, connectWith } from "./connect.ts";
import { refuseOptions } from "./error.ts";
import type { ByteStreams, Dial, TlsClientOptions } from "./pipe.ts";
import { Acceptor, type ServeHandler } from "./serve.ts";
import type { Socket } from "./socket.ts";
import { StreamPipe, type StreamPipeOptions } from "./stream-pipe.ts";
import { parseUrl } from "./url.ts";

/** A TCP socket of the platform's: what its own `connect` gives, and what a `connect` handler gets. */
export interface WorkersSocket extends ByteStreams {
  /** Settles once it is connected. */
  readonly opened: Promise<{ readonly remoteAddress?: string | null }>;
  /** Settles once it is closed. */
  readonly closed: Promise<unknown>;
  /** "on" for TLS. */
  readonly secureTransport?: string;
  /** Starts TLS on one that was opened for it. */
  startTls(options?: { readonly expectedServerHostname?: string }): WorkersSocket;
  /** Ends it, both ways. */
  close(): Promise<unknown>;
}

/** How to connect; for TLS only the name that is expected, as the platform itself knows whom to trust. */
export interface WorkersConnectOptions extends Omit<ConnectOptions, "tls" | "unix"> {
  /** The name to ask for and to check, when it is not the URL's. */
  readonly tls?: Pick<TlsClientOptions, "servername">;
}

/** Opens a WebSocket; see `ConnectOptions`. Rejects with a `HandshakeError` when it does not open. */
export async function connect(url: string | URL, options: WorkersConnectOptions = {}): Promise<Socket<undefined>> {
  refuseOptions(options, UNABLE);
  const mayNeedTls = parseUrl(url).protocol === "wss:" || options.proxy !== undefined || (options.redirects ?? 0) > 0;
  return connectWith(dialWith(mayNeedTls), url, options);
}

const TRUST = "a Worker trusts whom the platform trusts; in a workerd of your own, set trustedCertificates on its network";
const UNABLE: Readonly<Record<string, string>> = {
  unix: "a Worker reaches no file system",
  "tls.ca": TRUST,
  "tls.rejectUnauthorized": TRUST,
  "tls.cert": "a Worker has no client certificate for its sockets",
  "tls.key": "a Worker has no client certificate for its sockets",
  "tls.passphrase": "a Worker has no client certificate for its sockets",
};

/**
 * Serves a WebSocket on the socket a `connect` handler gets. Settles when the connection is over: return it from the
 * handler, as the platform drops the socket when that is done.
 * @param options `secure` where workerd itself ends TLS, which it does not tell
 */
export async function accept<Data = unknown>(
  socket: WorkersSocket,
  handler: ServeHandler<Data>,
  options: { readonly secure?: boolean } = {},
): Promise<void> {
  const pipe = await toPipe(socket, options.secure ?? socket.secureTransport === "on");
  new Acceptor<Data>(handler).accept(pipe);
  await pipe.closed;
}

/** Always rejects: there is nothing to listen on. */
export function serve(_options?: unknown): Promise<never> {
  return Promise.reject(new Error("A Worker cannot listen: answer `fetch` with `upgradeRequest`, or give `accept` the socket of a `connect` handler"));
}

function dialWith(mayNeedTls: boolean): Dial {
  return async ({ hostname, port }, signal) => {
    const socket = open(
      { hostname: hostname.includes(":") ? `[${hostname}]` : hostname, port },
      { secureTransport: mayNeedTls ? "starttls" : "off", allowHalfOpen: true },
    ) as WorkersSocket;
    const onAbort = (): void => release(socket);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await toPipe(socket, false, mayNeedTls ? secure(socket, hostname) : undefined);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  };
}

/** What starts TLS on a socket that was opened for it. */
function secure(socket: WorkersSocket, dialled: string): NonNullable<StartTls> {
  return async ({ servername }, hostname) => {
    const expectedServerHostname = servername ?? hostname;
    // said only where it is another: workerd logs a warning each time, though it does check the name it is told
    const secured = socket.startTls(expectedServerHostname === dialled ? {} : { expectedServerHostname });
    try {
      return await toPipe(secured, true, () => Promise.reject(new Error("the platform knows no TLS inside TLS")));
    } catch (error) {
      throw new Error("the TLS handshake failed, and the platform tells no reason: is the certificate trusted, and for that name?", { cause: error });
    }
  };
}

type StartTls = StreamPipeOptions["startTls"];

async function toPipe(socket: WorkersSocket, isSecure: boolean, startTls?: StartTls): Promise<StreamPipe> {
  socket.closed.catch(ignore); // its streams tell
  const { remoteAddress } = await socket.opened;
  const [, host, port] = /^(.*):([0-9]+)$/.exec(remoteAddress ?? "") ?? [];
  return new StreamPipe(socket, {
    remoteAddress: host?.replace(/^\[|\]$/g, ""),
    remotePort: port === undefined ? undefined : Number(port),
    secure: isSecure,
    release: () => release(socket),
    ...(startTls === undefined ? {} : { startTls }),
  });
}

function release(socket: WorkersSocket): void {
  socket.close().catch(ignore);
}

function ignore(): void {}
