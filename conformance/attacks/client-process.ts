/**
 * Starts clients to be attacked, and hands them their jobs.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { bundle } from "../runtimes/bundle.ts";
import { commandOf, type RuntimeName, startProcess, workerdProgram } from "../targets/start.ts";
import { type Job, type Report, toLine } from "./client-job.ts";

/** A client's process. */
export interface Victim {
  readonly runtime: RuntimeName;
  readonly pid: number;
  /** What it printed to stderr. */
  errors(): string;
  /** Does a job. Rejects when the process ends before the connection does. */
  run(job: Job): Promise<Report>;
  /** Asks it to end, and waits: its exit code, undefined when it had to be killed. workerd is always killed: it serves for ever. */
  end(): Promise<number | undefined>;
}

/** Starts one. Rejects with a sentence where the runtime is not installed. */
export function startVictim(runtime: RuntimeName, ca: string): Promise<Victim> | Victim {
  return runtime === "workerd" ? startWorkerd(ca) : startPlain(runtime);
}

function startPlain(runtime: Exclude<RuntimeName, "workerd">): Victim {
  const [program, ...args] = commandOf(runtime);
  const child = startProcess(program, [...args, join(import.meta.dirname, `client-victim-${runtime}.ts`)], ["pipe", "pipe", "pipe"]);
  const { stdin, stdout } = child as { readonly stdin: Writable; readonly stdout: Readable };
  stdin.on("error", () => {}); // it has ended: "exit" tells
  const { ended, errors } = watch(child);
  const waiting = new Map<number, (report: Report) => void>();
  createInterface({ input: stdout }).on("line", (line) => {
    const [number, report] = JSON.parse(line) as [number, Report];
    waiting.get(number)?.(report);
    waiting.delete(number);
  });
  let count = 0;
  return {
    runtime,
    pid: child.pid as number,
    errors,
    run(job) {
      const number = ++count;
      const report = new Promise<Report>((resolve) => waiting.set(number, resolve));
      stdin.write(`${toLine([number, job])}\n`);
      return Promise.race([report, ended.then((code) => Promise.reject(new Error(`its process ended with ${code}: ${errors().slice(-1_000)}`)))]);
    },
    async end() {
      stdin.end();
      return atMost(ended, child);
    },
  };
}

async function startWorkerd(ca: string): Promise<Victim> {
  const program = workerdProgram();
  const folder = mkdtempSync(join(tmpdir(), "isosocket-attack-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  bundle("../attacks/client-victim-workerd.ts", join(folder, "worker.js"), "--external:cloudflare:*");
  writeFileSync(join(folder, "ca.pem"), ca);
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  const child = startProcess(program, ["serve", "--control-fd=3", "config.capnp"], ["ignore", "pipe", "pipe", "pipe"], folder);
  const { ended, errors } = watch(child);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdio[3] as Readable }), "line") as Promise<[string]>,
    ended.then((code) => Promise.reject(new Error(`workerd ended with ${code}: ${errors()}`))),
  ]);
  const { port } = JSON.parse(line) as { readonly port: number };
  return {
    runtime: "workerd",
    pid: child.pid as number,
    errors,
    run: (job) => post(port, job),
    async end() {
      child.kill("SIGKILL");
      await ended;
      process.off("exit", remove);
      remove();
      return undefined;
    },
  };
}

/** Without `fetch`, which gives up after five minutes, and keeps connections. */
function post(port: number, job: Job): Promise<Report> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method: "POST", agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => body += text).once("error", reject);
      response.once("end", () => response.statusCode === 200 ? resolve(JSON.parse(body) as Report) : reject(new Error(`the worker answered ${response.statusCode}: ${body}`)));
    });
    request.once("error", reject);
    request.end(JSON.stringify(job));
  });
}

function watch(child: ChildProcess): { readonly ended: Promise<number | undefined>; errors(): string } {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => errors = (errors + text).slice(-100_000));
  const ended = new Promise<number | undefined>((resolve) => child.once("close", (code) => resolve(code ?? undefined)).once("error", () => resolve(undefined)));
  return { ended, errors: () => errors };
}

/** Ends it by force when it does not end by itself. */
async function atMost(ended: Promise<number | undefined>, child: ChildProcess): Promise<number | undefined> {
  const timer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT);
  return ended.finally(() => clearTimeout(timer));
}

/** How long a process without connections may take to end, in milliseconds. */
const END_TIMEOUT = 15_000;

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "net", network = (allow = ["local", "private"], tlsOptions = (trustedCertificates = [embed "ca.pem"]))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  globalOutbound = "net",
);
`;
