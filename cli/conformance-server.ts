/**
 * `isosocket conformance server`: tests a server.
 * @module
 */
import { type CaseResult, testServer, Unreachable } from "../conformance/mod.ts";
import { type ConformanceOptions, toTestOptions } from "./conformance-options.ts";
import { probe } from "./conformance-probe.ts";
import { Run } from "./conformance-run.ts";
import { Failure, onInterrupt, UsageError } from "./exit.ts";
import { count } from "./terminal.ts";

/** Runs the cases against the server. */
export async function runServer(options: ConformanceOptions): Promise<number> {
  const { url, note, cases, concurrency, trust } = options;
  const run = new Run(options);
  const { progress } = run;
  if (note !== undefined && !options.quiet) progress.print(note);
  const found: CaseResult[] = [];
  const controller = new AbortController();
  let interrupted: number | undefined;
  const stopped = new Promise<"stopped">((resolve) => onInterrupt((code) => {
    interrupted = code;
    controller.abort();
    progress.wait("ending; Ctrl-C again kills");
    setTimeout(() => resolve("stopped"), PATIENCE);
  }));
  progress.wait("connecting");
  const probed = await Promise.race([probe(options).catch(toTrouble), stopped]);
  if (probed === "stopped" || interrupted !== undefined) {
    progress.end();
    return interrupted ?? 1;
  }
  if (probed.trouble !== undefined) {
    progress.end();
    throw new UsageError(probed.trouble);
  }
  if (probed.flaw !== undefined) progress.print(`note: ${probed.flaw}`);
  const [started, began] = [new Date(), performance.now()];
  let asked = cases;
  let gone: Unreachable | undefined;
  const tested = testServer(url, {
    ...toTestOptions(options), concurrency, trust, signal: controller.signal,
    onCases: (these) => {
      asked = these;
      progress.expect(these);
      if (options.quiet) return;
      progress.print(`Testing ${url.href}${probed.name === undefined ? "" : ` (${probed.name})`}: ${count(these.length, "case")}`);
      if (these.length < cases.length) progress.print(`It has no WebSocket in streams of HTTP/2: ${count(cases.length - these.length, "case")} of RFC 8441 will not run`);
    },
    onStart: (item) => progress.start(item),
    onResult: (result) => {
      found.push(result);
      progress.finish(result);
    },
  }).catch((error: unknown) => {
    if (!(error instanceof Unreachable)) throw error;
    gone = error;
  });
  await Promise.race([tested, stopped]);
  if (asked.length === 0) {
    progress.end();
    throw new UsageError("No case is left to run: those asked for are in streams of HTTP/2 (RFC 8441), which the server does not have");
  }
  // who could not be reached in a case has not failed it
  const results = gone === undefined ? [...found] : found.filter(({ log }) => log.length > 0);
  const code = await run.end(url.href, [{ agent: options.agent ?? probed.name ?? hostOf(url), results, of: asked.length, started, took: performance.now() - began }], interrupted);
  if (gone !== undefined) {
    const last = results.slice(-concurrency).map(({ id }) => id);
    throw new Failure(`The server is gone. ${gone.message}. It was there until ${last.length === 1 ? `case ${last[0]}` : `one of the cases ${last.join(", ")}`}; its own log may say why`);
  }
  return code;
}

function toTrouble(error: unknown): { readonly trouble: string; readonly flaw?: string; readonly name?: string } {
  if (!(error instanceof Unreachable)) throw error;
  return { trouble: `${error.message}${/ECONNREFUSED/.test(error.message) ? "; start the server first, and look at the port" : ""}` };
}

function hostOf(url: URL): string {
  return `${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}

/** Milliseconds that cases under way may still take after Ctrl-C. */
const PATIENCE = 1_000;
