import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Protocol } from "../protocol.ts";
import { Upgrade } from "./upgrade.ts";

/** An upgrade that notes what it is told, and shows what is protected. */
class Probe extends Upgrade {
  readonly heard: unknown[] = [];
  waits = false;
  onEach: (name: string) => void = () => {};

  protected override get waiting(): boolean {
    return this.waits;
  }
  protected override receiveBefore(input: Uint8Array, now: number): void {
    this.note("receive", [...input], now);
  }
  protected override endBefore(): void {
    this.note("end");
  }
  protected override expire(): void {
    this.note("expire");
  }
  note(name: string, ...values: unknown[]): void {
    this.heard.push([name, ...values]);
    this.onEach(name);
  }
  put(...bytes: number[]): void {
    this.queue(Uint8Array.from(bytes));
  }
  fail(linger: number): void {
    this.end(linger);
  }
  turn(connection: Protocol<Uint8Array, Uint8Array>): void {
    this.become(connection);
  }
  get isDecided(): boolean {
    return this.decided;
  }
}

/** A connection that notes what it is told. */
class Connection implements Protocol<Uint8Array, Uint8Array> {
  readonly heard: unknown[] = [];
  output: Uint8Array[] = [];
  outputEnded = false;
  paused = false;
  deadline = 77;

  receive(input: Uint8Array, now: number): void {
    this.heard.push(["receive", [...input], now]);
  }
  receiveEnd(now: number): void {
    this.heard.push(["end", now]);
  }
  takeOutput(now: number): readonly Uint8Array[] {
    this.heard.push(["take", now]);
    return this.output;
  }
  handleTimeout(now: number): void {
    this.heard.push(["timeout", now]);
  }
}

function taken(upgrade: Upgrade, now = 0): number[][] {
  return upgrade.takeOutput(now).map((bytes) => [...bytes]);
}

describe("before the handshake is done", () => {
  test("input and end are its own", () => {
    const probe = new Probe(100);
    probe.receive(Uint8Array.of(1, 2), 5);
    probe.receiveEnd(6);
    expect(probe.heard).toEqual([["receive", [1, 2], 5], ["end"]]);
    expect([probe.isDecided, probe.outputEnded]).toEqual([false, false]);
  });

  test("output is handed over once, in order, without empty pieces", () => {
    const probe = new Probe(100);
    probe.put(1);
    probe.put();
    probe.put(2, 3);
    expect(taken(probe)).toEqual([[1], [2, 3]]);
    expect(taken(probe)).toEqual([]);
    probe.put(4);
    expect(taken(probe)).toEqual([[4]]);
  });

  test("output that was handed over does not change any more", () => {
    const probe = new Probe(100);
    const first = probe.takeOutput(0);
    probe.put(1);
    expect(first).toEqual([]);
    const second = probe.takeOutput(0);
    probe.put(2);
    expect(second).toHaveLength(1);
  });

  test("it is paused while it waits", () => {
    const probe = new Probe(100);
    expect(probe.paused).toBe(false);
    probe.waits = true;
    expect(probe.paused).toBe(true);
  });
});

describe("the deadline of the handshake", () => {
  test("is in the past until a call tells the time, and then its timeout away", () => {
    const calls: ((probe: Probe, now: number) => void)[] = [
      (probe, now) => probe.receive(Uint8Array.of(1), now),
      (probe, now) => void probe.takeOutput(now),
      (probe, now) => probe.handleTimeout(now),
    ];
    for (const call of calls) {
      const probe = new Probe(100);
      expect(probe.deadline).toBe(-Infinity);
      call(probe, 1_000);
      expect(probe.deadline).toBe(1_100);
      for (const again of calls) again(probe, 1_050);
      expect(probe.deadline).toBe(1_100);
      expect(probe.heard).not.toContainEqual(["expire"]);
    }
  });

  test("is over once it has become a connection and its output was taken: that is its successor", () => {
    const probe = new Probe(100);
    const connection = new Connection();
    probe.put(1, 2);
    expect(probe.successor).toBeUndefined();
    probe.turn(connection);
    expect(probe.successor).toBeUndefined();
    probe.takeOutput(0);
    expect(probe.successor).toBe(connection);
  });

  test("is acted on when it is due, once, and not before", () => {
    const probe = new Probe(100);
    probe.handleTimeout(0);
    probe.handleTimeout(99.9);
    expect(probe.heard).toEqual([]);
    probe.handleTimeout(100);
    expect(probe.heard).toEqual([["expire"]]);
    expect(probe.deadline).toBe(Infinity);
    probe.handleTimeout(1_000);
    expect(probe.heard).toHaveLength(1);
  });

  test("of no time is due at once, and of Infinity never", () => {
    const none = new Probe(0);
    none.handleTimeout(5);
    expect(none.heard).toEqual([["expire"]]);
    const endless = new Probe(Infinity);
    endless.handleTimeout(5);
    expect([endless.deadline, endless.heard]).toEqual([Infinity, []]);
  });

  test("is not put off by what trickles in", () => {
    const probe = new Probe(10_000);
    for (let now = 0; now < 10_000; now += 100) {
      probe.receive(Uint8Array.of(1), now);
      probe.handleTimeout(now);
    }
    expect(probe.heard).not.toContainEqual(["expire"]);
    probe.handleTimeout(10_000);
    expect(probe.heard.at(-1)).toEqual(["expire"]);
  });
});

