/**
 * A Bun socket as a pipe.
 *
 * 1. `write` takes what the system takes and queues nothing: the rest waits here, in order, for `drain`.
 * 2. Over TLS nothing may be written before `handshake`, and Bun leaves it to us to look at its verdict.
 * 3. What is awaited runs before the next event does (measured): nothing is heard between a connection and its first protocol.
 * 4. `close` lets what was written leave; over TLS it waits for the peer while something is stuck, which `terminate` does not.
 * 5. Nothing waits for an acknowledgement: Bun sets TCP_NODELAY itself, on what it accepts and on what it connects.
 * 6. Closed behind `shutdown`, a socket reads on as long as its peer has something to say (measured: 140 MiB of a flood).
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { ALPN, type BunSocket, type BunSocketHandler } from "./bun-socket.ts";
import { Driver, type Transport } from "./driver.ts";
import { BunOutbox } from "./bun-outbox.ts";
import type { Pipe, TlsClientOptions } from "./pipe.ts";

/** A Bun socket as a pipe and a transport. */
export class BunPipe implements Pipe, Transport<Uint8Array> {
  /** Passes what a socket says to the pipe in its `data`. */
  static readonly handler: BunSocketHandler<BunPipe> = {
    binaryType: "uint8array",
    data: ({ data: pipe }, bytes) => void (pipe === undefined || pipe.#driver?.received(bytes)),
    drain: ({ data: pipe }) => void (pipe === undefined || pipe.#goOn()),
    end: ({ data: pipe }) => void (pipe === undefined || pipe.#driver?.ended()),
    close: ({ data: pipe }) => void (pipe === undefined || pipe.#closed()),
    error: ignore, // `close` follows
    connectError: ignore, // `Bun.connect` rejects with it
  };

  secure: boolean;
  /** Only where there is something to tell: each field takes room in each connection. */
  declare readonly connectedAt?: number;
  readonly #onGone: () => void;
  /** What the system has not taken yet; made when it first takes less than all, or when there is more than one piece to join. */
  #outbox: BunOutbox | undefined = undefined;
  /** What was told of the peer. */
  #peer: { address?: string | undefined; port?: number | undefined } | undefined = undefined;
  /** Undefined once it is gone. */
  #socket: BunSocket<BunPipe> | undefined;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #ending = false;
  #shaking = false;

  /**
   * @param onGone called once, when it is closed
   * @param connectedAt when TCP was connected, where that was before
   */
  constructor(socket: BunSocket<BunPipe>, secure = false, onGone: () => void = ignore, connectedAt?: number) {
    if (connectedAt !== undefined) this.connectedAt = connectedAt;
    this.#socket = socket;
    this.#onGone = onGone;
    this.secure = secure;
  }

  /** Asked for late: each is a call into the system (measured: 0.75 us, and 1.04 for the port). Once told they are kept, as Bun does not know them behind the end. */
  get remoteAddress(): string | undefined {
    return (this.#peer ??= {}).address ??= this.#socket?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return (this.#peer ??= {}).port ??= this.#socket?.remotePort;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    if (this.#driver !== undefined) this.#socket?.resume(); // the protocol before may have stopped reading, to be taken over
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#socket === undefined) queueMicrotask(() => driver.closed());
    return driver;
  }

  get frees(): boolean {
    return true;
  }

  get bufferedAmount(): number {
    return this.#outbox?.size ?? 0;
  }

  write(output: readonly Uint8Array[]): boolean {
    if (this.#socket === undefined) return false;
    const waits = this.bufferedAmount > 0;
    if (!waits && output.length === 1) return this.#writeOne(this.#socket, output[0]);
    (this.#outbox ??= new BunOutbox()).push(output);
    if (!waits) this.#write();
    return this.bufferedAmount === 0;
  }

  /** As one of many, without what it takes to join them: an idle connection, whose writes were all such, keeps 0.2 KB less (measured). */
  #writeOne(socket: BunSocket<BunPipe>, bytes: Uint8Array): boolean {
    const taken = socket.write(bytes);
    if (taken < 0 || taken >= bytes.length) return true;
    (this.#outbox ??= new BunOutbox()).push([bytes.subarray(taken)]);
    return false;
  }

  end(): void {
    this.#ending = true;
    queueMicrotask(() => this.#goOn()); // later: it may be destroyed in this turn
  }

  destroy(): void {
    if (this.#socket === undefined) return;
    if (this.#shaking || this.bufferedAmount > 0) this.#socket.terminate();
    else this.#socket.close();
    this.#closed();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  startTls({ servername, ...options }: TlsClientOptions, hostname: string): Promise<Pipe> {
    const raw = this.#socket;
    return new Promise((resolve, reject) => {
      const handshake = (_: BunSocket<BunPipe>, ok: boolean, error: Error | null): void => {
        this.#shaking = false;
        this.secure = true;
        if (ok) resolve(this);
        else reject(error);
      };
      const tls = { ...options, serverName: servername ?? hostname, ALPNProtocols: ALPN };
      if (raw === undefined) return reject(new Error("The connection is closed"));
      this.#shaking = true;
      const [below, secured] = raw.upgradeTLS({ tls, data: this, socket: { ...BunPipe.handler, handshake } });
      below.data = undefined; // which still tells of each byte
      this.#socket = secured;
    });
  }

  #closed(): void {
    if (this.#socket === undefined) return;
    this.#socket = undefined;
    this.#outbox?.clear();
    queueMicrotask(() => { // later: it may be destroyed while it receives
      this.#driver?.closed();
      this.#onGone();
    });
  }

  /** The system takes more, or the end is wanted. */
  #goOn(): void {
    const waited = this.bufferedAmount > 0;
    this.#write();
    if (waited && this.bufferedAmount === 0 && this.#socket !== undefined) this.#driver?.drained();
    if (!this.#ending || this.bufferedAmount > 0) return;
    this.#ending = false;
    this.#socket?.shutdown();
  }

  #write(): void {
    const outbox = this.#outbox;
    while (outbox !== undefined && outbox.size > 0 && this.#socket !== undefined) {
      const bytes = outbox.next();
      const taken = this.#socket.write(bytes);
      if (taken < 0) outbox.clear(); // the connection is broken; what the peer said before may still come
      else outbox.take(taken);
      if (taken < bytes.length) break;
    }
  }
}

function ignore(): void {}
