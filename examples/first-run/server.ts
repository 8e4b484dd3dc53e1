/**
 * The first run: a page where people chat between tabs, through servers on four runtimes, and see every frame that makes it
 * happen. This process serves the page and is the server on Node; it starts the others, and is the hub between all of them.
 * @module
 */
import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve, type Server } from "../../index.node.ts";
import type { ChildName } from "./children.ts";
import { answer } from "./files.ts";
import { Hub } from "./hub.ts";
import { Room, type Visit } from "./room.ts";
import { Servers } from "./servers.ts";

/** Where to listen, and what to start. */
export interface FirstRunOptions {
  /** TCP port; 0 for a free one. */
  readonly port?: number;
  /** The runtimes to start besides Node: each is what npm installed, or the program given. */
  readonly others?: Readonly<Partial<Record<ChildName, string | undefined>>>;
}

/** A running first run. */
export interface FirstRun {
  /** What to open in a browser. */
  readonly url: string;
  /** Closes the chats with 1001, then their watches, ends the other servers, and settles when all are gone. */
  close(): Promise<void>;
}

/** Serves the page, the chat and the watch. Settles when Node's server listens; the others join as they come. */
export async function startFirstRun({ port = 0, others = EVERY }: FirstRunOptions = {}): Promise<FirstRun> {
  const token = randomUUID();
  const hub = new Hub(token);
  const names = Object.keys(others) as ChildName[];
  const servers: Servers = new Servers(hub, names, (list) => room.announce({ type: "servers", servers: list }));
  const room: Room = new Room({ runtime: "Node", token, greeting: () => ({ type: "servers", servers: servers.list }) });
  const server: Server<Visit> = await serve<Visit>({
    ...room.handler,
    port,
    hostname: "127.0.0.1",
    request: (request) => request.path === "/servers" ? { headers: JSON_HEADERS, body: JSON.stringify(servers.list) } : answer(request),
  });
  await hub.link(server.url);
  const origins = [`http://127.0.0.1:${server.port}`, `http://localhost:${server.port}`];
  for (const name of names) servers.start(name, { token, origins, program: others[name] });
  return {
    url: server.url.replace(/^ws/, "http"),
    async close() {
      await Promise.race([hub.stop(), wait(STOP_TIMEOUT)]);
      await Promise.all([server.close(1001, "The server stops"), servers.stop()]);
    },
  };
}

const EVERY = { deno: undefined, bun: undefined, workerd: undefined } as const;
const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" } as const;
/** Milliseconds that the rooms have to close what is open there. */
const STOP_TIMEOUT = 1_500;

/** Runs from the command line. */
async function main(): Promise<void> {
  const { port, chosen } = readPort();
  const run = await startOnFreePort(port, chosen);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130); // asked twice
    stopping = true;
    setTimeout(() => process.exit(0), 3_000).unref();
    void run.close().then(() => process.exit(0));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  // a signal to npm ends the shell that it runs this in, and the shell tells nobody
  const parent = process.ppid;
  if (process.env["npm_lifecycle_event"] !== undefined) setInterval(() => stopping || process.ppid === parent || stop(), 300).unref();

  const color = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const strong = (text: string): string => color ? `\u001b[1;36m${text}\u001b[0m` : text;
  const taken = run.port === port || port === 0 ? "" : `  (Port ${port} is taken, so it is ${run.port}.)\n`;
  console.log(`\n  isosocket: watch a WebSocket work\n\n  ${strong(run.url)}\n${taken}\n  Open it in two tabs and say hello. Ctrl-C stops.\n`);
}

/** A port that nobody asked for may be replaced by the next free one. */
async function startOnFreePort(port: number, chosen: boolean): Promise<FirstRun & { readonly port: number }> {
  for (let next = port; ; next++) {
    try {
      const run = await startFirstRun({ port: next });
      return { ...run, port: Number(new URL(run.url).port) };
    } catch (error) {
      if (!isTaken(error)) throw error;
      if (chosen) throw new Error(`Cannot listen on port ${port}: it is taken. Choose another one: npm start -- --port ${port + 1}`, { cause: error });
      if (next === port + 20) throw new Error(`Cannot listen: ports ${port} to ${next} are taken. Choose one: npm start -- --port 9000`, { cause: error });
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

function readPort(): { port: number; chosen: boolean } {
  const { values } = parseArgs({ options: { port: { type: "string", short: "p" } } });
  const text = values.port ?? process.env["PORT"];
  if (text === undefined || text === "") return { port: 8080, chosen: false };
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535) throw new Error(`Cannot listen on port "${text}": it is not a number of 0 to 65535`);
  return { port, chosen: true };
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
