/**
 * Runs cases with a peer: starts its program, and restarts it should it end on the way.
 * @module
 */
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { ended, startProcess } from "../targets/start.ts";
import type { Case, Patience } from "../wire/case.ts";
import { casesForClients, testClients } from "../wire/client-tester.ts";
import type { CaseResult } from "../wire/result.ts";
import { testServer, type TestOptions } from "../wire/server-tester.ts";
import { AGENT, type LedgerPeer } from "./peers.ts";

/** How a run is going. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

/**
 * Runs the cases that apply, impatiently. What does not pass is asked again with all the time it may take, and little beside it, and the better verdict counts: a busy machine
 * is no fault of the peer's. Throws a sentence when the peer cannot be started, or ends again and again.
 */
export async function runPeer(peer: LedgerPeer, all: readonly Case[], onProgress: (progress: Progress) => void = () => {}): Promise<CaseResult[]> {
  const cases = all.filter((item) => peer.limits?.applies(item) ?? true);
  const results = new Map<string, CaseResult>();
  let of = cases.length;
  const ask = async (asked: readonly Case[], concurrency: number, patience: Patience): Promise<boolean> => {
    const before = results.size;
    const onResult = (result: CaseResult): void => {
      const earlier = results.get(result.id);
      if (earlier === undefined || RANK[result.verdict] <= RANK[earlier.verdict]) results.set(result.id, result);
      onProgress({ done: results.size, of });
    };
    const onCases = ({ length }: readonly Case[]): number => of = before + length;
    const through = await (peer.role === "server" ? askServer : askClient)(peer, { cases: asked, concurrency, patience, onResult, onCases });
    if (!through && results.size === before) throw new Error(`Cannot test "${peer.id}": it does not come through, at ${results.size} of ${of}`);
    return through;
  };
  while (!await ask(cases.filter(({ id }) => !results.has(id)), 16, BRISK));
  const again = cases.filter(({ id }) => ["fail", "non-strict"].includes(results.get(id)?.verdict ?? ""));
  if (again.length > 0) await ask(again, 4, CALM);
  return cases.flatMap(({ id }) => results.get(id) ?? []);
}

/** Asks until the server is through, or gone. */
async function askServer(peer: LedgerPeer, options: TestOptions): Promise<boolean> {
  const { child, url } = await startServer(peer);
  try {
    await testServer(new URL(peer.path ?? "/", url), options);
    return true;
  } catch (error) {
    console.error(`${peer.id}: ${String(error)}`);
    return false;
  } finally {
    await stop(child);
  }
}

/** The same with a client, which has one connection at a time: several run side by side, each with its share. */
async function askClient(peer: LedgerPeer, options: TestOptions): Promise<boolean> {
  const cases = casesForClients(false, options.cases);
  options.onCases?.(cases);
  const lanes = Array.from({ length: Math.min(CLIENTS, cases.length) }, (_, lane) => cases.filter((_, at) => at % CLIENTS === lane));
  return (await Promise.all(lanes.map((share) => askLane(peer, { ...options, cases: share })))).every(Boolean);
}

async function askLane(peer: LedgerPeer, options: TestOptions): Promise<boolean> {
  const { cases, patience, onResult } = options as Required<TestOptions>;
  const tester = await testClients(0, { cases, patience, onResult });
  const code = await ended(start(peer, tester.url));
  if (code !== 0) console.error(`${peer.id}: it ended with ${code}`);
  await tester.close();
  return tester.results(AGENT).length === tester.count;
}

/** Starts a server at a free port, once it listens. */
export async function startServer(peer: LedgerPeer): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = start(peer, "0");
  for await (const line of createInterface(child.stdout as Readable)) {
    const [, url] = /^ready (\S+)$/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout?.resume();
    return { child, url };
  }
  throw new Error(`Cannot start "${peer.id}": it ended`);
}

/** Ends what `startServer` started. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = ended(child);
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exit;
  clearTimeout(timer);
}

/** What a peer says of its troubles is its own affair. */
function start(peer: LedgerPeer, where: string): ChildProcess {
  const [program, ...args] = peer.command(where);
  return startProcess(program, args, ["ignore", "pipe", "ignore"]);
}

/** How many clients run side by side. */
const CLIENTS = 3;
const RANK = { pass: 0, "non-strict": 1, unimplemented: 2, fail: 3 } as const;
const BRISK: Patience = { answer: 2_000, drop: 2_000, failFast: 700 };
const CALM: Patience = { answer: 6_000, drop: 6_000, failFast: 2_000 };
