/**
 * A server of WebSockets over whatever accepts sockets: what `serve` is on every runtime.
 * @module
 */
import { Acceptor } from "./acceptor.ts";
import { type Clock, hostClock } from "./clock.ts";
import type { DrainOptions, DrainSummary } from "./drain.ts";
import { explain } from "./error.ts";
import type { ServeHandler } from "./handler.ts";
import type { Listen, ListenOptions } from "./pipe.ts";
import type { Socket } from "./socket.ts";

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
  /**
   * Lets everybody go without losing anything: listens no more, refuses handshakes under way with 503, asks each peer to go at a
   * random point of the window, answers what it has read from it and closes behind that. Settles when all are gone, and tells
   * how it went. A second call gets the first one's promise; `close` cuts it short.
   *
   * An answer is waited for where `message` returns a promise, or a loop iterates the socket. What was not read is not processed.
   * @throws {RangeError} for a code no close frame may carry, a reason of over 123 bytes, and a time that is none
   */
  drain(options?: DrainOptions): Promise<DrainSummary>;
  /** Closes with 1001 when its `await using` ends. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Listens and serves. Rejects with a sentence when it cannot listen.
 * @param clock where the time of `drain` comes from; a connection's comes from its pipe
 */
export async function serveWith<Data>(listen: Listen, options: ServeOptions<Data>, clock: Clock = hostClock): Promise<Server<Data>> {
  const acceptor = new Acceptor<Data>(options, undefined, clock);
  const secure = options.tls !== undefined;
  const listener = await listen(options, (pipe) => acceptor.accept(pipe), (before) => acceptor.isCrowded(before)).catch((error: unknown) => {
    const where = options.unix ?? `${options.hostname ?? "*"}:${options.port ?? 0}`;
    const { message, code } = explain(error);
    throw Object.assign(new Error(`Cannot listen on ${where}: ${message}`, { cause: error }), { code });
  });
  const { port, hostname } = listener;
  let drained: Promise<DrainSummary> | undefined;
  const server: Server<Data> = {
    port,
    hostname,
    url: port === 0 ? `ws+unix:${hostname}` : `${secure ? "wss" : "ws"}://${reachable(hostname)}:${port}/`,
    sockets: acceptor.sockets,
    async close(code = 1001, reason = "") {
      await Promise.all([listener.close(), acceptor.close(code, reason)]);
    },
    drain(options) {
      return drained ??= Promise.all([acceptor.drain(options), listener.close()]).then(([summary]) => summary);
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

export { Acceptor } from "./acceptor.ts";
export * from "./handler.ts";
