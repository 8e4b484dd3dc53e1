/**
 * The cases in a worker: clients and servers are both in here, and talk through sockets of this machine.
 *
 * A worker does not listen. workerd does, on two ports, one of them with TLS, and hands each connection over; `serve` here says
 * who gets them. A connection belongs to the event it came with: what is done with it is done inside that event.
 * @module
 */
import type { ServeOptions, Server } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import { accept, connect, type WorkersSocket } from "../../adapters/workers.ts";
import type { Runtime } from "../cases/case.ts";
import { behave, type Native, type NativeEnd, type NativeWebSocket } from "../cases/native.ts";
import { Peers } from "../cases/peers.ts";
import { until } from "../cases/tools.ts";
import { runCases } from "./cases.ts";
import type { Given } from "./given.ts";

/** What the worker is given: also where workerd listens, and as which process. */
export interface WorkerGiven extends Given {
  readonly version: string;
  readonly pid: number;
  readonly ports: Readonly<Record<"http" | "raw" | "rawtls", number>>;
}

/** Who gets the connections of a port. */
interface Host {
  readonly options: ServeOptions<never>;
  readonly sockets: Set<Socket<never>>;
  /** Ends each connection, in its own event. */
  readonly stops: Set<(stop: Stop) => void>;
}

/** How a connection is to end. */
type Stop = readonly [how: "close" | "drain", code: number, reason: string];

const hosts = new Map<"raw" | "rawtls", Host>();
const unhandled: unknown[] = [];
addEventListener("unhandledrejection", (event) => void unhandled.push((event as PromiseRejectionEvent).reason));

function serve<Data>({ ports }: WorkerGiven, options: ServeOptions<Data>): Promise<Server<Data>> {
  const name = options.tls === undefined ? "raw" : "rawtls";
  const host: Host = { options: options as unknown as ServeOptions<never>, sockets: new Set(), stops: new Set() };
  hosts.set(name, host);
  const end = async (how: Stop[0], code = 1001, reason = ""): Promise<void> => {
    if (hosts.get(name) === host) hosts.delete(name);
    for (const stop of host.stops) stop([how, code, reason]);
    await until(() => host.stops.size === 0, "all connections are over", 10_000);
  };
  const close = (code?: number, reason?: string): Promise<void> => end("close", code, reason);
  return Promise.resolve({
    port: ports[name],
    hostname: "127.0.0.1",
    url: `${name === "raw" ? "ws" : "wss"}://127.0.0.1:${ports[name]}/`,
    sockets: host.sockets as unknown as ReadonlySet<Socket<Data>>,
    close,
    async drain({ code, reason } = {}) {
      const sockets = [...host.sockets];
      await end("drain", code, reason); // all at once: who drains one connection after another is a server of its own
      const ends = await Promise.all(sockets.map(({ closed }) => closed));
      const clean = ends.filter((each) => each.clean).length;
      return { closed: ends.length, clean, forced: ends.length - clean };
    },
    [Symbol.asyncDispose]: () => close(),
  });
}

/** Hands a connection to who serves there. */
async function take(name: "raw" | "rawtls", socket: WorkersSocket): Promise<void> {
  const host = hosts.get(name);
  if (host === undefined) return void await socket.close();
  const { options, sockets, stops } = host;
  let open: Socket<never> | undefined;
  let asked: Stop | undefined;
  let wake!: (stop: Stop) => void;
  const stopped = new Promise<Stop>((resolve) => wake = resolve);
  const stop = (how: Stop): void => wake(asked = how);
  stops.add(stop);
  void stopped.then(([how, code, reason]) => open === undefined ? socket.close() : open[how](code, reason)).catch(() => {});
  try {
    await accept<never>(socket, {
      ...options,
      open(self) {
        sockets.add(open = self);
        void self.closed.then(() => sockets.delete(self));
        return options.open?.(self);
      },
      ...(options.message === undefined ? {} : {
        message(self, message) {
          if (asked?.[0] === "drain") void self.drain(asked[1], asked[2]); // under load a promise of another event's settles late
          return options.message?.(self, message);
        },
      }),
    }, { secure: name === "rawtls" });
  } finally {
    stops.delete(stop);
  }
}

