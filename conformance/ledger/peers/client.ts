/**
 * A client's way through the cases of a tester that speaks Autobahn's control protocol, on any runtime.
 * @module
 */
import { type Means, type Message, respond } from "./commands.ts";

/**
 * Opens one connection and settles when it is over, however it ended; `hear` is called for each message.
 */
export type Open = (url: string, hear: (message: Message, means: Means) => unknown) => Promise<unknown>;

/** Runs all cases. A connection that does not open is not the end: the tester may mean it. */
export async function runCases(base: string, agent: string, open: Open): Promise<void> {
  let count = 0;
  await open(`${base}/getCaseCount`, (message) => count = Number(message));
  const name = encodeURIComponent(agent);
  for (let number = 1; number <= count; number++) {
    await Promise.race([open(`${base}/runCase?case=${number}&agent=${name}`, respond).catch(() => {}), patience()]);
  }
  await open(`${base}/updateReports?agent=${name}`, () => {});
}

/** A client that does not notice an end must not stop the rest. */
function patience(): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, 120_000);
    (timer as { unref?(): void }).unref?.();
  });
}

/** The part of the web's WebSocket that is used here. */
export interface WebLike {
  binaryType: string;
  send(message: Message): unknown;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: { readonly data: string | ArrayBuffer | Uint8Array<ArrayBuffer> }) => void): void;
}

/** Opens with something that has the web's interface. @param more what it can do beside that */
export function openWith<Socket extends WebLike>(connect: (url: string) => Socket | Promise<Socket>, more: (socket: Socket) => Partial<Means> = () => ({})): Open {
  return async (url, hear) => {
    const socket = await connect(url);
    await converse(socket, hear, more(socket));
  };
}

/** Answers what comes over a WebSocket, until it is over. */
export function converse(socket: WebLike, hear: (message: Message, means: Means) => unknown = respond, more: Partial<Means> = {}): Promise<void> {
  socket.binaryType = "arraybuffer";
  const means: Means = {
    send: (message) => socket.send(message),
    close: (code, reason) => code === undefined ? socket.close() : socket.close(code, reason),
    ...more,
  };
  return new Promise((resolve) => {
    socket.addEventListener("message", ({ data }) => hear(typeof data === "string" ? data : new Uint8Array(data), means));
    socket.addEventListener("error", () => {}); // "close" follows
    socket.addEventListener("close", () => resolve());
  });
}
