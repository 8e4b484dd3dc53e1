/**
 * Bun's own WebSockets.
 * @module
 */
import type { Native, NativeEnd, NativeWebSocket } from "../cases/native.ts";

interface BunWebSocket {
  send(data: string | Uint8Array): number;
  close(code?: number, reason?: string): void;
}

declare const Bun: {
  serve(options: object): { readonly port: number; stop(closeAll: boolean): Promise<void> };
};

export const BUN_NATIVE: Native = {
  clients: { WebSocket: (url, protocols) => new WebSocket(url, protocols) as NativeWebSocket },
  serve() {
    const ends: NativeEnd[] = [];
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request: Request, { upgrade }: { upgrade: (request: Request, options: object) => boolean }) {
        const protocol = request.headers.get("Sec-WebSocket-Protocol");
        const headers = protocol === null ? {} : { "Sec-WebSocket-Protocol": protocol };
        return upgrade.call(server, request, { headers }) ? undefined : new Response("no WebSocket", { status: 400 });
      },
      websocket: {
        perMessageDeflate: true,
        message(socket: BunWebSocket, message: string | Uint8Array) {
          if (message === "close me") socket.close(4002, "as you wish");
          else if (message === "close") socket.close();
          else socket.send(message);
        },
        close: (_: BunWebSocket, code: number, reason: string) => void ends.push({ code, reason }),
      },
    });
    const url = `ws://127.0.0.1:${server.port}/`;
    return Promise.resolve({ url, ends, compresses: true, bareCode: 1000, close: () => server.stop(true) }); // what Bun documents for `close()`
  },
};
