/**
 * isosocket on Node: `connect` and `serve` on `node:net` and `node:tls` sockets, `attach` on a `node:http` server.
 * @module
 */
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { Protocol } from "../core/protocol.ts";
import { type ConnectOptions, connectWith } from "./connect.ts";
import { Driver, type Transport } from "./driver.ts";
import { OpenCount } from "./listening.ts";
import type { Address, Listener, ListenOptions, Pipe, TlsClientOptions } from "./pipe.ts";
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

/** A node socket as a pipe and a transport. */
export class NodePipe implements Pipe, Transport<Uint8Array> {
  readonly remoteAddress: string | undefined = undefined;
  readonly remotePort: number | undefined = undefined;
  readonly secure: boolean;
  readonly #socket: Duplex;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;

  /** @param socket a TCP or TLS socket, or the stream an `upgrade` event gives */
  constructor(socket: Duplex) {
    this.#socket = socket;
    this.secure = socket instanceof tls.TLSSocket;
    if (socket instanceof net.Socket) {
      this.remoteAddress = socket.remoteAddress;
      this.remotePort = socket.remotePort;
      socket.setNoDelay(true);
      socket.setTimeout(0); // an http server may have set one; the protocol has its own deadlines
    }
    socket.on("error", ignore); // "close" follows, and says what needs saying
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const socket = this.#socket;
    const driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#driver === undefined) {
      socket.on("data", (bytes: Uint8Array) => this.#driver?.received(bytes));
      socket.on("drain", () => this.#driver?.drained());
      socket.on("end", () => this.#driver?.ended());
      socket.on("close", () => this.#driver?.closed());
    } else {
      socket.resume(); // the protocol before may have stopped reading, to be taken over
    }
    this.#driver = driver;
    if (socket.destroyed) queueMicrotask(() => driver.closed());
    return driver;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength;
  }

  write(output: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (output.length === 1) return socket.write(output[0]);
    socket.cork(); // one writev for all pieces
    let more = true;
    for (const piece of output) more = socket.write(piece);
    socket.uncork();
    return more;
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  startTls(options: TlsClientOptions, hostname: string): Promise<Pipe> {
    const socket = this.#socket;
    for (const event of ["data", "drain", "end", "close"]) socket.removeAllListeners(event);
    const servername = options.servername ?? (net.isIP(hostname) === 0 ? hostname : undefined);
    const secured = tls.connect({
      ALPNProtocols: ["http/1.1"],
      ...(options as tls.ConnectionOptions),
      host: hostname, // what the certificate is checked against when there is no name to ask for
      ...(servername === undefined ? {} : { servername }),
      socket,
    });
    return settle(secured, "secureConnect");
  }
}

/** Waits for a socket to be ready; until then its errors reject, afterwards "close" tells. */
function settle(socket: net.Socket, event: "connect" | "secureConnect"): Promise<NodePipe> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(Object.assign(new Error("The other side closed the connection"), { code: "ECONNRESET" }));
    socket.once("error", reject);
    socket.once("close", onClose);
    socket.once(event, () => {
      socket.off("error", reject);
      socket.off("close", onClose);
      resolve(new NodePipe(socket));
    });
  });
}

async function dial(address: Address, signal: AbortSignal): Promise<Pipe> {
  const { hostname: host, port, unix } = address;
  const socket = net.connect(unix === undefined ? { host, port, allowHalfOpen: true } : { path: unix, allowHalfOpen: true });
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  return settle(socket, "connect").finally(() => signal.removeEventListener("abort", onAbort));
}

async function listen(options: ListenOptions, onPipe: (pipe: Pipe) => void): Promise<Listener> {
  const count = new OpenCount();
  const accept = (socket: net.Socket): void => {
    // Not an option of the TLS server: with it, a client that leaves during the TLS handshake would stay until its timeout.
    socket.allowHalfOpen = true;
    count.add();
    socket.once("close", count.remove);
    onPipe(new NodePipe(socket));
  };
  const server = options.tls === undefined
    ? net.createServer(accept)
    : tls.createServer({ ALPNProtocols: ["http/1.1"], handshakeTimeout: 10_000, ...(options.tls as tls.TlsOptions) }, accept);
  server.on("tlsClientError", ignore);
  const handshakes = new Set<net.Socket>(); // and, below TLS, those that are done
  if (options.tls !== undefined) {
    server.on("connection", (socket: net.Socket) => {
      handshakes.add(socket);
      socket.once("close", () => handshakes.delete(socket));
    });
  }
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const { unix, port = 0, hostname } = options;
    server.listen(unix === undefined ? { port, ...(hostname === undefined ? {} : { host: hostname }) } : { path: unix }, () => {
      server.off("error", reject);
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

function ignore(): void {}
