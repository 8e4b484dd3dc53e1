/**
 * The worker of the targets: a server on the raw sockets it is handed, and a client that a request starts.
 *
 * workerd lets a socket be written to only from where it came in, and a promise of another connection's may be forgotten
 * (measured: 50 connections that wake each other stall within a second). So for broadcast all of them are passed on into one
 * Durable Object, where they may write to each other.
 * @module
 */
import type { ServeHandler } from "../../adapters/serve.ts";
import { accept, connect, type WorkersSocket } from "../../adapters/workers.ts";
import { deflateExtensions } from "./deflate.ts";
import { runEchoClient } from "./echo-client.ts";
import { modeHandler } from "./echo-server.ts";
import { type ClientTask, drainedLine, PATIENCE, type ServerTask, type Task } from "./task.ts";

interface Environment {
  readonly TASK: Task;
  readonly ROOM: {
    idFromName(name: string): unknown;
    get(id: unknown): { connect(address: string, options: { readonly allowHalfOpen: boolean }): WorkersSocket };
  };
}

interface Worker {
  connect(socket: WorkersSocket, environment: Environment): Promise<void>;
  fetch(request: Request, environment: Environment): Response | Promise<Response>;
}

/** Where all connections of a broadcast are. */
export class Room {
  readonly #accept: (socket: WorkersSocket) => Promise<void>;

  constructor(_state: unknown, { TASK }: Environment) {
    this.#accept = acceptor(TASK as ServerTask);
  }

  connect(socket: WorkersSocket): Promise<void> {
    return this.#accept(socket);
  }
}

const worker: Worker = {
  async connect(socket, { TASK, ROOM }) {
    const task = TASK as ServerTask;
    if (task.mode === "echo") return acceptor(task)(socket);
    const inside = ROOM.get(ROOM.idFromName("all")).connect("room:1", { allowHalfOpen: true });
    // one that ends with an error takes the other along
    await Promise.allSettled([socket.readable.pipeTo(inside.writable), inside.readable.pipeTo(socket.writable)]);
  },

  /** Drains the server, or runs the client; the body is its progress, as lines of JSON. */
  fetch(_, { TASK }) {
    if (TASK.role === "server") return drain(TASK.drainWindow);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const tell = (report: Report): Promise<void> => writer.write(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
    const { ca: _ca, ...task } = TASK as ClientTask; // its network knows whom to trust
    runEchoClient(connect, task, deflateExtensions(task.deflate), (progress) => void tell({ progress }))
      .then(() => tell({ done: true }), (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }))
      .finally(() => writer.close());
    return new Response(readable);
  },
};
export default worker;

function acceptor(task: ServerTask): (socket: WorkersSocket) => Promise<void> {
  const handler = modeHandler({ ...task, work: turns });
  const extensions = deflateExtensions(task.deflate);
  return async (socket) => {
    const guest = new Guest();
    guests.add(guest);
    const { message } = handler;
    const watching: ServeHandler = {
      ...handler,
      extensions,
      upgrade: (request) => draining ? { status: 503, headers: { "Retry-After": "5" } } : handler.upgrade?.(request),
      open(self) {
        void guest.left.then(() => self.drain());
        return handler.open?.(self);
      },
      ...(message === undefined ? {} : {
        message(self, text) {
          if (guest.leavesAt <= Date.now()) void self.drain(); // a promise that another event settles may be late
          return message(self, text);
        },
      }),
      close(self, close) {
        if (close.clean && draining) cleanEnds++;
        return handler.close?.(self, close);
      },
    };
    await accept(socket, watching, { secure: task.tls !== undefined }).finally(() => guests.delete(guest));
  };
}

/** A connection, as who drains sees it. */
class Guest {
  leavesAt: number = Number.POSITIVE_INFINITY;
  leave!: () => void;
  readonly left: Promise<void> = new Promise((resolve) => this.leave = resolve);
}

/** A thousand connections with a timer each run some hundred of them a second (measured). */
async function turns(): Promise<void> {
  for (let count = 0; count < 10; count++) await undefined;
}

const guests = new Set<Guest>();
let draining = false;
let cleanEnds = 0;

/** As `Server.drain` does it, for connections each of which belongs to an event of its own. */
async function drain(window: number): Promise<Response> {
  draining = true;
  const count = guests.size;
  const points = crypto.getRandomValues(new Uint32Array(count));
  for (const [at, guest] of [...guests].entries()) guest.leavesAt = Date.now() + points[at] / 0x1_0000_0000 * window;
  const end = Date.now() + window + PATIENCE;
  while (guests.size > 0 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const guest of guests) if (guest.leavesAt <= Date.now()) guest.leave();
  }
  return new Response(drainedLine({ closed: count, clean: cleanEnds, forced: guests.size }));
}

/** What the client in a worker tells the process that started it. */
export interface Report {
  readonly progress?: string;
  readonly failure?: string;
  readonly done?: true;
}
