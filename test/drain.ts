/**
 * `npm run drain -- [--runtime node|deno|bun|workerd] [--connections N] [--in-flight N] [--seconds S] [--window MS]
 * [--tls] [--attach]`: ends a server under load. Clients of `ws` keep messages in flight; the server is told SIGTERM; then every message that its application
 * processed must have been acknowledged to its client. Without `--runtime` on each. Ends with 1 when anything was lost.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { type RuntimeName, RUNTIMES } from "../conformance/targets/start.ts";

/** How hard. */
export interface Load {
  readonly connections: number;
  /** Messages of each that wait for their acknowledgement. */
  readonly inFlight: number;
  readonly seconds: number;
  /** Milliseconds over which the server asks its clients to go. */
  readonly window: number;
  readonly tls?: boolean;
  /** On Node: attached to a server of `node:http`. */
  readonly attach?: boolean;
}

/** What came of it. */
export interface DrainReport {
  /** Messages that the application took. */
  readonly processed: number;
  /** Messages whose sender heard so. */
  readonly acknowledged: number;
  /** How many clients were told which code. */
  readonly codes: Readonly<Record<string, number>>;
  /** What those who came during the drain met: statuses of answers, or codes of the system. */
  readonly late: Readonly<Record<string, number>>;
  /** Late ones that were let in. */
  readonly letIn: number;
  readonly exitCode: number | null;
  /** From SIGTERM to the end of the process. */
  readonly milliseconds: number;
  /** What the server says. */
  readonly summary: { readonly closed: number; readonly clean: number; readonly forced: number };
}

/** Loads a server, ends it, and counts. */
export async function drainUnderLoad(runtime: RuntimeName, load: Load): Promise<DrainReport> {
  const main = join(import.meta.dirname, "../conformance/targets/main.ts");
  const args = [main, "--runtime", runtime, "--port", "0", "--mode", "ack", "--drain-window", String(load.window)];
  if (load.tls) args.push("--tls");
  if (load.attach) args.push("--attach");
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => void server.kill("SIGINT");
  process.once("exit", kill);
  let errors = "";
  server.stderr.on("data", (text) => errors += String(text));
  const exit = new Promise<number | null>((resolve) => server.once("close", resolve));
  try {
    const url = await ready(server);
    let acknowledged = 0;
    const codes: Record<string, number> = {};
    const clients = Array.from({ length: load.connections }, (_, id) => startClient(url, id, load.inFlight, () => acknowledged++));
    await Promise.all(clients.map(({ opened }) => opened));
    await new Promise((resolve) => setTimeout(resolve, load.seconds * 1_000));
    const began = performance.now();
    server.kill("SIGTERM");
    const late: Record<string, number> = {};
    let ended = false;
    void exit.then(() => ended = true);
    await Promise.race(clients.map(({ closed }) => closed)); // by then it drains
    for (let count = 0; count < 20 && !ended; count++) {
      const met = await comeLate(url);
      late[met] = (late[met] ?? 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const code of await Promise.all(clients.map(({ closed }) => closed))) codes[code] = (codes[code] ?? 0) + 1;
    const exitCode = await exit;
    const milliseconds = Math.round(performance.now() - began);
    const [, told] = /^drained (\{.*\})$/m.exec(errors) ?? [];
    if (told === undefined) throw new Error(`The server did not say that it drained; it ended with ${exitCode}: ${errors}`);
    const { processed, ...summary } = JSON.parse(told) as DrainReport["summary"] & { processed: number };
    return { processed, acknowledged, codes, late, letIn: late["open"] ?? 0, exitCode, milliseconds, summary };
  } finally {
    kill();
    process.off("exit", kill);
  }
}

/** True when nothing was lost: every message processed is acknowledged, everybody was told 1001, and nobody was let in late. */
export function isWhole({ processed, acknowledged, codes, letIn, exitCode, summary }: DrainReport, { connections }: Load): boolean {
  return processed === acknowledged && processed > 0 && codes["1001"] === connections && letIn === 0 && exitCode === 0 && summary.forced === 0;
}

async function ready(server: ChildProcess): Promise<string> {
  for await (const line of createInterface(server.stdout as NodeJS.ReadableStream)) {
    const [, url] = /^ready (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("The server did not start");
}

/** Keeps messages in flight until it is told to go. */
function startClient(url: string, id: number, inFlight: number, onAck: () => void): { opened: Promise<void>; closed: Promise<number> } {
  const socket = new WebSocket(url, OPTIONS);
  const waiting = new Set<string>();
  let next = 0;
  const send = (): void => {
    const name = `${id}/${next++}`;
    waiting.add(name);
    socket.send(name);
  };
  socket.on("message", (data) => {
    if (!waiting.delete(String(data).slice(4))) throw new Error(`Client ${id} heard of what it had not asked: ${String(data)}`);
    onAck();
    if (socket.readyState === WebSocket.OPEN) send();
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("open", () => {
      socket.on("error", () => {}); // "close" tells
      for (let count = 0; count < inFlight; count++) send();
      resolve();
    });
  });
  return { opened, closed: new Promise((resolve) => socket.once("close", resolve)) };
}

/** What a client meets that comes during the drain. */
function comeLate(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, OPTIONS);
    socket.once("unexpected-response", (_, response) => {
      resolve(String(response.statusCode));
      response.resume();
    });
    socket.once("open", () => {
      resolve("open");
      socket.terminate();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** The certificate is made at the start of each server. */
const OPTIONS = { perMessageDeflate: false, rejectUnauthorized: false };

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string" },
      connections: { type: "string", default: "300" },
      "in-flight": { type: "string", default: "8" },
      seconds: { type: "string", default: "2" },
      window: { type: "string", default: "500" },
      tls: { type: "boolean", default: false },
      attach: { type: "boolean", default: false },
    },
  });
  const load: Load = {
    connections: Number(values.connections),
    inFlight: Number(values["in-flight"]),
    seconds: Number(values.seconds),
    window: Number(values.window),
    tls: values.tls,
    attach: values.attach,
  };
  const asked = values.runtime ?? (values.attach ? "node" : undefined);
  const runtimes = RUNTIMES.filter((name) => asked === undefined || asked === name);
  if (runtimes.length === 0) {
    console.error(`Cannot use --runtime "${values.runtime}": it must be one of ${RUNTIMES.join(", ")}`);
    process.exit(2);
  }
  for (const runtime of runtimes) {
    const report = await drainUnderLoad(runtime, load);
    const { processed, acknowledged, codes, late, exitCode, milliseconds, summary } = report;
    const whole = isWhole(report, load);
    if (!whole) process.exitCode = 1;
    console.log(`${runtime.padEnd(8)}${whole ? "ok  " : "LOST"} processed ${processed}, acknowledged ${acknowledged}, lost ${processed - acknowledged}; `
      + `closed with ${words(codes)}; clean ${summary.clean}, forced ${summary.forced}; late: ${words(late)}; `
      + `exit code ${exitCode} after ${milliseconds} ms`);
  }
}

function words(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([name, count]) => `${name} (${count})`).join(", ") || "nobody";
}
