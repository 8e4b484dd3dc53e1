import { expect, test } from "vitest";
import { binary, close, concat, encodeFrame, type Frame, FrameReader, ping } from "../conformance/frames.ts";
import { lender } from "../core/bytes/lender.ts";
import { Acceptor } from "./acceptor.ts";
import { BunPipe } from "./bun-pipe.ts";
import type { BunSocket } from "./bun-socket.ts";
import { DenoPipe } from "./deno-pipe.ts";
import type { DenoConnection } from "./deno-tls.ts";
import type { ServeHandler } from "./handler.ts";
import { Loans } from "./loans.ts";
import { Seed } from "./simulation/seed.ts";
import type { Socket } from "./socket.ts";

const RUNS = Number(process.env["RUNS"] ?? 12);
const SEED = Number(process.env["SEED"] ?? 1);

function isLent(bytes: Uint8Array): boolean {
  return lender.hold(bytes) && (lender.giveBack(bytes), true);
}

test("what has left is given back, in order, and nothing before", () => {
  const loans = new Loans();
  const [one, two] = [lender.lend(5_000), lender.lend(5_000)];
  loans.add(one, 5_004);
  loans.add(two, 10_008);
  loans.settle(5_003);
  expect([isLent(one), isLent(two)]).toEqual([true, true]);
  loans.settle(10_007);
  expect([isLent(one), isLent(two)]).toEqual([false, true]);
  loans.settle(10_008);
  expect(isLent(two)).toBe(false);
});

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
const HEADER = 5;

/** Bytes that no other message has at the same place, behind its number and what is to be done with it. */
function message(number: number, doing: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = HEADER; at < size; at++) bytes[at] = at * 7 + (at >> 8) + number * 13;
  bytes.set([number >> 16, number >> 8, number, doing, 0]);
  return bytes;
}

/** False where a message is not what some client sent. */
function isWhole(bytes: Uint8Array): boolean {
  const number = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
  for (let at = HEADER; at < bytes.length; at++) if (bytes[at] !== ((at * 7 + (at >> 8) + number * 13) & 0xff)) return false;
  return bytes.length >= HEADER;
}

/** A client whose server's system takes as many bytes as it is told to. */
interface Peer {
  /** Sends bytes to the server. */
  push(bytes: Uint8Array): void;
  /** The system takes so many at most. */
  take(count: number): Promise<void>;
  readonly got: readonly Uint8Array[];
  gone: boolean;
}

type Connect = (acceptor: Acceptor<unknown>) => Peer;

const CONNECTS: Readonly<Record<string, Connect>> = {
  Bun(acceptor) {
    let room = 0;
    const got: Uint8Array[] = [];
    const lose = (): void => void (peer.gone = true);
    const socket: BunSocket<BunPipe> = {
      data: undefined,
      write(bytes) {
        const count = Math.min(room, bytes.length);
        if (count > 0) got.push(bytes.slice(0, count)); // copied, as the system does
        room -= count;
        return count;
      },
      shutdown: () => {}, close: lose, terminate: lose, pause: () => {}, resume: () => {}, timeout: () => {},
      upgradeTLS: () => { throw new Error("there is no TLS"); },
    };
    const pipe = socket.data = new BunPipe(socket);
    const peer: Peer = {
      got,
      gone: false,
      push: (bytes) => BunPipe.handler.data(socket, bytes),
      take(count) {
        room = count;
        if (!peer.gone) BunPipe.handler.drain(socket);
        room = 0;
        return rest();
      },
    };
    acceptor.accept(pipe);
    return peer;
  },
  Deno(acceptor) {
    const got: Uint8Array[] = [];
    let written: { readonly bytes: Uint8Array; done(count: number): void; fail(error: Error): void } | undefined;
    let hear: ((bytes: Uint8Array) => void) | undefined;
    let early: Uint8Array[] = [];
    const connection: DenoConnection = {
      remoteAddr: {},
      read: (into) => new Promise((resolve) => {
        hear = (bytes) => {
          hear = undefined;
          into.set(bytes.subarray(0, into.length));
          if (bytes.length > into.length) early.unshift(bytes.subarray(into.length));
          resolve(Math.min(bytes.length, into.length));
        };
        const next = early.shift();
        if (next !== undefined) hear(next);
      }),
      write: (bytes) => new Promise((done, fail) => written = { bytes, done, fail }),
      closeWrite: () => Promise.resolve(),
      close() {
        peer.gone = true;
        early = [];
        written?.fail(new Error("closed"));
      },
    };
    const peer: Peer = {
      got,
      gone: false,
      push(bytes) {
        if (hear !== undefined) hear(bytes);
        else early.push(bytes);
      },
      async take(count) {
        for (let left = count; left > 0 && written !== undefined && !peer.gone;) {
          const { bytes, done } = written;
          const taken = Math.min(left, bytes.length);
          got.push(bytes.slice(0, taken)); // copied, as the system does
          left -= taken;
          written = undefined;
          done(taken);
          await rest();
        }
      },
    };
    acceptor.accept(new DenoPipe(connection));
    return peer;
  },
};

