/**
 * The handles behind Deno's `node:net`: one buffer is read into by all, and neither a read nor a write makes a promise. They are Deno's own
 * business, and absent where a look does not find them; `Deno.listen` serves then.
 *
 * Measured, with a `Deno.Conn` and with a handle: an echo of 32 bytes 8.7 and 7.7 us, of 64 KiB 39 and 27; a handshake 69 and 61; an idle
 * connection 14.9 and 9.6 KB.
 * @module
 */

/** All handles read into it, as what is read is only lent. */
export const readBuffer: Uint8Array<ArrayBuffer> = new Uint8Array(131_072);

/** A TCP handle. Where it gives a number, that is 0 or an error. */
export interface Handle {
  /** Hears of a read, whose size is in the state; it is given the bytes when they are not in the buffer. */
  onread: (this: Handle, bytes?: ArrayBuffer) => void;
  /** Hears that there may be somebody to accept. */
  onconnection: () => void;
  /** Whose it is. */
  reader?: Reader;
  bind(hostname: string, port: number): number;
  /** Once it listens: looks again whether there is somebody. */
  listen(backlog: number): number;
  accept(into: Handle): number;
  setNoDelay(on: boolean): number;
  getpeername(into: HandleAddress): number;
  getsockname(into: HandleAddress): number;
  useUserBuffer(bytes: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  /** Keeps a copy of what cannot be written at once. */
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number;
  /** Behind what waits. */
  shutdown(request: HandleRequest): number;
  close(done?: () => void): void;
}

/** Where one end is, once it is filled in. */
export interface HandleAddress {
  readonly address?: string;
  readonly port?: number;
}

/** A write or a shutdown that is not done at once. */
export interface HandleRequest {
  oncomplete: ((this: HandleRequest, status: number) => void) | undefined;
  /** Whose it is. */
  reader?: Reader;
}

/** Hears of what handles and requests tell. */
export interface Reader {
  /** Something was read: the state has its size, or an error. */
  read(bytes: ArrayBuffer | undefined): void;
  /** A write that had to wait is done. */
  written(status: number): void;
  /** Our side is shut. */
  shut(): void;
}

/** What a look behind `node:net` found. */
export interface Internals {
  readonly TCP: new (type: number) => Handle;
  readonly WriteWrap: new () => HandleRequest;
  readonly ShutdownWrap: new () => HandleRequest;
  /** What the last call came to, at `SIZE` and `WAITS`. */
  readonly streamBaseState: Int32Array;
  /** The next one: as long as writes are done at once, the same serves all. */
  request: HandleRequest;
}

/** Looks for them. Not on Windows, where nobody tried. */
export function findInternals(host: object = globalThis): Internals | undefined {
  try {
    const { Deno, process } = host as { Deno: { build: { os: string } }; process: { binding(name: string): Record<string, unknown> } };
    if (Deno.build.os === "windows") return undefined;
    const { TCP, constants } = process.binding("tcp_wrap") as { TCP: Internals["TCP"]; constants: Record<string, unknown> };
    const stream = process.binding("stream_wrap");
    const { WriteWrap, ShutdownWrap, streamBaseState } = stream as unknown as Internals;
    const isKnown = METHODS.every((name) => typeof TCP.prototype[name] === "function")
      && constants["SOCKET"] === SOCKET && constants["SERVER"] === SERVER
      && stream["kReadBytesOrError"] === SIZE && stream["kLastWriteWasAsync"] === WAITS
      && streamBaseState instanceof Int32Array && streamBaseState.length > WAITS && typeof ShutdownWrap === "function";
    return isKnown ? { TCP, WriteWrap, ShutdownWrap, streamBaseState, request: new WriteWrap() } : undefined;
  } catch {
    return undefined;
  }
}

/** A handle that listens. */
export interface HandleListener {
  readonly hostname: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on the first of these that is an address of the machine; `undefined` where that does not work, whatever the reason. Nothing is left of
 * it then: who tries by other means is told the reason.
 */
export async function listenOnHandle({ TCP }: Internals, hostnames: readonly string[], port: number, onHandle: (handle: Handle) => void): Promise<HandleListener | undefined> {
  for (const hostname of hostnames) {
    const handle = new TCP(SERVER);
    const close = (): Promise<void> => new Promise((resolve) => handle.close(resolve));
    handle.onconnection = () => {
      const client = new TCP(SOCKET);
      if (handle.accept(client) === 0) onHandle(client);
      else client.close();
    };
    const isBound = bind(handle, hostname, port);
    const address = isBound ? listen(handle) : undefined;
    if (address !== undefined) return { ...address, close: lookingAgain(handle, close) };
    await close();
    if (isBound) return undefined; // such as when the port is taken
  }
  return undefined;
}

/** False where that is no address of the machine, or not allowed. */
function bind(handle: Handle, hostname: string, port: number): boolean {
  try {
    return handle.bind(hostname, port) === 0;
  } catch {
    return false;
  }
}

/** Where it listens; `undefined` where it does not, or where looking again would make it listen somewhere else. */
function listen(handle: Handle): { readonly hostname: string; readonly port: number } | undefined {
  const [first, second] = [{}, {}] as HandleAddress[];
  if (handle.listen(BACKLOG) !== 0 || handle.getsockname(first) !== 0) return undefined;
  if (handle.listen(BACKLOG) !== 0 || handle.getsockname(second) !== 0) return undefined;
  const { address: hostname, port } = first;
  return hostname === undefined || port === undefined || second.port !== port ? undefined : { hostname, port };
}

/** Once no file is left for who connects, a handle accepts nobody any more, and nobody hears of it: so it is told to look again. */
function lookingAgain(handle: Handle, close: () => Promise<void>): () => Promise<void> {
  const timer = setInterval(() => handle.listen(BACKLOG), LOOK_INTERVAL);
  let closed: Promise<void> | undefined;
  return () => {
    clearInterval(timer);
    return closed ??= close();
  };
}

/** Where the state has how many bytes were read, or an error. */
export const SIZE = 0;
/** Where it has whether the last write waits: 1, or 0. */
export const WAITS = 3;
/** The size that stands for the end. */
export const END = -4095;
const SOCKET = 0;
const SERVER = 1;
const METHODS = [
  "bind", "listen", "accept", "setNoDelay", "getpeername", "getsockname", "useUserBuffer", "readStart", "readStop", "writeBuffer", "shutdown", "close",
] as const;
/** Connections that the system keeps for us, as `Deno.listen` has it. */
const BACKLOG = 511;
/** In milliseconds. */
const LOOK_INTERVAL = 1_000;
