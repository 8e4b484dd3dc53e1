/**
 * Echo peers on Node, for a suite to be pointed at.
 * @module
 */
import { connect, serve } from "../../adapters/node.ts";
import type { Server } from "../../adapters/serve.ts";
import type { Limits } from "../../core/websocket/limits.ts";

/** Limits that the largest cases stay under. */
export const ECHO_LIMITS: Partial<Limits> = {
  maxMessage: 64 * 1024 * 1024,
  maxFragments: 1_000_000,
  maxQueued: 256 * 1024 * 1024,
  maxHeld: 64 * 1024 * 1024,
};

/** A server that sends every message back. */
export function serveEcho(port: number): Promise<Server> {
  return serve({
    port,
    hostname: "127.0.0.1",
    origins: "any",
    limits: ECHO_LIMITS,
    message: (socket, message) => void socket.send(message),
  });
}

/**
 * A client that lets itself be tested: it asks how many cases there are, echoes its way through each, and asks for the report.
 * @param url the tester's, without a path
 * @param agent the name it is reported under
 */
export async function runEchoClient(url: string, agent: string): Promise<void> {
  const name = encodeURIComponent(agent);
  const asked = await connect(new URL("/getCaseCount", url), { limits: ECHO_LIMITS });
  let count = 0;
  for await (const message of asked) count = Number(message);
  for (let number = 1; number <= count; number++) {
    const socket = await connect(new URL(`/runCase?case=${number}&agent=${name}`, url), {
      limits: ECHO_LIMITS,
      message: (self, message) => void self.send(message),
    });
    await socket.closed;
  }
  const report = await connect(new URL(`/updateReports?agent=${name}`, url), { limits: ECHO_LIMITS });
  await report.closed;
}
