/**
 * Sees to it that a message which was begun goes on (RFC 6455, section 10.4): a peer that leaves it unfinished keeps our memory, and answering
 * pings between its fragments does not end that.
 * @module
 */

/** Where reading is: what a MessageReader knows. */
export interface MessageProgress {
  /** True from the first frame of a message to its end. */
  readonly unfinished: boolean;
  /** Rises with each piece of a message that comes. */
  readonly progress: number;
}

/** The deadline of the message in progress. */
export class MessageWatch {
  readonly #reader: MessageProgress;
  readonly #timeout: number;
  #deadline = NEVER;
  #progress = 0;

  /**
   * Waits for a message to begin.
   * @param reader is looked at
   * @param timeout milliseconds from one piece of a message to the next
   */
  constructor(reader: MessageProgress, timeout: number) {
    this.#reader = reader;
    this.#timeout = timeout;
  }

  /** When the message in progress must have gone on from where it is; `Infinity` for none. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Looks how far reading is, behind whatever came. */
  look(now: number): void {
    const { unfinished, progress } = this.#reader;
    if (!unfinished) this.#deadline = NEVER;
    else if (this.#deadline === NEVER || progress !== this.#progress) this.#deadline = now + this.#timeout;
    this.#progress = progress;
  }

  /** So much of the time was ours. */
  extend(time: number): void {
    this.#deadline += time;
  }

  /** The time until now was ours: it starts again. */
  restart(now: number): void {
    this.#deadline = NEVER;
    this.look(now);
  }
}

const NEVER = Number.POSITIVE_INFINITY;
