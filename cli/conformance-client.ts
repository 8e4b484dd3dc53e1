/**
 * `isosocket conformance client`: a server that tests clients.
 * @module
 */
import { type ClientTester, testClients } from "../conformance/mod.ts";
import { ClientCommand } from "./conformance-command.ts";
import type { ConformanceOptions } from "./conformance-options.ts";
import { toTestOptions } from "./conformance-patience.ts";
import { type Found, Run } from "./conformance-run.ts";
import { EXIT, onInterrupt, UsageError } from "./exit.ts";
import { count, excerpt } from "./terminal.ts";

/** Listens, starts the command if there is one, and ends with it, with the first client, or with Ctrl-C. */
export async function runClient(options: ConformanceOptions): Promise<number> {
  const { url, tls, cases, command, once, quiet } = options;
  const run = new Run(options);
  const { progress } = run;
  /** Agents that asked for their report. */
  const through = new Set<string>();
  let tester!: ClientTester;
  let onFinished = (): void => {};
  try {
    tester = await testClients(Number(url.port), {
      ...toTestOptions(options), hostname: url.hostname.replace(/^\[|\]$/g, ""), ...(tls === undefined ? {} : { tls }),
      onStart: (item) => progress.start(item),
      onResult: (result) => progress.finish(result),
      onFinished: (agent) => {
        through.add(agent);
        onFinished();
      },
    });
  } catch (error) {
    throw toFailure(error, url);
  }
  let interrupted: number | undefined;
  const signalled = new Promise<void>((resolve) => onInterrupt((code) => {
    interrupted = code;
    resolve();
  }));
  const finished = new Promise<void>((resolve) => {
    onFinished = () => {
      if (command !== undefined || once) resolve();
      else progress.restart();
    };
  });
  const address = `${tester.url}/`;
  const stream = options.json === "" || options.junit === "" ? process.stderr : process.stdout;
  if (!quiet || command === undefined) stream.write(`Testing clients at ${address}: ${count(cases.length, "case")}\n`);
  if (!quiet && command === undefined) progress.print(HOW);
  progress.wait("waiting for a client");
  const started = command === undefined ? undefined : new ClientCommand(command, address, (line) => {
    if (options.verbose) progress.print(`| ${line}`);
  });
  const ended = started?.ended ?? new Promise<never>(() => {});
  try {
    await Promise.race([signalled, finished, ended]);
    if (started !== undefined && interrupted === undefined) await Promise.race([signalled, started.settle()]);
  } finally {
    started?.kill();
  }
  progress.wait("ending; Ctrl-C again kills");
  await Promise.race([tester.close(), signalled.then(() => late(1_000)), late(options.timeout)]); // the last cases are judged behind their clients' backs
  progress.end();
  const found: Found[] = tester.agents.map((agent) => ({ agent: options.agent ?? agent, results: tester.results(agent), of: tester.count }));
  if (found.length === 0 && interrupted === undefined) throw new UsageError(`No client came to ${address}: ${started?.told ?? "nothing was started"}`);
  if (found.length === 0) return interrupted ?? EXIT.failed;
  const code = await run.end(tester.url, found, interrupted);
  for (const { agent, results, of } of found) {
    if (results.length < of && interrupted === undefined) process.stderr.write(`${excerpt(agent, 60)} stopped after ${results.length} of ${count(of, "case")}${started === undefined ? "" : `: ${started.told}`}\n`);
  }
  return code;
}

function late(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

function toFailure(error: unknown, url: URL): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const port = Number(url.port);
  const why = code === "EADDRINUSE" ? `the port is taken; stop what listens there, or choose another with --port ${port < 65_535 ? port + 1 : 9002}, or --port 0 for a free one`
    : code === "EACCES" ? "ports below 1024 are for privileged users; choose another, such as --port 9002"
    : code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" ? "--host names no address of this machine; 127.0.0.1 is always there, and 0.0.0.0 stands for all"
    : code?.startsWith("ERR_OSSL_") ? "--tls-cert and --tls-key must be a certificate and its key in PEM, the key without a passphrase"
    : message;
  return new UsageError(`Cannot listen on ${url.host}: ${why}`);
}

const HOW = "Point a client harness made for the Autobahn testsuite here, or start one with -- COMMAND. Ctrl-C ends and writes the report.";
