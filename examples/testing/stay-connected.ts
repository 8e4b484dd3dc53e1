import { connect as dial, type Socket } from "../../index.node.ts"; // "isosocket" in a project of your own

/** Calls `talk` with an open socket, again and again until the signal aborts. After a failure it waits: twice as long each time, up to a minute. */
export async function stayConnected(
  url: string, talk: (socket: Socket) => Promise<void>, signal: AbortSignal, connect: typeof dial = dial,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const socket = await connect(url, { signal });
      failures = 0;
      await talk(socket);
      await socket.close();
    } catch {
      if (signal.aborted) return;
    }
    const most = Math.min(60_000, 500 * 2 ** failures);
    await new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
  }
}
