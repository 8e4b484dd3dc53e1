/**
 * What Node keeps to itself about its sockets, found by a look at one: it has a handle that only listens, and nothing is connected.
 * @module
 */
import type net from "node:net";
import process from "node:process";

/** A write that could not be done at once. */
export interface Request {
  oncomplete: ((this: Request, status: number) => void) | null;
  /** -1 until the request is used. */
  getAsyncId(): number;
  /** From Node 26 on: how it ended, when it did before anybody could ask to be told. */
  writeStatus?: number | null;
}

/** Asks a handle to end its side. */
export interface Shutdown {
  oncomplete: (this: Shutdown) => void;
  /** Who hears of it. */
  pipe?: unknown;
}

/** What a look at a socket found. */
export interface Internals {
  /** Where a socket keeps the buffer it reads into, and whom it tells. */
  readonly buffer: symbol;
  readonly callback: symbol;
  /** A request for a handle's `writeBuffer`; absent where that makes its own. */
  readonly Request: (new () => Request) | undefined;
  /** What it takes to do without the socket; absent where that is otherwise. */
  readonly bare: Bare | undefined;
}

/** What it takes to do without the socket. */
export interface Bare {
  /** Where a handle keeps whose it is. */
  readonly owner: symbol;
  /** A request for a handle's `shutdown`. */
  readonly Shutdown: new () => Shutdown;
  /** How much was read, asked inside `onread`: `ENDED` and `FAILED` stand for no more. */
  size(bytes: unknown): number;
}

export const ENDED = -1;
export const FAILED = -2;
/** `Request.getAsyncId` before it is used. */
export const UNUSED = -1;

/** A handle that only listens; Node gives it `onread`. */
interface Listening {
  readStart(): number;
  readStop(): number;
  useUserBuffer(bytes: unknown): void;
  writeBuffer(request: Request | null): number;
  shutdown(request: object): number;
  onread?(bytes: unknown): void;
}

/** What it heard. */
interface Heard {
  lent: unknown;
  write: Request | null | undefined;
  shutdown: object | undefined;
  size: number;
}

/** Looks for the internals of sockets. */
export function findInternals(Socket: new (options: object) => object): Internals | undefined {
  if (process.versions["bun"] !== undefined || process.versions["deno"] !== undefined) return undefined;
  const heard: Heard = { lent: undefined, write: undefined, shutdown: undefined, size: 0 };
  const lent = new Uint8Array(1);
  const hear = (size: number): boolean => {
    heard.size = size;
    return true;
  };
  const handle: Listening = {
    readStart: () => 0,
    readStop: () => 0,
    useUserBuffer: (bytes: unknown) => void (heard.lent = bytes),
    writeBuffer(request: Request | null) {
      heard.write = request;
      return 0;
    },
    shutdown(request: object) {
      heard.shutdown = request;
      return 1; // done
    },
  };
  try {
    const socket = new Socket({ handle, onread: { buffer: lent, callback: hear } }) as net.Socket;
    socket.on("error", () => {});
    socket.write(lent);
    const [buffer, callback] = [keyOf(socket, lent), keyOf(socket, hear)];
    if (heard.lent !== lent || buffer === undefined || callback === undefined || heard.write === undefined) return undefined;
    const Request = heard.write === null ? undefined : heard.write.constructor as new () => Request;
    if (Request !== undefined && new Request().getAsyncId() !== UNUSED) return undefined;
    return { buffer, callback, Request, bare: findBare(socket, handle, heard) };
  } catch {
    return undefined;
  }
}

/** Only Node's own `onread` knows how much was read, and it tells sockets: so it is called for the one that is looked at, and that is overheard. */
function findBare(socket: net.Socket, handle: Listening, heard: Heard): Bare | undefined {
  try {
    const owner = keyOf(handle, socket);
    const { onread } = handle;
    socket._final(() => {});
    const Request = heard.shutdown?.constructor;
    if (owner === undefined || onread === undefined || Request === undefined || Request === Object) return undefined;
    const hear = (size: number) => () => {
      heard.size = size;
      return socket;
    };
    Object.assign(socket, { push: hear(ENDED), destroy: hear(FAILED), read: () => null, on: () => socket });
    const size = (bytes: unknown): number => {
      heard.size = 0;
      onread.call(handle, bytes);
      return heard.size;
    };
    size(undefined); // throws where it is otherwise than this
    return { owner, Shutdown: Request as new () => Shutdown, size };
  } catch {
    return undefined;
  }
}

/** The symbol under which it keeps the value. */
function keyOf(keeper: object, value: unknown): symbol | undefined {
  return Object.getOwnPropertySymbols(keeper).find((symbol) => (keeper as Record<symbol, unknown>)[symbol] === value);
}
