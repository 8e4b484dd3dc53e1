import { expect, test, vi } from "vitest";
import type { Protocol } from "../core/protocol.ts";
import type { Clock } from "./clock.ts";
import { Driver, type DriverObserver, type Transport } from "./driver.ts";

function observer(part: Partial<DriverObserver>): DriverObserver {
  return { stallTimeout: Infinity, flushed: () => {}, closed: () => {}, ...part };
}

/** A protocol that is told what to say. */
class Script implements Protocol<string, string> {
  output: string[] = [];
  outputEnded = false;
  paused = false;
  deadline = Infinity;
  readonly calls: string[] = [];
  onReceive: (input: string) => void = () => {};
  onTimeout: () => void = () => {};

  receive(input: string, now: number): void {
    this.calls.push(`receive ${input} at ${now}`);
    this.onReceive(input);
  }
  receiveEnd(now: number): void {
    this.calls.push(`end at ${now}`);
  }
  takeOutput(): readonly string[] {
    return this.output.splice(0);
  }
  handleTimeout(now: number): void {
    this.calls.push(`timeout at ${now}`);
    this.onTimeout();
  }
}

class FakeClock implements Clock {
  time = 0;
  readonly timers = new Map<() => void, number>();
  /** How often a timer was set. */
  set = 0;

  now(): number {
    return this.time;
  }
  schedule(callback: () => void, delay: number): () => void {
    this.set++;
    this.timers.set(callback, this.time + delay);
    return () => this.timers.delete(callback);
  }
  /** Moves on and fires what is due. */
  advance(to: number): void {
    this.time = to;
    for (const [callback, due] of [...this.timers]) {
      if (due > to) continue;
      this.timers.delete(callback);
      callback();
    }
  }
}

function setUp() {
  const protocol = new Script();
  const clock = new FakeClock();
  const calls: string[] = [];
  const state = { room: true };
  const transport: Transport<string> = {
    write(output) {
      calls.push(`write ${output.join("+")}`);
      return state.room;
    },
    end: () => void calls.push("end"),
    destroy: () => void calls.push("destroy"),
    pause: () => void calls.push("pause"),
    resume: () => void calls.push("resume"),
  };
  return { protocol, clock, calls, state, driver: new Driver(protocol, transport, clock) };
}

test("everything one read provokes leaves in one write", () => {
  const { protocol, calls, driver } = setUp();
  protocol.onReceive = () => {
    protocol.output.push("a");
    driver.flush(); // from inside: nothing happens before the read is done
    protocol.output.push("b");
  };
  driver.received("x");
  expect(calls).toEqual(["write a+b"]);
});

test("sends outside a read are joined until the next microtask", async () => {
  const { protocol, calls, driver } = setUp();
  protocol.output.push("a");
  driver.schedule();
  protocol.output.push("b");
  driver.schedule();
  expect(calls).toEqual([]);
  await Promise.resolve();
  expect(calls).toEqual(["write a+b"]);
});

test("one that throws as many are flushed does not silence the others", () => {
  const queued = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
  const all = [setUp(), setUp(), setUp()];
  const { protocol, driver } = all[0];
  protocol.takeOutput = () => {
    driver.schedule();
    throw new Error("a host's");
  };
  for (const each of all) {
    each.protocol.output.push("a");
    each.driver.schedule();
  }
  expect(queued).toHaveBeenCalledTimes(1);
  expect(queued.mock.calls[0][0]).toThrow("a host's");
  expect(all.map(({ calls }) => calls)).toEqual([[], [], []]);
  expect(queued).toHaveBeenCalledTimes(2);
  protocol.takeOutput = () => ["late"];
  queued.mock.calls[1][0]();
  queued.mockRestore();
  expect(all.map(({ calls }) => calls)).toEqual([["write late"], ["write a"], ["write a"]]);
});

test("that all has left is told to who counts what was written", () => {
  const { protocol, driver } = setUp();
  let told = 0;
  driver.observer = observer({ flushed: () => void told++ });
  driver.emptied();
  expect([told, driver.counts]).toEqual([0, false]);
  expect([driver.written, driver.counts, driver.left]).toEqual([0, true, undefined]); // as this transport does not say so
  driver.emptied();
  expect(told).toBe(1);
  expect([driver.runs(protocol), driver.runs(new Script())]).toEqual([true, false]);
});

