/**
 * An accepted connection of Node as its handle alone, as a pipe: Node makes a socket for each, two streams with their state, which is more than all
 * that we keep. It uses what Node keeps to itself; where a look at a socket does not find it, each connection has its socket as ever.
 *
 * Measured, for a server that answers handshakes and does nothing else: an idle connection takes 2.2 KB instead of 4.0, as it leaves 1.8 KB to be
 * collected instead of 4.6.
 * @module
 */
import net from "node:net";
import process from "node:process";
import type { Protocol } from "../core/protocol.ts";
import { Driver, type Transport } from "./driver.ts";
import { type Handle, isWritable, readBuffer, type Writer, writeTo } from "./node-handle.ts";
import type { Pipe } from "./pipe.ts";

/** What stands behind an accepted TCP or unix socket. */
interface BareHandle extends Handle {
  onread: (this: BareHandle, bytes: unknown) => void;
  readStart(): number;
  readStop(): number;
  /** Gives 1 when that is done, and an error number when it cannot be. */
  shutdown(request: ShutdownRequest): number;
  close(callback: (this: BareHandle) => void): void;
  setNoDelay?(on: boolean): number;
  getpeername?(into: { address?: string; port?: number }): number;
  [owner: symbol]: unknown;
}

interface ShutdownRequest {
  oncomplete: (this: ShutdownRequest) => void;
  pipe: BarePipe;
}

/** What a look at a socket found. */
export interface BareInternals {
  /** Where a handle keeps whose it is. */
  readonly owner: symbol;
  readonly Shutdown: new () => ShutdownRequest;
  /** How much was read, asked inside `onread`: `ENDED` and `FAILED` stand for no more. */
  size(bytes: unknown): number;
}

const ENDED = -1;
const FAILED = -2;

/**
 * Looks for the internals of sockets. Only Node's own `onread` knows how much was read, and it tells sockets: so it is called for one that has
 * a handle which only listens, and that is overheard.
 */
export function findBare(Socket: new (options: object) => object): BareInternals | undefined {
  if (process.versions["bun"] !== undefined || process.versions["deno"] !== undefined) return undefined;
  let told = 0;
  let request: object | undefined;
  const handle: Partial<BareHandle> = {
    readStart: () => 0,
    readStop: () => 0,
    useUserBuffer() {},
    shutdown(given) {
      request = given;
      return 1;
    },
  };
  const callback = (size: number): boolean => {
    told = size;
    return true;
  };
  try {
    const socket = new Socket({ handle, onread: { buffer: readBuffer, callback } }) as net.Socket;
    const owner = Object.getOwnPropertySymbols(handle).find((symbol) => handle[symbol] === socket);
    const { onread } = handle;
    socket._final(() => {});
    if (owner === undefined || onread === undefined || request === undefined || request.constructor === Object) return undefined;
    const end = (): boolean => {
      told = ENDED;
      return true;
    };
    const fail = (): net.Socket => {
      told = FAILED;
      return socket;
    };
    Object.assign(socket, { push: end, read: () => null, destroy: fail, on: () => socket });
    const size = (bytes: unknown): number => {
      told = 0;
      onread.call(handle as BareHandle, bytes);
      return told;
    };
    size(undefined); // throws where it is otherwise than this
    return { owner, Shutdown: request.constructor as new () => ShutdownRequest, size };
  } catch {
    return undefined;
  }
}

/** From now on the connections that this server accepts are handed over as pipes and have no sockets, where that is possible; it must be listening. */
export function takeHandles(server: net.Server, onPipe: (pipe: BarePipe) => void, onGone: () => void): void {
  const { _handle: listening } = server as { readonly _handle?: { onconnection?: (this: object, error: number, handle: BareHandle) => void } | null };
  const accept = listening?.onconnection;
  if (!isSought) {
    isSought = true;
    internals = isWritable() ? findBare(net.Socket as never) : undefined;
  }
  if (!listening || accept === undefined || internals === undefined) return;
  listening.onconnection = function (error, handle) {
    if (error === 0 && internals !== undefined && internals.owner in handle && handle.useUserBuffer !== undefined) onPipe(new BarePipe(handle, internals, onGone));
    else accept.call(this, error, handle);
  };
}

/** An accepted connection. */
export class BarePipe implements Pipe, Transport<Uint8Array>, Writer {
  readonly #handle: BareHandle;
  readonly #onGone: () => void;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #peer: { address?: string; port?: number } | undefined = undefined;
  /** Bytes of writes that have not all left. */
  #waiting = 0;
  /** What is over: see below. */
  #over = NOTHING;

  /** @param onGone called once, when it is closed */
  constructor(handle: BareHandle, { owner }: BareInternals, onGone: () => void) {
    this.#handle = handle;
    this.#onGone = onGone;
    handle[owner] = this;
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
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#over === GONE) queueMicrotask(() => driver.closed());
    else this.resume();
    return driver;
  }

  get frees(): boolean {
    return true;
  }

  get bufferedAmount(): number {
    return this.#waiting;
  }

  /** A write counts as one until all of it has left; libuv knows better. */
  get unsent(): number {
    return this.#waiting + this.#handle.writeQueueSize;
  }

  write(output: readonly Uint8Array[]): boolean {
    if (this.#over === GONE) return false;
    const waiting = writeTo(this.#handle, output, this);
    if (waiting === 0) return true;
    if (waiting < 0) this.destroy();
    else this.#waiting += waiting;
    return false;
  }

  written(size: number, failed: boolean): void {
    this.#waiting -= size;
    if (failed) this.destroy();
    else if (this.#waiting === 0) this.#driver?.drained();
  }

  end(): void {
    if (this.#over === GONE) return;
    const request = new (internals as BareInternals).Shutdown();
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
    return handle[(internals as BareInternals).owner] as BarePipe;
  }

  static #onRead(this: BareHandle, bytes: unknown): void {
    const pipe = BarePipe.#of(this);
    const size = (internals as BareInternals).size(bytes);
    if (size > 0) {
      pipe.#driver?.received(readBuffer.subarray(0, size));
    } else if (size === ENDED) {
      pipe.#driver?.ended();
      pipe.#end(READING);
    } else if (size === FAILED) {
      pipe.destroy();
    }
  }

  static #onShutdown(this: ShutdownRequest): void {
    this.pipe.#end(SENDING);
  }

  static #onClose(this: BareHandle): void {
    const pipe = BarePipe.#of(this);
    pipe.#driver?.closed();
    pipe.#onGone();
  }
}

const NOTHING = 0;
const READING = 1;
const SENDING = 2;
const BOTH = READING | SENDING;
/** It is closed. */
const GONE = BOTH | 4;
let isSought = false;
let internals: BareInternals | undefined = undefined;
