/**
 * The HTTP parser of Node as another reader of requests: no sockets, a stream whose data is handed over by hand.
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";

/** What it made of the bytes. */
export interface NodeRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn. */
  readonly fields: readonly string[];
  /** The bytes behind the head of an upgrade; undefined for a request that is none. */
  readonly rest: Uint8Array | undefined;
}

/** Reads one request; undefined when it is refused, or not whole. */
export type ReadRequest = (bytes: Uint8Array) => NodeRequest | undefined;

/** The reader, or why there is none. */
export function nodeReader(): ReadRequest | string {
  if ("Deno" in globalThis || "Bun" in globalThis) return "this runtime has a parser of its own under that name";
  let read: NodeRequest | undefined;
  const server = createServer();
  const note = (request: IncomingMessage, rest?: Uint8Array): void => {
    read ??= { method: request.method ?? "", target: request.url ?? "", fields: request.rawHeaders, rest };
  };
  server.on("upgrade", (request, _, rest) => note(request, rest));
  server.on("connect", (request, _, rest) => note(request, rest));
  server.on("request", (request) => note(request));
  server.on("clientError", (_, socket) => void socket.destroy());
  const reader: ReadRequest = (bytes) => {
    read = undefined;
    const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    server.emit("connection", stream);
    stream.emit("data", Buffer.from(bytes));
    const result = read;
    stream.destroy();
    return result;
  };
  try {
    const sample = reader(Buffer.from("GET /x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nab"));
    if (sample?.target === "/x" && sample.rest?.length === 2) return reader;
    return "it reads no bytes that are handed over by hand";
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}
