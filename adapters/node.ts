/**
 * isosocket on Node: `connect` and `serve` on `node:net` and `node:tls` sockets, `attach` on a `node:http` server.
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { DEFAULT_LIMITS, type Limits } from "../core/websocket/limits.ts";
import { type ConnectOptions, connectWith } from "./connect.ts";
import { OpenCount } from "./listening.ts";
import { takeHandles } from "./node-bare.ts";
import { dial, NodePipe } from "./node-pipe.ts";
import type { Listener, ListenOptions, Pipe } from "./pipe.ts";
import { type ServeOptions, type Server, serveWith } from "./serve.ts";
import type { Socket } from "./socket.ts";

/** Opens a WebSocket; see `ConnectOptions`. Rejects with a `HandshakeError` when it does not open. */
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> {
  return connectWith(({ hostname: host, port, unix }, signal) => dial(unix === undefined ? { host, port } : { path: unix }, signal), url, options);
}

/** Listens on a port or unix socket and serves WebSockets; see `ServeOptions`. */
export function serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>> {
  return serveWith(listen, options);
}

async function listen(
  options: ListenOptions & { readonly limits?: Partial<Limits> },
  onPipe: (pipe: Pipe) => void,
  isCrowded: (before: number) => boolean,
): Promise<Listener> {
  const count = new OpenCount();
  /** Since when sockets that carry TLS are connected. */
  const since = new Map<string, number>();
  const accept = (socket: net.Socket): void => {
    // Not an option of the TLS server: with it, a client that leaves during the TLS handshake would stay until its timeout.
    socket.allowHalfOpen = true;
    count.add();
    if (options.tls === undefined) { // Node's listener does nothing to a half-open socket, and would be kept in an array with ours
      for (const listener of socket.listeners("end")) socket.off("end", listener as () => void);
    }
    onPipe(new NodePipe(socket, false, count.remove, options.tls === undefined ? undefined : since.get(peerOf(socket))));
  };
  const acceptBare = (pipe: Pipe): void => {
    count.add();
    onPipe(pipe);
  };
  const timeout = Math.min(options.limits?.handshakeTimeout ?? DEFAULT_LIMITS.handshakeTimeout, MAX_TIMEOUT);
  const server = options.tls === undefined
    ? net.createServer({ noDelay: true }, accept)
    : tls.createServer({ ALPNProtocols: ["http/1.1"], handshakeTimeout: timeout, ...(options.tls as tls.TlsOptions) }, accept);
  server.on("tlsClientError", (_error: Error, socket: tls.TLSSocket) => socket.destroy()); // also when its time is up: Node itself would keep it
  const handshakes = new Set<net.Socket>(); // and, below TLS, those that are done
  if (options.tls !== undefined) {
    server.on("connection", (socket: net.Socket) => {
      if (isCrowded(handshakes.size - count.count)) return void socket.destroy();
      const peer = peerOf(socket);
      handshakes.add(socket);
      since.set(peer, performance.now());
      socket.once("close", () => {
        handshakes.delete(socket);
        since.delete(peer);
      });
    });
  }
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const { unix, port = 0, hostname } = options;
    server.listen(unix === undefined ? { port, ...(hostname === undefined ? {} : { host: hostname }) } : { path: unix }, () => {
      server.off("error", reject);
      if (options.tls === undefined) takeHandles(server, acceptBare, count.remove);
      server.on("error", ignore); // such as EMFILE while accepting: the next one may succeed
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
        hostname: typeof address === "object" && address !== null ? address.address : unix ?? "",
        async close() {
          const closed = new Promise<void>((done) => server.close(() => done()));
          await count.none();
          for (const socket of handshakes) socket.destroy();
          await closed;
        },
      });
    });
  });
}

function peerOf({ remoteAddress, remotePort }: net.Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function ignore(): void {}

/** The longest time a timer knows, in milliseconds. */
const MAX_TIMEOUT = 2_147_483_647;
