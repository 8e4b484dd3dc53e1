import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Clock, hostClock, sleep } from "./clock.ts";
import { VirtualClock } from "./virtual-clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a short delay has a timer of its own, on time", () => {
  const called: string[] = [];
  hostClock.schedule(() => called.push("b"), 20);
  hostClock.schedule(() => called.push("a"), 10);
  vi.advanceTimersByTime(19);
  expect(called).toEqual(["a"]);
  vi.advanceTimersByTime(1);
  expect(called).toEqual(["a", "b"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("ten thousand long delays share a few timers; none comes early, or later than by a sixteenth", () => {
  const lateness: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    const due = hostClock.now() + 30_000;
    hostClock.schedule(() => lateness.push(hostClock.now() - due), 30_000);
    if (i % 10 === 0) vi.advanceTimersByTime(1);
  }
  expect(vi.getTimerCount()).toBeLessThan(5);
  vi.advanceTimersByTime(32_000);
  expect(lateness.length).toBe(10_000);
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateness)).toBeLessThanOrEqual(30_000 / 16);
  expect(vi.getTimerCount()).toBe(0);
});

test("what was cancelled is not called, and when nobody waits any more there is no timer", () => {
  const called: string[] = [];
  const cancels = ["a", "b", "c"].map((name) => hostClock.schedule(() => called.push(name), 5_000));
  cancels[1]();
  cancels[1]();
  vi.advanceTimersByTime(6_000);
  expect(called).toEqual(["a", "c"]);
  cancels[0]();
  for (const cancel of ["d", "e"].map((name) => hostClock.schedule(() => called.push(name), 5_000))) cancel();
  expect(vi.getTimerCount()).toBe(0);
});

test("a callback may cancel another that is due with it, and may schedule", () => {
  const called: string[] = [];
  let cancel = (): void => {};
  hostClock.schedule(() => {
    called.push("first");
    cancel();
    hostClock.schedule(() => called.push("later"), 5_000);
  }, 5_000);
  cancel = hostClock.schedule(() => called.push("never"), 5_000);
  vi.advanceTimersByTime(20_000);
  expect(called).toEqual(["first", "later"]);
});

test("what one callback throws keeps no other from being called", async () => {
  const called: string[] = [];
  const uncaught = new Promise((resolve) => vi.stubGlobal("queueMicrotask", (task: () => void) => {
    try {
      task();
    } catch (error) {
      resolve(error);
    }
  }));
  hostClock.schedule(() => {
    throw new Error("one");
  }, 5_000);
  hostClock.schedule(() => called.push("other"), 5_000);
  vi.advanceTimersByTime(6_000);
  vi.unstubAllGlobals();
  expect(called).toEqual(["other"]);
  expect(await uncaught).toEqual(new Error("one"));
});

test.each([["the host's", hostClock, () => vi.advanceTimersByTime(20_000)], ["another", ...virtual()]] as const)("sleepers are woken by %s clock once, unless they are cancelled", async (_, clock, advance) => {
  const woken: string[] = [];
  const [short, long, cancelled] = ["short", "long", "cancelled"].map((name) => ({ wake: () => woken.push(name) }));
  const now = clock.now();
  sleep(clock, long, now + 5_000, now);
  sleep(clock, short, now + 10, now);
  for (const delay of [10, 5_000]) sleep(clock, cancelled, now + delay, now).cancel(cancelled);
  await advance();
  expect(woken).toEqual(["short", "long"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a bed serves whatever is due when it is over, and what is due a little earlier when that is far", () => {
  const sleeper = { wake() {} };
  const now = hostClock.now();
  const long = sleep(hostClock, sleeper, now + 30_000, now);
  for (const later of [0, 1_000, 10_000]) expect(long.serves(now + 30_000 + later, now + later)).toBe(true);
  expect(long.serves(now + 27_000, now)).toBe(false);
  long.cancel(sleeper);
  const short = sleep(hostClock, sleeper, now + 10, now);
  expect([9, 10, 11].map((due) => short.serves(now + due, now))).toEqual([false, true, true]);
  short.cancel(sleeper);
});

function virtual(): [Clock, () => Promise<void>] {
  const clock = new VirtualClock();
  return [clock, () => clock.advance(20_000)];
}
