/**
 * The worker of the targets: a server on the raw sockets it is handed, and a client that a request starts.
 * @module
 */
import type { ServeHandler } from "../../adapters/serve.ts";
import { accept, connect, type WorkersSocket } from "../../adapters/workers.ts";
import { Mailboxes } from "./mailboxes.ts";
import { runEchoClient } from "./echo-client.ts";
import { modeHandler } from "./echo-server.ts";
import type { ClientTask, ServerTask, Task } from "./task.ts";

interface Environment {
  readonly TASK: Task;
}

interface Worker {
  connect(socket: WorkersSocket, environment: Environment): Promise<void>;
  fetch(request: Request, environment: Environment): Response;
}

let handler: ServeHandler | undefined;

const worker: Worker = {
  connect(socket, { TASK }) {
    const { mode, maxMessage, tls } = TASK as ServerTask;
    const { limits } = modeHandler({ mode, maxMessage });
    handler ??= mode === "echo" ? modeHandler({ mode, maxMessage }) : { origins: "any", limits: limits ?? {}, ...new Mailboxes().handler };
    return accept(socket, handler, { secure: tls !== undefined });
  },

  /** Runs the client; the body is its progress, as lines of JSON. */
  fetch(_, { TASK }) {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const tell = (report: Report): Promise<void> => writer.write(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
    const { ca: _ca, ...task } = TASK as ClientTask; // its network knows whom to trust
    runEchoClient(connect, task, (progress) => void tell({ progress }))
      .then(() => tell({ done: true }), (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }))
      .finally(() => writer.close());
    return new Response(readable);
  },
};
export default worker;

/** What the client in a worker tells the process that started it. */
export interface Report {
  readonly progress?: string;
  readonly failure?: string;
  readonly done?: true;
}