test("a transport that takes nothing for too long is torn down; one that takes a little, or has room, is not", () => {
  const { protocol, clock, calls, driver } = setUp();
  const left = { bytes: 100 };
  const full: Transport<string> = {
    write: (output) => calls.push(`write ${output.join("+")}`) === 0,
    end: () => {},
    destroy: () => void calls.push("destroy"),
    get bufferedAmount() {
      return left.bytes;
    },
  };
  const slow = new Driver(protocol, full, clock);
  for (const each of [slow, driver]) {
    each.observer = observer({ stallTimeout: 50 });
    protocol.output.push("a");
    each.flush();
  }
  clock.advance(40);
  left.bytes = 99;
  clock.advance(50);
  clock.advance(99);
  expect(calls).toEqual(["write a", "write a"]);
  clock.advance(100);
  expect(calls).toEqual(["write a", "write a", "destroy"]);
  clock.advance(1_000);
  expect(driver.blocked).toBe(false);
});

test("a transport that is full is not written to before it drained", () => {
  const { protocol, calls, state, driver } = setUp();
  state.room = false;
  protocol.output.push("a");
  driver.flush();
  expect(driver.blocked).toBe(true);
  protocol.output.push("b");
  driver.flush();
  expect(calls).toEqual(["write a"]);
  state.room = true;
  driver.drained();
  expect(calls).toEqual(["write a", "write b"]);
  expect(driver.blocked).toBe(false);
});

test("deadlines are kept while the transport is full", () => {
  const { protocol, clock, state, driver } = setUp();
  state.room = false;
  protocol.output.push("a");
  protocol.deadline = 10;
  protocol.onTimeout = () => void (protocol.deadline = Infinity);
  driver.flush();
  clock.advance(10);
  expect(protocol.calls).toEqual(["timeout at 10"]);
});

test("what is due at once is done at once", () => {
  const { protocol, calls, driver } = setUp();
  protocol.deadline = -Infinity;
  protocol.onTimeout = () => {
    protocol.deadline = 5;
    protocol.output.push("ping");
  };
  driver.flush();
  expect(protocol.calls).toEqual(["timeout at 0"]);
  expect(calls).toEqual(["write ping"]);
});

test("the timer is set again only when the deadline comes nearer", () => {
  const { protocol, clock, driver } = setUp();
  protocol.deadline = 100;
  driver.flush();
  for (const later of [150, 200, 250]) {
    protocol.deadline = later;
    driver.flush();
  }
  expect(clock.set).toBe(1);
  protocol.deadline = 50;
  driver.flush();
  expect(clock.set).toBe(2);
  expect([...clock.timers.values()]).toEqual([50]);
  protocol.deadline = 70;
  clock.advance(50); // early: nothing is due, and it is set for the rest
  expect(protocol.calls).toEqual([]);
  expect([...clock.timers.values()]).toEqual([70]);
});

test("reading stops once something came that the protocol does not want yet, and it is the first to be received then", () => {
  const { protocol, calls, driver } = setUp();
  protocol.paused = true;
  driver.flush();
  expect(calls).toEqual([]);
  driver.received("early");
  driver.flush();
  expect([calls, protocol.calls]).toEqual([["pause"], []]);
  protocol.paused = false;
  driver.flush();
  expect([calls, protocol.calls]).toEqual([["pause", "resume"], ["receive early at 0"]]);
  driver.received("late");
  expect([calls, protocol.calls]).toEqual([["pause", "resume"], ["receive early at 0", "receive late at 0"]]);
});

test("reading goes on only when what waited was enough for nobody", () => {
  const { protocol, calls, driver } = setUp();
  protocol.paused = true;
  driver.received("a");
  protocol.onReceive = () => void (protocol.paused = true);
  protocol.paused = false;
  driver.flush();
  expect([calls, protocol.calls]).toEqual([["pause"], ["receive a at 0"]]);
  protocol.paused = false;
  driver.flush();
  expect(calls).toEqual(["pause", "resume"]);
});

test("what waits is a copy, as input is lent, and it is counted", () => {
  const received: number[][] = [];
  const protocol = { paused: true, receive: (input: Uint8Array) => void received.push([...input]), receiveEnd() {}, takeOutput: () => [], outputEnded: false, deadline: Infinity, handleTimeout() {} };
  const driver = new Driver<Uint8Array, never>(protocol, { write: () => true, end() {}, destroy() {}, pause() {}, resume() {} }, new FakeClock());
  const lent = Uint8Array.of(1, 2, 3);
  driver.received(lent);
  lent.fill(0);
  expect(driver.bytesHeld).toBe(3);
  protocol.paused = false;
  driver.flush();
  expect([received, driver.bytesHeld]).toEqual([[[1, 2, 3]], 0]);
});

