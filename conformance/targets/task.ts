/**
 * What a target is asked to do, as JSON in its first argument, and how any runtime does it.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import type { DrainOptions, DrainSummary } from "../../adapters/drain.ts";
import type { TlsServerOptions } from "../../adapters/pipe.ts";
import type { ServeOptions } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import { deflateExtensions, type DeflateMode } from "./deflate.ts";
import { runEchoClient } from "./echo-client.ts";
import { counted, modeHandler, type ServerBehaviour } from "./echo-server.ts";

/** Serve, or let a tester test a client. */
export type Task = ServerTask | ClientTask;

/** A server for other people's clients. */
export interface ServerTask extends ServerBehaviour {
  readonly role: "server";
  readonly port: number;
  /** On Node: attached to a server of `node:http`. */
  readonly attached?: boolean;
  /** Milliseconds over which connections are asked to go at SIGTERM. */
  readonly drainWindow: number;
  /** Serves TLS. */
  readonly tls?: TlsServerOptions;
  /** permessage-deflate, for those who offer it. */
  readonly deflate: DeflateMode;
}

/** A client for other people's servers. */
export interface ClientTask {
  readonly role: "client";
  /** The tester's, without a path. */
  readonly url: string;
  /** The name it is reported under. */
  readonly agent: string;
  /** The largest message, in bytes. */
  readonly maxMessage: number;
  /** Authorities trusted instead of the system's, in PEM. */
  readonly ca?: string;
  /** permessage-deflate, offered. */
  readonly deflate: DeflateMode;
}

/** What isosocket is on a runtime with processes. */
export interface Runtime {
  connect(url: string | URL, options: ConnectOptions): Promise<Socket<undefined>>;
  serve(options: ServeOptions): Promise<TargetServer>;
}

/** What the target needs of a server. */
export interface TargetServer {
  readonly port: number;
  drain(options: DrainOptions): Promise<DrainSummary>;
}

/** Does the task of this process: a server runs until the process is ended, a client until it is through. */
export async function runTask({ connect, serve }: Runtime): Promise<void> {
  const task = JSON.parse(process.argv[2]) as Task;
  const extensions = deflateExtensions(task.deflate);
  try {
    if (task.role === "client") {
      await runEchoClient(connect, task, extensions, (line) => console.error(line));
    } else {
      const { port, tls } = task;
      const server = await serve({ ...modeHandler(task), extensions, port, hostname: "127.0.0.1", ...(tls === undefined ? {} : { tls }) });
      process.on("SIGTERM", () => void endServer(server, task)); // twice where a whole group of processes is told: one drain
      console.log(readyLine(server.port, tls !== undefined));
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** Lets everybody go, and ends. */
async function endServer(server: TargetServer, { drainWindow: window }: ServerTask): Promise<void> {
  console.error(drainedLine(await server.drain({ window, timeout: window + PATIENCE })));
  process.exit(0);
}

/** What is printed once a server has drained. */
export function drainedLine(summary: DrainSummary): string {
  return `drained ${JSON.stringify({ ...summary, ...counted })}`;
}

/** Milliseconds behind the window until nobody is waited for. */
export const PATIENCE = 8_000;

/** What is printed once a server listens. */
export function readyLine(port: number, secure: boolean): string {
  return `ready ${secure ? "wss" : "ws"}://127.0.0.1:${port}`;
}
