/**
 * Tests an echo client: a server that runs one case a connection, and speaks the control protocol of the Autobahn testsuite,
 * so that a client harness made for that runs here unchanged.
 *
 * 1. `/getCaseCount` sends the number of cases as text, and closes.
 * 2. `/runCase?case=N&agent=NAME` runs case N, counted from 1.
 * 3. `/getCaseInfo?case=N` and `/getCaseStatus?case=N&agent=NAME` send JSON: number and sentence, and the verdict.
 * 4. `/updateReports?agent=NAME` closes at once; the results are ready.
 * @module
 */
import net from "node:net";
import { close, text } from "../frames.ts";
import { type Case, DEFAULT_PATIENCE, type Result } from "./case.ts";
import { CASES } from "./cases.ts";
import { judge } from "./judge.ts";
import { accept } from "./opening.ts";
import type { Peer } from "./peer.ts";
import type { TestOptions } from "./server-tester.ts";

/** A running tester. */
export interface ClientTester {
  /** Where clients connect. */
  readonly url: string;
  /** The results of an agent so far, in the order of the cases. */
  results(agent: string): Result[];
  /** Settles with the name of the next agent that is through. */
  finished(): Promise<string>;
  /** Listens no more, and sees what is under way to its end. */
  close(): Promise<void>;
}

/** Listens on a port, a free one for 0. */
export async function testClients(port: number, options: Omit<TestOptions, "concurrency"> = {}): Promise<ClientTester> {
  const cases = (options.cases ?? CASES).filter(({ only }) => only !== "server");
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const results = new Map<string, Map<Case, Result>>();
  const running = new Set<Promise<unknown>>();
  let onFinished: ((agent: string) => void)[] = [];

  const parse = (target: string): { pathname: string; agent: string; item: Case | undefined } => {
    const { pathname, searchParams } = new URL(target, "ws://localhost");
    return { pathname, agent: searchParams.get("agent") ?? "", item: cases[Number(searchParams.get("case")) - 1] };
  };

  const serve = async (socket: net.Socket): Promise<void> => {
    const { target, peer } = await accept(socket, patience.answer, (target) => {
      const { pathname, item } = parse(target);
      return pathname === "/runCase" ? item?.deflate : undefined;
    });
    const { pathname, agent, item } = parse(target);
    const known = results.get(agent) ?? new Map<Case, Result>();
    results.set(agent, known);
    if (pathname === "/runCase" && item !== undefined) {
      const result = await judge(item, () => Promise.resolve(peer), patience);
      known.set(item, result);
      options.onResult?.(result);
      return;
    }
    if (pathname === "/getCaseCount") await say(peer, String(cases.length));
    if (pathname === "/getCaseInfo" && item !== undefined) await say(peer, JSON.stringify({ id: item.id, description: item.about }));
    if (pathname === "/getCaseStatus" && item !== undefined) await say(peer, JSON.stringify({ behavior: BEHAVIORS[known.get(item)?.verdict ?? "failed"] }));
    await finish(peer, patience.answer);
    if (pathname !== "/updateReports") return;
    for (const tell of onFinished) tell(agent);
    onFinished = [];
  };

  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const served = serve(socket).catch(() => socket.destroy()).finally(() => running.delete(served));
    running.add(served);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    results: (agent) => cases.flatMap((item) => results.get(agent)?.get(item) ?? []),
    finished: () => new Promise((resolve) => onFinished.push(resolve)),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.all([...running, closed]);
    },
  };
}

function say(peer: Peer, message: string): Promise<void> {
  return peer.send([text(message)]);
}

async function finish(peer: Peer, timeout: number): Promise<void> {
  await peer.send([close(1000)]);
  await peer.until(() => peer.over, timeout);
  peer.end();
  await peer.until(() => peer.ended, timeout);
  peer.destroy();
}

/** The words Autobahn has for the verdicts. */
const BEHAVIORS = { ok: "OK", "non-strict": "NON-STRICT", failed: "FAILED", unimplemented: "UNIMPLEMENTED" } as const;
