/**
 * What every peer says of itself: where it listens, and, for each line on its stdin, the processor time it has used and the memory it holds. It ends
 * with its stdin, so with whoever started it.
 *
 * This is `process` on Node, Deno and Bun, so no figure depends on what a system shows of its processes.
 * @module
 */

/** Processor time of all threads in microseconds since the start, and resident memory in bytes. */
export interface Usage {
  readonly cpu: number;
  readonly rss: number;
}

/** What a peer is asked to do, as JSON in its first argument. */
export interface PeerTask {
  readonly mode: "echo" | "broadcast";
  readonly deflate: "off" | "takeover" | "no-takeover";
  /** For a client, where to connect and how often; the port is 0 for a server. */
  readonly port: number;
  readonly connections: number;
}

/** The task of this process. */
export const task: PeerTask = JSON.parse(process.argv[2]) as PeerTask;

/** The largest message that any scenario sends, in bytes. */
export const MAX_MESSAGE: number = 64 * 1024 * 1024;

/** Where a client connects. */
export const url: string = `ws://127.0.0.1:${task.port}/`;

/** Opens what a client is to open, a few at a time, and is ready. */
export async function connectAll(open: () => Promise<unknown>): Promise<void> {
  for (let left = task.connections; left > 0; left -= BATCH) await Promise.all(Array.from({ length: Math.min(BATCH, left) }, open));
  ready();
}

const BATCH = 64;

/** Says that this peer is there, and answers from then on. */
export function ready(port = 0): void {
  console.log(JSON.stringify({ port }));
  let held = "";
  process.stdin.setEncoding("utf8").on("data", (text: string) => {
    const lines = (held + text).split("\n");
    held = lines.pop() as string;
    for (const line of lines) {
      if (line === "\"collect\"") collectGarbage();
      console.log(JSON.stringify(usage()));
    }
  });
  process.stdin.on("end", () => process.exit());
}

/** What this process has used. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, rss: process.memoryUsage().rss };
}

/** Where the runtime lets it be asked for. */
function collectGarbage(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
}
