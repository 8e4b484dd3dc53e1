/**
 * One connection of the generator: it sends a series round and round, as many messages as it is granted, and counts what comes back.
 * @module
 */
import type { BunSocket } from "./bun.ts";
import type { ReplyReader } from "./replies.ts";
import type { Series } from "./series.ts";

/** Who hears of replies. */
export interface LinkOwner {
  replied(link: Link, count: number): void;
  lost(error: Error): void;
}

/** A connection that is open. */
export class Link {
  readonly owner: LinkOwner;
  readonly series: Series;
  readonly #socket: BunSocket;
  reader: ReplyReader | undefined;
  /** Messages sent or granted, and messages that came back. */
  sent = 0;
  replies = 0;
  bytesRead = 0;
  #at = 0;
  #owed = 0;

  constructor(owner: LinkOwner, series: Series, socket: BunSocket) {
    this.owner = owner;
    this.series = series;
    this.#socket = socket;
  }

  /** Sends so many messages more, in one write where they fit. */
  grant(count: number): void {
    const { starts, payloads } = this.series;
    const from = this.sent % payloads.length;
    const rounds = Math.floor((from + count) / payloads.length);
    this.#owed += rounds * starts[payloads.length] + starts[(from + count) % payloads.length] - starts[from];
    this.sent += count;
    this.flush();
  }

  /** Writes what is owed, as far as the system takes it. */
  flush(): void {
    const { starts, payloads, bytes } = this.series;
    const round = starts[payloads.length];
    while (this.#owed > 0) {
      const most = Math.min(this.#owed, bytes.length - this.#at);
      const written = this.#socket.write(bytes, this.#at, most);
      if (written > 0) {
        this.#owed -= written;
        this.#at = (this.#at + written) % round;
      }
      if (written < most) return; // until it drains
    }
  }

  /** Takes what was read. */
  received(bytes: Uint8Array): void {
    this.bytesRead += bytes.length;
    const count = this.reader?.read(bytes) ?? 0;
    if (count === 0) return;
    this.replies += count;
    this.owner.replied(this, count);
  }

  /** Ends the connection at once. */
  end(): void {
    this.#socket.terminate();
  }
}
