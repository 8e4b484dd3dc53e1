/**
 * WebSockets on an existing `node:http` or `node:https` server, beside whatever else it serves.
 * @module
 */
import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { parseRequest, writeResponse } from "../core/http/head.ts";
import { refuse, type Refused } from "../core/websocket/handshake.ts";
import { Acceptor } from "./acceptor.ts";
import type { DrainOptions, DrainSummary } from "./drain.ts";
import type { ServeHandler } from "./handler.ts";
import { NodePipe } from "./node-pipe.ts";
import type { Socket } from "./socket.ts";

/** What `attach` takes: how to answer, and which requests. */
export interface AttachOptions<Data = unknown> extends ServeHandler<Data> {
  /** The path that is served, such as "/chat", or a function that says so; every path when it is not said. */
  readonly path?: string | ((request: IncomingMessage) => boolean);
}

/** WebSockets that an HTTP server serves. */
export interface Attachment<Data = unknown> {
  /** The open sockets. */
  readonly sockets: ReadonlySet<Socket<Data>>;
  /** Takes no more requests, closes every socket with the code, and settles when all are gone. The HTTP server goes on. */
  close(code?: number, reason?: string): Promise<void>;
  /**
   * Lets every socket go behind what it has to say; see `Server.drain`. Until all are gone requests are answered 503, then no
   * more are taken. The HTTP server goes on.
   */
  drain(options?: DrainOptions): Promise<DrainSummary>;
}

/**
 * Serves WebSockets on the `upgrade` event of a server that is somebody else's, such as Express's, Fastify's or Vite's.
 *
 * Any number may be attached to one server: the first whose `path` matches gets the request. What none of them matches is
 * left to the server's other `upgrade` listeners, and answered 404 when there are none.
 */
export function attach<Data = unknown>(server: HttpServer | HttpsServer, options: AttachOptions<Data>): Attachment<Data> {
  const acceptor = new Acceptor<Data>(options);
  const route: Route = {
    matches: (request) => matches(options.path, request),
    accept(request, socket, rest) {
      const head = parseRequest(toText(request));
      if ("status" in head) decline(socket, refuse(head.status, head.message));
      else acceptor.acceptRequest(new NodePipe(socket), head, rest);
    },
  };
  const router = routers.get(server) ?? new Router(server);
  router.routes.add(route);
  let drained: Promise<DrainSummary> | undefined;
  return {
    sockets: acceptor.sockets,
    async close(code = 1001, reason = "") {
      router.routes.delete(route);
      await acceptor.close(code, reason);
    },
    drain: (options) => drained ??= acceptor.drain(options).finally(() => router.routes.delete(route)),
  };
}

interface Route {
  matches(request: IncomingMessage): boolean;
  accept(request: IncomingMessage, socket: Duplex, rest: Uint8Array): void;
}

/** The one listener of ours on a server, however often something was attached. */
class Router {
  readonly routes: Set<Route> = new Set();

  constructor(server: HttpServer | HttpsServer) {
    routers.set(server, this);
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, rest: Uint8Array) => {
      if (isTaken(socket)) return;
      for (const route of this.routes) {
        if (route.matches(request)) return route.accept(request, socket, rest);
      }
      if (server.listenerCount("upgrade") === 1) decline(socket, refuse(404, "No WebSocket is served at this path"));
    });
  }
}

const routers = new WeakMap<object, Router>();

function matches(path: AttachOptions["path"], request: IncomingMessage): boolean {
  if (path === undefined) return true;
  return typeof path === "function" ? path(request) : request.url?.split("?", 1)[0] === path;
}

/** True when an `upgrade` listener before ours has the socket already: two on one socket end as an invalid frame. */
function isTaken(socket: Duplex): boolean {
  return socket.destroyed || socket.writableEnded || socket.listenerCount("data") > 0;
}

function decline(socket: Duplex, { response, body }: Refused): void {
  socket.on("error", () => socket.destroy());
  socket.write(writeResponse(response));
  socket.end(body);
}

/** The head as it came: `node:http` takes HTTP/1.0, and targets that no other parser would. */
function toText({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/${httpVersion}`;
  for (let at = 0; at < rawHeaders.length; at += 2) text += `\r\n${rawHeaders[at]}: ${rawHeaders[at + 1]}`;
  return text;
}
