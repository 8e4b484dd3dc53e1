/**
 * A server of the first run in a process of its own, on runtimes that have processes: Deno and Bun.
 * @module
 */
import process from "node:process";
import type { ServeOptions, Server } from "../../../index.shared.ts";
import { Room, type Visit } from "../room.ts";

/** Serves a room, and prints what it is as a line of JSON. */
export async function runRoom(
  runtime: string,
  version: string | undefined,
  serve: (options: ServeOptions<Visit>) => Promise<Server<Visit>>,
): Promise<void> {
  const { FIRST_RUN_TOKEN = "", FIRST_RUN_ORIGINS = "" } = process.env;
  const room = new Room({ runtime, token: FIRST_RUN_TOKEN });
  const { port } = await serve({ ...room.handler, origins: FIRST_RUN_ORIGINS.split(" "), hostname: "127.0.0.1", port: 0 });
  console.log(JSON.stringify({ port, version }));
}
