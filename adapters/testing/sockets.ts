/**
 * What the tests of sockets share.
 * @module
 */
import { expect } from "vitest";
import type { HandshakeError } from "../error.ts";
import type { Message, SocketLike } from "../../index.node.ts";

/** The next messages, so many at most; fewer when the connection ends before. */
export async function take(socket: SocketLike, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of socket) if (messages.push(message) === count) break;
  return messages;
}

/** The error of a `connect` that must not open. */
export function failure(connecting: Promise<unknown>): Promise<HandshakeError> {
  return connecting.then(() => expect.fail("it opened"), (error: HandshakeError) => error);
}
