/**
 * The chat of the first run, and its watches. Browsers do not show frames to pages, so the server reports them: a page opens
 * two WebSockets, `/watch?id=...`, on which the server tells what it sees and takes orders, and `/chat?id=...`, which is
 * watched. The id is drawn by the page, so that nobody else can watch it. The watch is not watched.
 * @module
 */
import {
  type Close, closeMeaning, type CloseStatus, type FrameRecord, type Message, opcodeName, type Socket, type UpgradeRequest,
  type UpgradeVerdict,
} from "../../index.node.ts";

/** Who a socket is. */
export type Visit = Chat | Watch;

/** A socket that talks. */
export interface Chat {
  readonly kind: "chat";
  /** Whose watch shows it; undefined for one that no page opened. */
  readonly id: string | undefined;
  name: string;
  readonly startedAt: number;
  frames: number;
  pings: number;
}

/** A socket that is told of a chat's frames. */
export interface Watch {
  readonly kind: "watch";
  readonly id: string;
  /** Records it did not get because it read too slowly. */
  missed: number;
}

/** Everybody who is here. */
export class Room {
  readonly #chats: Set<Socket<Visit>> = new Set();
  readonly #chatOf: Map<string, Socket<Visit>> = new Map();
  readonly #watchOf: Map<string, Socket<Visit>> = new Map();

  /** Judges a request to upgrade. */
  admit({ path, query }: UpgradeRequest): UpgradeVerdict<Visit> {
    const id = query.get("id") ?? undefined;
    if (id !== undefined && !UUID.test(id)) return { status: 400, body: "The id is not a UUID\n" };
    if (path === "/chat") {
      const name = toName(query.get("name") ?? "");
      return { data: { kind: "chat", id, name, startedAt: performance.now(), frames: 0, pings: 0 } };
    }
    if (path !== "/watch") return { status: 404, body: "There are /chat and /watch\n" };
    if (id === undefined) return { status: 400, body: "A watch needs an id: /watch?id= and a UUID\n" };
    if (this.#watchOf.has(id)) return { status: 403, body: "This id is watched already\n" };
    return { data: { kind: "watch", id, missed: 0 } };
  }

  /** Notes a new socket, and tells its watch how it was opened. */
  open(socket: Socket<Visit>): void {
    const { data, request, response } = socket;
    if (data.kind === "watch") {
      if (this.#watchOf.has(data.id)) {
        void socket.close(1008, "This id is watched already");
        return;
      }
      this.#watchOf.set(data.id, socket);
      this.#tell(data.id, { type: "ready", runtime: `Node ${process.versions.node}`, closeCodes: CLOSE_CODES, maxBinary: MAX_BINARY });
      return;
    }
    this.#chats.add(socket);
    if (data.id !== undefined) this.#chatOf.set(data.id, socket);
    this.#tell(data.id, {
      type: "handshake",
      request: { line: `${request.method} ${request.target} HTTP/1.1`, fields: [...request.fields] },
      response: { line: `HTTP/1.1 ${response.status} ${response.reason}`, fields: [...response.fields] },
    });
    this.#note(`${data.name} joined`);
  }

  /** Tells the watch of a frame. */
  frame({ data }: Socket<Visit>, frame: FrameRecord): void {
    if (data.kind === "watch") return;
    const { direction, fin, rsv, opcode, masked, maskingKey, length, payload } = frame;
    this.#tell(data.id, {
      type: "frame",
      number: ++data.frames,
      at: since(data),
      to: direction === "sent" ? "page" : "server",
      fin,
      rsv: rsv >> 4,
      opcode,
      name: opcodeName(opcode),
      masked,
      maskingKey,
      length,
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("base64"),
    });
  }

  /** Passes a message on, or does what a watch orders. */
  message(socket: Socket<Visit>, message: Message): void {
    const { data } = socket;
    if (data.kind === "watch") this.#order(socket, data, message);
    else if (typeof message !== "string") send(socket, message); // bytes come back to their sender alone
    else if (message.length > MAX_TEXT) void socket.close(1009, `A chat message has at most ${MAX_TEXT} characters`);
    else this.#broadcast({ from: data.name, text: message }, socket);
  }

  /** Tells the watch how it ended, and everybody who left. */
  close(socket: Socket<Visit>, close: Close): void {
    const { data } = socket;
    if (data.kind === "watch") {
      if (this.#watchOf.get(data.id) === socket) this.#watchOf.delete(data.id);
      return;
    }
    const { clean, sent, received, fault } = close;
    this.#chats.delete(socket);
    if (data.id !== undefined && this.#chatOf.get(data.id) === socket) this.#chatOf.delete(data.id);
    this.#tell(data.id, {
      type: "close",
      at: since(data),
      clean,
      page: withMeaning(received),
      server: withMeaning(sent),
      fault: fault?.message,
    });
    this.#note(`${data.name} left`);
  }

  /** Does what a page asks for: what a page cannot do by itself, the server does to its chat. */
  #order(watch: Socket<Visit>, { id }: Watch, message: Message): void {
    const chat = this.#chatOf.get(id);
    const order = parseOrder(message);
    if (order === undefined) void watch.close(1008, "This is no order");
    else if (chat === undefined || chat.data.kind !== "chat" || chat.state !== "open") return; // it may have closed meanwhile
    else if (order.do === "rename") chat.data.name = order.name;
    else if (order.do === "ping") this.#ping(chat, chat.data);
    else if (order.do === "close") void chat.close(order.code, order.reason);
    else this.#sendFragments(chat, chat.data);
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

  #broadcast(message: object, sender?: Socket<Visit>): void {
    const text = JSON.stringify(message);
    for (const chat of this.#chats) send(chat, chat === sender ? JSON.stringify({ ...message, own: true }) : text);
  }

  #note(note: string): void {
    this.#broadcast({ note, here: this.#chats.size });
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
  | { readonly do: "ping" | "fragments" }
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
  if (verb === "ping" || verb === "fragments") return { do: verb };
  if (verb === "rename" && typeof name === "string") return { do: verb, name: toName(name) };
  if (verb !== "close" || typeof code !== "number" || typeof reason !== "string") return undefined;
  return CLOSE_CODE.test(String(code)) && Buffer.byteLength(reason) <= 123 ? { do: verb, code, reason } : undefined;
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
export const MAX_BINARY = 131_072;
/** Bytes that may wait for one reader. */
export const BACKLOG = 1_048_576;