function toRuntime(given: WorkerGiven): Runtime {
  const peers = new Peers(given.control);
  return {
    name: `workerd ${given.version}`,
    ...given,
    peers,
    // the network of this workerd is told whom to trust; what a case says of it is left out
    connect: (url, { tls, ...options } = {}) => connect(url, { ...options, ...(tls?.servername === undefined ? {} : { tls: { servername: tls.servername } }) }),
    serve: (options) => serve(given, options),
    native: toNative(given),
    openResources: () => peers.resources(given.pid),
    cannot: {
      "listens": "a worker does not open ports: workerd does, and hands over what comes in",
      "has unix sockets": "a worker reaches no file system",
      "trusts whom it is told": "whom to trust is said in workerd's configuration, and not for a connection",
      "takes any certificate": "whom to trust is said in workerd's configuration, and not for a connection",
      "asks for a certificate": "a port's TLS is workerd's configuration, not the worker's",
      "presents a certificate": "a worker has no certificate for its sockets",
      "gives up a TLS handshake": "in a worker a TLS handshake that is given up ends with its event",
      "lets go of what was reset": "workerd keeps the descriptor of a connection that was reset until the event is over",
      "tells why a connection failed": "the platform gives no codes: of failures only the stage is checked",
    },
  };
}

/** What the platform has: a class, `fetch`, and a pair of which one end goes into the answer. */
function toNative({ ports }: WorkerGiven): Native {
  return {
    clients: {
      WebSocket: (url, protocols) => new WebSocket(url, protocols) as NativeWebSocket,
      async fetch(url, protocols) {
        const headers = { "Upgrade": "websocket", "Sec-WebSocket-Protocol": protocols.join(", ") };
        const { webSocket, status, headers: answer } = await fetch(url.replace("ws:", "http:"), { headers }) as Response & { webSocket?: WorkersWebSocket };
        if (webSocket === undefined) throw new Error(`the server answered ${status}`);
        webSocket.accept();
        return Object.assign(webSocket, { agreed: answer.get("Sec-WebSocket-Protocol") ?? "" });
      },
    },
    plainClients: ["fetch"],
    serve: () => Promise.resolve({ url: `ws://127.0.0.1:${ports.http}/native`, ends, compresses: true, close: () => {} }),
  };
}

interface WorkersWebSocket extends NativeWebSocket {
  accept(): void;
}

/** How sockets of the platform's own server ended. */
const ends: NativeEnd[] = [];

/** The platform's own server. */
function answerNatively(request: Request): Response {
  const { 0: client, 1: server } = new (globalThis as unknown as { WebSocketPair: new () => readonly [WorkersWebSocket, WorkersWebSocket] }).WebSocketPair();
  server.accept();
  behave(server, ends);
  const protocol = request.headers.get("Sec-WebSocket-Protocol");
  return new Response(null, { status: 101, webSocket: client, headers: protocol === null ? {} : { "Sec-WebSocket-Protocol": protocol } } as ResponseInit);
}

interface Worker {
  connect(socket: WorkersSocket): Promise<void>;
  fetch(request: Request): Promise<Response>;
}

const worker: Worker = {
  connect: (socket) => take("raw", socket),

  /** Runs the cases, or is the platform's own server; the body of the answer is the results, as lines. */
  async fetch(request) {
    if (request.headers.has("Upgrade")) return answerNatively(request);
    const runtime = toRuntime(await request.json() as WorkerGiven);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const { only } = runtime as Runtime & WorkerGiven;
    void runCases(runtime, only, unhandled, (line) => writer.write(new TextEncoder().encode(`${line}\n`))).finally(() => writer.close());
    return new Response(readable);
  },
};
export default worker;

/** The same behind TLS. */
export const tls: Pick<Worker, "connect"> = { connect: (socket) => take("rawtls", socket) };
