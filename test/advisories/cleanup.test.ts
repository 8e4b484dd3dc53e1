import { describe, expect, test } from "vitest";
import { masked } from "../../core/testing/frames.ts";
import { request, trapped, trap, victim } from "./peer.ts";
import { memory, MIB } from "./watch.ts";

const FOREVER = 3_600_000;

describe("what is over is let go of", () => {
  test("CVE-2026-73565: 6,000 refused upgrades leave nothing, whoever refuses and whether the client waits or not", async () => {
    const { clock, dial, acceptor, isServing } = victim({
      upgrade: ({ path }) => path === "/hook" ? { status: 401 } : path === "/throw" ? Promise.reject(new Error("no")) : undefined, error() {},
    });
    const requests = [
      request({ target: "/hook" }), request({ target: "/throw" }), request({ lines: ["Origin: http://evil.example"] }), request({ without: ["Upgrade"] }),
      request({ without: ["Sec-WebSocket-Key"] }), "GARBAGE\r\n\r\n",
    ];
    const round = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const peer = dial();
        peer.write(requests[at % requests.length]);
        if (at % 3 === 0) peer.reset();
        else if (at % 3 === 1) peer.end();
        if (at % 500 === 499) await clock.advance(10_000);
      }
      await clock.advance(60_000);
    };
    await round(600);
    const before = await memory();
    await round(6_000);
    expect([acceptor.sockets.size, clock.pending]).toEqual([0, 0]);
    expect(await memory() - before).toBeLessThan(MIB); // 170 bytes each
    expect(await isServing()).toBe(true);
  }, 60_000);

  test("CVE-2024-1635: connections that were upgraded and ended, in whatever way, leave nothing", async () => {
    const { clock, open, acceptor } = victim({ message: (socket, message) => void socket.send(message) });
    const round = async (count: number): Promise<void> => {
      for (let at = 0; at < count; at++) {
        const { peer } = await open();
        if (at % 4 === 0) peer.write(masked(1, "half").slice(0, 7));
        if (at % 4 === 1) peer.write(masked(8, Uint8Array.of(3, 232)));
        if (at % 2 === 0) peer.reset();
        else peer.end();
      }
      await clock.advance(60_000);
    };
    await round(200);
    const before = await memory();
    await round(1_500);
    expect([acceptor.sockets.size, clock.pending]).toEqual([0, 0]);
    expect(await memory() - before).toBeLessThan(MIB);
  }, 60_000);

  test("CVE-2024-23672: a client lets go of a connection whose server closed, answered or not", async () => {
    for (const ends of [true, false]) {
      const { socket, peer, clock } = await trapped();
      peer.write(new Uint8Array([0x88, 2, 3, 232]));
      await clock.advance(0);
      expect([socket.state, peer.closeCode]).toEqual(["closing", 1000]);
      if (ends) peer.end(); // one that never ends its side is not waited for longer than closeTimeout
      await clock.advance(ends ? 0 : 5_000);
      expect([socket.state, peer.ended]).toEqual(["closed", true]);
      expect(await socket.closed).toMatchObject({ code: 1000, clean: true });
      await clock.advance(0);
      expect(clock.pending).toBe(0);
    }
    const silent = await trapped(); // and of one that never answers a close, or says nothing at all
    const closed = silent.socket.close();
    await silent.clock.advance(5_000);
    expect(await closed).toMatchObject({ code: 1006, fault: { name: "closeTimeout" } });
    const dead = await trapped();
    await dead.clock.advance(50_000);
    expect(await dead.socket.closed).toMatchObject({ code: 1006, fault: { name: "pongTimeout" } });
    expect([silent.clock.pending, dead.clock.pending]).toEqual([0, 0]);
    const mute = trap(() => ""); // nor of a handshake
    await mute.clock.advance(10_000);
    await expect(mute.attempt).rejects.toMatchObject({ code: "ETIMEDOUT" });
    await mute.clock.advance(0);
    expect(mute.clock.pending).toBe(0);
  });

  test("CVE-2017-2670: an unclean end leaves no work behind: no timer is set, and none that fires sets another", async () => {
    for (const moment of ["", "GET / HTTP/1.1\r\n", request(), request().slice(0, -2)]) {
      for (const way of ["reset", "end"] as const) {
        const { clock, dial, acceptor } = victim();
        let scheduled = 0;
        const schedule = clock.schedule.bind(clock);
        clock.schedule = (callback, delay) => {
          scheduled++;
          return schedule(callback, delay);
        };
        const peer = dial();
        if (moment !== "") peer.write(moment);
        await clock.advance(0);
        if (moment === request()) peer.write(masked(2, new Uint8Array(100)).slice(0, 50)); // in the middle of a frame
        await clock.advance(0);
        peer[way]();
        await clock.advance(0);
        if (way === "reset") expect([moment, clock.pending]).toEqual([moment, 0]); // at once: there is nobody left to wait for
        await clock.advance(20_000);
        expect([moment, way, clock.pending]).toEqual([moment, way, 0]);
        const settled = scheduled;
        await clock.advance(FOREVER);
        expect([moment, way, acceptor.sockets.size, clock.pending, scheduled - settled]).toEqual([moment, way, 0, 0, 0]);
        expect(scheduled).toBeLessThan(10);
      }
    }
  });
});
