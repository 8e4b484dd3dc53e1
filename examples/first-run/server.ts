/**
 * The first run: a page where people chat between tabs and see every frame that makes it happen.
 * @module
 */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serve, type Server } from "../../index.node.ts";
import { answer, findPage } from "./files.ts";
import { BACKLOG, MAX_BINARY, Room, type Visit } from "./room.ts";

/** Where to listen. */
export interface FirstRunOptions {
  /** TCP port; 0 for a free one. */
  readonly port?: number;
  /** Host name or address; this machine only when it is not said. */
  readonly hostname?: string;
}

/** A running first run. */
export interface FirstRun {
  /** What to open in a browser. */
  readonly url: string;
  /** Closes the chats with 1001, then their watches, and settles when all are gone. */
  close(): Promise<void>;
}

/** Serves the page, the chat and the watch. */
export async function startFirstRun({ port = 0, hostname = "127.0.0.1" }: FirstRunOptions = {}): Promise<FirstRun> {
  const page = findPage();
  const room = new Room();
  const server: Server<Visit> = await serve<Visit>({
    port,
    hostname,
    limits: { maxMessage: MAX_BINARY, maxQueued: 4 * BACKLOG, closeTimeout: 1_000 },
    request: (request) => answer(page, request),
    upgrade: (request) => server.sockets.size >= MAX_SOCKETS ? BUSY : room.admit(request),
    open: (socket) => room.open(socket),
    frame: (socket, frame) => room.frame(socket, frame),
    message: (socket, message) => room.message(socket, message),
    close: (socket, close) => room.close(socket, close),
  });
  return {
    url: server.url.replace(/^ws/, "http"),
    async close() {
      // the chats first, so that their watches still hear how it ended
      const chats = [...server.sockets].filter(({ data }) => data.kind === "chat");
      await Promise.all(chats.map((socket) => socket.close(1001, "The server stops")));
      await server.close(1001, "The server stops");
    },
  };
}

const BUSY = { status: 503, body: "There are too many connections\n" } as const;
/** Watches and chats together. */
const MAX_SOCKETS = 200;

/** Runs from the command line. */
async function main(): Promise<void> {
  const { port, chosen } = readPort();
  const run = await startOnFreePort(port, chosen);
  const color = process.stdout.isTTY && process.env["NO_COLOR"] === undefined;
  const strong = (text: string): string => color ? `\u001b[1;36m${text}\u001b[0m` : text;
  const taken = run.port === port || port === 0 ? "" : `  (Port ${port} is taken, so it is ${run.port}.)\n`;
  console.log(`\n  isosocket: watch a WebSocket work\n\n  ${strong(run.url)}\n${taken}\n  Open it in two tabs and say hello. Ctrl-C stops.\n`);

  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(0), 2_000).unref();
    void run.close().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
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
