/**
 * `crossws` on Deno. Not as by default: nothing.
 * @module
 */
import { adapterFor } from "./crossws.ts";
import { listenAt, ready } from "./program.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request, info: object) => Promise<Response>): { readonly addr: { readonly port: number } };
};

const { handleUpgrade } = await adapterFor<{ handleUpgrade(request: Request, info: object): Promise<Response> }>("deno");
const { port, host: hostname } = listenAt();
const server = Deno.serve({ port, hostname, onListen: () => {} }, (request, info) => {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return Promise.resolve(new Response(null, { status: 400 }));
  return handleUpgrade(request, info);
});
ready(server.addr);
