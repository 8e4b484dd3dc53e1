import { expect, test } from "vitest";
import { lender } from "../core/bytes/lender.ts";
import { Loans } from "./loans.ts";

test("what has left is given back, in order, and nothing before", () => {
  const loans = new Loans();
  const [one, two] = [lender.lend(5_000), lender.lend(5_000)];
  loans.add(one, 5_004);
  loans.add(two, 10_008);
  const isLent = (bytes: Uint8Array): boolean => lender.hold(bytes) && (lender.giveBack(bytes), true);
  loans.settle(5_003);
  expect([isLent(one), isLent(two)]).toEqual([true, true]);
  loans.settle(10_007);
  expect([isLent(one), isLent(two)]).toEqual([false, true]);
  loans.settle(10_008);
  expect(isLent(two)).toBe(false);
});
