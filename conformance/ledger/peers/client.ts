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
    await orLater(open(`${base}/runCase?case=${number}&agent=${name}`, respond).catch(() => {}));
  }
  await open(`${base}/updateReports?agent=${name}`, () => {});
}

/** Settles with what it is given, or after a while: a client that does not notice an end must not stop the rest. */
async function orLater(over: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE));
  await Promise.race([over, later]);
  clearTimeout(timer);
}

/** In milliseconds: more than the tester gives a case. */
const PATIENCE = 60_000;

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
