/**
 * A client of the soak: it sends numbered messages, wants each back, and misbehaves when it is told to. It speaks the protocol by itself.
 * @module
 */
import { randomBytes } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { binary, close, encodeFrame, FrameReader, pong, type ReadFrame } from "../frames.ts";

/** What can be done to a connection. The first two do it no harm: nothing may be lost. */
export const FAULTS = ["stall", "drip", "reset", "half a frame", "black hole", "bad frame", "half a handshake"] as const;
export type FaultName = typeof FAULTS[number];

/** What all clients of a soak count together. */
export interface Counts {
  opened: number;
  sent: number;
  echoed: number;
  /** Messages of a connection that did nothing wrong, and that did not come back. */
  lost: number;
  /** Echoes that are not what was sent. */
  wrong: number;
  /** Connections that did nothing wrong, and that the server ended. */
  dropped: number;
  /** Connections that did not open though they did nothing wrong. */
  refused: number;
  readonly faults: Record<FaultName, number>;
  /** The first few things that went wrong, in sentences. */
  readonly notes: string[];
}

/** Where to connect. */
export interface Place {
  readonly port: number;
  readonly secure: boolean;
}

/** One connection after another. */
export class Peer {
  readonly #place: Place;
  readonly #counts: Counts;
  #socket: Socket | undefined = undefined;
  #head = "";
  #reader: FrameReader | undefined = undefined;
  /** Messages that are not back yet, by the bytes each begins with. */
  #awaited: Uint8Array[] = [];
  #faulty = false;
  #ending = false;
  #onOpen: (() => void) | undefined = undefined;
  /** Written piece by piece, of which these are left. */
  #dripping: Uint8Array | undefined = undefined;

  constructor(place: Place, counts: Counts) {
    this.#place = place;
    this.#counts = counts;
  }

  /** Messages that are not back yet. */
  get awaited(): number {
    return this.#faulty ? 0 : this.#awaited.length;
  }

  get isOpen(): boolean {
    return this.#reader !== undefined && !this.#faulty && !this.#ending;
  }

  /** Connects. Settles once it is open, or will never be. */
  open(): Promise<void> {
    const { port, secure } = this.#place;
    this.#head = "";
    this.#reader = undefined;
    this.#awaited = [];
    this.#faulty = this.#ending = false;
    this.#dripping = undefined;
    const socket = secure ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }) : connectTcp({ port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    const began = performance.now();
    let problem = "";
    socket.on("error", ({ message }: Error) => problem = message); // "close" follows
    socket.on("data", (bytes: Buffer) => this.#socket === socket && this.#read(bytes));
    socket.on("close", () => this.#socket === socket && this.#closed(`${problem} after ${Math.round(performance.now() - began)} ms`));
    socket.write(REQUEST);
    return new Promise((resolve) => this.#onOpen = resolve);
  }

  /** Sends one message. */
  send(): void {
    if (!this.isOpen || this.#dripping !== undefined) return;
    const message = randomBytes(16 + Math.floor(Math.random() ** 3 * 4000));
    this.#awaited.push(message);
    this.#counts.sent++;
    this.#socket?.write(masked(message));
  }

  /** Does something to the connection, and opens another one where it does not survive that. */
  async fail(fault: FaultName): Promise<void> {
    const socket = this.#socket as Socket;
    if (!this.isOpen || this.#dripping !== undefined) return;
    this.#counts.faults[fault]++;
    if (fault === "stall") { // it reads nothing for a while, though it goes on sending
      socket.pause();
      await sleep(2_000);
      socket.resume();
      return;
    }
    if (fault === "drip") return this.#drip();
    if (fault === "half a handshake") {
      const other = connectTcp({ port: this.#place.port, host: "127.0.0.1" });
      other.on("error", () => {});
      other.write(REQUEST.slice(0, 40));
      await sleep(500);
      other.resetAndDestroy();
      return;
    }
    this.#faulty = true;
    if (fault === "half a frame") {
      socket.end(masked(randomBytes(2_000)).subarray(0, 1_000));
    } else if (fault === "bad frame") {
      socket.write(encodeFrame(binary("no mask"), undefined));
      await sleep(1_000);
    } else if (fault === "black hole") { // it neither reads nor writes, and does not go
      socket.pause();
      await sleep(4_000);
    }
    if (fault !== "half a frame") {
      if (this.#place.secure) socket.destroy(); // which TLS sockets cannot reset
      else socket.resetAndDestroy();
    }
    await this.open();
  }

  /** Closes in good manners; settles when the server has ended TCP. */
  close(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    this.#ending = true;
    socket.write(encodeFrame(close(1000), key()));
    return new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** One message, a few bytes at a time. */
  async #drip(): Promise<void> {
    const socket = this.#socket as Socket;
    const message = randomBytes(40);
    this.#awaited.push(message);
    this.#counts.sent++;
    const bytes = masked(message);
    this.#dripping = bytes;
    for (let at = 0; at < bytes.length && this.#dripping === bytes; at += 5) {
      socket.write(bytes.subarray(at, at + 5));
      await sleep(100);
    }
    if (this.#dripping === bytes) this.#dripping = undefined;
  }

  #read(bytes: Buffer): void {
    if (this.#reader !== undefined) {
      this.#reader.push(bytes);
      return;
    }
    this.#head += bytes.toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 101 ")) return void this.#socket?.destroy();
    this.#reader = new FrameReader((frame) => this.#hear(frame));
    this.#counts.opened++;
    this.#opened();
    this.#reader.push(Buffer.from(this.#head.slice(end + 4), "latin1"));
  }

  #hear({ opcode, payload }: ReadFrame): void {
    const counts = this.#counts;
    if (opcode === 9) this.#socket?.write(encodeFrame(pong(payload), key()));
    if (opcode !== 2) return;
    const expected = this.#awaited.shift();
    if (expected !== undefined && Buffer.compare(expected, payload) === 0) counts.echoed++;
    else this.#note("wrong", 1, "an echo is not what was sent");
  }

  #closed(how: string): void {
    if (this.#reader === undefined) {
      if (!this.#faulty) this.#note("refused", 1, `a handshake failed: ${this.#head.slice(0, 40)} ${how}`);
      this.#opened();
    } else if (!this.#faulty && !this.#ending) {
      this.#note("dropped", 1, "the server ended a connection that did nothing wrong");
      this.#note("lost", this.#awaited.length, `${this.#awaited.length} of its messages were not back`);
    }
    this.#dripping = undefined;
  }

  #opened(): void {
    this.#onOpen?.();
    this.#onOpen = undefined;
  }

  #note(what: "lost" | "wrong" | "dropped" | "refused", count: number, sentence: string): void {
    this.#counts[what] += count;
    if (this.#counts.notes.length < 10) this.#counts.notes.push(sentence);
  }
}

function masked(message: Uint8Array): Uint8Array {
  return encodeFrame(binary(message), key());
}

function key(): number {
  return Math.floor(Math.random() * 0x1_0000_0000);
}

/** Waits. */
export function sleep(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
  + "Sec-WebSocket-Version: 13\r\n\r\n";
