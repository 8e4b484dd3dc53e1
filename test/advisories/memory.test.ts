import { describe, expect, test } from "vitest";
import { Outbox } from "../../adapters/outbox.ts";
import { received, sent, told } from "../../core/testing/connection.ts";
import { concat, frame, masked, pattern, readFrames, utf8 } from "../../core/testing/frames.ts";
import { countingPool, End } from "../../core/testing/pair.ts";
import { Server } from "../../core/testing/upgrades.ts";
import { WebSocketConnection } from "../../core/websocket/connection.ts";
import { headerSize, writeHeader } from "../../core/websocket/frame-writer.ts";
import { FrameParser, type Role } from "../../core/websocket/frame-parser.ts";
import { DEFAULT_LIMITS, type Limits } from "../../core/websocket/limits.ts";
import { MessageReader } from "../../core/websocket/message-reader.ts";
import { request, trap, trapped, victim } from "./peer.ts";
import { memory, MIB } from "./watch.ts";

/** The bytes again and again, in pieces of about 64 KiB. */
function* repeated(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  const each = Math.floor(65_536 / bytes.length);
  const piece = concat(Array.from({ length: each }, () => bytes));
  for (let left = count; left > 0; left -= each) yield left < each ? piece.subarray(0, left * bytes.length) : piece;
}

/** Feeds the bytes so often, or until the end reads no more; gives how many pieces it took. */
function flood(connection: WebSocketConnection, bytes: Uint8Array, count: number): number {
  let pieces = 0;
  for (const piece of repeated(bytes, count)) {
    connection.receive(piece, 0);
    pieces++;
    if (connection.state !== "open") break;
  }
  return pieces;
}

/** A connection whose application keeps nothing. */
function deaf(role: Role, limits: Partial<Limits> = {}): WebSocketConnection {
  return new WebSocketConnection({ role, random: countingPool(), limits, handler: { onText() {}, onBinary() {}, onClose() {} } });
}

/** The frames a connection queued: opcode and text. */
function queued(connection: WebSocketConnection): string[] {
  return readFrames(concat(connection.takeOutput(0))).map(({ opcode, payload }) => `${opcode} ${Buffer.from(payload).toString("latin1")}`);
}

