/**
 * Starts workerd with the worker that runs the cases.
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { bundle } from "./bundle.ts";
import type { Given } from "./given.ts";
import { type Column, installed, type Running, toLines } from "./start.ts";
import type { WorkerGiven } from "./workerd.ts";

const program = installed(`@cloudflare/workerd-${process.platform}-${process.arch === "arm64" ? "arm64" : "64"}/bin/workerd`, ".bin/workerd");

export const WORKERD: Column = {
  name: "workerd",
  missing: program === undefined ? "workerd is not installed" : undefined,
  start,
};

async function start(given: Given, onLine: (line: string) => void): Promise<Running> {
  const folder = given.folder;
  bundle("workerd.ts", join(folder, "worker.js"), "--external:cloudflare:*");
  const { ca, cert, key } = given.certificates;
  for (const [name, text] of Object.entries({ "ca.pem": ca, "leaf.pem": cert, "leaf.key": key, "config.capnp": CONFIG })) {
    writeFileSync(join(folder, name), text);
  }
  const version = execFileSync(program as string, ["--version"], { encoding: "utf8" }).replace(/^workerd /, "").trim();
  const child = spawn(program as string, ["serve", "--control-fd=3", "config.capnp"], { cwd: folder, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => log += String(text));
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`workerd ended with ${code ?? signal}: ${log.slice(-2_000)}`));
  });
  const ports = await Promise.race([listening(child.stdio[3] as Readable), exited]);
  if (typeof ports === "string") throw new Error(ports);
  const task: WorkerGiven = { ...given, version, pid: child.pid as number, ports };
  return {
    ended: Promise.race([run(task, onLine), exited]).then((reason) => reason === undefined ? undefined : `${reason}\n${log.slice(-2_000)}`),
    async stop() {
      child.kill("SIGKILL"); // it would wait for connections to end
      await exited;
    },
  };
}

/** Where it listens, by the names of its sockets. */
function listening(control: Readable): Promise<WorkerGiven["ports"]> {
  const ports: Record<string, number> = {};
  return new Promise((resolve) => {
    control.setEncoding("utf8").on("data", toLines((line) => {
      const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number };
      if (event === "listen") ports[socket] = port;
      if (Object.keys(ports).length === 3) resolve(ports as WorkerGiven["ports"]);
    }));
  });
}

/** Has the worker run the cases; settles when it has, with a sentence when something was wrong. */
function run(task: WorkerGiven, onLine: (line: string) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = http.request({ host: "127.0.0.1", port: task.ports.http, method: "POST", agent: false }, (response) => {
      response.setEncoding("utf8").on("data", toLines(onLine)).on("error", (error) => resolve(error.message));
      response.on("end", () => resolve(response.statusCode === 200 ? undefined : `the worker answered ${response.statusCode}`));
    });
    request.on("error", (error) => resolve(error.message));
    request.end(JSON.stringify(task));
  });
}

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "net", network = (allow = ["local", "private"], tlsOptions = (trustedCertificates = [embed "ca.pem"]))),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:0", http = (), service = "main"),
    (name = "raw", address = "127.0.0.1:0", tcp = (), service = "main"),
    (name = "rawtls", address = "127.0.0.1:0", service = (name = "main", entrypoint = "tls"),
      tcp = (tlsOptions = (keypair = (privateKey = embed "leaf.key", certificateChain = embed "leaf.pem")))),
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  globalOutbound = "net",
);
`;
