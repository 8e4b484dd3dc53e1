/**
 * The hub of the first run: one client of ours at each server's room. It passes on what is said, and knows who is where.
 * @module
 */
import { connect, type Message, type Socket } from "../../index.node.ts";
import type { FromHub, FromRoom } from "./relay.ts";

/** Passes on between rooms. */
export class Hub {
  readonly #token: string;
  readonly #links: Set<Link> = new Set();
  /** By person. */
  readonly #names: Map<string, string> = new Map();
  #notes = 0;

  /** @param token what lets it into the rooms */
  constructor(token: string) {
    this.#token = token;
  }

  /** Links a room to the others. The socket ends when the room does. */
  async link(url: string): Promise<Socket<undefined>> {
    const link: Link = { people: [] };
    return connect(new URL("/relay", url), {
      headers: { Authorization: `Bearer ${this.#token}` },
      limits: { maxQueued: 64 * 1_048_576 },
      open: (socket) => {
        link.socket = socket;
        this.#links.add(link);
      },
      message: (_, message) => this.#receive(link, message),
      close: () => this.#lose(link),
    });
  }

  /** Has every room close what is open there, and settles when all have. */
  async stop(): Promise<void> {
    const sockets = [...this.#links].map(({ socket }) => socket as Socket<undefined>);
    for (const socket of sockets) socket.send(toText({ do: "stop" }));
    await Promise.all(sockets.map((socket) => socket.closed));
  }

  /** A promise while the other rooms have enough to do: this one is not read from meanwhile. */
  #receive(link: Link, message: Message): Promise<unknown> | undefined {
    const report = JSON.parse(message as string) as FromRoom;
    if (report.do === "say") return this.#tell(report, link);
    if (report.do === "rename") this.#names.set(report.person, report.name);
    else if (report.do === "join") this.#join(link, report.person, report.name);
    else this.#leave(link, report.person);
    return undefined;
  }

  /** A page joins once for each server it talks through; only the first time is news. */
  #join(link: Link, person: string, name: string): void {
    const isNew = !this.#names.has(person);
    link.people.push(person);
    this.#names.set(person, name);
    if (isNew) this.#note(`${name} joined`);
  }

  #leave(link: Link, person: string): void {
    const at = link.people.indexOf(person);
    if (at >= 0) link.people.splice(at, 1);
    const name = this.#names.get(person);
    if (name === undefined || [...this.#links].some(({ people }) => people.includes(person))) return;
    this.#names.delete(person);
    this.#note(`${name} left`);
  }

  #lose(link: Link): void {
    this.#links.delete(link);
    for (const person of new Set(link.people)) this.#leave(link, person);
  }

  #note(text: string): void {
    void this.#tell({ do: "note", note: { note: text, here: this.#names.size, id: `hub ${++this.#notes}` } });
  }

  /** Tells all rooms but one. */
  #tell(message: FromHub, except?: Link): Promise<unknown> | undefined {
    const text = toText(message);
    const full = [...this.#links].filter((link) => link !== except && link.socket?.send(text) === false);
    return full.length === 0 ? undefined : Promise.all(full.map(({ socket }) => socket?.writable()));
  }
}

/** One room. */
interface Link {
  socket?: Socket<undefined>;
  /** Who talks through it, as often as they do. */
  people: string[];
}

function toText(message: FromHub): string {
  return JSON.stringify(message);
}
