import {
  type Address, type ConnectOptions, connectWith, Driver, type Listener, type ListenOptions, Outbox, type Pipe, type Protocol,
  type ServeOptions, type Server, serveWith, type Socket, type Transport, type WebSocketConstructor, webSocketClass,
} from "../../index.adapter.ts"; // "isosocket/adapter" in a project of your own
import { Loop, type LoopSocket } from "./loop.ts"; // the runtime's own API

/** What people call: the same three names as on every runtime. */
export const connect = (url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> => connectWith(dial, url, options);
export const serve = <Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>> => serveWith(listen, options);
export const WebSocket: WebSocketConstructor = webSocketClass(connect);

/** Opens a TCP connection. An attempt given up in the meantime must not stay open. */
async function dial({ hostname, port }: Address, signal: AbortSignal): Promise<Pipe> {
  const socket = await Loop.dial(hostname, port);
  if (signal.aborted) socket.close();
  signal.throwIfAborted();
  return new LoopPipe(socket);
}

/** Listens, and hands each accepted socket over. */
async function listen({ hostname = "0.0.0.0", port = 0, unix, tls }: ListenOptions, onPipe: (pipe: Pipe) => void): Promise<Listener> {
  if (unix !== undefined || tls !== undefined) throw new TypeError("Loop listens on TCP only");
  const listener = await Loop.listen(hostname, port, (socket) => onPipe(new LoopPipe(socket)));
  return { port: listener.port, hostname, close: () => listener.stop() };
}

/** A socket of Loop as a pipe, which runs a protocol, and as a transport, which a driver writes to. */
class LoopPipe implements Pipe, Transport<Uint8Array> {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly secure = false;
  readonly #socket: LoopSocket;
  readonly #outbox = new Outbox();
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #paused = false;
  #wake: () => void = () => {};
  #writing = false;
  #full = false;
  #ending = false;
  #ends = 0;
  #closed = false;

  constructor(socket: LoopSocket) {
    this.#socket = socket;
    this.remoteAddress = socket.peer.address;
    this.remotePort = socket.peer.port;
  }

  /** A second call takes the socket over from the first protocol: so a proxy's tunnel becomes a WebSocket. */
  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const first = this.#driver === undefined;
    this.#driver = new Driver(protocol, this);
    if (first) void this.#read();
    return this.#driver;
  }

  startTls(): Promise<Pipe> {
    return Promise.reject(new TypeError("Loop has no TLS"));
  }

  /** Bytes handed over that the runtime has not taken yet. */
  get bufferedAmount(): number {
    return this.#outbox.size;
  }

  /** Keeps the order, and says whether to go on; after a "no", `drained` must follow. */
  write(output: readonly Uint8Array[]): boolean {
    this.#outbox.push(output);
    if (!this.#writing) void this.#write();
    this.#full = this.#outbox.size >= HIGH_WATER;
    return !this.#full;
  }

  /** Ends the write side behind the last byte. Reading goes on until the peer ends too. */
  end(): void {
    this.#ending = true;
    if (!this.#writing) void this.#write();
  }

  /** Releases the socket at once; `closed` tells the driver, once. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#wake();
    queueMicrotask(() => this.#driver?.closed());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  async #read(): Promise<void> {
    for (;;) {
      while (this.#paused && !this.#closed) await new Promise<void>((resolve) => this.#wake = resolve);
      const bytes = await this.#socket.read().catch(() => undefined);
      if (this.#closed || bytes === undefined) return this.destroy();
      if (bytes === null) break;
      this.#driver?.received(bytes);
    }
    this.#driver?.ended();
    this.#ended();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#outbox.size > 0) {
        this.#outbox.take(await this.#socket.write(this.#outbox.next()));
        if (!this.#full || this.#outbox.size >= HIGH_WATER) continue;
        this.#full = false;
        this.#driver?.drained();
      }
    } catch {
      return this.destroy();
    }
    this.#writing = false;
    if (!this.#ending || this.#closed) return;
    this.#socket.finish();
    this.#ended();
  }

  /** The socket goes when both sides have ended. */
  #ended(): void {
    if (++this.#ends === 2) this.destroy();
  }
}

/** Bytes waiting past which the driver should hold back. */
const HIGH_WATER = 65_536;
