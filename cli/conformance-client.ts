/**
 * `isosocket conformance client`: a server that tests clients.
 * @module
 */
import { type ClientTester, type ClientTestOptions, countVerdicts, testClients } from "../conformance/mod.ts";
import { formatTotals } from "../conformance/report/words.ts";
import { ClientCommand } from "./conformance-command.ts";
import { type ConformanceOptions, toTestOptions } from "./conformance-options.ts";
import { type Found, Run } from "./conformance-run.ts";
import { onInterrupt, UsageError } from "./exit.ts";
import { count, excerpt } from "./terminal.ts";

/** Listens, starts the command if there is one, and ends with it, with the first client, or with Ctrl-C. */
export async function runClient(options: ConformanceOptions): Promise<number> {
  const run = new Run(options);
  try {
    return await serveClients(options, run);
  } finally {
    run.progress.end();
  }
}

async function serveClients(options: ConformanceOptions, run: Run): Promise<number> {
  const { cases, command, once, quiet } = options;
  const { progress } = run;
  let interrupted: number | undefined;
  const signalled = new Promise<void>((resolve) => onInterrupt((code) => {
    interrupted = code;
    resolve();
  }));
  const times = new Map<string, { readonly started: Date; readonly began: number; took: number }>();
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => finish = resolve);
  const tester = await listen(options, {
    onStart: (item, agent) => {
      if (!times.has(agent)) times.set(agent, { started: new Date(), began: performance.now(), took: 0 });
      progress.start(item, agent);
    },
    onResult: (result, agent) => {
      const time = times.get(agent);
      if (time !== undefined) time.took = performance.now() - time.began;
      progress.finish(result, agent);
    },
    onFinished: (agent) => {
      if (command !== undefined || once) return finish();
      progress.through(agent);
      progress.print(`${agent} is through: ${formatTotals(countVerdicts(tester.results(agent)))}`);
      progress.wait("waiting for clients");
      run.save(tester.url, find()); // again at the end, where it is told why it cannot be
    },
  });
  const find = (): Found[] => tester.agents.map((agent) => ({
    agent: options.agent ?? agent, results: tester.results(agent), of: tester.count, started: new Date(), took: 0, ...times.get(agent),
  }));
  const stream = options.json === "" || options.junit === "" ? process.stderr : process.stdout;
  if (!quiet || command === undefined) stream.write(`Testing clients at ${tester.url}: ${count(cases.length, "case")}\n`);
  if (!quiet && command === undefined) progress.print(HOW);
  progress.wait("waiting for a client");
  const started = command === undefined ? undefined : new ClientCommand(command, tester.url, (line) => {
    if (options.verbose) progress.print(`| ${line}`);
  });
  const ended = started?.ended ?? new Promise<never>(() => {});
  ended.catch(() => {}); // heard below, unless something else was first
  try {
    await Promise.race([signalled, finished, ended]);
    if (started !== undefined && interrupted === undefined) await Promise.race([signalled, started.settle()]);
  } finally {
    started?.kill();
  }
  progress.wait("ending; Ctrl-C again kills");
  await Promise.race([tester.close(), signalled.then(() => late(1_000)), late(options.timeout)]); // cases are judged behind their clients' backs
  const found = find();
  if (found.length === 0 && interrupted !== undefined) return interrupted;
  if (found.length === 0) throw new UsageError(`No client came to ${tester.url}: ${started?.told ?? "one asked for its report at once"}`);
  const code = await run.end(tester.url, found, interrupted);
  for (const { agent, results, of } of found) {
    if (results.length < of && interrupted === undefined) process.stderr.write(`${excerpt(agent, 60)} stopped after ${results.length} of ${count(of, "case")}${started === undefined ? "" : `: ${started.told}`}\n`);
  }
  return code;
}

async function listen(options: ConformanceOptions, heard: Pick<ClientTestOptions, "onStart" | "onResult" | "onFinished">): Promise<ClientTester> {
  const { url, tls } = options;
  try {
    return await testClients(Number(url.port), { ...toTestOptions(options), ...heard, hostname: url.hostname.replace(/^\[|\]$/g, ""), ...(tls === undefined ? {} : { tls }) });
  } catch (error) {
    throw toFailure(error, url);
  }
}

function late(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
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

const HOW = "Point a client harness that was made for the Autobahn testsuite there.\nCtrl-C ends, and writes the report.";
