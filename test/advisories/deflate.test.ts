import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { concat, frame, masked } from "../../core/testing/frames.ts";
import type { Limits } from "../../core/websocket/limits.ts";
import { type DeflateOptions, permessageDeflate } from "../../index.deflate.ts";
import { acceptance, type Peer, request, trap, victim } from "./peer.ts";
import { memory, MIB, uncaughtDuring } from "./watch.ts";

const RSV1 = { rsv: 0x40 };
const OFFER = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";

/** A message compressed, without its last four bytes. */
function deflated(data: Uint8Array | string, dictionary?: Uint8Array): Uint8Array {
  const blocks = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...(dictionary === undefined ? {} : { dictionary }) });
  return new Uint8Array(blocks.subarray(0, -4));
}

const zeros = deflateRawSync(new Uint8Array(MIB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });

/** So many MiB of zeros, in about a thousandth: the blocks of one, again and again. */
function bomb(mebibytes: number): Uint8Array {
  return new Uint8Array(Buffer.concat(Array.from({ length: mebibytes }, () => zeros)).subarray(0, -4));
}

/** A server of ours that compresses, what it was told, and a hostile client of it. */
async function compressing(limits: Partial<Limits> = {}, options: DeflateOptions = {}) {
  const messages: (string | Uint8Array)[] = [];
  const server = victim({ extensions: [permessageDeflate(options)], limits, message: (_, message) => void messages.push(message) });
  const open = async (): Promise<Peer> => {
    const peer = server.dial();
    peer.write(request({ lines: [OFFER] }));
    await server.clock.advance(0);
    expect(peer.text).toContain("permessage-deflate");
    return peer;
  };
  return { ...server, open, messages };
}

/** What it costs in buffers, those that nothing uses any more included. */
async function buffersDuring(body: () => Promise<void>): Promise<number> {
  await memory();
  const before = process.memoryUsage().arrayBuffers;
  await body();
  return process.memoryUsage().arrayBuffers - before;
}

/** Sends frames and gives the code of the close frame that comes, and what the buffers cost beside the frames themselves. */
async function blown(frames: readonly Uint8Array[], limits?: Partial<Limits>): Promise<{ code: number | undefined; cost: number; heard: number }> {
  const { clock, open, messages, isServing } = await compressing(limits);
  const peer = await open();
  const cost = await buffersDuring(async () => {
    for (const each of frames) peer.write(each);
    await clock.advance(0);
  });
  expect(await isServing()).toBe(true);
  return { code: peer.closeCode, cost, heard: messages.length };
}

/** A client of ours that is connected to a hostile server with the extension. */
async function client(limits: Partial<Limits> = {}) {
  const { attempt, peer, clock } = trap((text) => acceptance(text, ["Sec-WebSocket-Extensions: permessage-deflate"]), { extensions: [permessageDeflate()], limits });
  const socket = await attempt;
  return { socket, peer, clock };
}