describe("one message", () => {
  test("CVE-2016-10542: a header that declares a byte too many is refused with 1009 before its payload", () => {
    for (const [role, make] of [["server", masked], ["client", frame]] as const) {
      const header = make(2, "", { length: BigInt(DEFAULT_LIMITS.maxMessage + 1) });
      const end = received(role, [header]);
      expect([sent(end), end.heard, end.connection.state]).toEqual([[told("largeMessage")], [], "closing"]);
      const allowed = received(role, [make(2, "", { length: BigInt(DEFAULT_LIMITS.maxMessage) })]);
      expect([sent(allowed), allowed.connection.state]).toEqual([[], "open"]);
    }
  });

  test("CVE-2025-32049: the default limit is finite for both roles, and holds for a message in pieces", async () => {
    for (const [role, make] of [["server", masked], ["client", frame]] as const) {
      const end = new End(role);
      const piece = new Uint8Array(65_536);
      end.connection.receive(make(2, piece, { fin: false }), 0);
      const before = await memory();
      let bytes = piece.length;
      while (end.connection.state === "open" && bytes < 64 * MIB) {
        end.connection.receive(make(0, piece, { fin: false }), 0);
        bytes += piece.length;
      }
      expect([bytes, sent(end)]).toEqual([DEFAULT_LIMITS.maxMessage + piece.length, [told("largeMessage")]]);
      expect(await memory() - before).toBeLessThan(2 * MIB);
    }
  });

  test("CVE-2026-1528: a length of 2^32 + 5 is neither 5 nor the end of the process", async () => {
    for (const [role, make] of [["server", masked], ["client", frame]] as const) {
      const end = received(role, [make(1, "hello", { length: 2n ** 32n + 5n })]);
      expect([sent(end), end.heard]).toEqual([[told("largeMessage")], []]);
    }
    const { peer, socket, clock } = await trapped();
    peer.write(frame(1, "hello", { length: 2n ** 32n + 5n }));
    await clock.advance(0);
    expect([peer.closeCode, socket.state]).toEqual([1009, "closing"]);
  });

  test("CVE-2020-27813: no length, alone or added to what came, overflows into an allowed one", () => {
    for (const length of [2n ** 31n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      for (const [role, make] of [["server", masked], ["client", frame]] as const) {
        const end = received(role, [make(2, "x", { fin: false }), make(0, "y", { length })]);
        expect([length, sent(end), end.heard]).toEqual([length, [expect.stringMatching(/^8 1009 /)], []]);
      }
    }
  });

  test("CVE-2026-50161: the length of a masked frame is checked with its mask, and nothing is kept for it", async () => {
    const before = await memory();
    const ends: End[] = [];
    for (const length of [2n ** 64n - 1n, 2n ** 64n - 4n, 2n ** 63n, 2n ** 63n - 1n, 2n ** 63n - 4n, 2n ** 32n - 4n, 2n ** 32n - 1n]) {
      const end = received("server", [masked(2, new Uint8Array(64), { length })]);
      ends.push(end);
      expect([length, sent(end), end.heard]).toEqual([length, [length >= 2n ** 63n ? told("lengthTopBit") : expect.stringMatching(/^8 1009 /)], []]);
    }
    expect(await memory() - before).toBeLessThan(MIB);
  });

  test("CVE-2026-19204: an unknown opcode is refused at its first two bytes, and nothing is reserved for its length", async () => {
    const before = await memory();
    const ends: End[] = [];
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      const bytes = masked(opcode, "", { length: 2n ** 40n });
      const end = received("server", [bytes.slice(0, 2)]);
      ends.push(end);
      expect([opcode, sent(end)]).toEqual([opcode, [told("reservedOpcode")]]);
    }
    expect(await memory() - before).toBeLessThan(MIB);
  });

  test("CVE-2026-15711: a control frame of more than 125 bytes is refused before a byte of it", () => {
    for (const opcode of [8, 9, 10]) {
      for (const length of [126n, 65_535n, 65_536n, 2n ** 40n]) {
        const end = received("server", [masked(opcode, "", { length })]);
        expect([sent(end), end.heard]).toEqual([[told("longControl")], []]);
      }
      expect(received("server", [masked(opcode, new Uint8Array(125), { fin: false })]).close).toBeUndefined();
      expect(sent(received("server", [masked(opcode, "", { fin: false })]))).toEqual([told("fragmentedControl")]);
    }
  });
});

