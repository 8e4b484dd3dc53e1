/**
 * Handles as Deno has them, without Deno: what is read, and how much of a write is done at once, is for the test to say.
 * @module
 */
import { END, type Handle, type HandleAddress, type HandleRequest, type Internals, readBuffer, SIZE, WAITS } from "../deno-handle.ts";

/** A handle, and what became of it. */
export class FakeHandle implements Handle {
  /** Whom a server that listens gets next. */
  static waiting: FakeHandle[] = [];
  /** What calls of a listener come to. */
  static bindError = 0;
  static listenErrors: number[] = [];
  /** Every handle that was made. */
  static made: FakeHandle[] = [];
  readonly type: number;
  readonly calls: string[] = [];
  onread: Handle["onread"] = () => {};
  onconnection: Handle["onconnection"] = () => {};
  closed = 0;
  /** How many of these bytes are written at once; a negative one is an error. */
  take: (bytes: Uint8Array) => number = (bytes) => bytes.length;
  /** What waits. */
  readonly pending: { readonly request: HandleRequest; readonly bytes: Uint8Array }[] = [];
  readonly shutdowns: HandleRequest[] = [];
  shutdownError = 0;
  port = 4_000;

  constructor(type = 0) {
    this.type = type;
    FakeHandle.made.push(this);
  }

  bind(hostname: string, port: number): number {
    if (hostname === "") throw new TypeError("no host");
    if (port > 0) this.port = port;
    return hostname === "nowhere" ? -99 : FakeHandle.bindError;
  }

  listen(): number {
    this.calls.push("listen");
    return FakeHandle.listenErrors.shift() ?? 0;
  }

  accept(): number {
    return FakeHandle.waiting.shift() === undefined ? -11 : 0;
  }

  setNoDelay(): number {
    return 0;
  }

  getpeername(into: HandleAddress): number {
    if (this.closed > 0) return -107;
    Object.assign(into, { address: "192.0.2.1", port: 9 });
    return 0;
  }

  getsockname(into: HandleAddress): number {
    Object.assign(into, { address: "::", port: this.port });
    return 0;
  }

  useUserBuffer(bytes: Uint8Array): void {
    if (bytes !== readBuffer) throw new Error("another buffer");
  }

  readStart(): number {
    this.calls.push("readStart");
    return 0;
  }

  readStop(): number {
    this.calls.push("readStop");
    return 0;
  }

  writeBuffer(request: HandleRequest, bytes: Uint8Array): number {
    const count = this.take(bytes);
    if (count < 0) return count;
    fakeInternals.streamBaseState[WAITS] = count < bytes.length ? 1 : 0;
    if (count < bytes.length) this.pending.push({ request, bytes: bytes.slice(count) });
    return 0;
  }

  shutdown(request: HandleRequest): number {
    if (this.shutdownError === 0) this.shutdowns.push(request);
    return this.shutdownError;
  }

  close(done?: () => void): void {
    this.closed++;
    if (done !== undefined) queueMicrotask(done);
  }

  /** These bytes come. @param lent false for bytes that do not stand in the buffer */
  receive(bytes: Uint8Array, lent = true): void {
    fakeInternals.streamBaseState[SIZE] = bytes.length;
    if (lent) readBuffer.set(bytes);
    this.onread(lent ? undefined : bytes.slice().buffer);
  }

  /** The end comes, or an error. */
  fail(error: number = END): void {
    fakeInternals.streamBaseState[SIZE] = error;
    this.onread();
  }
}

class FakeRequest implements HandleRequest {
  oncomplete: HandleRequest["oncomplete"] = undefined;
}

/** What a look behind `node:net` would find. */
export const fakeInternals: Internals = {
  TCP: FakeHandle,
  WriteWrap: FakeRequest,
  ShutdownWrap: FakeRequest,
  streamBaseState: new Int32Array(5),
  request: new FakeRequest(),
};
