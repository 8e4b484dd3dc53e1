/**
 * The load on one peer: connections to it, or from it, and runs in which messages go round.
 *
 * A run ends when nothing is under way any more: all processor time that the peer has used is for the messages that were counted.
 * @module
 */
import { makeFrame, makeSeries, type Series } from "./series.ts";
import { type BunHandlers, type BunSocket, bun, type Deferred, deferred, inTime, PATIENCE } from "./bun.ts";
import { makeRequest, makeResponse, readResponse, type Request } from "./handshake.ts";
import { Link, type LinkOwner } from "./link.ts";
import { HeaderCounter, LengthCounter, ReplyChecker, type ReplyReader } from "./replies.ts";

/** What is to be sent, and how. */
export interface LoadOptions {
  /** Bytes come back as they are, without a handshake. */
  readonly raw: boolean;
  readonly mode: "echo" | "broadcast";
  readonly connections: number;
  /** Of a message's payload, in bytes. */
  readonly size: number;
  readonly inFlight: number;
  readonly binary: boolean;
  readonly deflate: "off" | "takeover" | "no-takeover";
  readonly fragments: number;
}

/** What a run came to. */
export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  /** Of what came back, with its framing. */
  readonly bytes: number;
}

/** A connection as long as its head is not there. */
interface Opening {
  head: string;
  readonly request: Request | undefined;
  readonly opened: (socket: BunSocket<State>, head: string, rest: Uint8Array) => void;
}

type State = Opening | Link;

/** Connections with one peer. */
export class Load implements LinkOwner {
  readonly #options: LoadOptions;
  readonly #links: Link[] = [];
  readonly #series: Map<string, Series> = new Map();
  /** We are the server; the peer is a client. */
  readonly #serving: boolean;
  #listener: { readonly port: number; stop(force: boolean): void } | undefined;
  #granting = false;
  #messages = 0;
  #underWay = 0;
  #finish: Deferred | undefined;
  #failed: Error | undefined;
  /** Of a broadcast: how many connections each message under way has come to, and the oldest of them. */
  #reached: number[] = [];
  #published = 0;
  #arrived = 0;
  /** What the server agreed to. */
  extensions = "";

  constructor(options: LoadOptions, serving: boolean) {
    this.#options = options;
    this.#serving = serving;
  }

