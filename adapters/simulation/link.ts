/**
 * A simulated TCP connection, and everything that can befall one.
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Conditions, Ground, Lane } from "./lane.ts";
import { join, type Joined } from "./link-end.ts";

/** One of the two ends. */
export type Side = "client" | "server";

/** What becomes of a dial. */
export type DialFate = "open" | "refused" | "hanging";

/** When and how a link is cut. */
export interface CutOptions {
  /** So many bytes more pass, counted from the call. */
  readonly after: number;
  /** In which direction they are counted; to the client when it is not said. */
  readonly to?: Side;
  /** What happens then: "reset" when it is not said. */
  readonly by?: "reset" | "end" | "silence";
}

/** For the network: what a link is made of. */
export interface LinkInfo {
  /** Counts the links of a world, from 1. */
  readonly id: number;
  /** Where it was dialled to, such as "localhost:8080". */
  readonly address: string;
  /** What it runs on. */
  readonly ground: Ground;
  /** For the drivers of both ends. */
  readonly clock: Clock;
  /** How it carries bytes. */
  readonly conditions: Conditions;
  /** True when the server's side serves TLS. */
  readonly secure: boolean;
  /** Its ends' address, each as the other sees it, and the client's port. */
  readonly remote: { readonly address: string; readonly clientPort: number; readonly serverPort: number };
  /** Called once, when both ends are over. */
  readonly onOver: (link: Link) => void;
}

/** For the network: the two ends of a link. */
export let endsOf: (link: Link) => Joined;

/** A simulated TCP connection. What happens to it is told in the world's trace. */
export class Link {
  static {
    endsOf = (link) => link.#ends;
  }

  /** Counts the links of a world, from 1. */
  readonly id: number;
  /** Where it was dialled to, such as "localhost:8080". */
  readonly address: string;
  readonly #ground: Ground;
  readonly #ends: Joined;
  #fate: DialFate = "open";
  /** What is still to be undone, or to happen, by itself. */
  readonly #timers: Set<() => void> = new Set();

  /** For the network. */
  constructor(info: LinkInfo) {
    const { id, address, ground, clock, conditions, secure, remote } = info;
    this.id = id;
    this.address = address;
    this.#ground = ground;
    const shared = {
      clock, secure, servesTls: secure, remoteAddress: remote.address,
      onOver: (): void => {
        if (!this.over) return;
        for (const cancel of this.#timers) cancel();
        info.onOver(this);
      },
    };
    this.#ends = join(ground, conditions, { ...shared, needsTls: secure, remotePort: remote.serverPort }, { ...shared, remotePort: remote.clientPort });
  }

  /** What becomes of its dial. */
  get fate(): DialFate {
    return this.#fate;
  }

  /** True when both ends know that it is over. */
  get over(): boolean {
    return this.#ends.client.over && this.#ends.server.over;
  }

  /** Bytes written to that side that it has not read yet. */
  buffered(to: Side): number {
    return this.#lane(to).size;
  }

  /** While it is dialled: nothing listens there, after all. */
  refuse(): void {
    this.#fate = "refused";
  }

  /** While it is dialled: no answer comes. */
  hang(): void {
    this.#fate = "hanging";
  }

  /** Carries bytes otherwise from now on: slower, in smaller pieces. */
  change(conditions: Partial<Conditions>): void {
    for (const lane of [this.#ends.toClient, this.#ends.toServer]) lane.conditions = { ...lane.conditions, ...conditions };
  }

  /** Something in between resets it: both ends lose what was on its way to them. */
  reset(): void {
    this.#ground.note("reset");
    this.#ends.toClient.reset();
    this.#ends.toServer.reset();
  }

  /** Something in between ends one side's direction: the other end hears the end of the stream, behind what was on its way. */
  finish(from: Side): void {
    this.#ground.note(`${from}'s side ended`);
    this.#lane(other(from)).finish(false);
  }

  /**
   * Nothing passes any more, not even an end or a reset, and nobody is told: a half-open connection. What was sent arrives when it is over.
   * @param milliseconds how long; until `restore` when it is not said
   */
  silence(milliseconds?: number): void {
    this.#ground.note("silent");
    this.#ends.toClient.silent = this.#ends.toServer.silent = true;
    this.#restoreAfter(milliseconds);
  }

  /**
   * One side stops to read, as a program that is stuck does: what it is sent fills buffers.
   * @param milliseconds how long; until `restore` when it is not said
   */
  stall(side: Side, milliseconds?: number): void {
    this.#ground.note(`${side} stalled`);
    this.#lane(side).stalled = true;
    this.#restoreAfter(milliseconds);
  }

  /** Ends silence and stalls. */
  restore(): void {
    this.#ground.note("restored");
    for (const lane of [this.#ends.toClient, this.#ends.toServer]) lane.silent = lane.stalled = false;
  }

  /** Lets so many bytes more pass in one direction, and then resets, ends or silences it: at any byte of a frame or handshake. */
  cut({ after, to = "client", by = "reset" }: CutOptions): void {
    this.#lane(to).cutAfter(after, () => {
      if (by === "reset") this.reset();
      else if (by === "end") this.#finishAt(to);
      else this.silence();
    });
  }

  /** Puts something in between that TCP has not: it gets each piece that arrives, and gives what the reader gets instead. */
  tamper(to: Side, change: (bytes: Uint8Array) => readonly Uint8Array[]): void {
    this.#lane(to).tamper = change;
  }

  /** Something happens to it later, unless it is over by then. */
  after(milliseconds: number, what: () => void): void {
    if (this.over) return;
    const cancel = this.#ground.later(() => {
      this.#timers.delete(cancel);
      what();
    }, milliseconds);
    this.#timers.add(cancel);
  }

  #finishAt(to: Side): void {
    this.#ground.note(`${other(to)}'s side cut off`);
    this.#lane(to).finish(true);
  }

  #restoreAfter(milliseconds: number | undefined): void {
    if (milliseconds !== undefined) this.after(milliseconds, () => this.restore());
  }

  #lane(to: Side): Lane {
    return to === "client" ? this.#ends.toClient : this.#ends.toServer;
  }
}

function other(side: Side): Side {
  return side === "client" ? "server" : "client";
}
