/**
 * The chat of the first run, and its watches, on any runtime. Browsers do not show frames to pages, so the server reports them:
 * a page opens two WebSockets, `/watch?id=...`, on which the server tells what it sees and takes orders, and `/chat?id=...`,
 * which is watched. The id is drawn by the page, so that nobody else can watch it. The watch is not watched.
 *
 * There is a room on each server. What is said in one goes over `/relay` to the hub, which tells the others: see hub.ts.
 * @module
 */
import {
  type Close, closeMeaning, type CloseStatus, type FrameRecord, type Message, opcodeName, type ServeHandler, type Socket,
  type UpgradeRequest, type UpgradeVerdict,
} from "../../index.shared.ts";
import type { FromHub, FromRoom, Said } from "./relay.ts";

/** Who a socket is. */
export type Visit = Chat | Watch | Relay;

/** A socket that talks. */
export interface Chat {
  readonly kind: "chat";
  /** Whose watch shows it; undefined for one that no page opened. */
  readonly id: string | undefined;
  /** Who talks: one page talks through several servers. */
  readonly person: string;
  name: string;
  readonly startedAt: number;
  readonly passed: Readonly<Record<FrameRecord["direction"], { frames: number; bytes: number }>>;
  pings: number;
}

/** A socket that is told of a chat's frames. */
export interface Watch {
  readonly kind: "watch";
  readonly id: string;
  /** Records it did not get because it read too slowly. */
  missed: number;
}

/** The hub's socket. */
export interface Relay {
  readonly kind: "relay";
}

/** What a room is told. */
export interface RoomOptions {
  /** The runtime it is on, as people call it. */
  readonly runtime: string;
  /** What the hub shows to be let in. */
  readonly token: string;
  /** What each watch hears first, after `ready`. */
  readonly greeting?: () => object | undefined;
}

/** Everybody who is here. */
export class Room {
  readonly #runtime: string;
  readonly #token: string;
  readonly #greeting: () => object | undefined;
  readonly #sockets: Set<Socket<Visit>> = new Set();
  readonly #chatOf: Map<string, Socket<Visit>> = new Map();
  readonly #watchOf: Map<string, Socket<Visit>> = new Map();
  #relay: Socket<Visit> | undefined = undefined;
  #said = 0;
  #visitors = 0;

  constructor({ runtime, token, greeting }: RoomOptions) {
    this.#runtime = runtime;
    this.#token = token;
    this.#greeting = greeting ?? (() => undefined);
  }

  /** What `serve` and `accept` take. */
  get handler(): ServeHandler<Visit> {
    return {
      limits: { maxMessage: MAX_BINARY, maxQueued: 4 * BACKLOG, closeTimeout: 1_000 },
      upgrade: (request) => this.#admit(request),
      open: (socket) => this.#open(socket),
      frame: (socket, frame) => this.#frame(socket, frame),
      message: (socket, message) => this.#message(socket, message),
      close: (socket, close) => this.#close(socket, close),
    };
  }

  /** Tells every watch. */
  announce(record: object): void {
    for (const id of this.#watchOf.keys()) this.#tell(id, record);
  }

  /** Closes the chats with 1001, then their watches, which so still hear how it ended, and the hub's socket last. */
  async close(): Promise<void> {
    for (const kind of ["chat", "watch", "relay"] as const) {
      await Promise.all(this.#all(kind).map((socket) => socket.close(1001, "The server stops")));
    }
  }

  /** Judges a request to upgrade. */
  #admit(request: UpgradeRequest): UpgradeVerdict<Visit> {
    const { path, query } = request;
    if (path === "/relay") {
      const isHub = request.header("Authorization") === `Bearer ${this.#token}` && this.#relay === undefined;
      return isHub ? { data: { kind: "relay" } } : { status: 403, body: "The relay is the hub's\n" };
    }
    if (this.#sockets.size >= MAX_SOCKETS) return { status: 503, body: "There are too many connections\n" };
    const id = query.get("id") ?? undefined;
    const person = query.get("person") ?? undefined;
    if ((id !== undefined && !UUID.test(id)) || (person !== undefined && !UUID.test(person))) return { status: 400, body: "The id is not a UUID\n" };
    if (path === "/chat") return { data: this.#welcome(id, person, query.get("name") ?? "") };
    if (path !== "/watch") return { status: 404, body: "There are /chat and /watch\n" };
    if (id === undefined) return { status: 400, body: "A watch needs an id: /watch?id= and a UUID\n" };
    if (this.#watchOf.has(id)) return { status: 403, body: "This id is watched already\n" };
    return { data: { kind: "watch", id, missed: 0 } };
  }

  #welcome(id: string | undefined, person = `${this.#runtime} ${++this.#visitors}`, name: string): Chat {
    return {
      kind: "chat",
      id,
      person,
      name: toName(name),
      startedAt: performance.now(),
      passed: { sent: { frames: 0, bytes: 0 }, received: { frames: 0, bytes: 0 } },
      pings: 0,
    };
  }

  /** Notes a new socket, and tells its watch how it was opened. */
  #open(socket: Socket<Visit>): void {
    const { data, request, response } = socket;
    if (data.kind === "watch" && this.#watchOf.has(data.id)) {
      void socket.close(1008, "This id is watched already");
      return;
    }
    this.#sockets.add(socket);
    if (data.kind === "relay") {
      this.#relay = socket;
    } else if (data.kind === "watch") {
      this.#watchOf.set(data.id, socket);
      this.#tell(data.id, { type: "ready", closeCodes: CLOSE_CODES, maxBinary: MAX_BINARY });
      const greeting = this.#greeting();
      if (greeting !== undefined) this.#tell(data.id, greeting);
    } else {
      if (data.id !== undefined) this.#chatOf.set(data.id, socket);
      this.#tell(data.id, {
        type: "handshake",
        request: { line: `${request.method} ${request.target} HTTP/1.1`, fields: [...request.fields] },
        response: { line: `HTTP/1.1 ${response.status} ${response.reason}`, fields: [...response.fields] },
      });
      this.#report({ do: "join", person: data.person, name: data.name });
    }
  }