describe("a handshake that failed", () => {
  test("is over once its output is taken, and is told nothing more", () => {
    const probe = new Probe(100);
    probe.put(1);
    probe.fail(0);
    expect([probe.isDecided, probe.outputEnded, probe.deadline]).toEqual([true, false, Infinity]);
    expect(taken(probe, 5)).toEqual([[1]]);
    expect([probe.outputEnded, probe.deadline]).toEqual([true, Infinity]);
    probe.receive(Uint8Array.of(1), 6);
    probe.receiveEnd(7);
    probe.handleTimeout(1_000);
    expect(probe.heard).toEqual([]);
    expect(probe.deadline).toBe(Infinity);
  });

  test("lingers from the next call that tells the time, whatever was awaited before", () => {
    const probe = new Probe(100);
    probe.handleTimeout(0);
    probe.fail(30);
    expect([probe.outputEnded, probe.deadline]).toEqual([true, -Infinity]);
    probe.receive(Uint8Array.of(1), 50);
    expect(probe.deadline).toBe(80);
    probe.handleTimeout(79);
    expect(probe.deadline).toBe(80);
    probe.handleTimeout(80);
    expect([probe.deadline, probe.heard]).toEqual([Infinity, []]);
  });

  test("does not read on from a peer that goes on sending", () => {
    const probe = new Probe(100);
    probe.handleTimeout(0);
    probe.fail(30);
    probe.receive(new Uint8Array(262_144), 50);
    expect(probe.paused).toBe(false);
    probe.receive(new Uint8Array(1), 51);
    expect([probe.paused, probe.deadline]).toEqual([true, 80]);
    probe.handleTimeout(80);
    expect([probe.outputEnded, probe.deadline, probe.heard]).toEqual([true, Infinity, []]);
  });

  test("may fail as its deadline passes, and then lingers from there", () => {
    const probe = new Probe(100);
    probe.handleTimeout(0);
    probe.onEach = () => probe.fail(30);
    probe.handleTimeout(100);
    expect(probe.deadline).toBe(-Infinity);
    expect(taken(probe, 101)).toEqual([]);
    expect(probe.deadline).toBe(131);
  });
});

describe("a handshake that succeeded", () => {
  test("passes every call on to the connection, and no longer hears it itself", () => {
    const probe = new Probe(100);
    const connection = new Connection();
    probe.turn(connection);
    probe.waits = true;
    probe.receive(Uint8Array.of(9), 1);
    probe.receiveEnd(2);
    probe.handleTimeout(3);
    probe.takeOutput(4);
    probe.handleTimeout(1_000);
    expect(connection.heard).toEqual([["receive", [9], 1], ["end", 2], ["timeout", 3], ["take", 4], ["timeout", 1_000]]);
    expect(probe.heard).toEqual([]);
    expect(probe.isDecided).toBe(true);
  });

  test("asks the connection how far it is", () => {
    const probe = new Probe(100);
    const connection = new Connection();
    probe.waits = true;
    probe.turn(connection);
    expect([probe.outputEnded, probe.paused, probe.deadline]).toEqual([false, false, 77]);
    Object.assign(connection, { outputEnded: true, paused: true, deadline: Infinity });
    expect([probe.outputEnded, probe.paused, probe.deadline]).toEqual([true, true, Infinity]);
  });

  test("hands the handshake's output over before the connection's", () => {
    const probe = new Probe(100);
    const connection = new Connection();
    probe.put(1);
    probe.turn(connection);
    connection.output = [Uint8Array.of(2), Uint8Array.of(3)];
    expect(taken(probe)).toEqual([[1], [2], [3]]);
    expect(probe.takeOutput(0)).toBe(connection.output);
  });
});

test("its deadline never makes a host call for nothing: after handleTimeout it lies ahead", () => {
  const step = fc.constantFrom("receive", "end", "take", "timeout", "put", "fail 0", "fail 10");
  fc.assert(fc.property(fc.array(fc.tuple(step, fc.nat({ max: 50 }))), (steps) => {
    const probe = new Probe(100);
    let now = 0;
    for (const [name, delay] of steps) {
      now += delay;
      if (name === "receive") probe.receive(Uint8Array.of(1), now);
      else if (name === "end") probe.receiveEnd(now);
      else if (name === "take") probe.takeOutput(now);
      else if (name === "timeout") probe.handleTimeout(now);
      else if (name === "put") probe.put(1);
      else probe.fail(Number(name.slice(5)));
    }
    probe.handleTimeout(now);
    expect(probe.deadline).toBeGreaterThan(now);
  }));
});