async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** The messages that a client was sent, as far as they are whole. */
function messagesOf(peer: Peer): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let pieces: Uint8Array[] = [];
  const all = concat(peer.got);
  const head = Buffer.from(all.buffer, all.byteOffset, all.length).indexOf("\r\n\r\n");
  new FrameReader(({ opcode, payload, fin }) => {
    if (opcode > 2) return;
    pieces.push(payload);
    if (!fin) return;
    messages.push(concat(pieces));
    pieces = [];
  }).push(head < 0 ? new Uint8Array(0) : all.subarray(head + 4));
  return messages;
}

function encode(frame: Frame): Uint8Array {
  return encodeFrame(frame, 0x1020304);
}

/** What a server does with a message is in the message. */
class Doer {
  /** What has come. */
  readonly had: Uint8Array[] = [];
  readonly sockets = new Set<Socket>();
  readonly #isCalm: boolean;
  #latest: { readonly bytes: Uint8Array; readonly done: () => void } | undefined;

  /** @param isCalm nothing is sent before a handshake is answered */
  constructor(isCalm: boolean) {
    this.#isCalm = isCalm;
  }

  get handler(): ServeHandler {
    return {
      lend: true,
      limits: { maxQueued: 64 << 20, pingInterval: Number.POSITIVE_INFINITY },
      upgrade: () => this.#isCalm || this.had.length % 2 === 0 ? undefined : Promise.resolve(undefined),
      error: () => {},
      open: (socket) => {
        this.sockets.add(socket);
        if (this.#latest !== undefined && !this.#isCalm) socket.send(this.#latest.bytes);
      },
      close: (socket) => void this.sockets.delete(socket),
      message: (socket, data) => this.#do(socket, data as Uint8Array),
    };
  }

  /** Nobody waits for it any more. */
  release(): void {
    this.#latest?.done();
    this.#latest = undefined;
  }

  #do(socket: Socket, data: Uint8Array): unknown {
    this.had.push(data);
    switch (data[3]) {
      case 0: return void socket.send(data);
      case 1:
        for (const other of this.sockets) other.send(data);
        return;
      case 2: return rest().then(() => void socket.send(data.subarray(0, -1)));
      case 3:
        for (const other of this.sockets) other.send(new DataView(data.buffer, data.byteOffset, data.length));
        throw new Error("on purpose");
      case 4:
        socket.sendFragment(data.subarray(0, data.length >> 1), false);
        socket.sendFragment(data.subarray(data.length >> 1), true);
        return rest();
      case 5:
        for (const other of this.sockets) other.send(data);
        socket.terminate();
        return;
      case 6:
        for (const other of this.sockets) other.send(data);
        return void socket.close();
      default:
        this.release();
        return new Promise<void>((done) => this.#latest = { bytes: data, done });
    }
  }
}

/** Clients come, send and go, and their server's system takes a part of what it is given: undefined when nobody saw bytes of another's. */
async function run(connect: Connect, seed: number): Promise<string | undefined> {
  const numbers = new Seed(seed, "loans");
  const random = (): number => numbers.unit();
  const below = (count: number): number => Math.floor(random() * count);
  const doer = new Doer(seed % 2 === 0);
  const acceptor = new Acceptor(doer.handler);
  const peers: Peer[] = [];
  const come = async (): Promise<void> => {
    const peer = connect(acceptor);
    peers.push(peer);
    peer.push(REQUEST);
    if (random() < 0.5) await rest();
  };
  await come();
  for (let step = 0, number = seed << 8 & 0xffffff; step < 80; step++) {
    const peer = peers[below(peers.length)];
    const chance = random();
    if (chance < 0.45) {
      const size = [4_200, 20_000, 60_000, 60_000, 60_000, 200_000][below(6)] - below(5);
      const doing = random() < 0.7 ? [0, 1, 2, 4, 7][below(5)] : below(8);
      const bytes = encode(binary(message(number++ & 0xffffff, doing, size)));
      for (let at = 0, piece = 1 + below(bytes.length * 2); at < bytes.length && !peer.gone; at += piece) peer.push(bytes.subarray(at, at + piece));
      if (random() < 0.5) await rest();
    } else if (chance < 0.85) {
      await peer.take(random() < 0.3 ? 1_000_000 : random() < 0.5 ? 60_000 + 200 - below(400) : below(70_000));
      if (!peer.gone && random() < 0.3) peer.push(encode(ping("x")));
    } else if (chance < 0.92 && peers.length < 8) {
      await come();
    } else if (chance < 0.95) {
      doer.release();
      await rest();
    } else if (chance < 0.96 && !peer.gone) {
      peer.push(encode(close(1000)));
    }
  }
  for (let turn = 0; turn < 40; turn++) {
    doer.release();
    for (const peer of peers) await peer.take(2_000_000);
    await new Promise(setImmediate); // who had his share of a turn is read on
  }
  for (const [at, peer] of peers.entries()) {
    for (const got of messagesOf(peer)) if (!isWhole(got)) return `seed ${seed}: client ${at} got what nobody sent`;
  }
  const isCalm = seed % 2 === 0 && acceptor.sockets.size === peers.length && [...acceptor.sockets].every(({ state }) => state === "open");
  const kept = isCalm ? doer.had.filter(isLent).length : 0;
  for (const socket of acceptor.sockets) socket.terminate();
  return kept === 0 ? undefined : `seed ${seed}: ${kept} are lent for good`;
}

/** A client that is connected, and has its answer. */
async function come(acceptor: Acceptor<unknown>, connect: Connect = CONNECTS["Bun"]): Promise<Peer> {
  const peer = connect(acceptor);
  peer.push(REQUEST);
  await peer.take(1_000);
  return peer;
}

test("what is sent before the handshake is answered is nobody else's until it has left", async () => {
  let kept: Uint8Array | undefined;
  let done = (): void => {};
  const acceptor = new Acceptor({
    lend: true,
    message: (_, data) => new Promise<void>((resolve) => [kept, done] = [data as Uint8Array, resolve]),
    open: (socket) => void (kept !== undefined && socket.send(kept)),
  });
  const one = await come(acceptor);
  one.push(encode(binary(message(1, 0, 60_000))));
  const two = CONNECTS["Bun"](acceptor);
  two.push(REQUEST); // the answer and the message wait
  done();
  await rest();
  await two.take(60_100); // of 60,139
  two.push(encode(ping("x")));
  one.push(encode(binary(message(2, 0, 60_000))));
  await two.take(100);
  expect(messagesOf(two).map((got) => [got.length, isWhole(got)])).toEqual([[60_000, true]]);
});

test.each(Object.keys(CONNECTS))("on %s what has left is given back, though nobody waited for that and nothing follows", async (name) => {
  const had: Uint8Array[] = [];
  const acceptor = new Acceptor({ lend: true, message: (socket, data) => void (had.push(data as Uint8Array), socket.send(data as Uint8Array)) });
  const peer = await come(acceptor, CONNECTS[name]);
  peer.push(encode(binary(message(1, 0, 20_000))));
  await rest();
  expect(had.map(isLent)).toEqual([true]);
  await peer.take(30_000);
  expect(had.map(isLent)).toEqual([false]);
  expect(messagesOf(peer).map(isWhole)).toEqual([true]);
});

test("what comes while closing is given back unseen", async () => {
  const acceptor = new Acceptor({ lend: true, message: (socket) => void socket.close() });
  const peer = await come(acceptor);
  const send = (): void => peer.push(encode(binary(message(1, 0, 60_000))));
  send();
  const { bytesKept } = lender;
  send();
  expect(bytesKept).toBeGreaterThan(60_000);
  expect(lender.bytesKept).toBe(bytesKept);
});

test.each(Object.keys(CONNECTS))(`on %s nobody gets what was lent to another, and nothing stays lent, from ${RUNS} seeds`, { timeout: 60_000 + RUNS * 200 }, async (name) => {
  for (let seed = SEED; seed < SEED + RUNS; seed++) expect(await run(CONNECTS[name], seed)).toBeUndefined();
});
