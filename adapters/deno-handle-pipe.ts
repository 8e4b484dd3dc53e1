/**
 * A TCP handle of Deno as a pipe, for servers.
 *
 * 1. What fits into the system's buffers is written at once. Of what does not, one piece waits at the handle and the rest here, so that each part that
 *    leaves is seen to leave.
 * 2. Where writing fails, what the peer said before it left is still read.
 * 3. Closed, a handle tells of nothing but requests that were under way.
 * @module
 */
import type { Protocol } from "../core/protocol.ts";
import { END, type Handle, type HandleAddress, type HandleRequest, type Internals, readBuffer, type Reader, SIZE, WAITS } from "./deno-handle.ts";
import { Driver, type Transport } from "./driver.ts";
import { Outbox } from "./outbox.ts";
import type { Pipe } from "./pipe.ts";

/** A handle as a pipe and a transport. */
export class DenoHandlePipe implements Pipe, Transport<Uint8Array>, Reader {
  readonly secure = false;
  readonly #internals: Internals;
  readonly #handle: Handle;
  readonly #onGone: () => void;
  #address: HandleAddress | undefined = undefined;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  /** What is queued behind a write that waits. */
  #outbox: Outbox | undefined = undefined;
  /** Bytes of the write that waits. */
  #waiting = 0;
  #paused = false;
  #ending = false;
  #readEnded = false;
  #writeEnded = false;
  #gone = false;

  /** @param onGone called once, when it is closed */
  constructor(internals: Internals, handle: Handle, onGone: () => void = ignore) {
    this.#internals = internals;
    this.#handle = handle;
    this.#onGone = onGone;
    handle.reader = this;
    handle.setNoDelay(true);
  }

  /** Asked for late, as it is a call into the system. Once told it is kept, as nobody knows it behind the end. */
  get remoteAddress(): string | undefined {
    return this.#peer.address;
  }

  get remotePort(): number | undefined {
    return this.#peer.port;
  }

  get #peer(): HandleAddress {
    if (this.#address === undefined) this.#handle.getpeername(this.#address = {});
    return this.#address;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const first = this.#driver === undefined;
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this);
    if (this.#gone) queueMicrotask(() => driver.closed());
    else if (!first) this.resume(); // the protocol before may have stopped reading, to be taken over
    else this.#startReading();
    return driver;
  }

  #startReading(): void {
    const handle = this.#handle;
    handle.onread = onRead;
    handle.useUserBuffer(readBuffer);
    handle.readStart();
  }

  get bufferedAmount(): number {
    return this.#waiting + (this.#outbox?.size ?? 0);
  }

  write(output: readonly Uint8Array[]): boolean {
    if (this.#writeEnded) return false;
    if (this.#waiting > 0) {
      this.#outbox ??= new Outbox();
      this.#outbox.push(output);
      return false;
    }
    spare.push(output);
    this.#send(spare);
    return this.#waiting === 0;
  }

  end(): void {
    this.#ending = true;
    this.#finish();
  }

  destroy(): void {
    if (this.#gone) return;
    this.#gone = this.#writeEnded = true;
    this.#outbox?.clear();
    this.#handle.close();
    queueMicrotask(() => { // later: it may be destroyed while it receives
      this.#driver?.closed();
      this.#onGone();
    });
  }

  pause(): void {
    if (this.#paused || this.#gone) return;
    this.#paused = true;
    this.#handle.readStop();
  }

  resume(): void {
    if (!this.#paused || this.#gone) return;
    this.#paused = false;
    if (!this.#readEnded) this.#handle.readStart();
  }

  startTls(): Promise<Pipe> {
    return Promise.reject(new TypeError("A handle carries no TLS"));
  }

  read(bytes: ArrayBuffer | undefined): void {
    const size = this.#internals.streamBaseState[SIZE];
    if (this.#gone || size === 0) return;
    if (size > 0) return void this.#driver?.received(bytes === undefined ? readBuffer.subarray(0, size) : new Uint8Array(bytes, 0, size));
    if (size !== END) return this.destroy();
    this.#readEnded = true;
    this.#driver?.ended();
    if (this.#writeEnded) this.destroy();
  }

  written(status: number): void {
    this.#waiting = 0;
    if (this.#gone) return;
    const outbox = this.#outbox;
    if (status !== 0) {
      outbox?.clear();
      if (this.#paused) return this.destroy();
      return this.shut();
    }
    if (outbox !== undefined) this.#send(outbox);
    if (this.#waiting > 0) return;
    this.#outbox = undefined;
    this.#driver?.drained();
    this.#finish();
  }

  shut(): void {
    this.#writeEnded = true;
    if (this.#readEnded) this.destroy();
  }

  /** Writes until something waits. */
  #send(outbox: Outbox): void {
    const internals = this.#internals;
    const { streamBaseState: state } = internals;
    while (outbox.size > 0 && this.#waiting === 0) {
      const next = outbox.next();
      const bytes = next.length > MAX_WRITE ? next.subarray(0, MAX_WRITE) : next;
      const { request } = internals;
      const status = this.#handle.writeBuffer(request, bytes);
      if (status !== 0) {
        queueMicrotask(() => this.written(status));
      } else if (state[WAITS] !== 0) {
        request.reader = this;
        request.oncomplete = onWritten;
        internals.request = new internals.WriteWrap();
      }
      if (status !== 0 || state[WAITS] !== 0) this.#waiting = bytes.length;
      outbox.take(bytes.length);
    }
    if (outbox.size === 0) return;
    this.#outbox = outbox;
    if (outbox === spare) spare = new Outbox();
  }

  /** Shuts our side, when it is to end and nothing waits. */
  #finish(): void {
    if (!this.#ending || this.#waiting > 0 || this.#writeEnded) return;
    this.#ending = false;
    const request = new this.#internals.ShutdownWrap();
    request.reader = this;
    request.oncomplete = onShut;
    if (this.#handle.shutdown(request) !== 0) queueMicrotask(() => this.shut());
  }
}

/** One for all handles, as the functions below. */
function onRead(this: Handle, bytes?: ArrayBuffer): void {
  this.reader?.read(bytes);
}

function onWritten(this: HandleRequest, status: number): void {
  this.reader?.written(status);
}

function onShut(this: HandleRequest): void {
  this.reader?.shut();
}

function ignore(): void {}

/** Who wrote all of it leaves it to the next. */
let spare = new Outbox();
/** What waits at a handle is copied, and nothing tells how much of it has left. */
const MAX_WRITE = 262_144;
