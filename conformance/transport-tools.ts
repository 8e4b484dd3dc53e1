/**
 * What the cases of `transport.ts` are made of: a runtime under test, checks, and plain TCP peers of `node:net`.
 * @module
 */
import net, { type AddressInfo } from "node:net";
import type { ConnectOptions } from "../adapters/connect.ts";
import { HandshakeError, type HandshakeStage } from "../adapters/error.ts";
import type { ServeOptions, Server } from "../adapters/serve.ts";
import type { Socket } from "../adapters/socket.ts";
import type { Message } from "../core/protocol.ts";
import type { Close } from "../core/websocket/close.ts";

/** What a runtime may lack. */
export type Capability = "takes any certificate" | "asks for a certificate" | "speaks TLS on unix sockets" | "gives up a TLS handshake";

/** A runtime under test. */
export interface Runtime {
  /** Its name and version. */
  readonly name: string;
  connect(url: string | URL, options?: ConnectOptions): Promise<Socket<undefined>>;
  serve<Data = unknown>(options: ServeOptions<Data>): Promise<Server<Data>>;
  /** PEM of an authority, and of a leaf for "localhost" and 127.0.0.1. */
  readonly certificates: { readonly ca: string; readonly cert: string; readonly key: string };
  /** A folder for unix sockets. */
  readonly folder: string;
  /** What it cannot do, each with the reason in one sentence. */
  readonly cannot: Readonly<Partial<Record<Capability, string>>>;
  /** What is open in this process, as names; undefined where the runtime does not tell. */
  openResources(): readonly string[] | undefined;
}

/** One case. */
export interface Case {
  readonly group: string;
  readonly name: string;
  readonly needs?: Capability;
  run(runtime: Runtime): Promise<void>;
}

export const KIB: number = 1_024;
export const MIB: number = 1_048_576;
/** Limits for large messages. */
export const LARGE: { readonly maxMessage: number; readonly maxQueued: number } = { maxMessage: 64 * MIB, maxQueued: 64 * MIB };

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

export async function until(condition: () => boolean, what: string, timeout = 5_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!condition()) {
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

export async function next(socket: Socket<undefined>): Promise<Message> {
  const { value, done } = await soon(socket[Symbol.asyncIterator]().next(), "a message", 20_000);
  if (done) throw new Failure(`the connection ended: ${JSON.stringify(await socket.closed)}`);
  return value;
}

export async function closeBoth(socket: Socket<undefined>): Promise<void> {
  const { clean, code } = await soon(socket.close(), "the closing handshake", 4_000); // closeTimeout must not be what ends it
  check(clean && code === 1000, `it closes with 1000: ${code}, clean ${clean}`);
}

export async function failing(promise: Promise<Socket<undefined>>): Promise<HandshakeError> {
  const outcome = await soon(promise.then((socket) => (socket.terminate(), undefined), (error: unknown) => ({ error })), "the attempt fails");
  check(outcome !== undefined, "it opened");
  check(outcome.error instanceof HandshakeError, `no HandshakeError: ${String(outcome.error)}`);
  return outcome.error;
}

export async function failsWith(promise: Promise<Socket<undefined>>, stage: HandshakeStage, code: string | undefined, words: string): Promise<void> {
  const error = await failing(promise);
  equal(error.stage, stage, `stage of "${error.message}"`);
  equal(error.code, code, `code of "${error.message}"`);
  check(error.message.includes(words), `words of "${error.message}"`);
}

/** A plain TCP server of `node:net`, and what it accepted, while the body runs. */
export async function listening(onSocket: (socket: net.Socket) => void, body: (port: number, sockets: Set<net.Socket>) => Promise<void>): Promise<void> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await body((server.address() as AddressInfo).port, sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
    await soon(new Promise<void>((resolve) => server.close(() => resolve())), "the plain server closes");
  }
}

/** A plain TCP client that has been through the opening handshake when `upgrade` is true. */
export async function dialling(port: number, upgrade: boolean): Promise<{ socket: net.Socket; heard: () => Uint8Array; ended: () => boolean }> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const chunks: Uint8Array[] = [];
  let ended = false;
  socket.on("error", ignore);
  socket.on("end", () => void (ended = true));
  await soon(new Promise<void>((resolve) => socket.once("connect", resolve)), "a TCP connection");
  const heard = (): Uint8Array => {
    const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  };
  socket.on("data", (chunk: Uint8Array) => void chunks.push(new Uint8Array(chunk)));
  if (upgrade) {
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${UPGRADE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    await until(() => new TextDecoder().decode(heard()).includes("\r\n\r\n"), "an answer to the handshake");
    chunks.length = 0;
  }
  return { socket, heard, ended: () => ended };
}

const UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/** Reads the request of an opening handshake and answers it with 101, and what follows. */
export function answering(socket: net.Socket, then: (socket: net.Socket) => void): void {
  let request = "";
  const onData = async (chunk: Uint8Array): Promise<void> => {
    request += new TextDecoder("latin1").decode(chunk);
    if (!request.includes("\r\n\r\n")) return;
    socket.off("data", onData);
    const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(request)?.[1] ?? "";
    const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
    const accept = btoa(String.fromCharCode(...new Uint8Array(hash)));
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    then(socket);
  };
  socket.on("data", onData);
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

export function sameBytes(actual: Uint8Array, expected: Uint8Array): boolean {
  return actual.length === expected.length && firstDifference(actual, expected) < 0;
}

function firstDifference(actual: Uint8Array, expected: Uint8Array): number {
  for (let at = 0; at < actual.length; at++) if (actual[at] !== expected[at]) return at;
  return -1;
}

export async function echoes(runtime: Runtime, sizes: readonly number[], options: ServeOptions, connectOptions: ConnectOptions): Promise<void> {
  await serving(runtime, { ...echo, ...options }, async (_, url) => {
    const socket = await runtime.connect(options.unix === undefined ? url : "ws://localhost/", { limits: LARGE, ...connectOptions });
    for (const size of sizes) {
      const bytes = pattern(size);
      socket.send(bytes);
      const back = await next(socket);
      check(back instanceof Uint8Array && sameBytes(back, bytes), `${size} bytes come back unchanged`);
      const text = "é€😀z".repeat(size / 10) + "x".repeat(size % 10);
      socket.send(text);
      check(await next(socket) === text, `a text of ${size} bytes comes back unchanged`);
    }
    await closeBoth(socket);
  });
}

/** One side floods another that does not read: it must be slowed down, and lose nothing. */
export async function flood(runtime: Runtime, from: "client" | "server", tls: boolean): Promise<void> {
  const total = 40 * MIB;
  const size = 64 * KIB;
  let release = ignore;
  const gate = new Promise<void>((resolve) => release = resolve);
  let received = 0;
  let order = true;
  const handler = {
    message(_: unknown, message: Message): Promise<void> | undefined {
      const sequence = new DataView((message as Uint8Array).buffer, (message as Uint8Array).byteOffset).getUint32(0);
      order &&= sequence === received / size;
      received += message.length;
      return received === size ? gate : undefined;
    },
  };
  let sent = 0;
  const send = async (socket: Socket): Promise<void> => {
    while (sent < total) {
      const bytes = new Uint8Array(size);
      new DataView(bytes.buffer).setUint32(0, sent / size);
      sent += size;
      if (!socket.send(bytes) && !(await socket.writable())) throw new Failure("the connection ended while it was written to");
    }
  };
  const certificates = runtime.certificates;
  let sender: Socket | undefined;
  const server: ServeOptions = {
    ...(tls ? { tls: certificates } : {}),
    ...(from === "client" ? handler : { open: (socket) => void (sender = socket) }),
  };
  await serving(runtime, server, async (_, url) => {
    const client = await runtime.connect(url, { tls: { ca: certificates.ca }, limits: LARGE, ...(from === "server" ? handler : {}) });
    if (from === "client") sender = client as unknown as Socket;
    await until(() => sender !== undefined, "the server's socket opens");
    const flooding = send(sender as Socket);
    flooding.catch(ignore);
    let before = -1;
    while (before !== sent) { // until it stalls
      before = sent;
      await pause(150);
    }
    check(sent < total, "it was never told to wait");
    check((sender as Socket).bufferedAmount <= MIB, `${(sender as Socket).bufferedAmount} bytes wait in memory`);
    equal(received, size, "bytes delivered to a handler that was not done");
    release();
    await soon(flooding, "all is sent", 20_000);
    await until(() => received === total, "all is received", 20_000);
    check(order, "the messages came out of order");
    await closeBoth(client);
  });
}

/** The Close of the one socket of a server. */
export function closing(): { options: ServeOptions; closed: Promise<Close>; open: Promise<Socket> } {
  let settle!: (close: Close) => void;
  let opened!: (socket: Socket) => void;
  const closed = new Promise<Close>((resolve) => settle = resolve);
  const open = new Promise<Socket>((resolve) => opened = resolve);
  return { options: { open: (socket) => opened(socket), close: (_, close) => settle(close) }, closed, open };
}

/** Does nothing. */
export function ignore(): void {}
