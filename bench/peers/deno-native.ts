/** `Deno.upgradeWebSocket` behind `Deno.serve`. */
import { ready, task } from "./control.ts";

declare const Deno: {
  serve(options: object, handler: (request: Request) => Response): { readonly addr: { readonly port: number } };
  upgradeWebSocket(request: Request, options: object): { readonly socket: WebSocket; readonly response: Response };
};

const sockets = new Set<WebSocket>();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  if (request.headers.get("Upgrade") !== "websocket") return new Response(null, { status: 426 });
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => void sockets.add(socket);
  socket.onclose = () => void sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    if (task.mode === "echo") socket.send(data as ArrayBuffer);
    else for (const each of sockets) each.send(data as ArrayBuffer);
  };
  return response;
});
ready(server.addr.port);
