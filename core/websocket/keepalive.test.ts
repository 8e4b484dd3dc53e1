import { describe, expect, it } from "vitest";
import { Keepalive } from "./keepalive.ts";

const NEVER = Number.POSITIVE_INFINITY;

function opened(now: number): Keepalive {
  const keepalive = new Keepalive({ pingInterval: 30, pongTimeout: 20 });
  keepalive.heard(now);
  return keepalive;
}

describe("Keepalive", () => {
  it("is due at once at first, and starts its time with that call", () => {
    const keepalive = new Keepalive({ pingInterval: 30, pongTimeout: 20 });
    expect(keepalive.deadline).toBe(-NEVER);
    expect(keepalive.check(1000)).toBeUndefined();
    expect(keepalive.deadline).toBe(1030);
  });

  it("starts its time with the first thing heard, when that comes earlier", () => {
    expect(opened(7).deadline).toBe(37);
  });

  it("asks for a ping when the silence is as long as the interval, not before", () => {
    const keepalive = opened(100);
    expect(keepalive.check(129.9)).toBeUndefined();
    expect(keepalive.deadline).toBe(130);
    expect(keepalive.check(130)).toBe("ping");
    expect(keepalive.deadline).toBe(150);
  });

  it("gives the peer up when it stays silent as long as the timeout, not before", () => {
    const keepalive = opened(100);
    expect(keepalive.check(131)).toBe("ping");
    expect(keepalive.deadline).toBe(151);
    expect(keepalive.check(150.9)).toBeUndefined();
    expect(keepalive.check(151)).toBe("gone");
  });

  it("starts again when the peer says anything", () => {
    const keepalive = opened(100);
    keepalive.heard(110);
    expect(keepalive.deadline).toBe(140);
    expect(keepalive.check(140)).toBe("ping");
    keepalive.heard(159);
    expect(keepalive.deadline).toBe(189);
    expect(keepalive.check(188)).toBeUndefined();
    expect(keepalive.check(189)).toBe("ping");
  });

  it("counts the timeout from when the ping left", () => {
    const keepalive = opened(100);
    keepalive.check(130);
    keepalive.sent(135);
    expect(keepalive.deadline).toBe(155);
    expect(keepalive.check(154)).toBeUndefined();
    expect(keepalive.check(155)).toBe("gone");
  });

  it("is not moved by a ping that left when none is waited on", () => {
    const keepalive = opened(100);
    keepalive.sent(120);
    expect(keepalive.deadline).toBe(130);
    keepalive.check(130);
    keepalive.heard(131);
    keepalive.sent(140);
    expect(keepalive.deadline).toBe(161);
  });

  it("never is due without an interval", () => {
    const keepalive = new Keepalive({ pingInterval: NEVER, pongTimeout: 20 });
    expect(keepalive.deadline).toBe(NEVER);
    expect(keepalive.check(1e15)).toBeUndefined();
    keepalive.heard(5);
    expect(keepalive.deadline).toBe(NEVER);
    expect(keepalive.check(1e15)).toBeUndefined();
  });

  it("pings and never gives up without a timeout", () => {
    const keepalive = new Keepalive({ pingInterval: 30, pongTimeout: NEVER });
    keepalive.heard(0);
    expect(keepalive.check(30)).toBe("ping");
    expect(keepalive.deadline).toBe(NEVER);
    expect(keepalive.check(1e15)).toBeUndefined();
  });

  it("works with a clock that is below zero or begins there", () => {
    const keepalive = new Keepalive({ pingInterval: 30, pongTimeout: 20 });
    expect(keepalive.check(-100)).toBeUndefined();
    expect(keepalive.check(-70)).toBe("ping");
    expect(keepalive.check(-50)).toBe("gone");
  });
});
