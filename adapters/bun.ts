/**
 * isosocket on Bun: `connect` and `serve` on `Bun.connect` and `Bun.listen`.
 * @module
 */
import { DEFAULT_LIMITS, type Limits } from "../core/websocket/limits.ts";
import { BunPipe } from "./bun-pipe.ts";
import { ALPN, type BunSocket, type BunSocketHandler } from "./bun-socket.ts";
import { hostClock } from "./clock.ts";
import { type ConnectOptions, connectWith } from "./connect.ts";
import { onAddress, OpenCount } from "./listening.ts";
import type { Address, Listener, ListenOptions, Pipe } from "./pipe.ts";
import { type ServeOptions, type Server, serveWith } from "./serve.ts";
import type { Socket } from "./socket.ts";

/** Opens a WebSocket; see `ConnectOptions`. Rejects with a `HandshakeError` when it does not open. */
export function connect(url: string | URL, options: ConnectOptions = {}): Promise<Socket<undefined>> {
  return connectWith(dial, url, options);
}

/** Listens on a port or unix socket and serves WebSockets; see `ServeOptions`. */
export function serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>> {
  return serveWith(listen, options);
}

declare const Bun: {
  connect(options: object): Promise<BunSocket<BunPipe>>;
  listen(options: object): { readonly hostname?: string; readonly port?: number; stop(): void };
};

async function dial({ hostname, port, unix }: Address, signal: AbortSignal): Promise<Pipe> {
  const where = unix === undefined ? { hostname, port } : { unix };
  const socket: BunSocketHandler<BunPipe> = {
    ...BunPipe.handler,
    open: (opened) => void (opened.data = new BunPipe(opened)),
  };
  // It cannot be called off: one that nobody answers stays, unheard, until the system gives up.
  const pipe = (await Bun.connect({ ...where, allowHalfOpen: true, socket })).data as BunPipe;
  if (signal.aborted) pipe.destroy();
  signal.throwIfAborted();
  return pipe;
}

async function listen(
  { hostname, port = 0, unix, tls, limits }: ListenOptions & { readonly limits?: Partial<Limits> },
  onPipe: (pipe: Pipe) => void,
  isCrowded: (before: number) => boolean,
): Promise<Listener> {
  const count = new OpenCount();
  const handshakes = new Map<BunSocket<BunPipe>, { readonly since: number; readonly cancel: () => void }>();
  const { handshakeTimeout = DEFAULT_LIMITS.handshakeTimeout } = limits ?? {};
  const accept = (socket: BunSocket<BunPipe>, connectedAt?: number): void => {
    count.add();
    const pipe = socket.data = new BunPipe(socket, tls !== undefined, count.remove, connectedAt);
    onPipe(pipe);
  };
  const socket: BunSocketHandler<BunPipe> = tls === undefined ? { ...BunPipe.handler, open: (opened) => accept(opened) } : {
    ...BunPipe.handler,
    open(opened) { // nothing may be sent before the handshake
      if (isCrowded(handshakes.size)) return void opened.terminate();
      // a socket's own timeout is up to four seconds late
      handshakes.set(opened, { since: hostClock.now(), cancel: hostClock.schedule(() => opened.terminate(), handshakeTimeout) });
    },
    handshake(shaken, ok) {
      const since = settle(shaken);
      if (ok) accept(shaken, since);
      else shaken.terminate();
    },
    close(closed, error) {
      settle(closed);
      BunPipe.handler.close(closed, error);
    },
  };
  const settle = (socket: BunSocket<BunPipe>): number | undefined => {
    const handshake = handshakes.get(socket);
    handshake?.cancel();
    handshakes.delete(socket);
    return handshake?.since;
  };
  const options = { allowHalfOpen: true, socket, ...(tls === undefined ? {} : { tls: { ...tls, ALPNProtocols: ALPN } }) };
  const listener = unix === undefined
    ? onAddress(hostname, (host) => Bun.listen({ ...options, hostname: host, port }))
    : Bun.listen({ ...options, unix });
  return {
    port: listener.port ?? 0,
    hostname: listener.hostname ?? unix ?? "",
    close() {
      listener.stop();
      for (const socket of handshakes.keys()) socket.terminate();
      return count.none();
    },
  };
}
