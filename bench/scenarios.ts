/**
 * What is measured.
 * @module
 */
import type { LoadOptions } from "./load/load.ts";
import type { PeerProgram } from "./peers.ts";

/** Messages that go round, connections that come and go, or connections that do nothing. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly kind: "messages" | "handshakes" | "idle";
  readonly client: boolean;
  readonly load: Omit<LoadOptions, "raw">;
}

/** As it is where nothing else is said. */
export const ECHO: Scenario["load"] = { mode: "echo", connections: 100, size: 32, inFlight: 1, binary: false, deflate: "off", fragments: 1 };

/** All of them, in the order of the tables. */
export const SCENARIOS: readonly Scenario[] = [
  echo("echo32", "32 B, 1 in flight, 100 connections", {}),
  echo("pipe32", "32 B, 64 in flight, 100 connections", { inFlight: 64 }),
  echo("echo1k", "1 KiB, 1 in flight, 100 connections", { size: 1024 }),
  echo("echo64k", "64 KiB, 4 in flight, 10 connections", { size: 65_536, inFlight: 4, connections: 10, binary: true }),
  echo("echo1m", "1 MiB, 2 in flight, 2 connections", { size: 1_048_576, inFlight: 2, connections: 2, binary: true }),
  echo("broadcast200", "broadcast of 128 B to 200, 1 at a time", { mode: "broadcast", size: 128, connections: 200 }),
  echo("broadcast200x16", "broadcast of 128 B to 200, 16 at a time", { mode: "broadcast", size: 128, connections: 200, inFlight: 16 }),
  echo("broadcast1000", "broadcast of 128 B to 1,000, 1 at a time", { mode: "broadcast", size: 128, connections: 1000 }),
  echo("broadcast1000x16", "broadcast of 128 B to 1,000, 16 at a time", { mode: "broadcast", size: 128, connections: 1000, inFlight: 16 }),
  echo("deflate", "permessage-deflate, 1 KiB of JSON, takeover", { size: 1024, connections: 50, deflate: "takeover" }),
  echo("deflate-no-takeover", "permessage-deflate, 1 KiB of JSON, no takeover", { size: 1024, connections: 50, deflate: "no-takeover" }),
  { ...echo("handshake", "handshake and close, 64 at a time", { connections: 64 }), kind: "handshakes" },
  { ...echo("idle", "10,000 idle connections", { connections: 10_000 }), kind: "idle" },
  { ...echo("client32", "client: 32 B, 1 in flight, 100 connections", {}), client: true },
  { ...echo("client-pipe32", "client: 32 B, 64 in flight, 100 connections", { inFlight: 64 }), client: true },
  { ...echo("client64k", "client: 64 KiB, 4 in flight, 10 connections", { size: 65_536, inFlight: 4, connections: 10, binary: true }), client: true },
];

function echo(name: string, title: string, load: Partial<LoadOptions>): Scenario {
  return { name, title, kind: "messages", client: false, load: { ...ECHO, ...load } };
}

/** Whether a peer takes part. */
export function suits({ client, raw, can, large }: PeerProgram, scenario: Scenario): boolean {
  if (client !== scenario.client) return false;
  if (large === true && (scenario.kind !== "messages" || scenario.load.size < LARGE)) return false;
  if (scenario.kind === "handshakes") return can.includes("handshake");
  if (scenario.kind === "idle") return true;
  if (raw) return scenario.load.mode === "echo" && scenario.load.deflate === "off";
  return (scenario.load.mode === "echo" || can.includes("broadcast")) && (scenario.load.deflate === "off" || can.includes("deflate"));
}

/** From here on messages are lent. */
const LARGE = 4_096;
