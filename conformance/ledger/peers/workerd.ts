/**
 * workerd's own WebSockets: `WebSocketPair` as a server (first argument: the port), or fetch with `Upgrade` as a client (base URL and agent).
 * Not as by default: binary messages are read as ArrayBuffer.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { bundle } from "../../runtimes/bundle.ts";
import { startProcess, workerdProgram } from "../../targets/start.ts";
import { runCases } from "./client.ts";
import { listenAt, ready, tester } from "./program.ts";

/** Starts workerd, and tells where it listens. It ends with this process. */
async function start(port: number): Promise<number> {
  const program = workerdProgram();
  const folder = mkdtempSync(join(tmpdir(), "isosocket-ledger-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  bundle("../ledger/peers/workerd-worker.ts", join(folder, "worker.js"));
  writeFileSync(join(folder, "config.capnp"), `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "net", network = (allow = ["local", "private"]))],
  sockets = [(name = "main", service = "main", address = "127.0.0.1:${port}", http = ())],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  globalOutbound = "net",
);
`);
  const child = startProcess(program, ["serve", "--control-fd=3", "config.capnp"], ["ignore", "inherit", "inherit", "pipe"], folder);
  for await (const line of createInterface(child.stdio[3] as Readable)) return (JSON.parse(line) as { readonly port: number }).port;
  throw new Error("Cannot start workerd: it ended");
}

if (/^[0-9]+$/.test(process.argv[2])) {
  ready({ port: await start(listenAt().port) });
} else {
  const worker = await start(0);
  await runCases(...tester(), async (url, hear) => {
    const answer = await fetch(`http://127.0.0.1:${worker}/client?${new URLSearchParams({ url }).toString()}`);
    hear(await answer.text(), { send: () => {} });
  });
  process.exit(0);
}
