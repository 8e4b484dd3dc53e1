/**
 * A socket of Node as a pipe.
 * @module
 */
import net from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import type { Protocol } from "../core/protocol.ts";
import { Driver, type Transport } from "./driver.ts";
import { type Handle, handleOf, HandleWriter, readBuffer, readLent } from "./node-handle.ts";
import type { Pipe, TlsClientOptions } from "./pipe.ts";

/** A node socket as a pipe and a transport. */
export class NodePipe extends HandleWriter implements Pipe, Transport<Uint8Array> {
  readonly connectedAt: number | undefined;
  readonly #socket: Duplex;
  readonly #dialled: boolean;
  readonly #onGone: () => void;
  /** Where it can be had, it is written to past the stream. */
  readonly #handle: Handle | undefined;

  /**
   * @param socket a TCP or TLS socket, or the stream an `upgrade` event gives
   * @param dialled what it reads is told by `received`, and reading has not begun
   * @param onGone called once, when it is closed: a listener of its own beside ours would make Node keep an array for the two
   * @param connectedAt when TCP was connected, where that was before
   */
  constructor(socket: Duplex, dialled = false, onGone: () => void = ignore, connectedAt?: number) {
    super();
    this.connectedAt = connectedAt;
    this.#socket = socket;
    this.#dialled = dialled;
    this.#onGone = onGone;
    this.#handle = handleOf(socket);
    if (socket instanceof net.Socket) {
      socket.setNoDelay(true);
      if (socket.timeout) socket.setTimeout(0); // an http server may have set one; the protocol has its own deadlines
    }
    socket.on("error", ignore); // "close" follows, and says what needs saying
    (socket as Owned)[PIPE] = this;
    socket.on("close", onClose);
  }

  /** Asked for late: it is a call into the system, and an object that is kept. Node tells it as long as the socket is there, and later if it was asked then. */
  get remoteAddress(): string | undefined {
    return this.#socket instanceof net.Socket ? this.#socket.remoteAddress : undefined;
  }

  get remotePort(): number | undefined {
    return this.#socket instanceof net.Socket ? this.#socket.remotePort : undefined;
  }

  get secure(): boolean {
    return this.#socket instanceof tls.TLSSocket;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const socket = this.#socket;
    const driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.driver === undefined) {
      if (this.#dialled) {
        socket.resume();
      } else {
        if (this.#handle !== undefined && socket.readableLength === 0) readLent(socket, this.#handle, onRead);
        socket.on("data", onData); // where the handle has a buffer nothing comes this way, but others see that the socket is taken
      }
      socket.on("drain", onDrain);
      socket.on("end", onEnd);
    } else {
      socket.resume(); // the protocol before may have stopped reading, to be taken over
    }
    this.driver = driver;
    if (socket.destroyed) queueMicrotask(() => driver.closed());
    return driver;
  }

  /** The socket is closed. */
  gone(): void {
    this.driver?.closed();
    this.#onGone();
  }

  /** Bytes came; they are lent. */
  received(bytes: Uint8Array): void {
    this.driver?.received(bytes);
  }

  get frees(): boolean {
    return this.#socket instanceof net.Socket;
  }

  get bufferedAmount(): number {
    return this.#socket.writableLength + this.waiting;
  }

  /** Node counts a write as one until all of it has left; libuv's handle, which is private, knows better. */
  get unsent(): number {
    const { _handle } = this.#socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
    return this.bufferedAmount + (_handle?.writeQueueSize ?? 0);
  }

  write(output: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    const handle = this.#handle;
    if (handle !== undefined && socket.writableLength === 0 && !socket.destroyed) return this.writeTo(handle, output);
    const { driver } = this;
    const told = driver?.counts ? (): void => driver.emptied() : undefined;
    if (output.length === 1) return socket.write(output[0], told);
    socket.cork(); // one writev for all pieces
    let more = true;
    for (const piece of output) more = socket.write(piece, told);
    socket.uncork();
    return more;
  }

  end(): void {
    this.#socket.end(); // behind what waits at the handle, too
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

/** Connects. */
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

/** A socket that knows its pipe: so all of them share their listeners. With four closures each, an idle connection costs 0.8 KB more. */
interface Owned {
  [PIPE]?: NodePipe;
}

const PIPE: unique symbol = Symbol("pipe");

function onRead(this: Owned, size: number): boolean {
  this[PIPE]?.received(readBuffer.subarray(0, size));
  return true;
}

function onData(this: Owned, bytes: Uint8Array): void {
  this[PIPE]?.received(bytes);
}

function onDrain(this: Owned): void {
  this[PIPE]?.driver?.drained();
}

function onEnd(this: Owned): void {
  this[PIPE]?.driver?.ended();
}

function onClose(this: Owned): void {
  this[PIPE]?.gone();
}

function ignore(): void {}
