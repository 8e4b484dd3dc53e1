/**
 * `Deno.upgradeWebSocket` behind `Deno.serve`. Not as by default: nothing.
 * @module
 */
import { converse, type WebLike } from "./client.ts";
import { listenAt, ready } from "./program.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response): { readonly addr: { readonly port: number } };
  upgradeWebSocket(request: Request): { readonly socket: WebLike; readonly response: Response };
};

const { port, host: hostname } = listenAt();
const server = Deno.serve({ port, hostname, onListen: () => {} }, (request) => {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 400 });
  const { socket, response } = Deno.upgradeWebSocket(request);
  void converse(socket);
  return response;
});
ready(server.addr);
