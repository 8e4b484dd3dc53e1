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
  readonly env?: Readonly<Record<string, string>>;
}

/** Ours first: what the others are compared with. */
export const OURS = "isosocket";

const ALL = ["broadcast", "deflate", "handshake"] as const;
const SOME = ["broadcast", "handshake"] as const;

/** All of them. */
export const PEERS: readonly PeerProgram[] = [
  server(OURS, "node", "ours-node", ALL),
  { ...server("raw net", "node", "node-raw", []), raw: true },
  server("ws", "node", "ws", ALL),
  { ...server("ws without bufferutil", "node", "ws", ALL), env: { WS_NO_BUFFER_UTIL: "1" } },
  server("faye-websocket", "node", "faye", SOME),
  server(OURS, "bun", "ours-bun", ALL),
  { ...server("raw Bun.listen", "bun", "bun-raw", []), raw: true },
  server("Bun.serve", "bun", "bun-native", ALL),
  server(OURS, "deno", "ours-deno", ALL),
  { ...server("raw Deno.listen", "deno", "deno-raw", []), raw: true },
  server("Deno.upgradeWebSocket", "deno", "deno-native", SOME),
];

function server(name: string, runtime: Runtime, script: string, can: PeerProgram["can"]): PeerProgram {
  return { name, runtime, script: `peers/${script}.ts`, can, raw: false, client: false };
}
