/**
 * Messages between an application and its socket: what may be sent, and what waits to be read.
 * @module
 */
import type { Message } from "../core/protocol.ts";

/** Messages that came and wait to be iterated, in order. */
export class Inbox {
  #messages: Message[] = [];
  /** How many of them were taken. */
  #taken = 0;
  #size = 0;
  #takers: ((result: IteratorResult<Message, undefined>) => void)[] = [];
  #ended = false;

  /** Bytes of what waits, with what it costs to keep. */
  get size(): number {
    return this.#size;
  }

  /** True while somebody waits for a message: all that came were read. */
  get awaited(): boolean {
    return this.#takers.length > 0;
  }

  /** Gives a message to whoever waits for one, else keeps it. */
  put(message: Message): void {
    const give = this.#takers.shift();
    if (give !== undefined) {
      give({ done: false, value: message });
      return;
    }
    this.#messages.push(message);
    this.#size += message.length + MESSAGE_COST;
  }

  /** The next message, when one waits. */
  take(): Message | undefined {
    if (this.#taken === this.#messages.length) return undefined;
    const message = this.#messages[this.#taken++];
    this.#size -= message.length + MESSAGE_COST;
    if (this.#taken * 2 >= this.#messages.length) { // seldom enough that emptying a long one costs linear time
      this.#messages.splice(0, this.#taken);
      this.#taken = 0;
    }
    return message;
  }

  /** The next message as soon as there is one; done once all were taken and `end` was called. */
  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** No more will come. */
  end(): void {
    this.#ended = true;
    for (const give of this.#takers.splice(0)) give({ done: true, value: undefined });
  }
}

/**
 * An iterator that a loop may leave and another go on with.
 * @param left called as a loop leaves it before its end
 */
export function iterate(
  next: () => Promise<IteratorResult<Message, undefined>>,
  left: () => void = () => {},
): AsyncIterableIterator<Message, undefined> {
  return {
    next,
    return() {
      left();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * The bytes of a binary message, not copied.
 * @throws {TypeError} for what is none
 */
export function toBytes(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (data instanceof Uint8Array && data.length > 0) return data;
  try {
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
  } catch {
    throw new TypeError("Cannot send bytes whose memory was given away: they were transferred, or their buffer has shrunk");
  }
  throw new TypeError(`Cannot send a message of type ${data === null ? "null" : typeof data}: it must be a string or bytes; for objects, JSON.stringify`);
}

/** True for what can be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Bytes waiting, either way, past which the other side should slow down. */
export const HIGH_WATER = 65_536;
/** What a waiting message costs beside its bytes. */
const MESSAGE_COST = 64;
