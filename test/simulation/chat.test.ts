import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Breakage, chat } from "./chat.ts";

const root = join(import.meta.dirname, "../..");

test("200 worlds in which everything goes wrong, and nothing that must hold is broken", { timeout: 300_000 }, async () => {
  const total = { processed: 0, connections: 0, drained: 0 };
  for (let seed = 1; seed <= 200; seed++) {
    const { processed, connections, drained } = await chat({ seed, minutes: 2, weather: 40_000 });
    total.processed += processed;
    total.connections += connections;
    total.drained += drained;
  }
  expect(total.processed).toBeGreaterThan(10_000); // they did talk
  expect(total.connections).toBeGreaterThan(1_000);
  expect(total.drained).toBeGreaterThan(40);
});

test("24 hours of one world take no more than some seconds of computing", { timeout: 300_000 }, async () => {
  const before = process.cpuUsage();
  const { processed, connections } = await chat({ seed: 24, minutes: 24 * 60, pause: 60_000, weather: 20 * 60_000, faults: 0.2 });
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  console.log(`24 hours of virtual time took ${seconds.toFixed(1)} s of computing`);
  expect(connections).toBeGreaterThan(200);
  expect(processed).toBeGreaterThan(1_000);
  expect(seconds).toBeLessThan(20); // 1.5 s on a quiet machine
});

test("one seed is one story, line by line, and each seed another: 100 seeds", { timeout: 300_000 }, async () => {
  const digests = new Set<string>();
  for (let seed = 1000; seed < 1100; seed++) {
    const [one, other] = [await chat({ seed, minutes: 0.4, weather: 15_000 }), await chat({ seed, minutes: 0.4, weather: 15_000 })];
    expect(one.trace.length).toBeGreaterThan(20);
    expect(one).toEqual(other);
    digests.add(one.digest);
  }
  expect(digests.size).toBe(100);
});

test("the same story on Node, Deno and Bun", { timeout: 120_000 }, async () => {
  const bun = [join(root, "node_modules/@oven/bun-linux-x64/bin/bun"), join(root, "node_modules/.bin/bun")].find(existsSync) ?? "bun";
  const script = ["test/simulation/main.ts", "--digests", "--seed", "7", "--runs", "5", "--hours", "0.1"];
  const runs = [
    [process.execPath, ...script],
    [join(root, "node_modules/deno/deno"), "run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", ...script],
    [bun, ...script],
  ];
  const outputs = await Promise.all(runs.map(async ([command, ...args]) => (await promisify(execFile)(command, args, { cwd: root })).stdout));
  expect(outputs[0]).toMatch(/^(\d+ [0-9a-f]{16}\n){5}$/);
  expect(outputs[1]).toBe(outputs[0]);
  expect(outputs[2]).toBe(outputs[0]);
});

describe("what is broken on purpose is noticed", () => {
  const messages: Record<Breakage, RegExp> = {
    duplicate: /found a fault|and next would be/,
    drop: /found a fault|and next would be/,
    flip: /found a fault|and next would be/,
    lostAck: /never hears of/,
    earlyAck: /was acknowledged before it was processed/,
    leakedTimer: /^1 timers are still set/,
    lateEvent: /^a ping after close at the server/,
    wrongClose: /was closed with \d+, and the other side read/,
    hoard: /holds \d+ bytes/,
  };
  test.each(Object.keys(messages) as Breakage[])("%s", { timeout: 60_000 }, async (broken) => {
    const failures: string[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      await chat({ seed, minutes: 8, broken }).catch((error: Error) => failures.push(`${error.name}: ${error.message}`));
    }
    expect(failures.length).toBeGreaterThan(3); // no seed is sure to meet it
    for (const failure of failures) expect(failure.replace(/^Violation: /, "")).toMatch(messages[broken]);
    expect(failures.every((failure) => failure.startsWith("Violation"))).toBe(true);
  });
});
