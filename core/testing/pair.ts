/**
 * A connection that is listened to, and two of them back to back, for tests.
 * @module
 */
import { RandomPool } from "../bytes/random-pool.ts";
import type { Close } from "../websocket/close.ts";
import { WebSocketConnection } from "../websocket/connection.ts";
import type { ExtensionSession } from "../websocket/extension.ts";
import type { Role } from "../websocket/frame-parser.ts";
import type { WebSocketHandler } from "../websocket/handler.ts";
import type { Limits } from "../websocket/limits.ts";
import { concat, type Frame, readFrames } from "./frames.ts";

/** What a handler heard. */
export type Heard = readonly [name: "text" | "binary" | "ping" | "pong" | "close", value: unknown];

/** One end of a connection, and what it heard and sent. */
export class End {
  readonly connection: WebSocketConnection;
  readonly heard: Heard[] = [];

  /**
   * @param during runs inside each handler call but the last, once the call is noted
   */
  constructor(role: Role, limits: Partial<Limits> = {}, during: (heard: Heard, end: End) => void = () => {}, extension?: ExtensionSession) {
    const note = (name: Heard[0], value: unknown): void => {
      if (this.close !== undefined) throw new Error(`The handler heard ${name} after it heard close`);
      this.heard.push([name, value]);
      if (name !== "close") during([name, value], this);
    };
    const handler: WebSocketHandler = {
      onText: (text) => note("text", text),
      onBinary: (data) => note("binary", [...data]),
      onPing: (data) => note("ping", [...data]),
      onPong: (data) => note("pong", [...data]),
      onClose: (close) => note("close", close),
    };
    this.connection = new WebSocketConnection({ role, handler, random: countingPool(), limits, extension });
  }

  /** How it ended, once it has. */
  get close(): Close | undefined {
    return this.heard.find(([name]) => name === "close")?.[1] as Close | undefined;
  }

  /** Takes the output as one array. */
  take(now = 0): Uint8Array {
    return concat(this.connection.takeOutput(now));
  }

  /** Takes the output as frames. */
  frames(now = 0): Frame[] {
    return readFrames(this.take(now));
  }
}

/** A pool that gives 1, 2, 3 and so on, modulo 251. */
export function countingPool(): RandomPool {
  let next = 0;
  return new RandomPool((target) => {
    for (let i = 0; i < target.length; i++) target[i] = next = (next + 1) % 251;
  });
}

/** One direction between two ends: it takes the output of one and hands it, in pieces of any size, to the other. */
export class Pipe {
  readonly #from: End;
  readonly #to: End;
  #bytes: Uint8Array = new Uint8Array(0);
  #ended = false;
  #cut = false;

  constructor(from: End, to: End) {
    this.#from = from;
    this.#to = to;
  }

  /** Moves at most `count` bytes. True when something moved, the end included. */
  move(count: number, now = 0): boolean {
    if (this.#cut) return false;
    this.#bytes = concat([this.#bytes, ...this.#from.connection.takeOutput(now)]);
    if (this.#bytes.length > 0) {
      const piece = this.#bytes.slice(0, count);
      this.#bytes = this.#bytes.slice(count);
      this.#to.connection.receive(piece, now);
      return true;
    }
    if (this.#ended || !this.#from.connection.outputEnded) return false;
    this.#ended = true;
    this.#to.connection.receiveEnd(now);
    return true;
  }

  /** Loses what has not moved yet. */
  cut(now = 0): void {
    this.#cut = true;
    this.#to.connection.receiveEnd(now);
  }
}
