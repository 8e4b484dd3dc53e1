/**
 * What stands for Node's own WebSockets: its global client, from Node 22 on, and the package `ws`, as Node has no server of its own.
 * @module
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { behave, type Native, type NativeEnd, type NativeWebSocket } from "../cases/native.ts";

type Constructor = new (url: string, protocols: string[]) => NativeWebSocket;

interface WsServer {
  address(): AddressInfo;
  on(event: string, listener: (socket: NativeWebSocket) => void): void;
  close(done: () => void): void;
}

// a tool of the tests, found at run time: the suite imports no packages, and also runs as one bundled file
const ws = createRequire(join(process.cwd(), "package.json"))("ws") as {
  readonly WebSocket: Constructor;
  readonly WebSocketServer: new (options: object) => WsServer & NodeJS.EventEmitter;
};

export const NODE_NATIVE: Native = {
  clients: {
    ws: (url, protocols) => new ws.WebSocket(url, protocols),
    ...("WebSocket" in globalThis ? { WebSocket: (url: string, protocols: string[]) => new WebSocket(url, protocols) as NativeWebSocket } : {}),
  },
  async serve() {
    const ends: NativeEnd[] = [];
    const server = new ws.WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
    server.on("connection", (socket) => behave(socket, ends));
    await once(server, "listening");
    return { url: `ws://127.0.0.1:${server.address().port}/`, ends, compresses: true, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
  },
};