  /** Connects to a server, a few at a time. */
  async open(port: number): Promise<void> {
    const { connections } = this.#options;
    for (let made = 0; made < connections; made += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, connections - made) }, () => this.#connect(port));
      await inTime(Promise.all(batch), PATIENCE, "The server did not take all connections");
    }
  }

  /** Waits for the clients at a port of ours. */
  listen(): { readonly port: number; readonly complete: Promise<void> } {
    const { promise, resolve, reject } = deferred();
    const state = (): State => ({
      head: "",
      request: undefined,
      opened: (socket, head) => {
        if (!this.#options.raw) socket.write(makeResponse(head));
        this.#add(socket, "");
        if (this.#links.length === this.#options.connections) resolve();
      },
    });
    const listener = bun.listen<State>({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        ...HANDLERS,
        open: (socket) => {
          socket.setNoDelay(true);
          const opening = state() as Opening;
          socket.data = opening;
          if (this.#options.raw) opening.opened(socket, "", NOTHING);
        },
        error: (_, error) => reject(error),
      },
    });
    this.#listener = listener;
    promise.catch(() => {}); // told to whoever waits for it
    return { port: listener.port, complete: promise };
  }

  /** Sends for a while, and waits for what is under way; one round for no time at all. @param checked every byte that comes back is compared */
  async run(seconds: number, checked: boolean): Promise<LoadResult> {
    const { mode, inFlight } = this.#options;
    const senders = mode === "echo" ? this.#links : this.#links.slice(0, 1);
    for (const link of this.#links) link.reader = this.#readerFor(link, checked);
    const read = this.#bytesRead();
    this.#messages = this.#underWay = 0;
    this.#granting = seconds > 0; // else it is one round
    if (this.#failed !== undefined) throw this.#failed;
    const start = performance.now();
    this.#finish = deferred();
    const stop = setTimeout(() => this.#granting = false, seconds * 1000);
    for (const link of senders) this.#grant(link, inFlight);
    try {
      await inTime(this.#finish.promise, seconds + PATIENCE, "Messages did not come back");
    } finally {
      clearTimeout(stop);
    }
    return { messages: this.#messages, seconds: (performance.now() - start) / 1000, bytes: this.#bytesRead() - read };
  }

  close(): void {
    for (const link of this.#links) link.end();
    this.#listener?.stop(true);
  }

  replied(link: Link, count: number): void {
    if (this.#options.mode === "broadcast") return this.#delivered(link, count);
    this.#messages += count;
    this.#underWay -= count;
    if (this.#granting) this.#grant(link, count);
    else if (this.#underWay === 0) this.#finish?.resolve();
  }

  lost(error: Error): void {
    this.#failed ??= error;
    this.#finish?.reject(error);
  }

  #grant(link: Link, count: number): void {
    if (this.#options.mode === "broadcast") {
      for (let at = 0; at < count; at++) this.#reached[this.#published++ % this.#options.inFlight] = 0;
      this.#underWay += count * this.#links.length;
    } else {
      this.#underWay += count;
    }
    link.grant(count);
  }

  /** A delivery is what counts; the next message may go when one has come to all. */
  #delivered(link: Link, count: number): void {
    const { inFlight } = this.#options;
    this.#messages += count;
    this.#underWay -= count;
    let done = 0;
    for (let number = link.replies - count; number < link.replies; number++) {
      if (++this.#reached[number % inFlight] === this.#links.length) done++;
    }
    this.#arrived += done;
    if (done > 0 && this.#granting) this.#grant(this.#links[0], done);
    else if (this.#underWay === 0) this.#finish?.resolve();
  }

  #connect(port: number): Promise<void> {
    const { raw, deflate } = this.#options;
    const { promise, resolve, reject } = deferred();
    const request = raw ? undefined : makeRequest(port, deflate);
    const opening: Opening = {
      head: "",
      request,
      opened: (socket, head, rest) => {
        try {
          const extensions = request === undefined ? "" : readResponse(head, request).extensions;
          if (deflate !== "off" && !extensions.includes("permessage-deflate")) throw new Error("The server refused permessage-deflate");
          this.#add(socket, extensions).received(rest);
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      },
    };
    const socket = { ...HANDLERS, connectError: (_: unknown, error: Error) => reject(error), close: (at: BunSocket<State>) => {
      reject(new Error("The server closed the connection in the handshake"));
      HANDLERS.close?.(at);
    } };
    bun.connect<State>({ hostname: "127.0.0.1", port, data: opening, socket }).catch(reject);
    return promise;
  }

  #add(socket: BunSocket<State>, extensions: string): Link {
    this.extensions = extensions;
    const link = new Link(this, this.#seriesFor(extensions), socket);
    socket.data = link;
    this.#links.push(link);
    return link;
  }

  /** A server may ask for no takeover where we would have it. */
  #seriesFor(extensions: string): Series {
    const { deflate, ...options } = this.#options;
    const agreed = deflate === "takeover" && extensions.includes("client_no_context_takeover") ? "no-takeover" : deflate;
    const series = this.#series.get(agreed) ?? makeSeries({ ...options, deflate: agreed, masked: !this.#serving });
    this.#series.set(agreed, series);
    return series;
  }

  #readerFor({ series, replies }: Link, checked: boolean): ReplyReader {
    const { raw, mode, binary, deflate, size } = this.#options;
    if (checked) return new ReplyChecker(series.payloads, binary, replies);
    if (deflate !== "off") return new HeaderCounter();
    if (raw) return new LengthCounter(series.starts[1]);
    return new LengthCounter(makeFrame(0, new Uint8Array(size), this.#serving && mode === "echo").length);
  }

  #bytesRead(): number {
    return this.#links.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  }
}

/** Connections that are opened at a time. */
const BATCH = 64;

const NOTHING = new Uint8Array(0);

/** The same for all connections. */
const HANDLERS: BunHandlers<State> = {
  open(socket) {
    socket.setNoDelay(true);
    const { data } = socket;
    if (data instanceof Link) return;
    if (data.request === undefined) data.opened(socket, "", NOTHING);
    else socket.write(data.request.text);
  },
  data(socket, bytes) {
    const { data } = socket;
    if (data instanceof Link) return receive(data, bytes);
    const text = data.head + Buffer.from(bytes).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return void (data.head = text);
    data.opened(socket, text.slice(0, end), Buffer.from(text.slice(end + 4), "latin1"));
  },
  drain(socket) {
    if (socket.data instanceof Link) socket.data.flush();
  },
  close(socket) {
    if (socket.data instanceof Link) socket.data.owner.lost(new Error("The peer closed a connection"));
  },
  error(socket, error) {
    if (socket.data instanceof Link) socket.data.owner.lost(error);
  },
};

/** What is wrong with a reply is the end of its run. */
function receive(link: Link, bytes: Uint8Array): void {
  try {
    link.received(bytes);
  } catch (error) {
    link.owner.lost(error as Error);
  }
}
