/**
 * A peer that says whatever bytes it likes, to a server or a client of ours: in this process on a clock that stands still, or over TCP.
 * @module
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net from "node:net";
import { connectWith, type ConnectOptions } from "../../adapters/connect.ts";
import type { Driver } from "../../adapters/driver.ts";
import { memoryPair } from "../../adapters/memory-pair.ts";
import type { LinkEnd } from "../../adapters/simulation/link-end.ts";
import { Acceptor, type ServeHandler } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import { VirtualClock } from "../../adapters/virtual-clock.ts";
import type { Protocol } from "../../core/protocol.ts";
import { concat, type Frame, readFrames } from "../../core/testing/frames.ts";

/** A request to upgrade, with further lines or others in the place of its own. */
export function request({ target = "/", without = [], lines = [] }: { target?: string; without?: readonly string[]; lines?: readonly string[] } = {}): string {
  const own = ["Host: localhost", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
  const kept = own.filter((line) => !without.includes(line.split(":", 1)[0]));
  return [`GET ${target} HTTP/1.1`, ...kept, ...lines, "", ""].join("\r\n");
}

/** The answer that accepts a request, made apart from the sources it tests. */
export function acceptance(request: string, lines: readonly string[] = []): string {
  const key = /^Sec-WebSocket-Key: (.*)\r$/im.exec(request)?.[1];
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`, ...lines, "", ""].join("\r\n");
}

/** One byte for each character. */
export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** What a peer heard, as bytes and as what they mean. */
class Heard {
  readonly pieces: Uint8Array[] = [];
  /** How many bytes came. */
  size = 0;
  /** True once the other side said its end. */
  ended = false;

  /** All that came. */
  get text(): string {
    return Buffer.from(concat(this.pieces)).toString("latin1");
  }

  /** The status of the answer; undefined when none came. */
  get status(): number | undefined {
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(this.text)?.[1];
    return status === undefined ? undefined : Number(status);
  }

  /** The frames behind the head. */
  get frames(): Frame[] {
    const bytes = concat(this.pieces);
    const end = Buffer.from(bytes).indexOf("\r\n\r\n");
    return readFrames(bytes.slice(end + 4));
  }

  /** The code of the close frame that came; undefined when none did. */
  get closeCode(): number | undefined {
    const payload = this.frames.find(({ opcode }) => opcode === 8)?.payload;
    return payload === undefined || payload.length < 2 ? undefined : payload[0] * 256 + payload[1];
  }

  add(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
    this.size += bytes.length;
  }
}

/** A peer in this process. */
export class Peer extends Heard implements Protocol<Uint8Array, Uint8Array> {
  readonly outputEnded: boolean = false;
  readonly deadline: number = Number.POSITIVE_INFINITY;
  /** While true, it reads nothing: call `read` behind a change. */
  paused = false;
  readonly #pipe: LinkEnd;
  readonly #driver: Driver<Uint8Array, Uint8Array>;
  readonly #onText: ((peer: Peer) => void) | undefined;
  #output: Uint8Array[] = [];

  /** @param onText hears each time that something came */
  constructor(pipe: LinkEnd, onText?: (peer: Peer) => void) {
    super();
    this.#pipe = pipe;
    this.#onText = onText;
    this.#driver = pipe.run(this);
  }

  /** Says bytes; they wait while the other side does not read. */
  write(bytes: Uint8Array | string): void {
    this.#output.push(typeof bytes === "string" ? latin1(bytes) : bytes);
    this.#driver.flush();
  }

  /** Bytes said that the other side has not read. */
  get unread(): number {
    return this.#output.reduce((sum, { length }) => sum + length, 0) + this.#pipe.bufferedAmount;
  }

  /** Ends its side. */
  end(): void {
    this.#pipe.end();
  }

  /** Is gone, as after a reset. */
  reset(): void {
    this.#pipe.destroy();
  }

  /** Reads, or reads no more. */
  reading(yes: boolean): void {
    this.paused = !yes;
    this.#driver.flush();
  }

  receive(input: Uint8Array): void {
    this.add(input);
    this.#onText?.(this);
  }

  receiveEnd(): void {
    this.ended = true;
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  handleTimeout(): void {}
}

/** A server of ours that only hostile peers reach. */
export interface Victim {
  readonly clock: VirtualClock;
  readonly acceptor: Acceptor<unknown>;
  /** A new connection, nothing said yet. */
  dial(): Peer;
  /** A connection whose handshake is done, and the server's end of it. */
  open(): Promise<{ peer: Peer; socket: Socket<unknown> }>;
  /** Fails unless an honest client is still served. */
  isServing(): Promise<boolean>;
}

/** Makes a server; everything that can happen without time passing has happened after `clock.advance(0)`. */
export function victim(handler: ServeHandler<unknown> = {}): Victim {
  const clock = new VirtualClock();
  const acceptor = new Acceptor<unknown>(handler);
  const dial = (): Peer => {
    const [client, server] = memoryPair(clock);
    acceptor.accept(server);
    return new Peer(client);
  };
  const open = async (): Promise<{ peer: Peer; socket: Socket<unknown> }> => {
    const peer = dial();
    peer.write(request());
    await clock.advance(0);
    return { peer, socket: [...acceptor.sockets].at(-1) as Socket<unknown> };
  };
  return {
    clock, acceptor, dial, open,
    async isServing() {
      const { peer } = await open();
      const { status } = peer;
      peer.reset();
      await clock.advance(0);
      return status === 101;
    },
  };
}

/** What a hostile server says to a client of ours, and how that client fared. */
export interface Trap {
  readonly clock: VirtualClock;
  /** The server's end, once it was dialled. */
  readonly peer: Peer;
  readonly attempt: Promise<Socket<undefined>>;
}

/** Connects a client of ours to a server that answers its request with what `answer` makes of it. */
export function trap(answer: (request: string) => string | Uint8Array, options: ConnectOptions = {}, url = "ws://localhost/"): Trap {
  const clock = new VirtualClock();
  let answered = false;
  const [client, server] = memoryPair(clock);
  const peer = new Peer(server, ({ text }) => {
    if (answered || !text.includes("\r\n\r\n")) return;
    answered = true;
    peer.write(answer(text));
  });
  const attempt = connectWith(() => Promise.resolve(client), url, options, clock);
  attempt.catch(() => {}); // who cares awaits it
  return { clock, peer, attempt };
}

/** A client of ours that is connected to a hostile server. */
export async function trapped(options: ConnectOptions = {}): Promise<{ clock: VirtualClock; peer: Peer; socket: Socket<undefined> }> {
  const { clock, peer, attempt } = trap((text) => acceptance(text), options);
  return { clock, peer, socket: await attempt };
}

/** A TCP connection to a server of ours on this machine. */
export async function tcp(port: number, first: string | Uint8Array = ""): Promise<{ socket: net.Socket; heard: Heard; closed: Promise<unknown> }> {
  const socket = net.connect(port, "127.0.0.1");
  const heard = new Heard();
  socket.on("data", (bytes) => heard.add(bytes));
  socket.on("end", () => heard.ended = true);
  socket.on("error", () => {}); // "close" follows
  const closed = once(socket, "close");
  await once(socket, "connect");
  if (first.length > 0) socket.write(first);
  return { socket, heard, closed };
}
