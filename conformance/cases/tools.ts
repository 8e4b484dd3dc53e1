/**
 * What cases are made of: checks, waits, servers for a while, messages.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import { HandshakeError, type HandshakeStage } from "../../adapters/error.ts";
import type { ServeOptions, Server } from "../../adapters/serve.ts";
import type { SocketLike } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import type { Close } from "../../core/websocket/close.ts";
import type { Runtime } from "./case.ts";

export const KIB: number = 1_024;
export const MIB: number = 1_048_576;
/** Limits for large messages. */
export const LARGE: { readonly maxMessage: number; readonly maxQueued: number } = { maxMessage: 64 * MIB, maxQueued: 64 * MIB };
/** Sizes around each length form. */
export const SMALL: readonly number[] = [0, 1, 2, 125, 126, 127, 1_000, 4_096, 65_535, 65_536, 65_537];

/** What a check throws. */
export class Failure extends Error {}

export function check(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Failure(sentence);
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  check(Object.is(actual, expected), `${what}: expected ${String(expected)}, got ${String(actual)}`);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, timeout = 5_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await condition())) {
    check(performance.now() < end, `not within ${timeout} ms: ${what}`);
    await pause(5);
  }
}

/** Settles, or fails with a sentence. */
export async function soon<Value>(promise: Promise<Value>, what: string, timeout = 5_000): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`not within ${timeout} ms: ${what}`)), timeout);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Serves on a free port of 127.0.0.1 while the body runs; then nothing may be left. */
export async function serving<Data>(
  runtime: Runtime,
  options: ServeOptions<Data>,
  body: (server: Server<Data>, url: string) => Promise<void>,
): Promise<void> {
  const server = await runtime.serve<Data>({ port: 0, hostname: "127.0.0.1", limits: LARGE, error: ignore, ...options });
  try {
    await body(server, server.url);
  } finally {
    await soon(server.close(), "the server closes");
  }
  equal(server.sockets.size, 0, "sockets left on the server");
}

export const echo: ServeOptions = { message: (socket, message) => void socket.send(message) };

export async function next(socket: SocketLike<undefined>): Promise<Message> {
  const { value, done } = await soon(socket[Symbol.asyncIterator]().next(), "a message", 20_000);
  if (done) throw new Failure(`the connection ended: ${JSON.stringify(await socket.closed)}`);
  return value;
}

export async function closeBoth(socket: SocketLike<undefined>): Promise<void> {
  const { clean, code } = await soon(socket.close(), "the closing handshake", 4_000); // closeTimeout must not be what ends it
  check(clean && code === 1000, `it closes with 1000: ${code}, clean ${clean}`);
}

export async function failing(promise: Promise<SocketLike<undefined>>): Promise<HandshakeError> {
  const outcome = await soon(promise.then((socket) => (socket.terminate(), undefined), (error: unknown) => ({ error })), "the attempt fails");
  check(outcome !== undefined, "it opened");
  check(outcome.error instanceof HandshakeError, `no HandshakeError: ${String(outcome.error)}`);
  return outcome.error;
}

/** The attempt must fail there and with that; as far as the runtime tells. */
export async function failsWith(
  runtime: Runtime,
  promise: Promise<SocketLike<undefined>>,
  stage: HandshakeStage,
  code?: string,
  words = "",
): Promise<HandshakeError> {
  const error = await failing(promise);
  if (runtime.cannot["tells how far a handshake came"] === undefined) equal(error.stage, stage, `stage of "${error.message}"`);
  if (runtime.cannot["tells why a connection failed"] === undefined) {
    if (code !== undefined) equal(error.code, code, `code of "${error.message}"`);
    check(error.message.includes(words), `words of "${error.message}"`);
  }
  return error;
}

/** A small text frame, masked with zeros for a client. */
export function textFrame(text: string, masked: boolean): Uint8Array {
  const payload = new TextEncoder().encode(text);
  return Uint8Array.from([0x81, (masked ? 0x80 : 0) | payload.length, ...(masked ? [0, 0, 0, 0] : []), ...payload]);
}

/** Bytes that differ by where they stand. */
export function pattern(size: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >>> 8) + seed) & 0xff;
  return bytes;
}

/** A text of that many bytes, with code points of each length. */
export function words(size: number): string {
  return "é€😀z".repeat(size / 10) + "x".repeat(size % 10);
}

export function sameBytes(actual: Uint8Array, expected: Uint8Array): boolean {
  if (actual.length !== expected.length) return false;
  for (let at = 0; at < actual.length; at++) if (actual[at] !== expected[at]) return false;
  return true;
}

/** Fails unless both are the same message of the same type. */
export function sameMessage(actual: Message, expected: Message, what: string): void {
  const same = typeof expected === "string" ? actual === expected : typeof actual !== "string" && sameBytes(actual, expected);
  check(same, `${what}: ${typeof expected === "string" ? "a text" : "bytes"} of length ${expected.length} came back changed, with length ${actual.length}`);
}

/** Sends bytes and text of each size; all of it must come back. */
export async function echoes(socket: SocketLike<undefined>, sizes: readonly number[]): Promise<void> {
  for (const size of sizes) {
    for (const message of [pattern(size), words(size)]) {
      socket.send(message as string);
      sameMessage(await next(socket), message, `${size} bytes`);
    }
  }
}

/** The same against a server that is there for it. */
export async function serveEchoes(runtime: Runtime, sizes: readonly number[], options: ServeOptions, connectOptions: ConnectOptions): Promise<void> {
  await serving(runtime, { ...echo, ...options }, async (_, url) => {
    const socket = await runtime.connect(options.unix === undefined ? url : "ws://localhost/", { limits: LARGE, ...connectOptions });
    await echoes(socket, sizes);
    await closeBoth(socket);
  });
}

/** The Close of the one socket of a server. */
export function closing(): { options: ServeOptions; closed: () => Promise<Close> } {
  let seen: Close | undefined;
  return {
    options: { close: (_, close) => void (seen = close) },
    async closed() {
      await until(() => seen !== undefined, "the server's socket ends");
      return seen as Close;
    },
  };
}

/** Does nothing. */
export function ignore(): void {}
