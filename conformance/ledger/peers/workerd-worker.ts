/**
 * The worker: a server by `WebSocketPair`, and a client by fetch with `Upgrade`, one connection for each request to /client: a peer's mistake ends
 * the whole request it belongs to.
 * @module
 */
import { converse, type WebLike } from "./client.ts";
import { respond } from "./commands.ts";

interface WorkersSocket extends WebLike {
  accept(): void;
}
declare const WebSocketPair: new () => { readonly 0: WorkersSocket; readonly 1: WorkersSocket };

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/client") return new Response(await echo(searchParams.get("url") as string));
    if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return new Response(null, { status: 400 });
    const { 0: client, 1: server } = new WebSocketPair();
    server.accept();
    void converse(server);
    return new Response(null, { status: 101, webSocket: client } as ResponseInit);
  },
};

/** One connection, to its end; gives the last text that came. */
async function echo(url: string): Promise<string> {
  let last = "";
  const { webSocket } = await fetch(url.replace(/^ws/, "http"), { headers: { Upgrade: "websocket" } }) as unknown as { readonly webSocket: WorkersSocket | null };
  if (webSocket === null) return last;
  webSocket.accept();
  await converse(webSocket, (message, means) => {
    if (typeof message === "string") last = message;
    respond(message, means);
  });
  return last;
}
