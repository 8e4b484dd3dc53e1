/**
 * A `Deno.Conn` as a pipe.
 *
 * 1. A pending read holds its buffer, and cannot be called off: connections wait with a small one; one that fills it reads on into a larger one,
 *    which it keeps for the next burst while few do so.
 * 2. Nothing is read while the protocol wants no input; one read that was on its way waits.
 * 3. Where writing fails, what the peer said before it left is still read.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { ops } from "./deno-ops.ts";
import { closeConnection, type DenoConnection, secure } from "./deno-tls.ts";
import { Driver, type Transport } from "./driver.ts";
import { Outbox } from "./outbox.ts";
import type { Pipe, TlsClientOptions } from "./pipe.ts";
import { ReadBuffer } from "./read-buffer.ts";

/** A Deno connection as a pipe and a transport. */
export class DenoPipe implements Pipe, Transport<Uint8Array> {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  secure: boolean;
  readonly connectedAt: number | undefined;
  readonly #onGone: () => void;
  readonly #outbox = new Outbox();
  #connection: DenoConnection;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #wake: () => void = ignore;
  #paused = false;
  #writing = false;
  #blocked = false;
  #ending = false;
  #readEnded = false;
  #writeEnded = false;
  #gone = false;

  /**
   * @param onGone called once, when it is closed
   * @param connectedAt when TCP was connected, where that was before
   */
  constructor(connection: DenoConnection, secure = false, onGone: () => void = ignore, connectedAt?: number) {
    this.connectedAt = connectedAt;
    this.#connection = connection;
    this.#onGone = onGone;
    this.secure = secure;
    this.remoteAddress = connection.remoteAddr.hostname;
    this.remotePort = connection.remoteAddr.port;
    connection.setNoDelay?.(true);
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const first = this.#driver === undefined;
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#gone) queueMicrotask(() => driver.closed());
    else if (first) void this.#read();
    else this.resume(); // the protocol before may have stopped reading, to be taken over
    return driver;
  }

  get frees(): boolean {
    return true;
  }

  get bufferedAmount(): number {
    return this.#outbox.size;
  }

  write(output: readonly Uint8Array[]): boolean {
    if (this.#writeEnded) return false;
    this.#outbox.push(output);
    if (!this.#writing) void this.#write();
    this.#blocked = this.#outbox.size >= HIGH_WATER;
    return !this.#blocked;
  }

  end(): void {
    this.#ending = true;
    if (!this.#writing && !this.#writeEnded) void this.#write();
  }

  destroy(): void {
    if (this.#gone) return;
    this.#gone = this.#writeEnded = true;
    closeConnection(this.#connection);
    this.#wake();
    queueMicrotask(() => { // later: it may be destroyed while it receives
      this.#driver?.closed();
      this.#onGone();
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  async startTls(options: TlsClientOptions, hostname: string): Promise<Pipe> {
    this.#connection = await secure(this.#connection, options, hostname, this.#driver === undefined);
    if (this.#gone) closeConnection(this.#connection); // given up in the meantime
    await this.#connection.handshake?.();
    this.secure = true;
    return this;
  }

  async #read(): Promise<void> {
    const buffer = new ReadBuffer();
    for (;;) {
      if (this.#paused) await this.#whilePaused();
      let size: number | null | undefined;
      try {
        size = await ops.read(this.#connection, buffer.bytes);
      } catch {
        size = undefined; // `destroy` follows
      }
      if (this.#paused) await this.#whilePaused();
      if (this.#gone || !size) {
        buffer.release();
        if (this.#gone || size === undefined) return this.destroy();
        break;
      }
      this.#driver?.received(buffer.bytes.subarray(0, size));
      buffer.adapt(size);
    }
    this.#readEnded = true;
    this.#driver?.ended();
    if (this.#writeEnded) this.destroy();
  }

  async #whilePaused(): Promise<void> {
    while (this.#paused && !this.#gone) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async #write(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#outbox.size > 0) {
        this.#outbox.take(await ops.write(this.#connection, this.#outbox.next()));
        if (this.#blocked && this.#outbox.size < HIGH_WATER) {
          this.#blocked = false;
          this.#driver?.drained();
        }
        if (this.#outbox.size === 0) this.#driver?.emptied();
      }
      this.#writing = false;
      if (!this.#ending) return;
      await this.#connection.closeWrite();
    } catch {
      this.#outbox.clear();
      if (this.#paused) this.destroy();
    }
    this.#writeEnded = true;
    if (this.#readEnded) this.destroy();
  }
}

function ignore(): void {}

/** Bytes waiting to be written past which no more is asked for. Well above what one read provokes: that a write was done at once is known only later. */
const HIGH_WATER = 262_144;
