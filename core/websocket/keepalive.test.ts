import { expect, it } from "vitest";
import { silenceDue, UNTIMED } from "./keepalive.ts";

const NEVER = Number.POSITIVE_INFINITY;
const OPTIONS = { pingInterval: 30, pongTimeout: 20 };

it("is due at once before any time is told", () => {
  expect(silenceDue(UNTIMED, false, OPTIONS)).toBe(-NEVER);
});

it("is due after the interval, and behind a ping after the timeout; also on a clock that is below zero", () => {
  expect(silenceDue(100, false, OPTIONS)).toBe(130);
  expect(silenceDue(131, true, OPTIONS)).toBe(151);
  expect(silenceDue(-100, false, OPTIONS)).toBe(-70);
  expect(silenceDue(-70, true, OPTIONS)).toBe(-50);
});

it("never is due without an interval", () => {
  for (const since of [UNTIMED, 5]) {
    for (const pinged of [false, true]) expect(silenceDue(since, pinged, { pingInterval: NEVER, pongTimeout: 20 })).toBe(NEVER);
  }
});

it("never is due behind a ping without a timeout", () => {
  const options = { pingInterval: 30, pongTimeout: NEVER };
  expect(silenceDue(0, false, options)).toBe(30);
  expect(silenceDue(30, true, options)).toBe(NEVER);
});
