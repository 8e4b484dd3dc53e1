/**
 * Plain TCP peers for runtimes of any kind: they live in the process that runs the suite, on Node, and are told over HTTP what
 * to do. See runtimes/raw-peers.ts for the other side.
 * @module
 */
import type { Close } from "../../core/websocket/close.ts";
import { soon, until } from "./tools.ts";

/**
 * What a plain server does with a connection.
 * - `says last words`: answers the handshake, sends one text and ends its side.
 * - `resets`: answers the handshake, and resets a little later.
 * - `leaves`: resets at the first bytes.
 * - `is silent`: reads, says nothing, and leaves when the other side does.
 * - `stops reading`: answers the handshake and reads no more until it is told to `resume`.
 * - `asks for a certificate`: speaks TLS, and answers 403.
 * - `forwards`: is an HTTP proxy.
 * - `relays`: passes bytes on to a port, until it is told to `drop`.
 */
export type Habit =
  | "says last words" | "resets" | "leaves" | "is silent" | "stops reading" | "asks for a certificate" | "forwards" | "relays";

/** A request to the other side. */
export type Order =
  | { readonly do: "listen"; readonly habit: Habit; readonly to?: number }
  | { readonly do: "dial"; readonly port: number; readonly upgrade: boolean }
  | { readonly do: "write" | "end"; readonly id: number; readonly bytes: readonly number[] }
  | { readonly do: "pause" | "resume" | "reset" | "drop" | "destroy" | "look"; readonly id: number }
  | { readonly do: "free port" }
  | { readonly do: "house"; readonly compresses: boolean }
  | { readonly do: "ending"; readonly key: string }
  | { readonly do: "exists"; readonly path: string }
  | { readonly do: "resources"; readonly pid: number };

/** What is seen of a plain peer: of a server, of all its connections. */
export interface Look {
  /** Connections that are there. */
  readonly open: number;
  /** Bytes heard. */
  readonly heard: number;
  /** The first of them. */
  readonly start: string;
  /** Whether the other side has ended. */
  readonly ended: boolean;
  /** Of a server that asks for certificates: whether it was given a good one, for each connection. */
  readonly presented: readonly boolean[];
}

/** Where plain peers are to be had. */
export class Peers {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** A server with a habit, while the body runs. */
  async listening(habit: Habit, body: (server: PlainServer) => Promise<void>, to?: number): Promise<void> {
    const { id, port } = await this.ask<{ id: number; port: number }>({ do: "listen", habit, ...(to === undefined ? {} : { to }) });
    const server = new PlainServer(this, id, port);
    try {
      await body(server);
    } finally {
      await server.tell("destroy");
    }
  }

  /** A client that has been through the opening handshake when `upgrade` is true. */
  async dial(port: number, upgrade: boolean): Promise<PlainClient> {
    return new PlainClient(this, (await this.ask<{ id: number }>({ do: "dial", port, upgrade })).id);
  }

  /** A port where nobody listens. */
  async freePort(): Promise<number> {
    return (await this.ask<{ port: number }>({ do: "free port" })).port;
  }

  /** The port of our server on Node, with the habits of house.ts; of one that compresses messages. */
  async house(compresses: boolean): Promise<number> {
    return (await this.ask<{ port: number }>({ do: "house", compresses })).port;
  }

  /** How a socket of it ended; undefined when it has not. */
  async ending(key: string): Promise<Close | undefined> {
    return (await this.ask<{ ending?: Close }>({ do: "ending", key })).ending;
  }

  /** Whether there is such a file. */
  async exists(path: string): Promise<boolean> {
    return (await this.ask<{ exists: boolean }>({ do: "exists", path })).exists;
  }

  /** The open sockets of a process. */
  async resources(pid: number): Promise<readonly string[] | undefined> {
    return (await this.ask<{ resources?: readonly string[] }>({ do: "resources", pid })).resources;
  }

  /** Bytes that a client heard. */
  async heard(id: number): Promise<Uint8Array> {
    return new Uint8Array(await (await fetch(`${this.#url}heard?id=${id}`)).arrayBuffer());
  }

  async ask<Answer>(order: Order): Promise<Answer> {
    const response = await soon(fetch(`${this.#url}order`, { method: "POST", body: JSON.stringify(order) }), `the suite's own process, asked to ${order.do}`, 15_000);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`The plain peers do not ${order.do}: ${text}`);
    return JSON.parse(text) as Answer;
  }
}

class PlainPeer {
  protected readonly peers: Peers;
  protected readonly id: number;

  constructor(peers: Peers, id: number) {
    this.peers = peers;
    this.id = id;
  }

  look(): Promise<Look> {
    return this.peers.ask({ do: "look", id: this.id });
  }

  async tell(what: "pause" | "resume" | "reset" | "drop" | "destroy"): Promise<void> {
    await this.peers.ask({ do: what, id: this.id });
  }
}

/** A plain server. */
export class PlainServer extends PlainPeer {
  readonly port: number;

  constructor(peers: Peers, id: number, port: number) {
    super(peers, id);
    this.port = port;
  }

  /** Waits until all its connections are gone. */
  async empty(what: string): Promise<void> {
    await until(async () => (await this.look()).open === 0, what);
  }
}

/** A plain client. */
export class PlainClient extends PlainPeer {
  async write(bytes: Uint8Array | string): Promise<void> {
    await this.peers.ask({ do: "write", id: this.id, bytes: toNumbers(bytes) });
  }

  /** Ends its side, behind these bytes. */
  async end(bytes: Uint8Array | string = ""): Promise<void> {
    await this.peers.ask({ do: "end", id: this.id, bytes: toNumbers(bytes) });
  }

  heard(): Promise<Uint8Array> {
    return this.peers.heard(this.id);
  }

  /** Waits for the other side's end. */
  async ended(what: string): Promise<void> {
    await until(async () => (await this.look()).ended, what);
  }
}

function toNumbers(bytes: Uint8Array | string): number[] {
  return [...(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes)];
}
