/**
 * The Worker of the tests: an echo server on raw sockets, and a client that tells what it met.
 * @module
 */
import { accept, connect, type WorkersConnectOptions, type WorkersSocket } from "../../adapters/workers.ts";
import type { ServeHandler } from "../../adapters/serve.ts";
import type { Message } from "../../core/protocol.ts";

interface Environment {
  readonly SELF: { connect(address: string): WorkersSocket; fetch: typeof fetch };
}

const echo: ServeHandler = {
  protocols: ["chat"],
  limits: { maxMessage: 32 << 20, maxQueued: 32 << 20 },
  upgrade: ({ path, secure, remoteAddress }) => {
    if (path === "/secret") return { status: 401, body: "no" };
    return { headers: { "X-Seen": `${secure} ${remoteAddress}` } };
  },
  message: async (socket, message) => {
    if (message === "close me") void socket.close(4002, "as you wish");
    else if (message === "drop me") socket.terminate();
    else if (message === "fail") throw new Error("on purpose");
    else if (!socket.send(message as string)) await socket.writable();
  },
  error: () => {},
};

/** Opens a socket as the query says, sends a few messages, closes, and tells. */
async function report(query: URLSearchParams): Promise<unknown> {
  const options = JSON.parse(query.get("options") ?? "{}") as WorkersConnectOptions;
  try {
    const socket = await connect(query.get("url") as string, options);
    const sent: Message[] = ["hello", "ø😀", new Uint8Array(0), new Uint8Array(300_000).fill(7), "x".repeat(70_000)];
    for (const message of sent) socket.send(message as string);
    const got: Message[] = [];
    for await (const message of socket) if (got.push(message) === sent.length) break;
    const same = got.every((message, at) => String(message) === String(sent[at]) && typeof message === typeof sent[at]);
    const close = await socket.close(4001, "enough");
    return { same, protocol: socket.protocol, remoteAddress: socket.remoteAddress ?? null, remotePort: socket.remotePort ?? null, close };
  } catch (error) {
    const { name, message, stage, code, status } = error as Error & Record<string, unknown>;
    return { name, message, stage, code, status };
  }
}

const worker: Readonly<Record<"connect" | "fetch", (...parameters: never[]) => unknown>> = {
  connect: (socket: WorkersSocket) => accept(socket, echo),
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/connect") return Response.json(await report(searchParams));
    return new Response(`nothing at ${pathname} ${typeof environment}`, { status: 404 });
  },
};
export default worker;