  /** Tells the watch of a frame. */
  #frame({ data }: Socket<Visit>, frame: FrameRecord): void {
    if (data.kind !== "chat") return;
    const { direction, fin, rsv, opcode, masked, maskingKey, length, payload } = frame;
    const { passed } = data;
    passed[direction].frames++;
    passed[direction].bytes += (length < 126 ? 2 : length < 65_536 ? 4 : 10) + (masked ? 4 : 0) + length;
    this.#tell(data.id, {
      type: "frame",
      number: passed.sent.frames + passed.received.frames,
      at: since(data),
      to: direction === "sent" ? "page" : "server",
      fin,
      rsv: rsv >> 4,
      opcode,
      name: opcodeName(opcode),
      masked,
      maskingKey,
      length,
      payload: btoa(String.fromCharCode(...payload)),
      passed: passed[direction],
    });
  }

  /** Passes a message on, or does what a watch or the hub orders. */
  #message(socket: Socket<Visit>, message: Message): unknown {
    const { data } = socket;
    if (data.kind === "relay") return this.#hear(JSON.parse(message as string) as FromHub);
    if (data.kind === "watch") return this.#order(socket, data, message);
    if (typeof message !== "string") return void send(socket, message); // bytes come back to their sender alone
    if (message.length > MAX_TEXT) return void socket.close(1009, `A chat message has at most ${MAX_TEXT} characters`);
    const said: Said = { from: data.name, text: message, through: this.#runtime, id: `${this.#runtime} ${++this.#said}` };
    this.#broadcast(said, data.person);
    return this.#report({ do: "say", person: data.person, said });
  }

  /** Does what the hub asks for. */
  #hear(order: FromHub): void {
    if (order.do === "say") this.#broadcast(order.said, order.person);
    else if (order.do === "note") this.#broadcast(order.note);
    else void this.close();
  }

  /** Tells how a chat ended: its watch, and the hub. */
  #close(socket: Socket<Visit>, close: Close): void {
    const { data } = socket;
    if (!this.#sockets.delete(socket)) return;
    if (data.kind === "relay") {
      this.#relay = undefined;
    } else if (data.kind === "watch") {
      this.#watchOf.delete(data.id);
    } else {
      const { clean, sent, received, fault } = close;
      if (data.id !== undefined && this.#chatOf.get(data.id) === socket) this.#chatOf.delete(data.id);
      this.#tell(data.id, {
        type: "close",
        at: since(data),
        clean,
        page: withMeaning(received),
        server: withMeaning(sent),
        fault: fault?.message,
      });
      this.#report({ do: "leave", person: data.person });
    }
  }

  /** Does what a page asks for: what a page cannot do by itself, the server does to its chat. */
  #order(watch: Socket<Visit>, { id }: Watch, message: Message): void {
    const chat = this.#chatOf.get(id);
    const order = parseOrder(message);
    if (order === undefined) void watch.close(1008, "This is no order");
    else if (order.do === "measure") this.#measure(watch, id);
    else if (chat === undefined || chat.data.kind !== "chat" || chat.state !== "open") return; // it may have closed meanwhile
    else if (order.do === "rename") this.#rename(chat.data, order.name);
    else if (order.do === "ping") this.#ping(chat, chat.data);
    else if (order.do === "close") void chat.close(order.code, order.reason);
    else this.#sendFragments(chat, chat.data);
  }

  /** Pings the watch, so that measuring again and again adds nothing to the frames that are shown. */
  #measure(watch: Socket<Visit>, id: string): void {
    void watch.ping().then((milliseconds) => {
      if (milliseconds !== undefined) this.#tell(id, { type: "measured", milliseconds });
    });
  }

  #rename(data: Chat, name: string): void {
    data.name = name;
    this.#report({ do: "rename", person: data.person, name });
  }

  #ping(chat: Socket<Visit>, data: Chat): void {
    const ping = ++data.pings;
    void chat.ping().then((milliseconds) => {
      if (milliseconds !== undefined) this.#tell(data.id, { type: "roundTrip", ping, milliseconds });
    });
  }

  /** One message in three fragments; a ping may stand between fragments, another message may not (RFC 6455, section 5.4). */
  #sendFragments(chat: Socket<Visit>, data: Chat): void {
    if (chat.bufferedAmount > BACKLOG) return;
    chat.sendFragment(`{"from":"server","text":"This came in `, false);
    chat.sendFragment("three fragments, ", false);
    this.#ping(chat, data);
    chat.sendFragment(`with a ping between them."}`, true);
  }

  /** Everybody here hears it; who said it, as their own. */
  #broadcast(message: object, person?: string): void {
    const text = JSON.stringify(message);
    const own = JSON.stringify({ ...message, own: true });
    for (const chat of this.#all("chat")) send(chat, (chat.data as Chat).person === person ? own : text);
  }

  /** Tells the hub. A promise while it has enough to do: whoever said it is not read from meanwhile. */
  #report(report: FromRoom): Promise<unknown> | undefined {
    const relay = this.#relay;
    return relay === undefined || relay.send(JSON.stringify(report)) ? undefined : relay.writable();
  }

  #all(kind: Visit["kind"]): Socket<Visit>[] {
    return [...this.#sockets].filter(({ data }) => data.kind === kind);
  }

  #tell(id: string | undefined, record: object): void {
    const watch = id === undefined ? undefined : this.#watchOf.get(id);
    if (watch === undefined || watch.data.kind !== "watch") return;
    const { missed } = watch.data;
    if (missed > 0 && send(watch, JSON.stringify({ type: "missed", count: missed }))) watch.data.missed = 0;
    if (!send(watch, JSON.stringify(record))) watch.data.missed++;
  }
}

