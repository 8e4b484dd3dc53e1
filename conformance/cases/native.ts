/**
 * The WebSockets a runtime has of its own, as far as the cases use them.
 * @module
 */
import type { Message } from "../../core/protocol.ts";
import { soon } from "./tools.ts";

/** A WebSocket as the web has it. */
export interface NativeWebSocket {
  binaryType: string;
  readonly protocol?: string | null;
  /** The subprotocol, where the platform tells it elsewhere. */
  readonly agreed?: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}

/** How a native socket ended. */
export interface NativeEnd {
  readonly code: number;
  readonly reason: string;
}

/** A native server that echoes, and closes when it is told to. */
export interface NativeServer {
  readonly url: string;
  /** How its sockets ended, in order. */
  readonly ends: NativeEnd[];
  /** True when it agrees on permessage-deflate. */
  readonly compresses?: boolean;
  /** The code it sends when it closes without one, where it sends one. */
  readonly bareCode?: number;
  close(): unknown;
}

/** What a runtime has. */
export interface Native {
  /** Its clients by name; what is not open yet will be. */
  readonly clients: Readonly<Record<string, (url: string, protocols: string[]) => NativeWebSocket | Promise<NativeWebSocket>>>;
  /** Those of them that offer no compression. */
  readonly plainClients?: readonly string[];
  /** Its server. */
  serve?(): Promise<NativeServer>;
  /** The code its client tells of a dropped connection, where that is not 1006. */
  readonly droppedCode?: number;
}

/** A native client that is open. */
export class NativeClient {
  readonly protocol: string;
  readonly #socket: NativeWebSocket;
  readonly #messages: Message[] = [];
  #wake: () => void = () => {};
  readonly closed: Promise<NativeEnd>;

  private constructor(socket: NativeWebSocket) {
    this.#socket = socket;
    this.protocol = socket.agreed ?? socket.protocol ?? "";
    socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
      this.#messages.push(typeof data === "string" ? data : new Uint8Array(data));
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }: NativeEnd) => resolve({ code, reason }));
      socket.addEventListener("error", () => {}); // `close` follows
    });
  }

  /** Waits until it is open. */
  static async open(made: NativeWebSocket | Promise<NativeWebSocket>): Promise<NativeClient> {
    const socket = await made;
    socket.binaryType = "arraybuffer";
    const { readyState } = socket as { readyState?: number };
    if (readyState !== 1) {
      await soon(new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("close", () => reject(new Error("the native client does not open")));
        socket.addEventListener("error", () => {});
      }), "the native client opens");
    }
    return new NativeClient(socket);
  }

  send(message: Message): void {
    this.#socket.send(message as string);
  }

  close(code?: number, reason?: string): void {
    if (code === undefined) this.#socket.close();
    else this.#socket.close(code, reason);
  }

  async next(): Promise<Message> {
    if (this.#messages.length === 0) await soon(new Promise<void>((resolve) => this.#wake = resolve), "a message", 20_000);
    return this.#messages.shift() as Message;
  }
}

/** Makes a native server's socket echo, close when it is told to, and tell how it ended. */
export function behave(socket: NativeWebSocket, ends: NativeEnd[]): void {
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }: { data: string | ArrayBuffer }) => {
    if (data === "close me") socket.close(4002, "as you wish");
    else if (data === "close") socket.close();
    else socket.send(typeof data === "string" ? data : new Uint8Array(data));
  });
  socket.addEventListener("close", ({ code, reason }: NativeEnd) => void ends.push({ code, reason }));
  socket.addEventListener("error", () => {}); // `close` follows
}
