/**
 * One scenario on several peers, in turn: A B C, B C A, C A B, and so on.
 * @module
 */
import { join } from "node:path";
import type { Command, Report } from "./load/main.ts";
import type { LoadOptions } from "./load/load.ts";
import type { PeerProgram } from "./peers.ts";
import type { PeerTask, Usage } from "./peers/control.ts";
import { mostConnections, Peer } from "./process.ts";
import type { Scenario } from "./scenarios.ts";

/** What one peer did in one round. */
export interface Round {
  /** Messages, deliveries of a broadcast, or handshakes, in a second. */
  readonly perSecond: number;
  /** Processor time that the peer took for one, in microseconds. */
  readonly cost: number;
  /** Bytes that came back for one, with framing. */
  readonly wire: number;
  /** The share of a core that the generator took: near 1, it was the generator that could do no more. */
  readonly busy: number;
}

/** All rounds of one peer, or why there are none. */
export interface Row {
  readonly peer: string;
  readonly rounds: readonly Round[];
  readonly error?: string;
}

/** How long and how often. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Seconds before those that count, for what runs to be compiled. */
  readonly warmUp: number;
}

/** Connections that were there before those whose memory counts. */
const WARM_CONNECTIONS = 500;

const PEER_CORE = 0;
const LOAD_CORE = 1;

/** Measures; rows are in the order of the peers. @param progress hears what is being done */
export async function measure(scenario: Scenario, programs: readonly PeerProgram[], effort: Effort, progress: (what: string) => void = () => {}): Promise<Row[]> {
  if (scenario.kind === "idle") return measureIdle(scenario, programs, effort, progress);
  const generator = await Peer.start("bun", join(import.meta.dirname, "load/main.ts"), LOAD_CORE);
  const entrants: Entrant[] = [];
  try {
    for (const [id, program] of programs.entries()) {
      progress(`starting ${program.name}`);
      entrants.push(await enter(generator, scenario, program, id, effort.warmUp));
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (let at = 0; at < entrants.length; at++) {
        const entrant = entrants[(at + round) % entrants.length];
        progress(`round ${round + 1} of ${effort.rounds}: ${entrant.program.name}`);
        await turn(generator, scenario, entrant, effort.seconds);
      }
    }
  } finally {
    generator.stop();
    for (const { peer } of entrants) peer?.stop();
  }
  return entrants.map(({ program: { name }, rounds, error }) => error === undefined ? { peer: name, rounds } : { peer: name, rounds: [], error });
}

/** A peer that takes part. */
interface Entrant {
  readonly program: PeerProgram;
  readonly id: number;
  peer?: Peer;
  readonly rounds: Round[];
  error?: string;
}

/** Starts a peer, connects to it, and warms it up: checked to the byte, then as it will be measured. */
async function enter(generator: Peer, scenario: Scenario, program: PeerProgram, id: number, warmUp: number): Promise<Entrant> {
  const entrant: Entrant = { program, id, rounds: [] };
  try {
    const options: LoadOptions = { ...scenario.load, raw: program.raw };
    if (program.client) {
      const { port } = await tell<{ readonly port: number }>(generator, { do: "listen", id, options });
      entrant.peer = await start(program, scenario, port);
      await tell(generator, { do: "complete", id });
    } else {
      entrant.peer = await start(program, scenario);
      if (scenario.kind === "messages") await tell(generator, { do: "open", id, port: entrant.peer.port, options });
    }
    if (scenario.kind === "messages") await tell(generator, { do: "run", id, seconds: Math.min(0.2, warmUp), checked: true });
    await work(generator, scenario, entrant, warmUp);
  } catch (error) {
    fail(entrant, error);
  }
  return entrant;
}

async function turn(generator: Peer, scenario: Scenario, entrant: Entrant, seconds: number): Promise<void> {
  const { peer, rounds } = entrant;
  if (peer === undefined) return;
  try {
    const before = await peer.ask<Usage>("usage");
    const { messages, seconds: took, bytes, busy } = await work(generator, scenario, entrant, seconds);
    const after = await peer.ask<Usage>("usage");
    rounds.push({ perSecond: short(messages / took), cost: short((after.cpu - before.cpu) / messages), wire: short(bytes / messages), busy: short(busy) });
  } catch (error) {
    fail(entrant, error);
  }
}

/** More digits would say nothing. */
function short(value: number): number {
  return Number(value.toPrecision(5));
}

function work(generator: Peer, { kind, load: { connections } }: Scenario, { id, peer }: Entrant, seconds: number): Promise<Report> {
  if (kind === "messages") return tell(generator, { do: "run", id, seconds, checked: false });
  return tell(generator, { do: "handshakes", port: peer?.port ?? 0, connections, seconds });
}

function fail(entrant: Entrant, error: unknown): void {
  entrant.error = error instanceof Error ? error.message : String(error);
  entrant.peer?.stop();
  delete entrant.peer;
}

/** Memory of connections that have each said one thing, and then nothing; garbage is collected first. */
async function measureIdle(scenario: Scenario, programs: readonly PeerProgram[], { rounds }: Effort, progress: (what: string) => void): Promise<Row[]> {
  const found = programs.map((): number[] => []);
  const errors: (string | undefined)[] = [];
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    for (const [at, program] of programs.entries()) {
      progress(`round ${round + 1}: ${program.name}`);
      try {
        found[at].push(Math.round(await idleMemory(scenario, program)));
      } catch (error) {
        errors[at] = (error as Error).message;
      }
    }
  }
  return programs.map(({ name: peer }, at) => {
    if (found[at].length === 0) return { peer, rounds: [], error: errors[at] ?? "" };
    return { peer, rounds: found[at].map((cost) => ({ cost, perSecond: 0, wire: 0, busy: 0 })) };
  });
}

async function idleMemory(scenario: Scenario, program: PeerProgram): Promise<number> {
  const connections = Math.min(scenario.load.connections, mostConnections() - WARM_CONNECTIONS);
  const generator = await Peer.start("bun", join(import.meta.dirname, "load/main.ts"), LOAD_CORE);
  const peer = await start(program, scenario);
  try {
    const { port } = peer;
    const options = { ...scenario.load, raw: program.raw };
    // what is made once, or grows by use, is there before the first reading
    await tell(generator, { do: "open", id: 0, port, options: { ...options, connections: WARM_CONNECTIONS } });
    await tell(generator, { do: "run", id: 0, seconds: 0.2, checked: false });
    const before = await settledMemory(peer);
    await tell(generator, { do: "open", id: 1, port, options: { ...options, connections } });
    await tell(generator, { do: "run", id: 1, seconds: 0, checked: true });
    return (await settledMemory(peer) - before) / connections;
  } finally {
    generator.stop();
    peer.stop();
  }
}

/** Resident memory in bytes once it no longer falls. */
async function settledMemory(peer: Peer): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { rss } = await peer.ask<Usage>("collect");
    unchanged = rss < least - 262_144 ? 0 : unchanged + 1;
    least = Math.min(least, rss);
  }
  return least;
}

function start({ runtime, script, env }: PeerProgram, { load: { mode, deflate, connections } }: Scenario, port = 0): Promise<Peer> {
  const task: PeerTask = { mode, deflate, connections, port };
  return Peer.start(runtime, join(import.meta.dirname, script), PEER_CORE, task, env);
}

function tell<Answer = Report>(generator: Peer, command: Command): Promise<Answer> {
  return generator.ask<Answer>(command);
}
