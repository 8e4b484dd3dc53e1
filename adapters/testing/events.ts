/**
 * What the tests of the WebSocket class share: waiting for events, and a raw server.
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import type { CloseEvent, WebSocket } from "../../index.node.ts";

/** The next event of a kind. */
export function next<Kind = MessageEvent>(socket: EventTarget, type = "message"): Promise<Kind> {
  return new Promise((resolve) => socket.addEventListener(type, (event) => resolve(event as Kind), { once: true }));
}

/** The events until "close": their kind, the ready state they found, and what a close event tells. */
export function story(socket: WebSocket): Promise<unknown[]> {
  const events: unknown[] = [];
  for (const type of ["open", "message", "error"]) socket.addEventListener(type, (event) => events.push(`${type} ${socket.readyState}${(event as MessageEvent).data ?? ""}`));
  return next<CloseEvent>(socket, "close").then(({ code, reason, wasClean }) => [...events, `close ${socket.readyState}`, code, reason, wasClean]);
}

/** A server that reads one request and writes what it is told to; `accept` in it stands for the right key. */
export async function raw(answer: string, body: (socket: net.Socket) => unknown = () => {}): Promise<string> {
  const listener = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (head) => {
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(head.toString())?.[1];
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(answer.replace("{accept}", accept), "latin1");
      body(socket);
    });
  });
  listener.listen(0, "127.0.0.1").unref();
  await once(listener, "listening");
  return `ws://127.0.0.1:${(listener.address() as net.AddressInfo).port}/`;
}

/** The head of an answer that accepts; further fields and an empty line follow. */
export const ACCEPT: string = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";
