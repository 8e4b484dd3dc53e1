/**
 * Our server with a few habits, for clients of all kinds: on the runtime itself, or on Node for runtimes that cannot serve.
 *
 * A path or a message says what it does; everything else is echoed. The query names a connection: how it ended is kept under it.
 * @module
 */
import type { ServeHandler } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Close } from "../../core/websocket/close.ts";
import { PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import type { Runtime } from "./case.ts";
import { LARGE, serving, until } from "./tools.ts";

/** The server's handler, which may compress messages of any length; how its connections ended goes into the map. */
export function makeHouse(endings: Map<string, Close>, compresses = false): ServeHandler {
  return {
    ...(compresses ? { extensions: [new PermessageDeflate({ threshold: 0 })] } : {}),
    protocols: ["chat"],
    origins: "any", // the page of the suite comes from another port
    limits: LARGE,
    upgrade: ({ path }) => {
      if (path === "/refuse") return { status: 403, body: "not you" };
      return path === "/never" ? new Promise<undefined>(() => {}) : undefined;
    },
    open: (socket) => void (new URL(socket.url).pathname === "/welcome" && socket.send("from the server")),
    message: (socket, message) => {
      if (typeof message !== "string" || !obey(socket, message)) socket.send(message);
    },
    close: (socket, close) => void endings.set(new URL(socket.url).search.slice(1), close),
    error: () => {},
  };
}

function obey(socket: Socket, message: string): boolean {
  const [, code, reason] = /^close (\d+|none) ?(.*)$/.exec(message) ?? [];
  if (code !== undefined) void socket.close(code === "none" ? null : Number(code), reason);
  else if (message === "drop") socket.terminate();
  else if (message === "fragments") for (const piece of ["fr", "ag", "ments"]) socket.sendFragment(piece, piece === "ments");
  else if (message === "extensions") socket.send(socket.extensions);
  else if (message === "ping") void socket.ping().then((roundTrip) => socket.send(roundTrip === undefined ? "no pong" : "pong"));
  else return false;
  return true;
}

/** Such a server while a case runs. */
export interface House {
  readonly port: number;
  /** A URL that no other connection has. */
  url(path?: string): string;
  /** How the server saw the end of the connection with that URL. */
  ending(url: string): Promise<Close>;
}

let count = 0;

/** Runs the body with such a server, which compresses messages when `compresses` is true. */
export async function withHouse(runtime: Runtime, body: (house: House) => Promise<void>, compresses = false): Promise<void> {
  const key = (url: string): string => new URL(url).search.slice(1);
  const make = (port: number, find: (key: string) => Close | undefined | Promise<Close | undefined>): House => ({
    port,
    url: (path = "/") => `ws://127.0.0.1:${port}${path}?${runtime.name.replace(/\W/g, "-")}-${++count}`,
    async ending(url) {
      let ending: Close | undefined;
      await until(async () => (ending = await find(key(url))) !== undefined, "the server's socket ends");
      return ending as Close;
    },
  });
  if (runtime.cannot["serves"] !== undefined) return body(make(await runtime.peers.house(compresses), (name) => runtime.peers.ending(name)));
  const endings = new Map<string, Close>();
  await serving(runtime, makeHouse(endings, compresses), ({ port }) => body(make(port, (name) => endings.get(name))));
}
