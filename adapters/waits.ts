/**
 * What an application waits for on a socket: its end, room to send more, the answer to a ping.
 * @module
 */
import type { Close } from "../core/websocket/close.ts";

/** The promises of one socket. */
export class Waits {
  #ended: Close | undefined = undefined;
  /** Made when it is asked for: most connections are never waited for. */
  #closed: Promise<Close> | undefined = undefined;
  #resolveClosed: ((close: Close) => void) | undefined = undefined;
  #onRoom: ((open: boolean) => void)[] | undefined = undefined;
  #pings: { sentAt: number; key: string; resolve: (roundTrip: number | undefined) => void }[] | undefined = undefined;
  #pingCount = 0;

  /** True once `end` was called. */
  get over(): boolean {
    return this.#ended !== undefined;
  }

  /** Settles at the end, and tells how it was. */
  get closed(): Promise<Close> {
    return this.#closed ??= this.#ended === undefined ? new Promise((resolve) => this.#resolveClosed = resolve) : Promise.resolve(this.#ended);
  }

  /** True while somebody waits for room. */
  get wantRoom(): boolean {
    return this.#onRoom !== undefined;
  }

  /** Settles with what `giveRoom` is told; with false at the end. */
  forRoom(): Promise<boolean> {
    return new Promise((resolve) => (this.#onRoom ??= []).push(resolve));
  }

  /** There is room, or nothing more can be sent. */
  giveRoom(open: boolean): void {
    const waiting = this.#onRoom ?? [];
    this.#onRoom = undefined;
    for (const resolve of waiting) resolve(open);
  }

  /** The payload of the next ping: no two are the same. */
  nextPing(): Uint8Array {
    return new TextEncoder().encode(`ping ${++this.#pingCount}`);
  }

  /** The time from a ping to its answer; undefined when the end comes first. */
  forPong(data: Uint8Array, sentAt: number): Promise<number | undefined> {
    return new Promise((resolve) => (this.#pings ??= []).push({ sentAt, key: data.join(), resolve }));
  }

  /** A pong came. It answers the latest ping its sender saw, and with it every earlier one (RFC 6455, section 5.5.3). */
  pong(data: Uint8Array, now: number): void {
    const pings = this.#pings;
    if (pings === undefined) return;
    const key = data.join();
    const at = pings.findIndex((ping) => ping.key === key);
    for (const { sentAt, resolve } of pings.splice(0, at + 1)) resolve(now - sentAt);
  }

  /** The connection ended: nothing more can come. */
  end(close: Close): void {
    this.#ended = close;
    this.giveRoom(false);
    for (const { resolve } of this.#pings?.splice(0) ?? []) resolve(undefined);
    this.#resolveClosed?.(close);
  }
}
