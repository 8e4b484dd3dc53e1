import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("what is due at the same time runs in the order of `schedule`, or of the ranks that are given", async () => {
  for (const [ranks, order] of [[[0, 0, 0], "abc"], [[3, 1, 2], "bca"], [[2, 1, 2], "bac"]] as const) {
    const left = [...ranks];
    const clock = new VirtualClock(() => left.shift() as number);
    let ran = "";
    for (const name of "abc") clock.schedule(() => ran += name, 5);
    await clock.advance(5);
    expect(ran).toBe(order);
  }
});

test("1000 timers fire in order, but for those that were cancelled", async () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  const cancels = Array.from({ length: 1000 }, (_, at) => clock.schedule(() => fired.push(clock.now()), (at * 7919) % 1000));
  for (const [at, cancel] of cancels.entries()) if (at % 3 === 0) cancel();
  expect(clock.pending).toBe(666);
  await clock.advance(1000);
  expect(fired.length).toBe(666);
  expect(fired).toEqual([...fired].sort((one, other) => one - other));
  cancels[0]();
  expect(clock.pending).toBe(0);
});

test("a leap goes past what is due; a step runs it late", () => {
  const clock = new VirtualClock();
  const ran: string[] = [];
  clock.schedule(() => ran.push(`first at ${clock.now()}`), 10);
  clock.schedule(() => ran.push(`second at ${clock.now()}`), 500);
  expect(clock.next).toBe(10);
  clock.leap(100);
  clock.step();
  clock.step();
  clock.step(); // nothing is left
  expect(ran).toEqual(["first at 100", "second at 500"]);
  expect([clock.now(), clock.next]).toEqual([500, Infinity]);
});
