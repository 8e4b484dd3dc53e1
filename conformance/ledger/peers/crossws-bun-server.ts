/**
 * `crossws` on Bun. Not as by default: permessage-deflate is on, also for what is sent; messages may have 64 MiB (16 MiB is Bun's default), and there may wait as much that was not yet sent.
 * @module
 */
import { adapterFor } from "./crossws.ts";
import { listenAt, ready } from "./program.ts";

declare const Bun: { serve(options: object): { readonly port: number } };

const adapter = await adapterFor<{ readonly websocket: object; handleUpgrade(request: Request, server: object): Promise<Response | undefined> }>("bun");
const { port, host: hostname } = listenAt();
const server = Bun.serve({
  port,
  hostname,
  fetch: (request: Request) => adapter.handleUpgrade(request, server),
  websocket: { ...adapter.websocket, perMessageDeflate: true, maxPayloadLength: 64 * 1024 * 1024, backpressureLimit: 64 * 1024 * 1024 },
});
ready(server);
