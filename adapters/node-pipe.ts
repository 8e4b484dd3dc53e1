/**
 * A socket of Node as a pipe.
 * @module
 */
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { Protocol } from "../core/protocol.ts";
import { Driver, type Transport } from "./driver.ts";
import type { Pipe, TlsClientOptions } from "./pipe.ts";

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
export function settle(socket: net.Socket, event: "connect" | "secureConnect"): Promise<NodePipe> {
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

function ignore(): void {}
