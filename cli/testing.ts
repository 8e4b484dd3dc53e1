/**
 * Runs the command line as people do, for the tests.
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";
import { serve, type ServeOptions, type Server } from "../index.node.ts";

/** The script under test. */
export const MAIN: string = fileURLToPath(new URL("main.ts", import.meta.url));

/** A run of the command. */
export interface Run {
  readonly process: ChildProcess;
  /** What it printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
  /** Writes to its stdin. */
  type(text: string | Uint8Array): void;
  /** Ends its stdin. */
  end(): void;
  /** Settles when a pattern is in what it printed. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

const running = new Set<ChildProcess>();
const servers = new Set<net.Server>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  for (const server of servers) server.close();
  running.clear();
  servers.clear();
});

/** Starts the command; its stdin stays open. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  return startProcess(process.execPath, [MAIN, ...args], env);
}

/** Starts any program. */
export function startProcess(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const child = spawn(program, [...args], { env: { ...inherited, ...env } });
  running.add(child);
  let stdout = "";
  let stderr = "";
  let notify = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    notify();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    notify();
  });
  child.stdin.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => {
    running.delete(child);
    resolve(code);
    notify();
  }));
  return {
    process: child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    ended,
    type: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
    until: (pattern) => new Promise((resolve, reject) => {
      notify = () => {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr);
        if (match !== null) resolve(match);
        else if (!running.has(child)) reject(new Error(`It ended without ${pattern}:\n${stdout}\n${stderr}`));
      };
      notify();
    }),
  };
}

/** Runs the command to its end, with all of stdin. */
export async function finish(args: readonly string[], input: string | Uint8Array = "", env: Readonly<Record<string, string>> = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = start(args, env);
  run.process.stdin?.end(input);
  const code = await run.ended;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

/** Starts `isosocket serve` on a free port. */
export async function startServer(...args: readonly string[]): Promise<Run & { readonly url: string; readonly port: number }> {
  const run = start(["serve", "--port", "0", ...args]);
  const [url, port] = await run.until(/wss?:\/\/[^\s"]+?:(\d+)\//);
  return Object.defineProperties(run, { url: { value: url }, port: { value: Number(port) } }) as Run & { url: string; port: number };
}

/** A TCP server on a free port that does as it likes. */
export async function rawServer(onSocket: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}

/** A TCP server that answers every request with the same bytes. */
export function answering(answer: string): Promise<number> {
  return rawServer((socket) => socket.once("data", () => socket.end(answer.replaceAll("\n", "\r\n"))));
}

/** A port where nothing listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A fresh folder. */
export function folder(): string {
  return mkdtempSync(join(tmpdir(), "isosocket-cli-"));
}

/** A self-signed certificate for localhost and 127.0.0.1; undefined where there is no openssl. */
export function makeCertificate(names = "DNS:localhost,IP:127.0.0.1"): { cert: string; key: string } | undefined {
  const where = folder();
  const [cert, key] = [join(where, "cert.pem"), join(where, "key.pem")];
  const { status } = spawnSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-addext", `subjectAltName=${names}`, "-keyout", key, "-out", cert,
  ], { stdio: "ignore" });
  return status === 0 ? { cert, key } : undefined;
}

/** The objects of JSON lines. */
export function objects(text: string): Record<string, unknown>[] {
  return text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Serves in this process. */
export async function using(options: ServeOptions, body: (server: Server) => Promise<void>): Promise<void> {
  const server = await serve({ port: 0, hostname: "127.0.0.1", ...options });
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

/** Sends each message back. */
export const echo: ServeOptions = { message: (socket, message) => void socket.send(message) };