describe("a small message that inflates", () => {
  test("CVE-2026-1526: 1 GiB in 1 MiB ends a client's connection with 1009, and is never there", async () => {
    const bytes = frame(2, bomb(1_024), RSV1);
    expect(bytes.length).toBeLessThan(1.1 * MIB);
    const { socket, peer, clock } = await client();
    const cost = await buffersDuring(async () => {
      peer.write(bytes);
      await clock.advance(0);
    });
    expect([peer.closeCode, socket.state]).toEqual([1009, "closing"]);
    expect(cost).toBeLessThan(8 * MIB);
  });

  test("CVE-2016-10544: 256 MiB of zeros pass a limit of 16 MiB neither", async () => {
    const { code, cost, heard } = await blown([masked(2, bomb(256), RSV1)], { maxMessage: 16 * MIB });
    expect([code, heard]).toEqual([1009, 0]);
    expect(cost).toBeLessThan(48 * MIB);
  });

  test("CVE-2026-54464: the limit is of inflated bytes: at it a message is delivered, a byte past it refused", async () => {
    for (const [size, code, count] of [[10_000, undefined, 1], [10_001, 1009, 0]] as const) {
      const { code: closed, heard } = await blown([masked(2, deflated(new Uint8Array(size)), RSV1)], { maxMessage: 10_000 });
      expect([size, closed, heard]).toEqual([size, code, count]);
    }
  });

  test("CVE-2026-77528: the limit holds for all fragments together, with pings between", async () => {
    const bytes = bomb(64);
    const frames: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 1_000) {
      frames.push(masked(at === 0 ? 1 : 0, bytes.slice(at, at + 1_000), { fin: at + 1_000 >= bytes.length, rsv: at === 0 ? 0x40 : 0 }), masked(9, "p"));
    }
    const { code, cost, heard } = await blown(frames);
    expect([code, heard]).toEqual([1009, 0]);
    expect(cost).toBeLessThan(8 * MIB);
  });

  test("CVE-2018-1000518: text is refused by its size before it is decoded", async () => {
    const { code, heard, cost } = await blown([masked(1, deflated("x".repeat(30 * MIB)), RSV1)]);
    expect([code, heard]).toEqual([1009, 0]);
    expect(cost).toBeLessThan(8 * MIB);
    expect((await blown([masked(1, deflated(Uint8Array.of(0xff)), RSV1)])).code).toBe(1007);
  });

  test("CVE-2026-15709: what refers to earlier messages is limited like what does not", async () => {
    const { clock, open, messages } = await compressing({ maxMessage: 100_000 });
    const peer = await open();
    const word = new Uint8Array(3_000).map((_, at) => (at * 7919) >> 3);
    peer.write(masked(2, deflated(word), RSV1));
    await clock.advance(0);
    expect(messages.map(({ length }) => length)).toEqual([3_000]);
    peer.write(masked(2, deflated(concat(Array.from({ length: 33 }, () => word)), word), RSV1)); // mostly references to the first
    await clock.advance(0);
    expect(messages.map(({ length }) => length)).toEqual([3_000, 99_000]);
    peer.write(masked(2, deflated(concat(Array.from({ length: 40 }, () => word)), word), RSV1));
    await clock.advance(0);
    expect([peer.closeCode, messages.length]).toEqual([1009, 2]);
  });

  test("CVE-2026-5680: a hundred clients that do it leave nothing behind", async () => {
    const { clock, open, isServing, acceptor } = await compressing();
    const bytes = masked(2, bomb(100), RSV1);
    const round = async (): Promise<void> => {
      for (let count = 0; count < 50; count++) {
        const peer = await open();
        peer.write(bytes);
        await clock.advance(0);
        expect(peer.closeCode).toBe(1009);
        peer.end();
      }
      await clock.advance(20_000);
    };
    await round();
    const before = await memory();
    await round();
    expect(acceptor.sockets.size).toBe(0);
    expect(await memory() - before).toBeLessThan(2 * MIB);
    expect(await isServing()).toBe(true);
  });

  test("GHSA-x8v2-478q-2hvg: a client's own limit is what holds", async () => {
    for (const [maxMessage, code] of [[5_000, 1009], [50_000, undefined]] as const) {
      const { peer, clock } = await client({ maxMessage });
      peer.write(frame(2, deflated(new Uint8Array(20_000)), RSV1));
      await clock.advance(0);
      expect([maxMessage, peer.closeCode]).toEqual([maxMessage, code]);
    }
  });

  test("CVE-2026-83599: a message of nothing but empty blocks inflates to nothing, and one of nothing but last blocks is refused", async () => {
    const empty = Buffer.concat(Array.from({ length: 200_000 }, () => Uint8Array.of(0, 0, 0, 0xff, 0xff)));
    const stored = await blown([masked(2, new Uint8Array(empty.subarray(0, -4)), RSV1)]);
    const last = await blown([masked(2, new Uint8Array(900_000).fill(0x03).map((_, at) => at % 2 === 0 ? 3 : 0), RSV1)]); // each marked as the last
    expect([stored.code, stored.heard, last.code, last.heard]).toEqual([undefined, 1, 1007, 0]);
  });

  test("CVE-2026-39804: a server whose limit was lifted for frames still limits messages", async () => {
    const { code, heard } = await blown([masked(2, bomb(3), RSV1)], { maxFrame: Infinity, maxFragments: Infinity });
    expect([code, heard]).toEqual([1009, 0]);
    expect((await blown([masked(2, bomb(3), RSV1)], { maxMessage: Infinity })).heard).toBe(1); // lifted by name, and only so
  });
});

