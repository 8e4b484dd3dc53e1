/**
 * Sockets that take a part of each write, now and later (CVE-2026-107928): what leaves is what the protocol put out, byte for byte,
 * and its end comes behind it. RUNS in the environment says how many seeds for each pipe; SEED where to begin.
 */
import { expect, test } from "vitest";
import { RandomPool } from "../core/bytes/random-pool.ts";
import type { Protocol } from "../core/protocol.ts";
import { WebSocketConnection } from "../core/websocket/connection.ts";
import { BunPipe } from "./bun-pipe.ts";
import type { BunSocket } from "./bun-socket.ts";
import { DenoPipe } from "./deno-pipe.ts";
import type { DenoConnection } from "./deno-tls.ts";
import type { Pipe } from "./pipe.ts";
import { Seed } from "./simulation/seed.ts";
import { StreamPipe } from "./stream-pipe.ts";

const RUNS = Number(process.env["RUNS"] ?? 400);
const SEED = Number(process.env["SEED"] ?? 1);

/** What a socket took, and whether its write side was ended. */
class Wire {
  readonly random: () => number;
  readonly #pieces: Uint8Array[] = [];
  ended = 0;
  /** Bytes that came behind the end. */
  late = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  /** Takes the first few of these; copied, as the system does. */
  take(bytes: Uint8Array, least: number): number {
    const count = Math.max(Math.min(least, bytes.length), this.random() < 0.3 ? bytes.length : Math.floor(this.random() * bytes.length));
    this.#pieces.push(bytes.slice(0, count));
    if (this.ended > 0) this.late += count;
    return count;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** A pipe over a socket that takes parts, and how it goes on: true while it has something to do. */
type Make = (wire: Wire) => { readonly pipe: Pipe; goOn(): Promise<boolean> | boolean };

const MAKERS: Readonly<Record<string, Make>> = {
  Bun(wire) {
    let full = false;
    const socket: BunSocket<BunPipe> = {
      data: undefined,
      write(bytes) {
        const count = full ? 0 : wire.take(bytes, 0);
        full = count < bytes.length;
        return count;
      },
      shutdown: () => void wire.ended++,
      close: () => {}, terminate: () => {}, pause: () => {}, resume: () => {}, timeout: () => {},
      upgradeTLS: () => { throw new Error("there is no TLS"); },
    };
    const pipe = socket.data = new BunPipe(socket);
    return {
      pipe,
      goOn() {
        if (!full) return false;
        full = false;
        BunPipe.handler.drain(socket);
        return true;
      },
    };
  },
  Deno(wire) {
    const taken: (() => void)[] = [];
    const connection: DenoConnection = {
      remoteAddr: {},
      read: () => new Promise(() => {}),
      write: (bytes) => new Promise((resolve) => taken.push(() => resolve(wire.take(bytes, 1)))),
      closeWrite: () => Promise.resolve(void wire.ended++),
      close: () => {},
    };
    return { pipe: new DenoPipe(connection), goOn: () => settle(taken) };
  },
  streams(wire) {
    const taken: (() => void)[] = [];
    const readable = new ReadableStream<Uint8Array>();
    const writable = new WritableStream<Uint8Array>({
      write: (bytes) => new Promise((resolve) => taken.push(() => resolve(void wire.take(bytes, bytes.length)))),
      close: () => void wire.ended++,
    });
    return { pipe: new StreamPipe({ readable, writable }), goOn: () => settle(taken) };
  },
};

/** Lets a write be over that waits, and all that follows from it. */
async function settle(taken: (() => void)[]): Promise<boolean> {
  const next = taken.shift();
  next?.();
  for (let turn = 0; turn < 12; turn++) await Promise.resolve();
  return next !== undefined || taken.length > 0;
}

/** Sends messages of many sizes over it, now and then lets the socket take more, closes: undefined when all of it left, as it was. */
async function run(make: Make, seed: number): Promise<string | undefined> {
  const numbers = new Seed(seed, "partial writes");
  const random = (): number => numbers.unit();
  const wire = new Wire(random);
  const { pipe, goOn } = make(wire);
  const connection = new WebSocketConnection({
    role: random() < 0.5 ? "client" : "server",
    handler: { onText() {}, onBinary() {}, onClose() {} },
    random: new RandomPool((target) => {
      for (let at = 0; at < target.length; at++) target[at] = random() * 256;
    }),
    limits: { closeTimeout: 1e9, pingInterval: 1e9 },
  });
  const put: Uint8Array[] = [];
  const driver = pipe.run(listen(connection, put));
  for (let count = Math.floor(random() * 12); count >= 0; count--) {
    const size = Math.floor(random() < 0.1 ? random() * 150_000 : random() * 300);
    if (random() < 0.2) connection.ping(new Uint8Array(size % 126));
    else connection.sendBinary(new Uint8Array(size).fill(seed));
    if (random() < 0.7) driver.flush();
    if (random() < 0.4) await goOn();
  }
  connection.close(1000);
  connection.receiveEnd(0); // nothing more is awaited of the peer: the write side ends behind what was put out
  driver.flush();
  let turns = 0;
  do await Promise.resolve(); while ((await goOn() || wire.ended === 0) && ++turns < 100_000);
  const expected = Buffer.concat(put);
  pipe.destroy();
  if (wire.ended !== 1 || wire.late > 0) return `seed ${seed}: ended ${wire.ended} times, ${wire.late} bytes behind the end`;
  return wire.bytes.equals(expected) ? undefined : `seed ${seed}: ${wire.bytes.length} bytes left of ${expected.length}, or others`;
}

/** Remembers what a protocol puts out. */
function listen(protocol: WebSocketConnection, put: Uint8Array[]): Protocol<Uint8Array, Uint8Array> {
  const takeOutput = protocol.takeOutput.bind(protocol);
  protocol.takeOutput = (now) => {
    const output = takeOutput(now);
    put.push(...output.map((piece) => piece.slice()));
    return output;
  };
  return protocol;
}

test.each(Object.keys(MAKERS))(`a %s socket that takes parts of writes gets every byte once and in order, from ${RUNS} seeds`, { timeout: 30_000 + RUNS * 50 }, async (name) => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) expect(await run(MAKERS[name], seed)).toBeUndefined();
});
