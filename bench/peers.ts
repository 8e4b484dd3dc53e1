/**
 * Whom we are measured with. Each is a program of a few lines in `peers/`.
 * @module
 */
import type { Runtime } from "./process.ts";

/** A program to measure. */
export interface PeerProgram {
  readonly name: string;
  readonly runtime: Runtime;
  readonly script: string;
  /** What it can do beside echo. */
  readonly can: readonly ("broadcast" | "deflate" | "handshake")[];
  readonly raw: boolean;
  readonly client: boolean;
  /** Takes part only where messages are large. */
  readonly large?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Ours first: what the others are compared with. */
export const OURS = "isosocket";
/** Ours without `lend`, where that matters. */
export const OWNING = "isosocket, not lending";

const ALL = ["broadcast", "deflate", "handshake"] as const;
const SOME = ["broadcast", "handshake"] as const;

/** All of them. */
export const PEERS: readonly PeerProgram[] = [
  server(OURS, "node", "ours-node", ALL),
  { ...server(OWNING, "node", "ours-node", []), large: true, env: { LEND: "0" } },
  { ...server("raw net", "node", "node-raw", []), raw: true },
  server("ws", "node", "ws", ALL),
  { ...server("ws without bufferutil", "node", "ws", ALL), env: { WS_NO_BUFFER_UTIL: "1" } },
  server("faye-websocket", "node", "faye", SOME),
  server(OURS, "bun", "ours-bun", ALL),
  { ...server(OWNING, "bun", "ours-bun", []), large: true, env: { LEND: "0" } },
  { ...server("raw Bun.listen", "bun", "bun-raw", []), raw: true },
  server("Bun.serve", "bun", "bun-native", ALL),
  server(OURS, "deno", "ours-deno", ALL),
  { ...server(OWNING, "deno", "ours-deno", []), large: true, env: { LEND: "0" } },
  { ...server("raw Deno.listen", "deno", "deno-raw", []), raw: true },
  server("Deno.upgradeWebSocket", "deno", "deno-native", SOME),
  client(OURS, "node", "ours-node"),
  { ...client("raw net", "node", "node-raw"), raw: true },
  client("ws", "node", "client-ws"),
  client("Node's WebSocket", "node", "client-native"),
  client("faye-websocket", "node", "client-faye"),
  client(OURS, "bun", "ours-bun"),
  { ...client("raw Bun.connect", "bun", "bun-raw"), raw: true },
  client("Bun's WebSocket", "bun", "client-native"),
  client(OURS, "deno", "ours-deno"),
  { ...client("raw Deno.connect", "deno", "deno-raw"), raw: true },
  client("Deno's WebSocket", "deno", "client-native"),
];

function client(name: string, runtime: Runtime, script: string): PeerProgram {
  return { ...server(name, runtime, script, []), client: true };
}

function server(name: string, runtime: Runtime, script: string, can: PeerProgram["can"]): PeerProgram {
  return { name, runtime, script: `peers/${script}.ts`, can, raw: false, client: false };
}
