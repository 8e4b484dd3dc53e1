/**
 * The attacks on our clients: all of them, and how they are led on a runtime.
 * @module
 */
import { readFileSync } from "node:fs";
import { DEFAULT_LIMITS } from "../../core/websocket/limits.ts";
import { close, concat, encodeFrame, ping, text } from "../frames.ts";
import type { RuntimeName } from "../targets/start.ts";
import { type Attack, type Observation, type Outcome, runAttacks, type Watch } from "./attack.ts";
import { WAIT_ATTACKS } from "./client-waits.ts";
import { CLOSING_ATTACKS } from "./client-closing.ts";
import { OPTION_ATTACKS } from "./client-options.ts";
import { TLS_ATTACKS } from "./client-tls.ts";
import { DEFLATE_ATTACKS } from "./client-deflate.ts";
import { FLOOD_ATTACKS } from "./client-floods.ts";
import { FRAME_ATTACKS } from "./client-frames.ts";
import { ANSWER_ATTACKS } from "./client-answers.ts";
import { type Certificates, type ClientGround, lead, pause } from "./client-ground.ts";
import { startVictim, type Victim } from "./client-process.ts";
import { socketFiles } from "../runtimes/process.ts";
import { ProcessProbe } from "./probe.ts";

/** Every attack on a client. */
export const CLIENT_ATTACKS: readonly Attack<ClientGround>[] = [...ANSWER_ATTACKS, ...FRAME_ATTACKS, ...WAIT_ATTACKS, ...CLOSING_ATTACKS, ...OPTION_ATTACKS, ...TLS_ATTACKS, ...DEFLATE_ATTACKS, ...FLOOD_ATTACKS];

/** How to lead them. */
export interface ClientAttackOptions {
  readonly runtime: RuntimeName;
  readonly attacks: readonly Attack<ClientGround>[];
  readonly certificates: Certificates;
  /** Clients have short deadlines, and nothing is judged by the time it took: for a machine that does other things too. */
  readonly brief?: boolean;
  readonly long?: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/**
 * Leads them on a runtime against one process, and sees it end by itself. An attack whose memory is limited gets a process of
 * its own: what others left to be collected is not its fault; so does the one behind an attack that killed it.
 */
export async function attackClients(options: ClientAttackOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const tell = (outcome: Outcome): void => {
    outcomes.push(outcome);
    options.onOutcome?.(outcome);
  };
  const { attacks } = options;
  for (let at = 0; at < attacks.length;) {
    let end = at + 1;
    if (attacks[at].memory === undefined) while (end < attacks.length && attacks[end].memory === undefined) end++;
    at += await attackOne(options, attacks.slice(at, end), tell);
  }
  return outcomes;
}

/** Leads them against one process, as long as it lives; how many. */
async function attackOne({ runtime, certificates, brief = false, long = false }: ClientAttackOptions, attacks: readonly Attack<ClientGround>[], tell: (outcome: Outcome) => void): Promise<number> {
  const victim = await startVictim(runtime, certificates.ca);
  const watch = new ClientWatch(victim);
  const ground: ClientGround = { victim, certificates, probe: watch.probe, quiet: !brief, limits: brief ? briefLimits("") : usualLimits() };
  await warmUp(ground);
  let count = 0;
  while (count < attacks.length && watch.probe.alive) {
    const attack = attacks[count++];
    await runAttacks([attack], brief ? { ...ground, limits: briefLimits(attack.id) } : ground, { watch, long, onOutcome: tell });
  }
  const start = performance.now();
  const code = await victim.end();
  const errors = victim.errors();
  if (runtime === "workerd" || code === 0 && errors === "") return count;
  tell({
    id: "END", rule: "with its connections gone, the process ends by itself, and has printed no error", source: "G27", verdict: "FAIL",
    note: `${code === undefined ? "it had to be killed" : `it ended with ${code}`}: ${errors.slice(-1_000)}`, duration: performance.now() - start,
  });
  return count;
}

/** What a process opens at its first connections it keeps, and what its compiler takes to make a parser quick: neither is an attack's. */
async function warmUp(ground: ClientGround): Promise<void> {
  for (const answer of ["HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 OK\r\n\r\n"]) {
    await lead(ground, {}, (end) => end.request().then(() => end.answer(answer)));
  }
  const few = concat([text("warm"), ping("warm")].map((each) => encodeFrame(each, undefined)));
  await lead(ground, {}, async (end) => {
    const peer = await end.open();
    await end.flood(Buffer.alloc(few.length * 5_000, few), few.length * 50_000);
    await end.write(encodeFrame(close(1000), undefined));
    await peer.until(() => peer.over, 20_000);
    end.socket.end();
  });
}

/** Memory, life, and the sockets that an attack leaves behind. */
class ClientWatch implements Watch {
  readonly probe: ProcessProbe;
  readonly #pid: number;
  readonly #tcp = new Set<string>();
  #before: ReadonlySet<string> | undefined = undefined;

  constructor(victim: Victim) {
    this.#pid = victim.pid;
    this.probe = new ProcessProbe(victim.pid);
  }

  start(): Promise<void> {
    const open = socketFiles(this.#pid);
    this.#before = open && new Set(open);
    return this.probe.start();
  }

  async stop(): Promise<Observation> {
    const seen = await this.probe.stop();
    if (seen.harm !== undefined) return seen;
    const end = performance.now() + SETTLING;
    let kept = this.#kept();
    while (kept.length > 0 && performance.now() < end) {
      await pause(20);
      kept = this.#kept();
    }
    return kept.length > 0 ? { ...seen, harm: `it keeps ${kept.length} sockets open` } : seen;
  }

  /** What is open now and was not at the start; TCP sockets only: a runtime opens its caches, and pairs of sockets for its threads, when it likes. */
  #kept(): readonly string[] {
    const before = this.#before;
    const fresh = before === undefined ? [] : (socketFiles(this.#pid) ?? []).filter((name) => !before.has(name));
    if (fresh.some((name) => !this.#tcp.has(name))) { // rarely: on a busy machine the table takes seconds (measured: 1.3 s at 100,000 lines)
      const table = ["tcp", "tcp6"].map((kind) => readFileSync(`/proc/net/${kind}`, "latin1")).join("");
      for (const name of fresh) if (table.includes(` ${name.slice("socket:[".length, -1)} `)) this.#tcp.add(name);
    }
    return fresh.filter((name) => this.#tcp.has(name));
  }
}

/** How long a process may take to put sockets away, in milliseconds. */
const SETTLING = 5_000;
/** The deadlines an attack is judged by; a job in JSON cannot carry `Infinity`. */
function usualLimits(): ClientGround["limits"] {
  const { handshakeTimeout, pingInterval, pongTimeout, closeTimeout, messageTimeout } = DEFAULT_LIMITS;
  return { handshakeTimeout, pingInterval, pongTimeout, closeTimeout, messageTimeout };
}

/** Deadlines for a machine that is busy with other things, in milliseconds: short where the attack waits for one, else so long that none is met. */
function briefLimits(id: string): ClientGround["limits"] {
  const handshake = /^(?:W-[HB]|K-R)/.test(id);
  const closing = /^C-(?:0[2-9]|10)$/.test(id);
  const silence = /^W-P/.test(id);
  return {
    handshakeTimeout: handshake ? 1_000 : CALM,
    closeTimeout: closing ? 800 : CALM,
    pingInterval: silence ? 500 : CALM,
    pongTimeout: silence ? 500 : CALM,
    messageTimeout: silence ? 900 : CALM,
  };
}

const CALM = 30_000;
