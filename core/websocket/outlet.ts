/**
 * What a connection writes with while something is queued: its messages, the pongs that it owes, its close frame.
 *
 * A ping is answered with a pong of the same payload (RFC 6455, section 5.5.2). Past a limit of pending pongs only the latest ping is (5.5.3).
 * @module
 */
import type { RandomPool } from "../bytes/random-pool.ts";
import type { TextCodec } from "../bytes/utf8.ts";
import type { ExtensionSession } from "./extension.ts";
import type { Limits } from "./limits.ts";
import { MessageWriter } from "./message-writer.ts";
import { CLOSE, PING, PONG } from "./opcode.ts";

/** Writes for one connection at a time. */
export class Outlet {
  readonly writer: MessageWriter;
  /** True when a ping of the keepalive's is among what is queued. */
  pings = false;
  /** The next of those that are nobody's. */
  next: Outlet | undefined = undefined;
  readonly #maxPongs: number;
  /** Pongs among what is queued. */
  #pongs = 0;
  /** The ping to be answered once that is taken, as there were too many. */
  #latestPing: Uint8Array | undefined = undefined;

  /** Has nothing queued. */
  constructor(random: RandomPool | undefined, limits: Limits, codec: TextCodec | undefined, extension: ExtensionSession | undefined) {
    this.writer = new MessageWriter(random, limits.maxQueued, extension, codec);
    this.#maxPongs = limits.maxPendingPongs;
  }

  /** Pings for the keepalive. */
  ping(): void {
    this.writer.control(PING, EMPTY);
    this.pings = true;
  }

  /** Answers a ping; its payload is lent. */
  pong(payload: Uint8Array): void {
    if (this.#pongs < this.#maxPongs) {
      this.#pongs++;
      this.writer.control(PONG, payload);
    } else {
      this.#latestPing = payload.slice();
    }
  }

  /** Queues the close frame; no pong follows it (5.5.1). */
  close(payload: Uint8Array): void {
    this.#latestPing = undefined;
    this.writer.control(CLOSE, payload);
  }

  /**
   * Hands over everything queued.
   * @param answers false drops the pong that is still owed: nobody waits for it
   */
  take(answers: boolean): readonly Uint8Array[] {
    const ping = this.#latestPing;
    this.#latestPing = undefined;
    if (ping !== undefined && answers) this.writer.control(PONG, ping);
    this.#pongs = 0;
    this.pings = false;
    return this.writer.take();
  }
}

const EMPTY = new Uint8Array(0);
