/**
 * What must hold between the two ends of every connection, whatever the network does, checked as things happen.
 * @module
 */
import type { Side } from "../../adapters/simulation/link.ts";
import type { Handler, Socket } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import type { Close, CloseStatus } from "../../core/websocket/close.ts";

/** Something that must never happen did. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** One side of a conversation. */
interface End {
  opened: boolean;
  /** How it ended, once it did. */
  close: Close | undefined;
  /** What it sent and the other side has not been given, in order. */
  sent: string[];
}

/** Both ends of one connection, by the name the client gave it. */
type Conversation = Record<Side, End>;

/** What a network may do to a connection between two ends that are both ours; every other fault would be our own. */
const EXPECTED_FAULTS: ReadonlySet<string | undefined> = new Set([undefined, "messageTimeout", "pongTimeout", "closeTimeout"]);

/** Watches all connections of a world. */
export class Witness {
  readonly #conversations = new Map<string, Conversation>();
  #open = 0;
  #violation: Violation | undefined = undefined;
  /** Messages that arrived as they were sent. */
  delivered = 0;
  /** Connections of which both ends opened. */
  connections = 0;

  /** Something happened that must not. It is told by `check`: a handler that throws only loses its connection. */
  violate(what: string): void {
    this.#violation ??= new Violation(what);
  }

  /** @throws {Violation} the first */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Ends that were opened and have not been closed. */
  get open(): number {
    return this.#open;
  }

  /**
   * A handler that is watched.
   * @param iterates true when the messages are iterated, and told by `got`
   */
  watch<Data>(side: Side, nameOf: (socket: Socket<Data>) => string, handler: Handler<Data>, iterates = false): Handler<Data> {
    const heard = (what: string, socket: Socket<Data>): void => {
      const end = this.#end(nameOf(socket), side);
      if (!end.opened) this.violate(`${what} before open at the ${side} of ${nameOf(socket)}`);
      if (end.close !== undefined) this.violate(`${what} after close at the ${side} of ${nameOf(socket)}`);
    };
    return {
      ...handler,
      open: (socket) => {
        const end = this.#end(nameOf(socket), side);
        if (end.opened) this.violate(`opened twice: the ${side} of ${nameOf(socket)}`);
        end.opened = true;
        this.#open++;
        return handler.open?.(socket);
      },
      ...(iterates ? {} : {
        message: (socket: Socket<Data>, message: Message) => {
          heard("a message", socket);
          this.got(side, nameOf(socket), message);
          return handler.message?.(socket, message);
        },
      }),
      ping: (socket, data) => {
        heard("a ping", socket);
        return handler.ping?.(socket, data);
      },
      pong: (socket, data) => {
        heard("a pong", socket);
        return handler.pong?.(socket, data);
      },
      closing: (socket) => {
        heard("closing", socket);
        return handler.closing?.(socket);
      },
      close: (socket, close) => {
        heard("close", socket);
        this.#closed(nameOf(socket), side, close);
        return handler.close?.(socket, close);
      },
      error: (error) => this.violate(`a handler threw ${String(error)}`),
    };
  }

  /** A message is about to be sent on an open socket. */
  sends(side: Side, name: string, message: Message): void {
    this.#end(name, side).sent.push(fingerprint(message));
  }

  /** A message was delivered: it must be the next one that was sent. */
  got(side: Side, name: string, message: Message): void {
    const other = side === "client" ? "server" : "client";
    const expected = this.#end(name, other).sent.shift();
    const given = fingerprint(message);
    if (given !== expected) this.violate(`the ${side} of ${name} got ${given}, and next would be ${expected ?? "nothing"}`);
    this.delivered++;
  }

  #closed(name: string, side: Side, close: Close): void {
    const conversation = this.#conversation(name);
    conversation[side].close = close;
    this.#open--;
    if (!EXPECTED_FAULTS.has(close.fault?.name)) this.violate(`the ${side} of ${name} found a fault: ${close.fault?.message}`);
    if (!close.clean && close.code !== 1006) this.violate(`the ${side} of ${name} ended unclean with ${close.code}`);
    const { client, server } = conversation;
    if (client.close === undefined || server.close === undefined) return;
    this.connections++;
    this.#agree(name, client.close.received, server.close.sent);
    this.#agree(name, server.close.received, client.close.sent);
  }

  /** What one side received is what the other sent. */
  #agree(name: string, received: CloseStatus | undefined, sent: CloseStatus | undefined): void {
    if (received === undefined || (received.code === sent?.code && received.reason === sent.reason)) return;
    this.violate(`${name} was closed with ${sent?.code ?? "nothing"}, and the other side read ${received.code}`);
  }

  #end(name: string, side: Side): End {
    return this.#conversation(name)[side];
  }

  #conversation(name: string): Conversation {
    let conversation = this.#conversations.get(name);
    if (conversation === undefined) {
      const end = (): End => ({ opened: false, close: undefined, sent: [] });
      this.#conversations.set(name, conversation = { client: end(), server: end() });
    }
    return conversation;
  }
}

/** Type, length and content of a message in a few letters. */
function fingerprint(message: Message): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < message.length; at++) {
    hash = Math.imul(hash ^ (typeof message === "string" ? message.charCodeAt(at) : message[at]), 0x01000193);
  }
  return `${typeof message === "string" ? "text" : "binary"} of ${message.length}, ${(hash >>> 0).toString(16)}`;
}