test("the end of input waits behind what waits", () => {
  const { protocol, driver } = setUp();
  protocol.paused = true;
  driver.received("last");
  driver.ended();
  expect(protocol.calls).toEqual([]);
  protocol.paused = false;
  driver.flush();
  expect(protocol.calls).toEqual(["receive last at 0", "end at 0"]);
});

test("what waits is received before a lost transport is told", () => {
  const { protocol, driver } = setUp();
  protocol.paused = true;
  driver.received("last");
  driver.closed();
  expect(protocol.calls).toEqual(["receive last at 0", "end at 0"]);
});

test("a transport that cannot stop hands over all it reads: the protocol has a limit", () => {
  const { protocol, clock } = setUp();
  const driver = new Driver(protocol, { write: () => true, end() {}, destroy() {} }, clock);
  protocol.paused = true;
  driver.received("a");
  expect(protocol.calls).toEqual(["receive a at 0"]);
});

test("reading is stopped at once for who must keep nothing more, and goes on when it is wanted", () => {
  const { protocol, calls, driver } = setUp();
  protocol.paused = true;
  driver.stopReading();
  driver.stopReading();
  expect(calls).toEqual(["pause"]);
  protocol.paused = false;
  driver.flush();
  expect(calls).toEqual(["pause", "resume"]);
});

test("what is read after all, though reading was stopped, comes in order", () => {
  const { protocol, calls, driver } = setUp();
  protocol.paused = true;
  for (const input of ["a", "b", "c"]) driver.received(input);
  expect([calls, protocol.calls]).toEqual([["pause"], ["receive a at 0", "receive b at 0"]]);
  driver.closed();
  expect(protocol.calls.slice(2)).toEqual(["receive c at 0", "end at 0"]);
});

test("the write side ends once, behind the last output, and the transport goes when nothing is awaited", () => {
  const { protocol, calls, driver } = setUp();
  protocol.output.push("bye");
  protocol.outputEnded = true;
  protocol.deadline = 5;
  driver.flush();
  driver.flush();
  expect(calls).toEqual(["write bye", "end"]);
  protocol.deadline = Infinity;
  driver.flush();
  expect(calls).toEqual(["write bye", "end", "destroy"]);
});

test("a lost transport is told once, and leaves no timer", () => {
  const { protocol, clock, driver } = setUp();
  const told: string[][] = [];
  driver.observer = observer({ closed: () => void told.push([...protocol.calls]) });
  protocol.deadline = 100;
  driver.flush();
  driver.closed();
  driver.closed();
  driver.received("late");
  driver.ended();
  driver.drained();
  expect(protocol.calls).toEqual(["end at 0"]);
  expect(told).toEqual([["end at 0"]]);
  expect(clock.timers.size).toBe(0);
});

test("an error from a handler passes through, and what was queued is written all the same", () => {
  const { protocol, calls, driver } = setUp();
  protocol.onReceive = () => {
    protocol.output.push("close 1011");
    throw new Error("handler");
  };
  expect(() => driver.received("x")).toThrow("handler");
  expect(calls).toEqual(["write close 1011"]);
});

test("whoever waits for room is told after each flush", () => {
  const { driver } = setUp();
  let told = 0;
  driver.observer = observer({ flushed: () => void told++ });
  driver.flush();
  driver.received("x");
  expect(told).toBe(2);
});

test("what was written is counted from the first time it is asked, and what of it has left where the transport says so for good", () => {
  const { protocol, clock, driver } = setUp();
  const state = { waiting: 3 };
  const counted = new Driver<string, string>(protocol, {
    write: () => true,
    end: () => {},
    destroy: () => {},
    frees: true,
    get bufferedAmount() {
      return state.waiting;
    },
  }, clock);
  protocol.output.push("not counted");
  counted.flush();
  expect([counted.written, counted.left]).toEqual([3, 0]);
  protocol.output.push("four", "six by");
  counted.flush();
  state.waiting = 8;
  expect([counted.written, counted.left]).toEqual([13, 5]);
  expect(driver.left).toBeUndefined();
  const blind = { write: () => true, end: () => {}, destroy: () => {}, frees: true };
  expect(new Driver(protocol, blind, clock).left).toBeUndefined(); // what waits is not known
});
