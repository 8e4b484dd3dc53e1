/**
 * WebSockets over any pair of WHATWG streams of bytes: a `TransformStream`, a WebTransport stream, a socket that is
 * connected already, a Node stream through `Duplex.toWeb`.
 * @module
 */
import { type ConnectOptions, connectWith } from "./connect.ts";
import { refuseOptions } from "./error.ts";
import type { ByteStreams, StreamInfo } from "./pipe.ts";
import { Acceptor, type ServeHandler } from "./serve.ts";
import type { Socket } from "./socket.ts";
import { StreamPipe } from "./stream-pipe.ts";

export type { Clock } from "./clock.ts";
export type { ByteStreams, StreamInfo };

/** What `connectStream` takes. */
export type StreamConnectOptions = Omit<ConnectOptions, "redirects" | "tls" | "proxy" | "unix">;

/**
 * Opens a WebSocket as a client over streams that are connected already; the URL only makes the request. For `wss:` they
 * carry TLS already. Rejects with a `HandshakeError` when it does not open.
 */
export async function connectStream(
  streams: ByteStreams,
  url: string | URL,
  options: StreamConnectOptions = {},
  info: StreamInfo = {},
): Promise<Socket<undefined>> {
  refuseOptions(options, GIVEN);
  const pipe = new StreamPipe(streams, info);
  return connectWith(() => Promise.resolve(pipe), url, options, info.clock);
}

const GIVEN: Readonly<Record<string, string>> = Object.fromEntries(
  ["redirects", "tls", "proxy", "unix"].map((name) => [name, "the streams are connected already"]),
);

/** Serves a WebSocket over streams: the socket once it is open, `undefined` when none was opened. */
export function acceptStream<Data = unknown>(
  streams: ByteStreams,
  handler: ServeHandler<Data>,
  info: StreamInfo = {},
): Promise<Socket<Data> | undefined> {
  return new Promise((resolve) => {
    const pipe = new StreamPipe(streams, info);
    void pipe.closed.then(() => resolve(undefined));
    new Acceptor<Data>(handler, resolve).accept(pipe);
  });
}
