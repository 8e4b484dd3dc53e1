/**
 * A link over a socket.
 * @module
 */
import type { Duplex } from "node:stream";
import type { Hear, Link } from "./link.ts";

/** A socket of node:net or node:tls, or a stream of node:http2: opened already, or about to be. */
export class SocketLink implements Link {
  readonly #socket: Duplex;
  #hear: Hear | undefined = undefined;
  #early: Uint8Array[] = [];
  #ended: boolean | undefined = undefined;
  #waiting: (() => void)[] = [];

  /** Takes the socket over; it must allow half-open connections. */
  constructor(socket: Duplex) {
    this.#socket = socket;
    if ("setNoDelay" in socket) (socket as Duplex & { setNoDelay(): void }).setNoDelay();
    socket.on("error", () => {}); // "close" follows
    socket.on("data", (bytes: Uint8Array) => {
      if (this.#hear === undefined) this.#early.push(bytes);
      else this.#hear.data(bytes);
      this.#look();
    });
    socket.on("end", () => this.#end(false));
    socket.on("close", () => this.#end(true));
  }

  get now(): number {
    return performance.now();
  }

  listen(hear: Hear): void {
    this.#hear = hear;
    for (const bytes of this.#early.splice(0)) hear.data(bytes);
    if (this.#ended !== undefined) hear.end(this.#ended);
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  read(on: boolean): void {
    if (on) this.#socket.resume();
    else this.#socket.pause();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async until(condition: () => boolean, milliseconds: number): Promise<boolean> {
    if (condition()) return true;
    return new Promise((resolve) => {
      const finish = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(held);
      };
      const look = (): void => {
        if (condition()) finish(true);
      };
      const timer = setTimeout(() => finish(condition()), milliseconds);
      this.#waiting.push(look);
    });
  }

  #end(lost: boolean): void {
    if (this.#ended !== undefined) return;
    this.#ended = lost;
    this.#hear?.end(lost);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}
