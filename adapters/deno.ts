/**
 * isosocket on Deno: `connect` and `serve` on `Deno.connect` and `Deno.listen`.
 * @module
 */
import { DEFAULT_LIMITS, type Limits } from "../core/websocket/limits.ts";
import { hostClock } from "./clock.ts";
import { type ConnectOptions, connectWith } from "./connect.ts";
import { DenoPipe } from "./deno-pipe.ts";
import { closeConnection, type DenoConnection, toText, unable } from "./deno-tls.ts";
import { onAddress, OpenCount } from "./listening.ts";
import type { Address, Listener, ListenOptions, Pipe } from "./pipe.ts";
import { type ServeOptions, type Server, serveWith } from "./serve.ts";
import type { Socket } from "./socket.ts";

/** Opens a WebSocket; see `ConnectOptions`. Rejects with a `HandshakeError` when it does not open. */
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> {
  return connectWith(dial, url, options);
}

/** Listens on a port or unix socket and serves WebSockets; see `ServeOptions`. */
export function serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>> {
  return serveWith(listen, options);
}

declare const Deno: {
  connect(options: object): Promise<DenoConnection>;
  listen(options: object): DenoListener;
  listenTls(options: object): DenoListener;
};

interface DenoListener {
  readonly addr: { readonly hostname?: string; readonly port?: number };
  accept(): Promise<DenoConnection>;
  close(): void;
}

async function dial({ hostname, port, unix }: Address, signal: AbortSignal): Promise<Pipe> {
  const connection = await Deno.connect(unix === undefined ? { hostname, port, signal } : { transport: "unix", path: unix });
  if (signal.aborted) closeConnection(connection);
  signal.throwIfAborted();
  return new DenoPipe(connection);
}

async function listen(options: ListenOptions & { readonly limits?: Partial<Limits> }, onPipe: (pipe: Pipe) => void, isCrowded: (before: number) => boolean): Promise<Listener> {
  const listener = open(options);
  const secure = options.tls !== undefined;
  const { handshakeTimeout = DEFAULT_LIMITS.handshakeTimeout } = options.limits ?? {};
  const count = new OpenCount();
  const handshakes = new Set<DenoConnection>();
  let closed = false;
  const accepting = acceptAll();
  return {
    port: listener.addr.port ?? 0,
    hostname: listener.addr.hostname ?? options.unix ?? "",
    async close() {
      if (!closed) listener.close();
      closed = true;
      for (const connection of handshakes) closeConnection(connection);
      await accepting; // until then the system still takes connections
      await count.none();
    },
  };

  async function acceptAll(): Promise<void> {
    while (!closed) {
      const connection = await listener.accept().catch(() => undefined);
      if (connection !== undefined) void accept(connection);
      else if (!closed) await new Promise((resolve) => setTimeout(resolve, 20)); // such as no file left: the next may succeed
    }
  }

  async function accept(connection: DenoConnection): Promise<void> {
    const since = secure ? hostClock.now() : undefined;
    if (secure && (isCrowded(handshakes.size) || !(await handshake(connection)))) return closeConnection(connection);
    count.add();
    onPipe(new DenoPipe(connection, secure, count.remove, since));
  }

  /** True when TLS stands. A client that leaves meanwhile does not stay; for one that is silent see `deno-tls.ts`, rule 3. */
  async function handshake(connection: DenoConnection): Promise<boolean> {
    handshakes.add(connection);
    const cancel = hostClock.schedule(() => closeConnection(connection), handshakeTimeout);
    try {
      await connection.handshake?.();
      return !closed;
    } catch {
      return false;
    } finally {
      cancel();
      handshakes.delete(connection);
    }
  }
}

function open({ hostname, port = 0, unix, tls }: ListenOptions): DenoListener {
  if (tls === undefined) {
    return unix === undefined ? onAddress(hostname, (host) => Deno.listen({ hostname: host, port })) : Deno.listen({ transport: "unix", path: unix });
  }
  if (unix !== undefined) throw unable("unix", "Deno serves TLS over TCP only");
  if (tls.requestCert) throw unable("tls.requestCert", "Deno asks clients for no certificate");
  if (tls.passphrase !== undefined) throw unable("tls.passphrase", "Deno takes no encrypted key");
  const { cert, key } = tls;
  return onAddress(hostname, (host) => (
    Deno.listenTls({ hostname: host, port, cert: toText(cert), key: toText(key), alpnProtocols: ["http/1.1"] })
  ));
}
