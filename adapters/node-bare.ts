/**
 * An accepted connection of Node as its handle alone, as a pipe: Node makes a socket for each, two streams with their state, which is more than all
 * that we keep. It uses what Node keeps to itself; where a look at a socket does not find it, each connection has its socket as ever.
 *
 * Measured, for a server that answers handshakes and does nothing else: an idle connection takes 2.2 KB instead of 4.0, as it leaves 1.8 KB to be
 * collected instead of 4.6.
 * @module
 */
import type net from "node:net";
import type { Protocol } from "../core/protocol.ts";
import { Driver, type Transport } from "./driver.ts";
import { type Handle, HandleWriter, internals, readBuffer } from "./node-handle.ts";
import { type Bare, ENDED, FAILED, type Shutdown } from "./node-internals.ts";
import type { Pipe } from "./pipe.ts";

/** What stands behind an accepted TCP or unix socket. */
interface BareHandle extends Handle {
  onread: (this: BareHandle, bytes: unknown) => void;
  readStart(): number;
  readStop(): number;
  /** Gives 1 when that is done, and an error number when it cannot be. */
  shutdown(request: Shutdown): number;
  close(callback: (this: BareHandle) => void): void;
  setNoDelay?(on: boolean): number;
  getpeername?(into: { address?: string; port?: number }): number;
  [owner: symbol]: unknown;
}

/** From now on the connections that this server accepts are handed over as pipes and have no sockets, where that is possible; it must be listening. */
export function takeHandles(server: net.Server, onPipe: (pipe: BarePipe) => void, onGone: () => void): void {
  const { _handle: listening } = server as { readonly _handle?: { onconnection?: (this: object, error: number, handle: BareHandle) => void } | null };
  const accept = listening?.onconnection;
  const found = internals()?.bare;
  if (!listening || accept === undefined || found === undefined) return;
  bare = found;
  listening.onconnection = function (error, handle) {
    if (error === 0 && isSound && bare.owner in handle && handle.useUserBuffer !== undefined) onPipe(new BarePipe(handle, onGone));
    else accept.call(this, error, handle);
  };
}

/** An accepted connection. */
export class BarePipe extends HandleWriter implements Pipe, Transport<Uint8Array> {
  readonly #handle: BareHandle;
  readonly #onGone: () => void;
  #peer: { address?: string; port?: number } | undefined = undefined;
  /** What is over: see below. */
  #over = NOTHING;

  /** @param onGone called once, when it is closed */
  constructor(handle: BareHandle, onGone: () => void) {
    super();
    this.#handle = handle;
    this.#onGone = onGone;
    handle[bare.owner] = this;
    handle.setNoDelay?.(true);
    handle.useUserBuffer(readBuffer);
    handle.onread = BarePipe.#onRead;
  }

  /** Asked for late: it is a call into the system, and an object that is kept. Node tells it as long as the connection is there, and later if it was asked then. */
  get remoteAddress(): string | undefined {
    return this.#name.address;
  }

  get remotePort(): number | undefined {
    return this.#name.port;
  }

  get secure(): boolean {
    return false;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const driver = this.driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#over === GONE) queueMicrotask(() => driver.closed());
    else this.resume();
    return driver;
  }

  get frees(): boolean {
    return true;
  }

  get bufferedAmount(): number {
    return this.waiting;
  }

  /** A write counts as one until all of it has left; libuv knows better. */
  get unsent(): number {
    return this.waiting + this.#handle.writeQueueSize;
  }

  write(output: readonly Uint8Array[]): boolean {
    return this.#over !== GONE && this.writeTo(this.#handle, output);
  }

  end(): void {
    if (this.#over === GONE) return;
    const request = new bare.Shutdown();
    request.pipe = this;
    request.oncomplete = BarePipe.#onShutdown;
    if (this.#handle.shutdown(request) !== 0) this.#end(SENDING); // else it is told, behind what waits
  }

  destroy(): void {
    if (this.#over === GONE) return;
    this.#over = GONE;
    this.#handle.close(BarePipe.#onClose);
  }

  pause(): void {
    if (this.#over !== GONE) this.#handle.readStop();
  }

  resume(): void {
    if ((this.#over & READING) === 0) this.#handle.readStart();
  }

  /** As a server only accepts, there is none. */
  startTls(): Promise<Pipe> {
    return Promise.reject(new Error("Cannot start TLS on a connection that was accepted"));
  }

  get #name(): { readonly address?: string; readonly port?: number } {
    if (this.#peer !== undefined || this.#over === GONE) return this.#peer ?? {};
    this.#peer = {};
    this.#handle.getpeername?.(this.#peer);
    return this.#peer;
  }

  /** One side is over; with both it is. */
  #end(side: number): void {
    this.#over |= side;
    if (this.#over === BOTH) this.destroy();
  }

  static #of(handle: BareHandle): BarePipe {
    return handle[bare.owner] as BarePipe;
  }

  static #onRead(this: BareHandle, bytes: unknown): void {
    const pipe = BarePipe.#of(this);
    const size = bare.size(bytes);
    if (size > 0 && size <= readBuffer.length && bytes === undefined) {
      pipe.driver?.received(readBuffer.subarray(0, size));
    } else if (size === ENDED) {
      pipe.driver?.ended();
      pipe.#end(READING);
    } else if (size !== 0) {
      if (size !== FAILED) isSound = false;
      pipe.destroy();
    }
  }

  static #onShutdown(this: Shutdown): void {
    (this.pipe as BarePipe).#end(SENDING);
  }

  static #onClose(this: BareHandle): void {
    const pipe = BarePipe.#of(this);
    pipe.driver?.closed();
    pipe.#onGone();
  }
}

const NOTHING = 0;
const READING = 1;
const SENDING = 2;
const BOTH = READING | SENDING;
/** It is closed. */
const GONE = BOTH | 4;
/** Known before there is any. */
let bare: Bare;
/** False once a read told what none can tell, or did not go into the buffer: the look was wrong, and the next connections have sockets. */
let isSound = true;
