/**
 * The Worker of the tests: an echo server on raw sockets, and a client that tells what it met.
 * @module
 */
import { connectStream } from "../../adapters/streams.ts";
import {
  accept, type Close, connect, connectFetch, type FetchConnectOptions, type Message, serve, type ServeHandler, type SocketLike, type UpgradeHandler,
  upgradeRequest, type WorkersConnectOptions, type WorkersSocket,
} from "../../index.workers.ts";

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

/** How each socket of the platform's that was accepted here ended. */
const closes: Close[] = [];

const pairEcho: UpgradeHandler = {
  protocols: ["chat"],
  upgrade: ({ path, query }) => {
    if (path === "/ws/secret") return { status: 401, headers: { "X-Why": "no token" }, body: "no" };
    if (path === "/ws/broken") throw new Error("on purpose");
    return { headers: { "X-Seen": query.get("name") ?? "" } };
  },
  request: ({ path }) => ({ body: `page ${path}` }),
  open: (socket) => void (socket.url.endsWith("/quiet") || socket.send("welcome")),
  message: (socket, message) => {
    if (message === "close me") void socket.close(4002, "as you wish");
    else if (message === "go away") void socket.close(1001);
    else if (message === "drop me") socket.terminate();
    else if (message === "fail") throw new Error("on purpose");
    else socket.send(message as string);
  },
  close: (_, close) => void closes.push(close),
  error: () => {},
};

/** Opens a socket as the query says, sends a few messages, closes, and tells. */
async function report(open: () => Promise<SocketLike>): Promise<unknown> {
  try {
    const socket = await open();
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
  /** Answers by path. */
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const url = searchParams.get("url") ?? "";
    const options = JSON.parse(searchParams.get("options") ?? "{}") as WorkersConnectOptions & FetchConnectOptions;
    switch (pathname) {
      case "/connect": return Response.json(await report(() => connect(url, options)));
      case "/fetch": return Response.json(await report(() => connectFetch(url, options)));
      case "/bound/fetch": return Response.json(await report(() => connectFetch(url, { ...options, fetcher: environment.SELF })));
      case "/bound/raw": return Response.json(await report(() => connectStream(environment.SELF.connect("self:80"), "ws://self/", options)));
      case "/serve": return Response.json(await serve().catch((error: unknown) => String(error)));
      case "/closes": return Response.json(closes.splice(0));
      default: return upgradeRequest(request, pairEcho);
    }
  },
};
export default worker;