describe("fragments", () => {
  test("CVE-2026-9675: endless fragments of 256 KiB end with 1009 at the limit", () => {
    const end = new End("client");
    const piece = new Uint8Array(262_144);
    let count = 1;
    for (end.connection.receive(frame(2, piece, { fin: false }), 0); end.connection.state === "open" && count < 100; count++) {
      end.connection.receive(frame(0, piece, { fin: false }), 0);
    }
    expect([count, sent(end), end.heard]).toEqual([5, [told("largeMessage")], []]);
  });

  test("GHSA-pf94-94m9-536p: a server that nobody configured keeps no more of a message than the limit", async () => {
    const { clock, open, isServing } = victim();
    const { peer, socket } = await open();
    const before = await memory();
    const piece = new Uint8Array(65_536);
    peer.write(masked(2, piece, { fin: false }));
    for (let count = 0; count < 200 && socket.state === "open"; count++) {
      peer.write(masked(0, piece, { fin: false }));
      await clock.advance(0);
    }
    expect([peer.closeCode, socket.state]).toEqual([1009, "closing"]);
    expect(await memory() - before).toBeLessThan(4 * MIB);
    expect(await isServing()).toBe(true);
  });

  test("CVE-2026-48779: a million fragments of one byte are refused with 1008, or joined as they come", async () => {
    const one = masked(0, "x", { fin: false });
    const end = new End("server");
    end.connection.receive(masked(2, "", { fin: false }), 0);
    flood(end.connection, one, 1_000_000);
    expect(sent(end)).toEqual([told("manyFragments")]);

    const lifted = new End("server", { maxFragments: Infinity });
    lifted.connection.receive(masked(2, "", { fin: false }), 0);
    const before = await memory();
    flood(lifted.connection, one, 1_000_000);
    expect(await memory() - before).toBeLessThan(2.5 * MIB); // for a million bytes kept, seven million read
    lifted.connection.receive(masked(0, "!"), 0);
    const [[name, data]] = lifted.heard;
    expect([name, (data as number[]).length]).toEqual(["binary", 1_000_001]);
  });

  test("CVE-2026-62389: empty fragments count like others", () => {
    const end = new End("server", { maxFragments: 10 });
    end.connection.receive(masked(1, "", { fin: false }), 0);
    for (let count = 2; count <= 10; count++) end.connection.receive(masked(0, "", { fin: false }), 0);
    expect([end.connection.state, sent(end)]).toEqual(["open", []]);
    end.connection.receive(masked(0, "", { fin: false }), 0);
    expect([end.connection.state, sent(end)]).toEqual(["closing", [told("manyFragments")]]);
  });

  test("CVE-2026-12151: three million empty continuations end at the default limit, and cost nothing where it is lifted", async () => {
    const end = new End("client");
    end.connection.receive(frame(1, "", { fin: false }), 0);
    expect(flood(end.connection, frame(0, "", { fin: false }), 3_000_000)).toBe(1); // 32,768 stand in one piece
    expect(sent(end)).toEqual([told("manyFragments")]);

    const lifted = new End("client", { maxFragments: Infinity });
    lifted.connection.receive(frame(1, "", { fin: false }), 0);
    const before = await memory();
    flood(lifted.connection, frame(0, "", { fin: false }), 3_000_000);
    expect(lifted.connection.state).toBe("open");
    expect(await memory() - before).toBeLessThan(MIB);
  });

  test("CVE-2026-54274: what is declared and has not come counts with what has", () => {
    const end = new End("server", { maxMessage: 1_000 });
    end.connection.receive(masked(2, new Uint8Array(600), { fin: false }), 0);
    end.connection.receive(masked(0, "", { fin: false, length: 401n }), 0);
    expect([sent(end), end.heard]).toEqual([[told("largeMessage")], []]);
    const cut = new End("server", { maxMessage: 1_000 }); // and a frame of which all but a byte comes holds no more than it
    cut.connection.receive(masked(2, new Uint8Array(1_000), {}).slice(0, -1), 0);
    expect(cut.connection.state).toBe("open");
    cut.connection.receive(new Uint8Array(1), 0);
    expect(cut.heard.length).toBe(1);
  });

  test("CVE-2026-123817: a message that comes byte by byte is one buffer, not one object a read", async () => {
    const end = new End("server");
    const bytes = masked(2, new Uint8Array(500_000));
    const before = await memory();
    for (let at = 0; at < bytes.length - 1; at++) end.connection.receive(bytes.subarray(at, at + 1), 0);
    expect(await memory() - before).toBeLessThan(2 * MIB);

    const paused = new End("server");
    paused.connection.pause();
    const beforeHeld = await memory();
    for (let at = 0; at < bytes.length; at++) paused.connection.receive(bytes.subarray(at, at + 1), 0);
    expect(await memory() - beforeHeld).toBeLessThan(2 * MIB);
    paused.connection.resume(0);
    expect(paused.heard.length).toBe(1);
  });
});

describe("pongs", () => {
  const PING = pattern(125);

  test("ws-8.23.0: a million pings of a peer that reads nothing leave at most 128 pongs and the latest", () => {
    const end = deaf("server");
    flood(end, masked(9, PING), 1_000_000);
    end.receive(masked(9, "the last"), 0);
    expect(end.state).toBe("open");
    expect(end.bufferedAmount).toBeLessThanOrEqual(128 * 127);
    const frames = queued(end);
    expect([frames.length, frames.at(-1)]).toEqual([129, "10 the last"]);
  });

  test("GHSA-9fm3-97px-rjf6: 64 MiB of pings to a client whose server reads nothing do not queue up", async () => {
    const { peer, socket, clock } = await trapped();
    peer.reading(false);
    const pings = concat(Array.from({ length: 500 }, () => frame(9, PING)));
    const before = await memory();
    for (let bytes = 0; bytes < 64 * MIB; bytes += pings.length) {
      peer.write(pings);
      if (peer.unread > 1_000_000) await clock.advance(0);
    }
    await clock.advance(0);
    expect(socket.bufferedAmount).toBeLessThan(128 * 1024);
    expect(await memory() - before).toBeLessThan(4 * MIB);
    peer.reading(true);
    await clock.advance(0);
    socket.send("still here");
    await clock.advance(0);
    expect(Buffer.from(peer.frames.at(-1)?.payload ?? []).toString()).toBe("still here");
  });

  test("CVE-2026-11586: answers to pings do not pass the bound either when the application's own output waits", () => {
    const end = deaf("client", { maxQueued: 1_000 });
    end.sendBinary(new Uint8Array(900));
    const { bufferedAmount } = end;
    flood(end, frame(9, PING), 100_000);
    expect(end.bufferedAmount - bufferedAmount).toBeLessThanOrEqual(128 * 131);
    expect(() => end.sendBinary(new Uint8Array(900))).toThrow(RangeError);
  });

  test("CVE-2021-3690: pongs that left are let go of", async () => {
    const end = deaf("server");
    const round = (): void => {
      flood(end, masked(9, PING), 200);
      expect(end.bufferedAmount).toBeGreaterThan(0);
      end.takeOutput(0);
      expect(end.bufferedAmount).toBe(0);
    };
    round();
    const before = await memory();
    for (let count = 0; count < 400; count++) round(); // six megabytes of pongs
    expect(await memory() - before).toBeLessThan(MIB);
  });
});

