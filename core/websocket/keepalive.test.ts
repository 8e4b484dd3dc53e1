import { describe, expect, it } from "vitest";
import { checkSilence, silenceDue, UNTIMED } from "./keepalive.ts";

const NEVER = Number.POSITIVE_INFINITY;
const OPTIONS = { pingInterval: 30, pongTimeout: 20 };

describe("a silence", () => {
  it("is due at once at first, and begins with that call", () => {
    expect(silenceDue(UNTIMED, false, OPTIONS)).toBe(-NEVER);
    expect(checkSilence(UNTIMED, false, OPTIONS, 1000)).toBe("begin");
    expect(checkSilence(UNTIMED, false, OPTIONS, -100)).toBe("begin");
  });

  it("asks for a ping when it is as long as the interval, not before", () => {
    expect(silenceDue(100, false, OPTIONS)).toBe(130);
    expect(checkSilence(100, false, OPTIONS, 129.9)).toBeUndefined();
    expect(checkSilence(100, false, OPTIONS, 130)).toBe("ping");
  });

  it("gives the peer up when it lasts as long as the timeout behind that, not before", () => {
    expect(silenceDue(131, true, OPTIONS)).toBe(151);
    expect(checkSilence(131, true, OPTIONS, 150.9)).toBeUndefined();
    expect(checkSilence(131, true, OPTIONS, 151)).toBe("gone");
  });

  it("never is due without an interval", () => {
    const options = { pingInterval: NEVER, pongTimeout: 20 };
    for (const since of [UNTIMED, 5]) {
      expect(silenceDue(since, false, options)).toBe(NEVER);
      expect(checkSilence(since, false, options, 1e15)).toBeUndefined();
    }
  });

  it("asks for a ping and never gives up without a timeout", () => {
    const options = { pingInterval: 30, pongTimeout: NEVER };
    expect(checkSilence(0, false, options, 30)).toBe("ping");
    expect(silenceDue(30, true, options)).toBe(NEVER);
    expect(checkSilence(30, true, options, 1e15)).toBeUndefined();
  });

  it("works with a clock that is below zero or begins there", () => {
    expect(checkSilence(-100, false, OPTIONS, -70)).toBe("ping");
    expect(checkSilence(-70, true, OPTIONS, -50)).toBe("gone");
  });
});
