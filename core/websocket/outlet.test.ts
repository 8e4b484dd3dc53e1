import { describe, expect, it } from "vitest";
import { concat, readFrames } from "../testing/frames.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { Outlet } from "./outlet.ts";

const make = (): Outlet => new Outlet(undefined, { ...DEFAULT_LIMITS, maxPendingPongs: 2 }, undefined, undefined);

/** What leaves: opcode and first byte of each frame. */
function taken(outlet: Outlet, answers = true): unknown[] {
  return readFrames(concat(outlet.take(answers))).map(({ opcode, payload }) => [opcode, payload[0]]);
}

describe("Outlet", () => {
  it("answers each ping up to the limit, and behind it only the latest (5.5.3)", () => {
    const outlet = make();
    for (const byte of [1, 2, 3, 4]) outlet.pong(Uint8Array.of(byte));
    expect(taken(outlet)).toEqual([[10, 1], [10, 2], [10, 4]]);
    expect(taken(outlet)).toEqual([]);
    outlet.pong(Uint8Array.of(5));
    expect(taken(outlet)).toEqual([[10, 5]]); // room again
  });

  it("keeps a copy of a ping to be answered later", () => {
    const outlet = make();
    const ping = Uint8Array.of(1);
    for (let i = 0; i < 3; i++) outlet.pong(ping);
    ping[0] = 9;
    expect(taken(outlet).at(-1)).toEqual([10, 1]);
  });

  it("drops the pong it owes behind a close frame, and when nobody waits for it", () => {
    const [closed, unheard] = [make(), make()];
    for (const byte of [1, 2, 3]) {
      closed.pong(Uint8Array.of(byte));
      unheard.pong(Uint8Array.of(byte));
    }
    closed.close(Uint8Array.of(3, 0xe8));
    expect(taken(closed)).toEqual([[10, 1], [10, 2], [8, 3]]);
    expect(taken(unheard, false)).toEqual([[10, 1], [10, 2]]);
    expect(taken(unheard)).toEqual([]);
  });

  it("tells of a ping of the keepalive's until it is taken", () => {
    const outlet = make();
    expect(outlet.pings).toBe(false);
    outlet.ping();
    expect(outlet.pings).toBe(true);
    expect(taken(outlet)).toEqual([[9, undefined]]);
    expect(outlet.pings).toBe(false);
  });
});