describe("before the handshake is done", () => {
  test("CVE-2026-54465: 32 MiB of head are cut at the limit, by a client and by a server", async () => {
    const line = `X-Filler: ${"x".repeat(1_000)}\r\n`;
    const { peer, attempt, clock } = trap(() => "HTTP/1.1 101 Switching Protocols\r\n");
    let said = 0;
    for (; said < 32 * MIB && !peer.ended; said += line.length) {
      peer.write(line);
      await clock.advance(0);
    }
    await expect(attempt).rejects.toThrow(/head is larger|more fields|malformed/);
    expect(said).toBeLessThan(64 * 1024);

    const server = new Server();
    server.receive("GET / HTTP/1.1\r\n");
    let taken = 0;
    for (; taken < 32 * MIB && !server.take().startsWith("HTTP/1.1 431"); taken += line.length) server.receive(line);
    expect(taken).toBeLessThan(32 * 1024);
  });

  test("CVE-2026-15565: what is sent before anybody decided is kept up to maxHeld, and the socket reads no more", async () => {
    const handler = { upgrade: () => new Promise<undefined>(() => {}) };
    const { clock, dial } = victim(handler);
    const peer = dial();
    peer.write(request());
    await clock.advance(0);
    const before = await memory();
    peer.write(new Uint8Array(MIB));
    peer.write(new Uint8Array(4 * MIB));
    await clock.advance(0);
    expect(peer.unread).toBeGreaterThanOrEqual(4 * MIB); // backpressure: the transport was told to stop
    peer.reset();

    const server = new Server(); // and where the transport cannot stop
    server.receive(request());
    for (let count = 0; count < 64 && server.take() === ""; count++) server.upgrade.receive(new Uint8Array(MIB / 4 + 1), 0);
    expect([server.upgrade.outputEnded, server.accept()]).toEqual([true, false]);
    expect(await memory() - before).toBeLessThan(12 * MIB);
  });
});

describe("what waits to leave, or is idle", () => {
  test("CVE-2026-102560: a send of 2^31 + 1 bytes is refused by its size, and its header would not wrap", () => {
    const huge = new Uint8Array(2 ** 31 + 1); // pages that nobody touches take no memory
    for (const role of ["client", "server"] as const) {
      const end = new End(role);
      expect(() => end.connection.sendBinary(huge)).toThrow(RangeError);
      expect(() => end.connection.sendFragment(huge, false)).toThrow(RangeError);
      expect([end.connection.bufferedAmount, end.connection.sendText("x"), end.frames().length]).toEqual([0, true, 1]);
    }
    for (const length of [2 ** 31 + 1, 2 ** 32, 2 ** 32 + 1, 2 ** 40]) {
      const bytes = new Uint8Array(headerSize(length, false));
      writeHeader(bytes, 0, 0x82, undefined, length);
      expect([bytes.length, new DataView(bytes.buffer).getBigUint64(2)]).toEqual([10, BigInt(length)]);
    }
  });

  test("ws-8.22.2: 3,000 idle connections that each got a large read keep none of it", async () => {
    const connections: WebSocketConnection[] = [];
    const kept: Uint8Array[] = [];
    const random = countingPool();
    const before = await memory();
    for (let count = 0; count < 3_000; count++) {
      const connection = new WebSocketConnection({
        role: "server", random, handler: { onText() {}, onBinary: (data) => void (data.length < 10 && kept.push(data)), onClose() {} },
      });
      const read = new Uint8Array(65_536); // as the host reads: a large message, a tiny one that the application keeps, and the start of a frame
      const tail = concat([masked(2, "tiny"), masked(2, "next").slice(0, 7)]);
      const large = masked(2, new Uint8Array(57_344));
      read.set(large);
      read.set(tail, large.length);
      connection.receive(read.subarray(0, large.length + tail.length), 0);
      connections.push(connection);
    }
    const each = (await memory() - before) / 3_000;
    expect([connections.length, kept.length]).toEqual([3_000, 3_000]);
    expect(each).toBeLessThan(8_192);
  });

  test("CVE-2026-107928: a transport that takes any part of a write gets exactly the bytes, whatever it blocks", () => {
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let runs = 0; runs < 300; runs++) {
      const end = new End("client");
      const outbox = new Outbox();
      const left: number[] = [];
      const messages: number[] = [];
      const step = (): void => {
        const next = outbox.next();
        const count = 1 + random(next.length);
        left.push(...next.subarray(0, count));
        outbox.take(count);
      };
      for (let count = 0; count < 8; count++) {
        const length = random(400);
        messages.push(length);
        end.connection.sendBinary(pattern(length, length));
        outbox.push(end.connection.takeOutput(0));
        for (let steps = random(4); steps > 0 && outbox.size > 0; steps--) step();
      }
      while (outbox.size > 0) step();
      expect(readFrames(Uint8Array.from(left)).map(({ payload }) => payload)).toEqual(messages.map((length) => [...pattern(length, length)]));
    }
  });
});

