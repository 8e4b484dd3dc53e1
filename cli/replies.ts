/**
 * What `isosocket serve` does with a message.
 * @module
 */
import type { Message, Socket } from "../index.node.ts";

/** Takes a message. Nothing more is read from its sender while a promise returned is pending. */
export type Reply = (socket: Socket<unknown>, message: Message) => Promise<unknown> | undefined;

/** Sends text back as text and bytes as bytes. Who does not read what comes back is not read from. */
export const echo: Reply = (socket, message) => socket.send(message) ? undefined : socket.writable();

/** Sends to all others. Who does not read slows the senders down, and is dropped after a while. */
export function broadcast(sockets: () => Iterable<Socket<unknown>>): Reply {
  return (sender, message) => {
    const waits: Promise<unknown>[] = [];
    for (const socket of sockets()) {
      if (socket !== sender && socket.state === "open" && !sent(socket, message)) waits.push(drained(socket));
    }
    return waits.length === 0 ? undefined : Promise.all(waits);
  };
}

function sent(socket: Socket<unknown>, message: Message): boolean {
  try {
    return socket.send(message);
  } catch {
    socket.terminate(); // past `maxQueued`: many senders filled its queue before it drained
    return true;
  }
}

async function drained(socket: Socket<unknown>): Promise<void> {
  const timer = setTimeout(() => socket.terminate(), PATIENCE);
  await socket.writable();
  clearTimeout(timer);
}

/** Milliseconds that one reader may hold everybody else up. */
const PATIENCE = 10_000;
