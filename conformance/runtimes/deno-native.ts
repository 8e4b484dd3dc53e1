/**
 * Deno's own WebSockets.
 * @module
 */
import { behave, type Native, type NativeEnd, type NativeWebSocket } from "../cases/native.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  upgradeWebSocket(request: Request, options: object): { readonly socket: NativeWebSocket; readonly response: Response };
};

export const DENO_NATIVE: Native = {
  clients: { WebSocket: (url, protocols) => new WebSocket(url, protocols) as NativeWebSocket },
  plainClients: ["WebSocket"],
  droppedCode: 0, // where the web's standard has 1006
  serve() {
    const ends: NativeEnd[] = [];
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const protocol = request.headers.get("Sec-WebSocket-Protocol");
      // without its pings, whose timer would keep the process for a while
      const { socket, response } = Deno.upgradeWebSocket(request, { ...(protocol === null ? {} : { protocol }), idleTimeout: 0 });
      behave(socket, ends);
      return response;
    });
    return Promise.resolve({ url: `ws://127.0.0.1:${server.addr.port}/`, ends, close: () => server.shutdown() });
  },
};
