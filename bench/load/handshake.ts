/**
 * The opening handshake, as far as a generator needs it.
 * @module
 */
import { createHash, randomBytes } from "node:crypto";

/** A request, and what its answer must hold. */
export interface Request {
  readonly text: string;
  readonly accept: string;
}

/** A request to upgrade, with a key of its own. */
export function makeRequest(port: number, deflate: "off" | "takeover" | "no-takeover"): Request {
  const key = randomBytes(16).toString("base64");
  const extensions = {
    off: "",
    takeover: "Sec-WebSocket-Extensions: permessage-deflate\r\n",
    "no-takeover": "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n",
  }[deflate];
  const text = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${extensions}\r\n`;
  return { text, accept: acceptOf(key) };
}

/** Sec-WebSocket-Accept for a key. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** What is agreed to by a head that has come whole. Throws when it is no upgrade, or not the one asked for. */
export function readResponse(head: string, { accept }: Request): { readonly extensions: string } {
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`The server did not upgrade: ${head.slice(0, 60)}`);
  if (!head.includes(accept)) throw new Error("The server answered another key");
  return { extensions: /^sec-websocket-extensions:\s*(.*)$/im.exec(head)?.[1].trim() ?? "" };
}

/** The answer to a client's request. */
export function makeResponse(head: string): string {
  const key = /^sec-websocket-key:\s*(\S+)/im.exec(head)?.[1] ?? "";
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`;
}
