/**
 * Runs the worker of the targets in workerd: a server on raw TCP, or a client that an HTTP request starts.
 *
 * The worker is bundled, and with its configuration put into a folder that goes when this process ends.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { bundle } from "../runtimes/bundle.ts";
import { drainsBy, ended, startProcess, workerdProgram } from "./start.ts";
import { readyLine, type Task } from "./task.ts";
import type { Report } from "./workerd.ts";

/** Starts it; the exit code when it has ended. */
export async function startWorkerd(task: Task): Promise<number> {
  const program = workerdProgram();
  const folder = mkdtempSync(join(tmpdir(), "isosocket-workerd-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  bundle("../targets/workerd.ts", join(folder, "worker.js"), "--external:cloudflare:*");
  const files = { "config.capnp": config(task), "task.json": JSON.stringify(task), ...certificates(task) };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);

  const child = startProcess(program, ["serve", "--control-fd=3", "config.capnp"], ["ignore", "inherit", "inherit", "pipe"], folder, true); // at SIGTERM it would close the port it is asked on
  const exit = ended(child);
  const ports = await Promise.race([listening(child.stdio[3] as Readable, task.role === "server" ? 2 : 1), exit.then(() => undefined)]);
  if (ports === undefined) return exit;
  const { main, control } = ports;
  if (task.role === "server") {
    let drained: Promise<void> | undefined;
    drainsBy(child, () => drained ??= drain(control).finally(() => child.kill("SIGKILL")));
    console.log(readyLine(main, task.tls !== undefined));
    return exit;
  }
  const code = await runClient(main);
  child.kill("SIGKILL");
  return code;
}

/** The ports, once it listens on all. */
async function listening(control: Readable, count: number): Promise<Readonly<Record<string, number>>> {
  const ports: Record<string, number> = {};
  for await (const line of createInterface(control)) {
    const { event, socket, port } = JSON.parse(line) as { readonly event: string; readonly socket: string; readonly port: number };
    if (event === "listen") ports[socket] = port;
    if (Object.keys(ports).length === count) return ports;
  }
  return new Promise(() => {}); // its end tells
}

/** A worker hears no signals: it is asked over HTTP. */
async function drain(port: number): Promise<void> {
  try {
    console.error(await (await fetch(`http://127.0.0.1:${port}/`)).text());
  } catch (error) {
    console.error(`It could not be asked to drain: ${String(error)}`);
  }
}

/** Has the worker's client run, and prints its progress. */
async function runClient(port: number): Promise<number> {
  const { body } = await fetch(`http://127.0.0.1:${port}/`);
  for await (const line of createInterface(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]))) {
    const { progress, failure, done } = JSON.parse(line) as Report;
    if (done) return 0;
    console.error(progress ?? failure);
  }
  return 1;
}

function certificates(task: Task): Readonly<Record<string, string>> {
  if (task.role === "client") return task.ca === undefined ? {} : { "ca.pem": task.ca };
  return task.tls === undefined ? {} : { "cert.pem": String(task.tls.cert), "key.pem": String(task.tls.key) };
}

function config(task: Task): string {
  const trusted = task.role === "client" && task.ca !== undefined ? `trustedCertificates = [embed "ca.pem"]` : "trustBrowserCas = true";
  const tls = `tlsOptions = (keypair = (privateKey = embed "key.pem", certificateChain = embed "cert.pem"))`;
  const socket = task.role === "client"
    ? `address = "127.0.0.1:0", http = ()`
    : `address = "127.0.0.1:${task.port}", tcp = (${task.tls === undefined ? "" : tls})`;
  const control = task.role === "client" ? "" : `, (name = "control", service = "main", address = "127.0.0.1:0", http = ())`;
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "net", network = (allow = ["public", "private", "local"], tlsOptions = (${trusted}))),
  ],
  sockets = [(name = "main", service = "main", ${socket})${control}],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  durableObjectNamespaces = [(className = "Room", uniqueKey = "room")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "TASK", json = embed "task.json"), (name = "ROOM", durableObjectNamespace = "Room")],
  compatibilityDate = "2026-10-01",
  globalOutbound = "net",
);
`;
}
