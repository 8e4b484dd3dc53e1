/**
 * Starts workerd with a Worker on free ports of this machine: HTTP, raw TCP and raw TLS.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import type { Certificates } from "../certificate.ts";

/** A workerd that runs. */
export interface Workerd {
  /** The port of each socket. */
  readonly ports: Readonly<Record<"http" | "raw" | "rawtls", number>>;
  /** What it printed so far. */
  readonly log: () => string;
  stop(): Promise<void>;
}

/**
 * Bundles the Worker at `entry` and runs it.
 * @param date the compatibility date: workerd behaves as it did then
 */
export async function startWorkerd(entry: string, { ca, cert, key }: Certificates, date = "2026-10-01"): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), "isosocket-workerd-"));
  const external = ["cloudflare:*", "node:*"];
  await build({
    entryPoints: [entry], bundle: true, format: "esm", outfile: join(folder, "worker.js"), external, conditions: ["workerd", "worker"],
    logLevel: "error",
  });
  for (const [name, text] of Object.entries({ "ca.pem": ca, "leaf.pem": cert, "leaf.key": key, "config.capnp": CONFIG.replace("DATE", date) })) {
    writeFileSync(join(folder, name), text);
  }
  const child = spawn(binary(), ["serve", "--control-fd=3", "config.capnp"], { cwd: folder, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => log += String(text));
  const ports: Record<string, number> = {};
  await new Promise<void>((resolve, reject) => {
    let told = "";
    (child.stdio[3] as Readable).on("data", (text) => {
      const lines = (told += String(text)).split("\n");
      told = lines.pop() ?? "";
      for (const { event, socket, port } of lines.map((line) => JSON.parse(line))) if (event === "listen") ports[socket] = port;
      if (Object.keys(ports).length === 3) resolve();
    });
    child.once("error", reject);
    void exited.then(() => reject(new Error(`workerd does not start: ${log}`)));
  });
  return {
    ports: ports as Workerd["ports"],
    log: () => log,
    async stop() {
      child.kill("SIGKILL"); // it would wait for connections to end
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The program itself where npm put it, whether its install script ran or not. */
function binary(): string {
  const resolve = createRequire(createRequire(import.meta.url).resolve("workerd/package.json")).resolve;
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return resolve(`@cloudflare/workerd-${platform}-${process.arch === "arm64" ? "arm64" : "64"}/bin/workerd${platform === "windows" ? ".exe" : ""}`);
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
    (name = "rawtls", address = "127.0.0.1:0", service = "main",
      tcp = (tlsOptions = (keypair = (privateKey = embed "leaf.key", certificateChain = embed "leaf.pem")))),
  ],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "DATE",
  globalOutbound = "net",
  bindings = [(name = "SELF", service = "main")],
);
`;
