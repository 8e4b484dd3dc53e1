/**
 * Clients and a server in one process: no sockets, and time is what a clock that you hold says. For tests and demos.
 * @module
 */
import { Acceptor } from "./acceptor.ts";
import { type Clock, hostClock } from "./clock.ts";
import { type ConnectOptions, connectWith } from "./connect.ts";
import type { DrainOptions, DrainSummary } from "./drain.ts";
import type { ServeHandler } from "./handler.ts";
import { memoryPair } from "./memory-pair.ts";
import type { Pipe } from "./pipe.ts";
import type { Socket } from "./socket.ts";

export { VirtualClock } from "./virtual-clock.ts";
export type { Clock };

/** What `connect` of a `MemoryServer` takes. */
export interface MemoryConnectOptions extends Omit<ConnectOptions, "tls" | "proxy" | "unix"> {
  /** What the request is made from; "ws://memory/" when it is not said. */
  readonly url?: string | URL;
}

/** A server that only this process reaches. */
export interface MemoryServer<Data = unknown> {
  /** The open sockets. */
  readonly sockets: ReadonlySet<Socket<Data>>;
  /** Opens a WebSocket to it. Rejects with a `HandshakeError` when it does not open. */
  connect(options?: MemoryConnectOptions): Promise<Socket<undefined>>;
  /** Closes every socket with the code, and settles when all are gone. */
  close(code?: number, reason?: string): Promise<void>;
  /** Lets every socket go behind what it has to say; see `Server.drain`. */
  drain(options?: DrainOptions): Promise<DrainSummary>;
}

/** Serves whoever calls its `connect`. */
export function memoryServer<Data = unknown>(handler: ServeHandler<Data>, clock: Clock = hostClock): MemoryServer<Data> {
  const acceptor = new Acceptor<Data>(handler, undefined, clock);
  const dial = (): Promise<Pipe> => {
    const [client, server] = memoryPair(clock);
    acceptor.accept(server);
    return Promise.resolve(client);
  };
  return {
    sockets: acceptor.sockets,
    connect: (options = {}) => connectWith(dial, options.url ?? "ws://memory/", options, clock),
    close: (code = 1001, reason = "") => acceptor.close(code, reason),
    drain: (options) => acceptor.drain(options),
  };
}
