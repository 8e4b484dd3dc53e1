/**
 * Whom a connection tells, and what else it is made from.
 * @module
 */
import type { RandomPool } from "../bytes/random-pool.ts";
import type { TextCodec } from "../bytes/utf8.ts";
import type { Close } from "./close.ts";
import type { ExtensionSession } from "./extension.ts";
import type { Role } from "./frame-parser.ts";
import type { Limits } from "./limits.ts";

/** Hears what the peer said, in order, while `receive` runs. It may send, close and pause from inside. */
export interface WebSocketHandler {
  /** A text message. */
  onText(text: string): void;
  /** A binary message, given: it is the handler's own, for good. With `lend` it may be lent, until the handler calls `lender.giveBack` with it, once. */
  onBinary(data: Uint8Array): void;
  /** A ping, which is already answered. `data` is the handler's own. */
  onPing?(data: Uint8Array): void;
  /** A pong, asked for or not. `data` is the handler's own. */
  onPong?(data: Uint8Array): void;
  /** How it ended: the last call, made exactly once. */
  onClose(close: Close): void;
}

/** What a connection is made from. */
export interface WebSocketOptions {
  /** Which end this is. */
  readonly role: Role;
  /** Hears the peer. */
  readonly handler: WebSocketHandler;
  /** Where a client's masking keys come from. */
  readonly random: RandomPool;
  /** Those that are not named keep their defaults. */
  readonly limits?: Partial<Limits>;
  /** The extension agreed on, at its start. */
  readonly extension?: ExtensionSession | undefined;
  /** The host's way between text and bytes; that of the language when it is not said. */
  readonly codec?: TextCodec;
  /**
   * True: binary messages of 4 KiB to 16 MiB are lent by `lender`, for a handler that gives each back to it. What is not given back is garbage like any
   * other. Otherwise each has an array of its own.
   */
  readonly lend?: boolean;
}
