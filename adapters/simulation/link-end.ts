/**
 * One end of a link: what a runtime's socket is elsewhere.
 * @module
 */
import type { Protocol } from "../../core/protocol.ts";
import type { Clock } from "../clock.ts";
import { Driver, type Transport } from "../driver.ts";
import type { Pipe } from "../pipe.ts";
import { type Conditions, type Ground, Lane, type LaneEnd } from "./lane.ts";

/** What is known of an end. */
export interface LinkEndInfo {
  /** Where time comes from, for the driver. */
  readonly clock: Clock;
  /** The other end's address. */
  readonly remoteAddress: string | undefined;
  /** The other end's port. */
  readonly remotePort: number | undefined;
  /** True when it carries TLS, which is only said: nobody listens in on a simulation. */
  readonly secure: boolean;
  /** True when the other end serves TLS. */
  readonly servesTls: boolean;
  /** True when it serves nothing else: who speaks without TLS is reset. */
  readonly needsTls?: boolean;
  /** Called once, when this end is over. */
  readonly onOver: () => void;
}

/** A link's two lanes and its two ends. */
export interface Joined {
  /** What the server writes and the client reads. */
  readonly toClient: Lane;
  /** What the client writes and the server reads. */
  readonly toServer: Lane;
  /** The one that dialled. */
  readonly client: LinkEnd;
  /** The one that was dialled. */
  readonly server: LinkEnd;
}

/** Joins two ends by two lanes. */
export function join(ground: Ground, conditions: Conditions, client: LinkEndInfo, server: LinkEndInfo): Joined {
  const toClient = new Lane(ground, "to client", conditions);
  const toServer = new Lane(ground, "to server", conditions);
  const ends = { client: new LinkEnd(toClient, toServer, client), server: new LinkEnd(toServer, toClient, server) };
  toClient.join(ends.server, ends.client);
  toServer.join(ends.client, ends.server);
  return { toClient, toServer, ...ends };
}

/** One end of a link. */
export class LinkEnd implements Pipe, Transport<Uint8Array>, LaneEnd {
  /** The other end's address. */
  readonly remoteAddress: string | undefined;
  /** The other end's port. */
  readonly remotePort: number | undefined;
  /** True when it carries TLS. */
  readonly secure: boolean;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  readonly #servesTls: boolean;
  #needsTls: boolean;
  readonly #incoming: Lane;
  readonly #outgoing: Lane;
  #driver: Driver<Uint8Array, Uint8Array> | undefined = undefined;
  #paused = false;
  #ended = false;
  #halves = 0;
  #over = false;

  /** Carries nothing before `run`. */
  constructor(incoming: Lane, outgoing: Lane, info: LinkEndInfo) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#clock = info.clock;
    this.#onOver = info.onOver;
    this.remoteAddress = info.remoteAddress;
    this.remotePort = info.remotePort;
    this.secure = info.secure;
    this.#servesTls = info.servesTls;
    this.#needsTls = info.needsTls ?? false;
  }

  /** True once it was destroyed, or lost. */
  get over(): boolean {
    return this.#over;
  }

  run(protocol: Protocol<Uint8Array, Uint8Array>): Driver<Uint8Array, Uint8Array> {
    const driver = this.#driver = new Driver<Uint8Array, Uint8Array>(protocol, this, this.#clock);
    if (this.#over) queueMicrotask(() => driver.closed());
    this.resume();
    return driver;
  }

  /** Bytes that have not left this process. */
  get bufferedAmount(): number {
    return this.#outgoing.unsent;
  }

  write(output: readonly Uint8Array[]): boolean {
    if (this.#over || this.#ended) return true;
    if (!this.#needsTls) return this.#outgoing.write(output);
    this.#outgoing.reset();
    this.#incoming.reset();
    return true;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#outgoing.end();
    queueMicrotask(() => this.#half()); // later: it may be called from inside `received`
  }

  /** As a system does: what was sent still arrives, unless bytes of the other side's were left unread, which resets the connection. */
  destroy(): void {
    if (this.#over) return;
    const unread = this.#incoming.size > 0;
    this.#finish();
    if (unread && this.#incoming.resets) this.#outgoing.reset();
    else this.#outgoing.hangUp();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#incoming.poll();
  }

  /** Rejects where the other end serves no TLS. */
  startTls(): Promise<Pipe> {
    this.#needsTls = false;
    if (this.#servesTls) return Promise.resolve(this);
    return Promise.reject(Object.assign(new Error("wrong version number"), { code: "ERR_SSL_WRONG_VERSION_NUMBER" }));
  }

  get reading(): boolean {
    return this.#driver !== undefined && !this.#paused && !this.#over;
  }

  received(bytes: Uint8Array): void {
    if (!this.#over) this.#driver?.received(bytes);
  }

  ended(): void {
    this.#driver?.ended();
    this.#half();
  }

  /** The connection is gone; the other end knows, or never will. */
  lost(): void {
    if (this.#over) return;
    this.#finish();
    this.#outgoing.shut(); // the other end's own reset may be on its way in there
  }

  drained(): void {
    if (!this.#over) this.#driver?.drained();
  }

  #half(): void {
    if (++this.#halves === 2) this.destroy();
  }

  #finish(): void {
    this.#over = true;
    this.#incoming.close();
    queueMicrotask(() => this.#driver?.closed());
    this.#onOver();
  }
}
