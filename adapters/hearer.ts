/**
 * Who hears of a socket: the application, and who has the socket in its care.
 * @module
 */
import type { Message } from "../core/protocol.ts";
import type { Close } from "../core/websocket/close.ts";
import type { FrameRecord } from "../core/websocket/frame-tap.ts";

/** What an application hears, whatever its sockets are; `Handler` says which. Every method is optional. */
export interface Hearer<Self> {
  /** The connection is open. */
  open?(socket: Self): unknown;
  /** A message. While a promise returned is pending, nothing more is read from this peer. Absent: messages wait to be iterated. */
  message?(socket: Self, message: Message): unknown;
  /** A ping; it is already answered. */
  ping?(socket: Self, data: Uint8Array): unknown;
  /** A pong. */
  pong?(socket: Self, data: Uint8Array): unknown;
  /** Closing began, on either side: what is sent from now on goes nowhere. Not told when the connection ends at once. */
  closing?(socket: Self): unknown;
  /** The connection ended. */
  close?(socket: Self, close: Close): unknown;
  /** A method of this handler threw or rejected. The socket, where there is one, is being closed with 1011. Printed when absent. */
  error?(error: unknown, socket?: Self): unknown;
  /** Each frame that passed, both ways: for tools. Costs nothing when absent. */
  frame?(socket: Self, frame: FrameRecord): unknown;
  /**
   * True: `message` is lent binary messages of 4 KiB to 16 MiB. Once it has returned, or the promise that it returned has settled, their memory is that
   * of later messages, of this connection or another: copy what is kept for longer. What is sent before needs no copy. Leave `buffer` alone: it is larger,
   * and holds what is not the message's. Messages that are compressed, larger or iterated are never lent: each has an array of its own, for good, as all have
   * without this; a host takes longer to clear and collect those than all else takes.
   */
  readonly lend?: boolean;
}

/** Who has sockets in its care, as a server has those it accepted: one for many. It is called from inside them, and must not throw. */
export interface Keeper<Self = unknown> {
  /** After each read and write: what the socket holds (`bytesHeld`) may have changed. */
  flushed(socket: Self): void;
  /** The connection ended, once; `close` of the handler was called before. Its transport may still be there. */
  ended(socket: Self): void;
  /** The transport is gone, once, behind `ended`: the last call. */
  gone(socket: Self): void;
}