describe("what cannot be inflated", () => {
  test("CVE-2026-85024: a malformed block behind the limit, or before it, is one close frame and the end of nothing else", async () => {
    const malformed = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
    const errors = await uncaughtDuring(async () => {
      for (const [payload, code] of [
        [concat([bomb(8), malformed]), 1009], [concat([malformed, bomb(8)]), 1007], [malformed, 1007], [bomb(1).slice(0, 100), 1007], [deflated("cut").slice(0, 2), 1007],
        [Uint8Array.of(0x07), 1007], [Uint8Array.of(0x01, 0x05, 0x00, 0x00, 0x00), 1007],
      ] as const) {
        const { clock, open, isServing, messages } = await compressing();
        const peer = await open();
        peer.write(concat([masked(2, payload, RSV1), masked(2, deflated("behind"), RSV1)]));
        await clock.advance(0);
        expect([payload.length, peer.closeCode]).toEqual([payload.length, code]);
        await clock.advance(1_000);
        expect([peer.frames.filter(({ opcode }) => opcode === 8).length, messages.length]).toEqual([1, 0]);
        expect(await isServing()).toBe(true);
      }
    });
    expect(errors).toEqual([]);
  });
});

describe("window bits", () => {
  test("CVE-2026-2229: an answer with window bits that may not be fails the handshake, and ends nothing", async () => {
    const errors = await uncaughtDuring(async () => {
      for (const name of ["server_max_window_bits", "client_max_window_bits"]) {
        for (const value of ["1000", "0", "7", "16", "-8", "08", "8.0", "0x9", "1e1", "", "NaN", "Infinity", "99999999999999999999", "\"1000\""]) {
          const { attempt } = trap((text) => acceptance(text, [`Sec-WebSocket-Extensions: permessage-deflate; ${name}=${value}`]), { extensions: [permessageDeflate()] });
          await expect(attempt).rejects.toMatchObject({ name: "HandshakeError", stage: "response" });
        }
      }
      for (const answer of [
        "permessage-deflate; client_max_window_bits", "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        "permessage-deflate; x", "permessage-deflate, permessage-deflate", "x-webkit-deflate-frame", "permessage-deflate; server_no_context_takeover=1",
      ]) {
        const { attempt } = trap((text) => acceptance(text, [`Sec-WebSocket-Extensions: ${answer}`]), { extensions: [permessageDeflate()] });
        await expect(attempt).rejects.toMatchObject({ name: "HandshakeError", stage: "response" });
      }
    });
    expect(errors).toEqual([]);
  });

  test("ws-8.21.3: no window is larger than was offered, in what a server answers and in what a client takes", async () => {
    const bits = [undefined, 9, 10, 12, 15];
    for (const ours of bits) {
      for (const offered of [undefined, "", 8, 9, 10, 12, 15] as const) {
        const parameter = offered === undefined ? "" : offered === "" ? "; client_max_window_bits" : `; client_max_window_bits=${offered}`;
        const { clock, dial } = victim({ extensions: [permessageDeflate(ours === undefined ? {} : { clientMaxWindowBits: ours, serverMaxWindowBits: ours })] });
        const peer = dial();
        peer.write(request({ lines: [`Sec-WebSocket-Extensions: permessage-deflate${parameter}; server_max_window_bits=11`] }));
        await clock.advance(0);
        const client = /client_max_window_bits=(\d+)/.exec(peer.text)?.[1];
        const server = /server_max_window_bits=(\d+)/.exec(peer.text)?.[1];
        const allowed = Math.min(typeof offered === "number" ? offered : 15, ours ?? 12);
        expect([ours, offered, client]).toEqual([ours, offered, offered === undefined ? undefined : String(allowed)]);
        expect(Number(server)).toBe(Math.min(11, ours ?? 12));
      }
    }
    for (const ours of [9, 10, 12]) {
      for (const answered of [8, 9, 10, 11, 12, 15]) {
        const { attempt } = trap((text) => acceptance(text, [`Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=${answered}; server_max_window_bits=${ours}`]), {
          extensions: [permessageDeflate({ clientMaxWindowBits: ours, serverMaxWindowBits: ours })],
        });
        const outcome = await attempt.then(() => "open", (error: Error) => error.name);
        expect([ours, answered, outcome]).toEqual([ours, answered, answered <= ours ? "open" : "HandshakeError"]);
      }
    }
  });
});
