/**
 * Plain TCP peers of `node:net`, by number: the other side of cases/peers.ts.
 * @module
 */
import { createHash } from "node:crypto";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import type { Habit, Look, Order } from "../cases/peers.ts";
import { ignore, textFrame } from "../cases/tools.ts";
import type { Given } from "./given.ts";

/** What an order about one peer looks like. */
type PeerOrder = Extract<Order, { readonly id: number }>;

/** A server with its connections, or a client, which is its only connection. */
interface Peer {
  readonly server?: net.Server;
  readonly sockets: Set<net.Socket>;
  readonly presented: boolean[];
  readonly chunks: Uint8Array[];
  heard: number;
  ended: boolean;
}

/** All plain peers there are. */
export class RawPeers {
  readonly #certificates: Given["certificates"];
  readonly #peers = new Map<number, Peer>();
  #count = 0;

  constructor(certificates: Given["certificates"]) {
    this.#certificates = certificates;
  }

  /** A server with a habit, at a free port. */
  async listen(habit: Habit, to: number | undefined): Promise<{ id: number; port: number }> {
    const onSocket = (socket: net.Socket): void => {
      this.#add(peer, socket);
      HABITS[habit](socket, peer, to);
    };
    const server = habit === "asks for a certificate"
      ? tls.createServer({ ...this.#certificates, requestCert: true, rejectUnauthorized: true }, onSocket).on("tlsClientError", ignore)
      : net.createServer({ allowHalfOpen: true }, onSocket);
    const peer: Peer = { ...blank(), server };
    const port = await listening(server);
    return { id: this.#keep(peer), port };
  }

  /** A client; behind the opening handshake with `upgrade`. */
  async dial(port: number, upgrade: boolean): Promise<{ id: number }> {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const peer = blank();
    this.#add(peer, socket);
    const id = this.#keep(peer);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("close", () => reject(new Error("no TCP connection"))));
    if (!upgrade) {
      socket.on("data", (chunk) => hear(peer, chunk));
      return { id };
    }
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${UPGRADE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      let head = Buffer.alloc(0);
      const onData = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        socket.off("data", onData).on("data", (later) => hear(peer, later));
        if (head.length > end + 4) hear(peer, head.subarray(end + 4));
        resolve();
      };
      socket.on("data", onData).once("close", () => reject(new Error("no answer to the handshake")));
    });
    return { id };
  }

  /** What a client heard. */
  heard(id: number): Uint8Array {
    return Buffer.concat(this.#find(id).chunks);
  }

  /** Does what an order about one says. */
  async obey(order: PeerOrder): Promise<Look | Record<never, never>> {
    const peer = this.#find(order.id);
    const { sockets, heard, ended, presented } = peer;
    if (order.do === "look") {
      const start = Buffer.concat(peer.chunks.slice(0, 1)).subarray(0, 64).toString("latin1");
      return { open: sockets.size, heard, ended, presented, start };
    }
    for (const socket of sockets) {
      switch (order.do) {
        case "pause": socket.pause(); break;
        case "resume": socket.resume(); break;
        case "write": socket.write(Uint8Array.from(order.bytes)); break;
        case "end": socket.end(Uint8Array.from(order.bytes)); break;
        case "reset": case "drop": socket.resetAndDestroy(); break;
        case "destroy": socket.destroy(); break;
      }
    }
    if (order.do !== "destroy") return {};
    this.#peers.delete(order.id);
    const { server } = peer;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
    return {};
  }

  /** Lets go of all of them: a case may have failed before it did. */
  async clear(): Promise<void> {
    for (const id of [...this.#peers.keys()]) await this.obey({ do: "destroy", id });
  }

  #add(peer: Peer, socket: net.Socket): void {
    peer.sockets.add(socket);
    socket.on("error", ignore).on("close", () => peer.sockets.delete(socket)).on("end", () => peer.ended = true);
  }

  #keep(peer: Peer): number {
    this.#peers.set(++this.#count, peer);
    return this.#count;
  }

  #find(id: number): Peer {
    const peer = this.#peers.get(id);
    if (peer === undefined) throw new Error(`there is no peer ${id}`);
    return peer;
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

async function listening(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function blank(): Peer {
  return { sockets: new Set(), presented: [], chunks: [], heard: 0, ended: false };
}

function hear(peer: Peer, chunk: Uint8Array): void {
  peer.heard += chunk.length;
  peer.chunks.push(chunk);
}

const HABITS: Readonly<Record<Habit, (socket: net.Socket, peer: Peer, to: number | undefined) => void>> = {
  "says last words": (socket) => answer(socket, () => socket.end(textFrame("last words", false))),
  "resets": (socket) => answer(socket, () => setTimeout(() => socket.resetAndDestroy(), 20)),
  "leaves": (socket) => void socket.once("data", () => socket.resetAndDestroy()),
  "is silent": (socket) => void socket.resume().on("end", () => socket.end()),
  "stops reading": (socket, peer) => answer(socket, () => {
    socket.pause().on("data", ({ length }) => peer.heard += length); // counted, and not kept
    socket.pause();
  }),
  "asks for a certificate": (socket, { presented }) => {
    presented.push((socket as tls.TLSSocket).authorized);
    socket.on("data", ignore).end("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  },
  "forwards": (socket) => void socket.once("data", (head) => {
    const [, port] = /^CONNECT 127\.0\.0\.1:(\d+) /.exec(String(head)) ?? [];
    relay(socket, Number(port), () => socket.write("HTTP/1.1 200 Connected\r\n\r\n"));
  }),
  "relays": (socket, _, to) => relay(socket, to as number, ignore),
};

function relay(socket: net.Socket, port: number, onConnect: () => void): void {
  const onward = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => {
    onConnect();
    socket.pipe(onward).pipe(socket);
  });
  onward.on("error", ignore);
  socket.on("close", () => onward.resetAndDestroy()); // dropped here is dropped there
  onward.on("close", () => socket.destroy());
}

const UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/** Reads the request of an opening handshake and answers it with 101, and what follows. */
function answer(socket: net.Socket, then: () => void): void {
  let request = "";
  const onData = (chunk: Uint8Array): void => {
    request += Buffer.from(chunk).toString("latin1");
    if (!request.includes("\r\n\r\n")) return;
    socket.off("data", onData);
    const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(request)?.[1] ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    then();
  };
  socket.on("data", onData);
}
