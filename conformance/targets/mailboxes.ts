/**
 * Broadcast where a connection may be written to only by the request it came with, as in workerd: the others put messages
 * into its mailbox, and its own request sends them.
 * @module
 */
import type { Handler, Socket } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";

/** The mailboxes of all connections. */
export class Mailboxes {
  readonly #all: Map<Socket, Mailbox> = new Map();

  /** Sends each message to everybody; where a reader is slow, the sender is not read from. */
  readonly handler: Pick<Handler, "open" | "close" | "message"> = {
    open: (socket) => {
      const mailbox = new Mailbox();
      this.#all.set(socket, mailbox);
      void mailbox.deliver(socket);
    },
    close: (socket) => {
      this.#all.get(socket)?.end();
      this.#all.delete(socket);
    },
    message: (_, message) => {
      const full = [...this.#all.values()].filter((mailbox) => !mailbox.put(message));
      return full.length === 0 ? undefined : Promise.all(full.map((mailbox) => mailbox.room()));
    },
  };
}

class Mailbox {
  #messages: Message[] = [];
  #size = 0;
  #ended = false;
  #wake: (() => void) | undefined = undefined;
  #onRoom: (() => void)[] = [];

  /** False when it is full; the message was taken all the same. */
  put(message: Message): boolean {
    if (this.#ended) return true;
    this.#messages.push(message);
    this.#size += message.length;
    this.#wake?.();
    return this.#size < HIGH_WATER;
  }

  /** Settles once there is room. */
  room(): Promise<void> {
    return this.#size < HIGH_WATER ? Promise.resolve() : new Promise((resolve) => this.#onRoom.push(resolve));
  }

  /** Sends what comes, until the end. */
  async deliver(socket: Socket): Promise<void> {
    while (!this.#ended) {
      for (const message of this.#messages.splice(0)) {
        if (!socket.send(message)) await socket.writable();
        this.#size -= message.length;
      }
      this.#tellRoom();
      if (this.#messages.length > 0) continue;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  /** Nobody empties it any more. */
  end(): void {
    this.#ended = true;
    this.#messages = [];
    this.#size = 0;
    this.#wake?.();
    this.#tellRoom();
  }

  #tellRoom(): void {
    if (this.#size < HIGH_WATER) for (const resolve of this.#onRoom.splice(0)) resolve();
  }
}

/** Bytes in a mailbox past which it is full. */
const HIGH_WATER = 65_536;
