/**
 * Tests an echo client: a server that runs one case a connection, and speaks the control protocol of the Autobahn testsuite,
 * so that a client harness made for that runs here unchanged.
 *
 * 1. `/getCaseCount` sends the number of cases as text, and closes.
 * 2. `/runCase?case=N&agent=NAME` runs case N, counted from 1.
 * 3. `/getCaseInfo?case=N` and `/getCaseStatus?case=N&agent=NAME` send JSON: number and sentence, and the verdict.
 * 4. `/updateReports?agent=NAME` closes at once; the results are ready.
 *
 * Cases whose opening handshake must fail come last: some harnesses end at the first connection that does not open.
 * @module
 */
import net from "node:net";
import tls from "node:tls";
import { close, text } from "../frames.ts";
import { type Case, DEFAULT_PATIENCE } from "./case.ts";
import { CASES } from "./cases/all.ts";
import { judge } from "./judge.ts";
import { openToClient, readRequest, refuseRequest } from "./opening.ts";
import type { Peer } from "./peer.ts";
import type { CaseResult } from "./result.ts";
import type { TestOptions } from "./server-tester.ts";
import { SocketLink } from "./socket-link.ts";
import { Wire } from "./wire.ts";

/** How to test clients. */
export interface ClientTestOptions extends Omit<TestOptions, "concurrency" | "trust" | "signal" | "onCases" | "onStart" | "onResult"> {
  /** Where to listen; "127.0.0.1" when it is not said. */
  readonly hostname?: string;
  /** A certificate and its key in PEM, for clients that come through TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Hears of each case that begins. */
  readonly onStart?: (item: Case, agent: string) => void;
  /** Hears of each case that is over. */
  readonly onResult?: (result: CaseResult, agent: string) => void;
  /** Hears of each agent that is through: it asked for its report. */
  readonly onFinished?: (agent: string) => void;
}

/** A running tester. */
export interface ClientTester {
  /** Where clients connect. */
  readonly url: string;
  /** How many cases there are. */
  readonly count: number;
  /** Who was here. */
  readonly agents: readonly string[];
  /** The results of an agent so far, in the order of the cases. */
  results(agent: string): CaseResult[];
  /** Settles with the name of the next agent that is through. */
  finished(): Promise<string>;
  /** Listens no more, and sees what is under way to its end. */
  close(): Promise<void>;
}

/** The cases that a client can be asked, in the order in which it is. */
export function casesForClients(isSecure: boolean, cases: readonly Case[] = CASES): Case[] {
  const asked = cases.filter(({ only, over }) => only !== "server" && (over === undefined || over === "tls" && isSecure));
  const mustFail = ({ answer }: Case): boolean => answer?.refuses !== undefined && answer.refuses !== "fail";
  return [...asked.filter((item) => !mustFail(item)), ...asked.filter(mustFail)];
}

/** Listens on a port, a free one for 0. */
export async function testClients(port: number, options: ClientTestOptions = {}): Promise<ClientTester> {
  const { seed = 1, hostname = "127.0.0.1", onStart, onResult } = options;
  const cases = casesForClients(options.tls !== undefined, options.cases);
  const patience = { ...DEFAULT_PATIENCE, ...options.patience };
  const results = new Map<string, Map<Case, CaseResult>>();
  const keys = new Map<string, string[]>();
  const running = new Set<Promise<unknown>>();
  let onFinished: ((agent: string) => void)[] = [];

  const serve = async (socket: net.Socket): Promise<void> => {
    const wire = new Wire(new SocketLink(socket));
    const request = await readRequest(wire, patience.answer);
    const key = request.all("Sec-WebSocket-Key").at(0);
    const { pathname, searchParams } = new URL(request.start[1].replace(/^\/+/, "/"), "ws://localhost");
    const agent = searchParams.get("agent") || (pathname === "/runCase" ? "unnamed" : "");
    const item = cases[Number(searchParams.get("case")) - 1] as Case | undefined;
    const known = results.get(agent) ?? new Map<Case, CaseResult>();
    if (agent !== "") results.set(agent, known);
    if (pathname === "/runCase" && item !== undefined) {
      onStart?.(item, agent);
      const earlier = keys.get(agent) ?? [];
      keys.set(agent, [...earlier, ...(key === undefined ? [] : [key])]);
      const visit = { port: socket.localPort, keys: earlier };
      const result = await judge(item, () => Promise.resolve(wire), () => openToClient(wire, request, item, patience.answer, seed + cases.indexOf(item), visit), patience);
      known.set(item, result);
      onResult?.(result, agent);
      return;
    }
    if (request.start[0] !== "GET" || key === undefined) return refuseRequest(wire);
    const { peer } = await openToClient(wire, request, {}, patience.answer, seed);
    if (peer === undefined) return;
    if (pathname === "/getCaseCount") await say(peer, String(cases.length));
    if (pathname === "/getCaseInfo" && item !== undefined) await say(peer, JSON.stringify({ id: item.autobahn ?? item.id, description: item.title }));
    if (pathname === "/getCaseStatus" && item !== undefined) await say(peer, JSON.stringify({ behavior: BEHAVIORS[known.get(item)?.verdict ?? "fail"] }));
    await finish(peer, patience.answer);
    if (pathname !== "/updateReports") return;
    options.onFinished?.(agent);
    for (const tell of onFinished) tell(agent);
    onFinished = [];
  };

  const onSocket = (socket: net.Socket): void => {
    const served = serve(socket).catch(() => socket.destroy()).finally(() => running.delete(served));
    running.add(served);
  };
  const server = options.tls === undefined
    ? net.createServer({ allowHalfOpen: true }, onSocket)
    : tls.createServer({ ...options.tls, allowHalfOpen: true }, onSocket).on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, hostname, resolve));
  const { port: bound } = server.address() as net.AddressInfo;
  return {
    url: `${options.tls === undefined ? "ws" : "wss"}://${net.isIPv6(hostname) ? `[${hostname}]` : hostname}:${bound}`,
    count: cases.length,
    get agents() {
      return [...results.keys()];
    },
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
const BEHAVIORS = { pass: "OK", "non-strict": "NON-STRICT", fail: "FAILED", unimplemented: "UNIMPLEMENTED" } as const;
