/**
 * The server of isosocket that `deflate-memory.ts` measures, the same on each runtime.
 * @module
 */
import type { ServeOptions } from "../adapters/serve.ts";
import type { Extension } from "../core/websocket/extension.ts";
import { type DeflateOptions, PermessageDeflate } from "../core/websocket/permessage-deflate.ts";

const CHOICES: Readonly<Record<string, DeflateOptions>> = {
  "no takeover": { serverNoContextTakeover: true, clientNoContextTakeover: true },
  "12 bits": {},
  "15 bits": { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
};

/** Echoes with the choice named on the command line, and prints its port. */
export async function run(serve: (options: ServeOptions) => Promise<{ readonly port: number }>): Promise<void> {
  const choice = CHOICES[process.argv[2]];
  const extensions: Extension[] = choice === undefined ? [] : [new PermessageDeflate({ ...choice, maxMemory: Number.POSITIVE_INFINITY })];
  const { port } = await serve({ port: 0, hostname: "127.0.0.1", extensions, message: (socket, message) => socket.send(message) ? undefined : socket.writable() });
  collectGarbage();
  console.log(port);
}

/** Now and then, where the runtime lets it be asked for. */
export function collectGarbage(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  setInterval(() => Bun === undefined ? gc?.() : Bun.gc(true), 200);
}
