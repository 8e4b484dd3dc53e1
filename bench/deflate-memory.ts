/**
 * `npm run bench:deflate-memory [-- --connections N] [words]`: what an idle connection with permessage-deflate costs a server, for each choice there is,
 * beside `ws` and the runtimes' own servers: resident memory per connection, once each has echoed enough JSON to fill its windows.
 *
 * Each server is a process of its own and is loaded by the same clients (`ws`). A connection without the extension is what a choice is compared
 * with, so the figures are what compression adds.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { parseArgs } from "node:util";
import WebSocket from "ws";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { connections: { type: "string", default: "1000" } } });
const connections = Number(values.connections);

/** What a server is started with: a script, and what it is asked to do. */
const SERVERS: readonly (readonly [name: string, runtime: "node" | "deno" | "bun", script: string, choice: string])[] = [
  ...(["node", "deno", "bun"] as const).flatMap((runtime) => ["off", "no takeover", "12 bits", "15 bits"].map((choice) => (
    [`isosocket on ${runtime}`, runtime, `deflate-memory-${runtime}.ts`, choice] as const
  ))),
  ["ws", "node", "deflate-memory-ws.ts", "off"],
  ["ws", "node", "deflate-memory-ws.ts", "no takeover"],
  ["ws", "node", "deflate-memory-ws.ts", "15 bits"],
  ["Bun.serve", "bun", "deflate-memory-bun-native.ts", "off"],
  ["Bun.serve", "bun", "deflate-memory-bun-native.ts", "15 bits"],
];

console.log(`| server | choice | idle connection, KiB | more than without, KiB |\n|---|---|---|---|`);
let plain = 0;
for (const [name, runtime, script, choice] of SERVERS) {
  if (!positionals.every((word) => `${name} ${choice}`.includes(word))) continue;
  const each = await measure(runtime, script, choice);
  if (choice === "off") plain = each;
  console.log(`| ${name} | ${choice} | ${each.toFixed(1)} | ${choice === "off" ? "" : (each - plain).toFixed(1)} |`);
}
process.exit(0);

/** KiB of resident memory for each connection. */
async function measure(runtime: "node" | "deno" | "bun", script: string, choice: string): Promise<number> {
  const child = start(runtime, join(import.meta.dirname, script), choice);
  const port = await firstLine(child.stdout as Readable);
  for (const socket of await useAll(Number(port), connections / 2, choice)) socket.terminate(); // what is made once, or grows by use, is there now
  const before = await settled(child.pid as number);
  const sockets = await useAll(Number(port), connections, choice);
  const after = await settled(child.pid as number);
  for (const socket of sockets) socket.terminate();
  child.kill("SIGKILL");
  return (after - before) / connections;
}

function start(runtime: "node" | "deno" | "bun", script: string, choice: string): ChildProcess {
  const bin = (name: string): string => join(import.meta.dirname, "../node_modules/.bin", name);
  const args = { node: ["--expose-gc", script], deno: ["run", "--allow-all", "--no-check", "--v8-flags=--expose-gc", script], bun: [script] }[runtime];
  return spawn(runtime === "node" ? process.execPath : bin(runtime), [...args, choice], { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error("Cannot measure: a server ended before it listened");
}

/** Opens connections that each get 48 KiB of JSON back, in messages of 1 KiB. */
async function useAll(port: number, count: number, choice: string): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  for (let made = 0; made < count; made++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: choice === "off" ? false : { threshold: 0 } });
    await new Promise<void>((resolve, reject) => {
      let left = 48;
      socket.on("open", () => socket.send(json(made, left)));
      socket.on("message", () => --left === 0 ? resolve() : socket.send(json(made, left)));
      socket.on("error", reject);
    });
    sockets.push(socket);
  }
  return sockets;
}

function json(connection: number, number: number): string {
  const rows = Array.from({ length: 12 }, (_, at) => ({ id: connection * 1000 + number * 20 + at, name: `user ${(connection * 7 + at * 13) % 997}`, active: at % 3 === 0, score: (number * at * 31) % 1013 }));
  return JSON.stringify({ type: "rows", number, rows });
}

/** Resident memory in KiB once it no longer falls; the servers collect their garbage every 200 ms. */
async function settled(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 6;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    unchanged = now < least - 256 ? 0 : unchanged + 1;
    least = Math.min(least, now);
  }
  return least;
}
