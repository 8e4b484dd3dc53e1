/**
 * What the peers that run as a program have in common: their arguments, and how they say that they listen. For Node, Bun and Deno.
 * @module
 */
import { createServer, type Server } from "node:http";
import process from "node:process";

/** Where a server listens: the port is its first argument, a free one for 0. */
export function listenAt(): { readonly port: number; readonly host: "127.0.0.1" } {
  process.on("SIGTERM", () => process.exit(0));
  return { port: Number(process.argv[2] ?? 0), host: "127.0.0.1" };
}

/** Tells that a server listens. */
export function ready(address: { readonly port?: number } | string | null | undefined): void {
  console.log(`ready ws://127.0.0.1:${(address as { readonly port: number }).port}`);
}

/** Where a client goes: base URL and agent, its first two arguments. */
export function tester(): [base: string, agent: string] {
  return [process.argv[2] ?? "ws://127.0.0.1:9001", process.argv[3] ?? "client"];
}

/** Node's web server, for those that sit on one. What asks for no upgrade is told so. */
export function createWebServer(): Server {
  return createServer((_, response) => response.writeHead(426, { Connection: "Upgrade", Upgrade: "websocket" }).end());
}

/** The answer to a request for an upgrade to something else. */
export const NO_WEBSOCKET = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/** The bytes of a Buffer, without its methods. */
export function toBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
