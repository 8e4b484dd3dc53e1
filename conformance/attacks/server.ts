/**
 * The attacks on our servers: all of them, and how they are led on a runtime or at anybody's URL.
 * @module
 */
import { close, text } from "../frames.ts";
import type { RuntimeName } from "../targets/start.ts";
import { Target } from "../testing.ts";
import { type Attack, type Outcome, runAttacks } from "./attack.ts";
import { ProcessProbe, victimOf } from "./probe.ts";
import { CROWD_ATTACKS } from "./server-crowds.ts";
import { DEADLINE_ATTACKS } from "./server-deadlines.ts";
import { DEFLATE_ATTACKS } from "./server-deflate.ts";
import { FLOOD_ATTACKS } from "./server-floods.ts";
import { STORIES, toAttack as toFrameAttack } from "./server-frames.ts";
import { PLEAS, toAttack as toRequestAttack } from "./server-handshake.ts";
import { LINEAR_ATTACKS } from "./server-linear.ts";
import { ORIGIN_ATTACKS } from "./server-origins.ts";
import { Peer, type ServerGround } from "./server-peer.ts";

/** What our server runs on: a runtime, or Node behind `node:http`. */
export type ServerName = RuntimeName | "attach";

/** All of them. */
export const SERVER_NAMES: readonly ServerName[] = ["node", "attach", "deno", "bun", "workerd"];

/** Every attack on a server. */
export const SERVER_ATTACKS: readonly Attack<ServerGround>[] = [
  ...STORIES.map(toFrameAttack),
  ...PLEAS.map(toRequestAttack),
  ...LINEAR_ATTACKS,
  ...ORIGIN_ATTACKS,
  ...FLOOD_ATTACKS,
  ...DEFLATE_ATTACKS,
  ...CROWD_ATTACKS,
  ...DEADLINE_ATTACKS,
];

/** What attacks on servers may be led with. */
export interface ServerOptions {
  readonly attacks?: readonly Attack<ServerGround>[];
  readonly long?: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Leads them against our server on a runtime. */
export async function attackServer(name: ServerName, { attacks = SERVER_ATTACKS, ...options }: ServerOptions = {}): Promise<Outcome[]> {
  const started = new Map<string, Promise<{ readonly target: Target; readonly ground: ServerGround }>>();
  const start = (...args: readonly string[]): Promise<{ readonly target: Target; readonly ground: ServerGround }> => {
    const key = args.join(" ");
    const known = started.get(key) ?? startServer(name, args, options.long ?? false, async (...more) => (await start(...more)).ground);
    started.set(key, known);
    return known;
  };
  try {
    const { ground } = await start();
    await warmUp(ground);
    const watch = ground.process as ProcessProbe;
    const outcomes = await runAttacks(attacks, ground, { ...options, watch });
    return outcomes;
  } finally {
    for (const server of started.values()) await server.then(({ target }) => target.end(), () => {});
  }
}

/** Leads them against a server that somebody else started; nothing is known of its process. */
export function attackUrl(url: string, { attacks = SERVER_ATTACKS, ...options }: ServerOptions = {}): Promise<Outcome[]> {
  const { hostname, port } = new URL(url);
  const ground: ServerGround = {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port === "" ? 80 : port),
    runtime: "",
    maxMessage: MAX_MESSAGE,
    process: { alive: true, rss: undefined, files: undefined },
    long: options.long ?? false,
  };
  return runAttacks(attacks, ground, options);
}

async function startServer(
  name: ServerName,
  args: readonly string[],
  long: boolean,
  other: NonNullable<ServerGround["other"]>,
): Promise<{ readonly target: Target; readonly ground: ServerGround }> {
  const attach = name === "attach" ? ["--attach"] : [];
  const target = await Target.server(name === "attach" ? "node" : name, "--max-message", String(MAX_MESSAGE), ...attach, ...args);
  const { hostname: host, port } = new URL(target.url);
  const ground: Omit<ServerGround, "process"> = { host, port: Number(port), runtime: name, maxMessage: MAX_MESSAGE, other, long };
  const neighbour = new Neighbour(ground);
  return { target, ground: { ...ground, process: new ProcessProbe(victimOf(target.pid), () => neighbour.ask()) } };
}

/** Memory is compared with that of a server that has worked, not with that of one just started. */
async function warmUp(ground: ServerGround): Promise<void> {
  for (const [size, times] of [[100, 20_000], [16_384, 1_000], [ground.maxMessage, 128], [16_384, 1_000]]) {
    const peer = await Peer.open(ground);
    peer.keep = false;
    await peer.flood(peer.encode(text("m".repeat(size))), times);
    peer.send(close(1000));
    await peer.until(() => peer.ended);
    peer.destroy();
  }
}

/** Somebody else on the same server, who wants an answer now and then. */
class Neighbour {
  readonly #ground: Pick<ServerGround, "host" | "port">;
  #peer: Peer | undefined = undefined;

  constructor(ground: Pick<ServerGround, "host" | "port">) {
    this.#ground = ground;
  }

  /** Settles with the echo; rejects when it did not come in time. */
  async ask(): Promise<void> {
    if (this.#peer === undefined) {
      const peer = new Peer(this.#ground);
      peer.keep = false;
      await peer.upgrade(this.#ground);
      this.#peer = peer;
    }
    const peer = this.#peer;
    const { count } = peer;
    peer.send(text("neighbour"));
    const answered = await peer.until(() => peer.count > count || peer.ended, NEIGHBOUR_WAITS);
    if (!answered) throw new Error(`it had no answer in ${NEIGHBOUR_WAITS / 1000} s`);
    if (peer.ended) throw new Error("its connection was lost");
  }
}

/** The limit on messages that attacks are led against, in bytes. */
const MAX_MESSAGE = 1_048_576;
/** Orders of magnitude more than it should take, in milliseconds. */
const NEIGHBOUR_WAITS = 5_000;
