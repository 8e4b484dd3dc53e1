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
  readonly connectedAt: number | undefined;
  readonly #socket: Duplex;
  readonly #dialled: boolean;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;

  /**
   * @param socket a TCP or TLS socket, or the stream an `upgrade` event gives
   * @param dialled what it reads is told by `received`, and reading has not begun
   * @param connectedAt when TCP was connected, where that was before
   */
  constructor(socket: Duplex, dialled = false, connectedAt?: number) {
    this.connectedAt = connectedAt;
    this.#socket = socket;
    this.#dialled = dialled;
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
      if (this.#dialled) socket.resume();
      else socket.on("data", (bytes: Uint8Array) => this.received(bytes));
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

  /** Bytes came; they are lent. */
  received(bytes: Uint8Array): void {
    this.#driver?.received(bytes);
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength;
  }

  /** Node counts a write as one until all of it has left; libuv's handle, which is private, knows better. */
  get unsent(): number {
    const { _handle } = this.#socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
    return this.#socket.writableLength + (_handle?.writeQueueSize ?? 0);
  }

  write(output: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (output.length > 1) socket.cork(); // one writev for all pieces
    let more = true;
    for (const piece of output) more = socket.write(piece);
    if (output.length > 1) socket.uncork();
    return more || socket.writableLength === 0; // a large write asks to wait even when the system took all of it
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

/**
 * Connects. All sockets that are dialled read into one buffer, as what is read is only lent: with an array for each read, a
 * flood leaves 64 MiB to be collected before the host does so (measured).
 */
export async function dial(address: net.NetConnectOpts, signal: AbortSignal): Promise<NodePipe> {
  let pipe: NodePipe | undefined;
  const onread = {
    buffer: readBuffer,
    callback(size: number): boolean {
      pipe?.received(readBuffer.subarray(0, size));
      return true;
    },
  };
  const socket = net.connect({ ...address, allowHalfOpen: true, onread });
  socket.pause(); // until there is a protocol
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return pipe = await settle(socket, "connect");
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

const readBuffer = new Uint8Array(65_536);

/** Waits for a socket to be ready; until then its errors reject, afterwards "close" tells. */
function settle(socket: net.Socket, event: "connect" | "secureConnect"): Promise<NodePipe> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(Object.assign(new Error("The other side closed the connection"), { code: "ECONNRESET" }));
    socket.once("error", reject);
    socket.once("close", onClose);
    socket.once(event, () => {
      socket.off("error", reject);
      socket.off("close", onClose);
      resolve(new NodePipe(socket, event === "connect"));
    });
  });
}

function ignore(): void {}
