import { expect, test } from "vitest";
import type { Protocol } from "../core/protocol.ts";
import { DenoHandlePipe } from "./deno-handle-pipe.ts";
import { FakeHandle, fakeInternals } from "./testing/deno-handles.ts";

/** Notes what it hears. */
class Ear implements Protocol<Uint8Array, Uint8Array> {
  readonly heard: unknown[] = [];
  output: Uint8Array[] = [];
  outputEnded = false;
  paused = false;
  readonly deadline = Number.POSITIVE_INFINITY;
  readonly successor = undefined;

  receive(input: Uint8Array): void {
    this.heard.push(input.length > 8 ? input.length : [...input]);
  }

  receiveEnd(): void {
    this.heard.push("end");
  }

  takeOutput(): Uint8Array[] {
    return this.output.splice(0);
  }

  handleTimeout(): void {}
}

/** A pipe over a handle, with somebody who listens. */
function open(): { handle: FakeHandle; pipe: DenoHandlePipe; ear: Ear; driver: ReturnType<DenoHandlePipe["run"]>; gone: () => number } {
  const handle = new FakeHandle();
  let count = 0;
  const pipe = new DenoHandlePipe(fakeInternals, handle, () => count++);
  const ear = new Ear();
  return { handle, pipe, ear, driver: pipe.run(ear), gone: () => count };
}

/** Lets what was put off happen. */
async function later(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await Promise.resolve();
}

/** Tells of the oldest write that waits. */
function done(handle: FakeHandle, status = 0): void {
  const request = handle.pending.shift()?.request;
  request?.oncomplete?.call(request, status);
}

/** Tells of the shutdown. */
function shut(handle: FakeHandle): void {
  const request = handle.shutdowns.shift();
  request?.oncomplete?.call(request, 0);
}

test("bytes are heard, also where they do not stand in the buffer, and a read of nothing is nothing", () => {
  const { handle, ear } = open();
  handle.receive(Uint8Array.of(1, 2));
  handle.receive(Uint8Array.of(3), false);
  handle.receive(new Uint8Array(0));
  expect(ear.heard).toEqual([[1, 2], [3]]);
});

test("the address is asked for late, and kept", () => {
  const { handle, pipe } = open();
  expect([pipe.remoteAddress, pipe.remotePort, pipe.secure]).toEqual(["192.0.2.1", 9, false]);
  handle.closed = 1;
  expect(pipe.remoteAddress).toBe("192.0.2.1");
  expect(new DenoHandlePipe(fakeInternals, handle).remoteAddress).toBeUndefined();
});

test("what waits at the handle counts as buffered; what comes behind waits here, and goes in parts", () => {
  const { handle, pipe, ear, driver } = open();
  expect(pipe.write([Uint8Array.of(1), Uint8Array.of(2)])).toBe(true);
  handle.take = () => 1;
  expect(pipe.write([new Uint8Array(300_000)])).toBe(false);
  expect([handle.pending.length, pipe.bufferedAmount]).toEqual([1, 300_000]); // a part of it was offered
  expect(pipe.write([Uint8Array.of(3, 4)])).toBe(false);
  expect(pipe.bufferedAmount).toBe(300_002);
  done(handle);
  expect(pipe.bufferedAmount).toBe(300_002 - 262_144);
  handle.take = (bytes) => bytes.length;
  ear.output = [Uint8Array.of(5)];
  driver.drained(); // and so it is, once what waits is done
  done(handle);
  expect(pipe.bufferedAmount).toBe(0);
  expect(pipe.write([Uint8Array.of(6)])).toBe(true);
});

test("our side is shut behind what waits, and once; when both are over it is closed", async () => {
  const { handle, pipe, ear, gone } = open();
  handle.take = () => 0;
  pipe.write([Uint8Array.of(1)]);
  pipe.end();
  expect(handle.shutdowns.length).toBe(0);
  done(handle);
  expect(handle.shutdowns.length).toBe(1);
  shut(handle);
  expect(pipe.write([Uint8Array.of(2)])).toBe(false);
  expect([handle.pending.length, handle.closed]).toEqual([0, 0]);
  handle.fail();
  expect([ear.heard, handle.closed, gone()]).toEqual([["end"], 1, 0]);
  await later();
  expect(gone()).toBe(1);
});

test("the end of input may come first, and before that our side is shut", () => {
  const { handle, pipe } = open();
  handle.fail();
  pipe.pause();
  pipe.resume();
  expect(handle.calls).toEqual(["readStart", "readStop"]); // there is nothing more to read
  expect(handle.closed).toBe(0);
  pipe.end();
  shut(handle);
  expect(handle.closed).toBe(1);
});

test("a shutdown that is refused is one, later", async () => {
  const { handle, pipe } = open();
  handle.shutdownError = -107;
  handle.fail();
  pipe.end();
  expect(handle.closed).toBe(0);
  await later();
  expect(handle.closed).toBe(1);
});

test("reading stops and starts; another protocol reads on", () => {
  const { handle, pipe } = open();
  for (let time = 0; time < 2; time++) pipe.pause();
  for (let time = 0; time < 2; time++) pipe.resume();
  pipe.pause();
  const ear = new Ear();
  pipe.run(ear);
  expect(handle.calls).toEqual(["readStart", "readStop", "readStart", "readStop", "readStart"]);
  handle.receive(Uint8Array.of(1));
  expect(ear.heard).toEqual([[1]]);
});

test("where writing fails, reading goes on to its end", async () => {
  const { handle, pipe, ear, gone } = open();
  handle.take = () => 0;
  pipe.write([Uint8Array.of(1)]);
  pipe.write([Uint8Array.of(2)]);
  done(handle, -32);
  expect([pipe.bufferedAmount, pipe.write([Uint8Array.of(3)])]).toEqual([0, false]);
  handle.receive(Uint8Array.of(4));
  handle.fail();
  await later();
  expect([ear.heard, handle.closed, gone()]).toEqual([[[4], "end", "end"], 1, 1]); // the driver tells of the end, and that all is over
});

test("where writing fails while nothing is read, or reading fails, it is closed", async () => {
  const paused = open();
  paused.handle.take = () => -9;
  expect(paused.pipe.write([Uint8Array.of(1)])).toBe(false);
  paused.pipe.pause();
  await later();
  expect([paused.handle.closed, paused.gone()]).toEqual([1, 1]);
  const reset = open();
  reset.handle.fail(-104);
  expect(reset.handle.closed).toBe(1);
  await later();
  expect([reset.ear.heard, reset.gone()]).toEqual([["end"], 1]);
});

test("closed, it is closed once, tells so later, and hears and does nothing more", async () => {
  const { handle, pipe, ear, gone } = open();
  handle.take = () => 0;
  pipe.write([Uint8Array.of(1)]);
  pipe.write([Uint8Array.of(2)]);
  for (let time = 0; time < 2; time++) pipe.destroy();
  expect([gone(), pipe.bufferedAmount]).toEqual([0, 1]);
  await later();
  done(handle, -125);
  handle.receive(Uint8Array.of(1));
  pipe.pause();
  pipe.resume();
  pipe.end();
  expect([gone(), handle.closed, handle.calls, handle.shutdowns.length, ear.heard]).toEqual([1, 1, ["readStart"], 0, ["end"]]);
  const late = new Ear();
  pipe.run(late);
  await later();
  expect(late.heard).toEqual(["end"]);
  await expect(pipe.startTls()).rejects.toThrow(TypeError);
});