describe("memory that was never written", () => {
  test("CVE-2016-10518: a number where bytes belong is a typed error, and nothing is on the wire", async () => {
    for (const role of ["client", "server"] as const) {
      const end = new End(role);
      for (const data of [100, 1_000_000, null, {}, { length: 100 }, [1, 2]] as unknown[]) {
        expect(() => end.connection.ping(data as Uint8Array)).toThrow(TypeError);
        expect(() => end.connection.sendBinary(data as Uint8Array)).toThrow(TypeError);
        expect(() => end.connection.sendFragment(data as Uint8Array, true)).toThrow(TypeError);
      }
      expect(end.frames()).toEqual([]);
    }
    const { socket, peer, clock } = await trapped();
    for (const data of [100, {}, null, undefined, [1], { byteLength: 9 }]) {
      expect(() => socket.send(data as never)).toThrow(TypeError);
      expect(() => socket.sendFragment(data as never, true)).toThrow(TypeError);
    }
    await clock.advance(0);
    expect(peer.frames).toEqual([]);
  });

  test("CVE-2026-45736: a reason that is no string is a typed error, and nothing is on the wire", async () => {
    const { socket, peer, clock } = await trapped();
    for (const reason of [new Float32Array(20), new Uint8Array(20), 20, {}, { length: 20 }, null, new String("x"), Symbol("x")]) {
      expect(() => socket.close(1000, reason as never)).toThrow(TypeError);
    }
    await clock.advance(0);
    expect([peer.frames, socket.state]).toEqual([[], "open"]);
    void socket.close(1000, "good bye");
    await clock.advance(0);
    expect(peer.frames.map(({ payload }) => payload)).toEqual([[3, 232, ...utf8("good bye")]]);
  });

  test("CVE-2026-0716: nothing past the end of what was read is looked at", () => {
    const whole = concat([masked(2, "abc", { fin: false }), masked(9, "p"), masked(0, pattern(300)), masked(2, pattern(70_000)), masked(8, Uint8Array.of(3, 232))]);
    for (let length = 0; length < 460; length++) {
      const stories = [0x00, 0xff, 0x81].map((beyond) => {
        const read = new Uint8Array(length + 80).fill(beyond); // a read stands inside a buffer that is used again and again
        read.set(whole.subarray(0, length), 16);
        const heard: unknown[] = [];
        const parser = new FrameParser("server", new MessageReader(DEFAULT_LIMITS, {
          onText: (text) => heard.push(text), onBinary: (data) => heard.push([...data]),
        }, (opcode, payload) => void heard.push(opcode, [...payload])));
        const end = parser.parse(read, 16, 16 + length);
        read.fill(beyond ^ 0xff, 16, 16 + length);
        parser.parse(whole, length, 460);
        return JSON.stringify([end, heard, parser.fault]);
      });
      expect(new Set(stories).size).toBe(1);
      expect(stories[0]).toContain("[97,98,99");
    }
  });
});