/** Sends unless too much waits already: whoever reads slowly misses something, and the server keeps its memory. */
function send(socket: Socket<Visit>, message: Message): boolean {
  if (socket.bufferedAmount > BACKLOG) return false;
  socket.send(message);
  return true;
}

type Order =
  | { readonly do: "ping" | "fragments" | "measure" }
  | { readonly do: "rename"; readonly name: string }
  | { readonly do: "close"; readonly code: number; readonly reason: string };

function parseOrder(message: Message): Order | undefined {
  if (typeof message !== "string" || message.length > MAX_TEXT) return undefined;
  let order: unknown;
  try {
    order = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof order !== "object" || order === null || !("do" in order)) return undefined;
  const { do: verb, name, code, reason } = order as Record<string, unknown>;
  if (verb === "ping" || verb === "fragments" || verb === "measure") return { do: verb };
  if (verb === "rename" && typeof name === "string") return { do: verb, name: toName(name) };
  if (verb !== "close" || typeof code !== "number" || typeof reason !== "string") return undefined;
  return CLOSE_CODE.test(String(code)) && new TextEncoder().encode(reason).length <= 123 ? { do: verb, code, reason } : undefined;
}

function toName(text: string): string {
  const name = [...text.replace(/[\p{C}\s]+/gu, " ").trim()].slice(0, MAX_NAME).join("");
  return name === "" ? "Guest" : name;
}

function withMeaning(status: CloseStatus | undefined): (CloseStatus & { meaning: string }) | null {
  return status === undefined ? null : { ...status, meaning: closeMeaning(status.code) };
}

/** Milliseconds since the chat's request came. */
function since(data: Chat): number {
  return Math.round((performance.now() - data.startedAt) * 1000) / 1000;
}

/** What `crypto.randomUUID` gives: 122 random bits, which nobody guesses. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** What a close frame may carry (RFC 6455, section 7.4). */
const CLOSE_CODE = /^(?:100[0-37-9]|101[0-4]|[34][0-9]{3})$/;
/** Codes the page offers, and their meanings. */
const CLOSE_CODES: readonly (readonly [code: number, meaning: string])[] =
  [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4000].map((code) => [code, closeMeaning(code)]);

/** Characters of a chat message, or of an order. */
const MAX_TEXT = 2_000;
/** Characters of a name. */
const MAX_NAME = 24;
/** Bytes of a binary message. */
const MAX_BINARY = 131_072;
/** Bytes that may wait for one reader. */
const BACKLOG = 1_048_576;
/** Watches and chats together. */
const MAX_SOCKETS = 200;
