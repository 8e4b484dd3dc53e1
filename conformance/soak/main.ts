/**
 * `npm run soak -- [--runtime R] [--connections N] [--seconds S] [--tls]`: a server of ours under many connections that send, and of which every
 * second some misbehave in one of seven ways. Nothing may be lost or wrong, nobody who did nothing wrong may be dropped, and the server must give
 * back its files and its memory.
 *
 * The faults are drawn anew each time: what must hold must hold for all of them. Exit code 1 when it does not hold.
 * @module
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { ProcessProbe } from "../attacks/probe.ts";
import { oneOf, readArguments, toNumber } from "../targets/arguments.ts";
import { commandOf } from "../targets/start.ts";
import type { ServerTask } from "../targets/task.ts";
import { type Counts, FAULTS, Peer, sleep } from "./peer.ts";

const { runtime, connections, seconds, tls } = readArguments(() => {
  const { values } = parseArgs({
    options: {
      runtime: { type: "string", default: "node" },
      connections: { type: "string", default: "10000" },
      seconds: { type: "string", default: "60" },
      tls: { type: "boolean", default: false },
    },
  });
  return {
    runtime: oneOf("--runtime", values.runtime, ["node", "deno", "bun"]),
    connections: toNumber("--connections", values.connections, 1, 60_000),
    seconds: toNumber("--seconds", values.seconds, 1, 86_400),
    tls: values.tls,
  };
});

/** Garbage is collected every second, so that memory is what is held. */
const COLLECTING: Readonly<Record<string, readonly string[]>> = {
  node: ["--expose-gc", "--import", "data:text/javascript,setInterval(gc, 1000).unref()"],
  deno: ["run", "--v8-flags=--expose-gc", "--preload", "data:text/javascript,Deno.unrefTimer(setInterval(() => gc(), 1000))"],
  bun: ["--smol"],
};

const counts: Counts = {
  opened: 0, sent: 0, echoed: 0, lost: 0, wrong: 0, dropped: 0, refused: 0, notes: [],
  faults: Object.fromEntries(FAULTS.map((name) => [name, 0])) as Counts["faults"],
};
const { port, probe } = await startServer();
const place = { port, secure: tls };
const peers = Array.from({ length: connections }, () => new Peer(place, counts));
const filesBefore = probe.files ?? 0;

await inTurn("opening", peers, (peer) => peer.open());
const memoryUp = probe.rss ?? 0;
const filesUp = probe.files ?? 0;
await run();
await settle();
counts.lost += peers.reduce((sum, peer) => sum + peer.awaited, 0);
const memoryAfter = probe.rss ?? 0;
await inTurn("closing", peers, (peer) => Promise.race([peer.close(), sleep(10_000)]));
await sleep(3_000);
report();
process.kill(probe.pid, "SIGKILL");
process.exit();

/** Each peer sends every five seconds or so; every second 3.6 % of them misbehave. */
async function run(): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let next = 0, round = 1; performance.now() < end; round++) {
    const start = performance.now();
    for (let count = 0; count < connections / 50; count++) peers[next++ % connections].send();
    for (let count = 0; count < connections * 0.0036; count++) {
      const fault = FAULTS[Math.floor(Math.random() * FAULTS.length)];
      void peers[Math.floor(Math.random() * connections)].fail(fault);
    }
    if (round % 50 === 0) console.error(`${Math.ceil((end - performance.now()) / 1000)} s left: ${counts.sent} sent, ${counts.echoed} back, ${mebibytes(probe.rss ?? 0)}`);
    await sleep(Math.max(0, 100 - (performance.now() - start)));
  }
}

/** Waits until everything that can come back has come back. */
async function settle(): Promise<void> {
  await sleep(5_000); // the last faults run out
  for (let waited = 0; waited < 30 && peers.some((peer) => peer.awaited > 0); waited++) await sleep(1_000);
}

/** Does something with every peer, 100 at a time. */
async function inTurn(doing: string, all: readonly Peer[], body: (peer: Peer) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += 100) {
    await Promise.all(all.slice(at, at + 100).map(body));
    if (at % 2000 === 0) console.error(`${doing}: ${at} of ${all.length}`);
  }
}

async function startServer(): Promise<{ readonly port: number; readonly probe: ProcessProbe }> {
  const task: ServerTask = { role: "server", port: 0, mode: "echo", maxMessage: 1_048_576, drainWindow: 500, deflate: "off", ...(tls ? { tls: await certificate() } : {}) };
  const [program, ...args] = commandOf(runtime);
  const child = spawn(program, [...COLLECTING[runtime], ...args.filter((arg) => arg !== "run"), join(import.meta.dirname, `../targets/${runtime}.ts`), JSON.stringify(task)], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    return { port: Number(/:(\d+)$/.exec(line)?.[1]), probe: new ProcessProbe(child.pid as number) };
  }
  throw new Error("The server ended before it listened");
}

async function certificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const { makeCertificates } = await import(join(import.meta.dirname, "../../test/certificate.ts")) as { makeCertificates(): { cert: string; key: string } };
  const { cert, key } = makeCertificates();
  return { cert, key };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MiB`;
}

function report(): void {
  const { opened, sent, echoed, lost, wrong, dropped, refused, faults, notes } = counts;
  const filesAfter = probe.files ?? 0;
  console.log(`${runtime}${tls ? " over TLS" : ""}: ${connections} connections for ${seconds} s, ${opened} opened in all`);
  console.log(`sent ${sent}, back ${echoed}; lost ${lost}, wrong ${wrong}, dropped ${dropped}, refused ${refused}`);
  console.log(`faults: ${FAULTS.map((name) => `${name} ${faults[name]}`).join(", ")}`);
  console.log(`files: ${filesBefore} before, ${filesUp} with all, ${filesAfter} after; memory: ${mebibytes(memoryUp)} with all, ${mebibytes(memoryAfter)} after the faults`);
  for (const note of notes) console.log(`- ${note}`);
  const isClean = lost + wrong + dropped + refused === 0 && probe.alive;
  if (filesAfter > filesBefore + 20) console.log(`- ${filesAfter - filesBefore} files were not given back`);
  if (memoryAfter > memoryUp * 1.2) console.log(`- it holds ${(memoryAfter / memoryUp).toFixed(2)} times the memory of before the faults`);
  process.exitCode = isClean && filesAfter <= filesBefore + 20 && memoryAfter <= memoryUp * 1.2 ? 0 : 1;
}
