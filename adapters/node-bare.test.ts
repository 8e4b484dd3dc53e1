import { once } from "node:events";
import net from "node:net";
import { expect, test, vi } from "vitest";
import type { Protocol } from "../core/protocol.ts";
import { type BarePipe, takeHandles } from "./node-bare.ts";
import { pattern } from "../core/testing/frames.ts";
import { connected, dial, readAll } from "./testing/tcp.ts";

/** Says what is to be sent, hears what comes. */
class Script implements Protocol<Uint8Array, Uint8Array> {
  readonly heard: number[] = [];
  ends = 0;
  outputEnded = false;
  paused = false;
  deadline = Number.POSITIVE_INFINITY;
  output: Uint8Array[] = [];
  receive(input: Uint8Array): void {
    this.heard.push(...input);
  }
  receiveEnd(): void {
    this.ends++;
  }
  takeOutput(): readonly Uint8Array[] {
    return this.output.splice(0);
  }
  handleTimeout(): void {}
}

/** A pipe that was accepted, its client, and how often it was told gone. */
async function accepted(): Promise<{ pipe: BarePipe; client: net.Socket; gone: () => number }> {
  const onGone = vi.fn();
  const [pipe, client] = await connected((server) => new Promise<BarePipe>((resolve) => takeHandles(server, resolve, onGone)));
  return { pipe, client, gone: () => onGone.mock.calls.length };
}

const until = (isSo: () => boolean): Promise<void> => vi.waitUntil(isSo, { interval: 1, timeout: 20_000 }).then(() => {});

test("a server that does not listen, or hands over what is no handle, goes on as it does", () => {
  takeHandles(net.createServer(), () => expect.unreachable(), () => {});
  const onconnection = vi.fn();
  const server = { _handle: { onconnection } };
  takeHandles(server as never, () => expect.unreachable(), () => {});
  server._handle.onconnection(0, {});
  server._handle.onconnection(-24, undefined);
  expect(onconnection.mock.calls).toEqual([[0, {}], [-24, undefined]]);
});

test("what comes is heard once something runs, and what is written arrives", async () => {
  const { pipe, client } = await accepted();
  client.write(pattern(5));
  const script = new Script();
  script.output.push(pattern(3), pattern(4));
  pipe.run(script).flush();
  await until(() => script.heard.length === 5);
  expect(script.heard).toEqual([...pattern(5)]);
  client.resume();
  const [bytes] = await once(client, "data") as [Uint8Array];
  expect([...bytes]).toEqual([...pattern(3), ...pattern(4)]);
  expect([pipe.secure, pipe.bufferedAmount, pipe.unsent]).toEqual([false, 0, 0]);
  await expect(pipe.startTls()).rejects.toThrow("accepted");
});

test("its peer's name is told while it is there, and later if it was asked then", async () => {
  const [one, two] = [await accepted(), await accepted()];
  expect([one.pipe.remoteAddress, one.pipe.remotePort]).toEqual(["127.0.0.1", one.client.localPort]);
  for (const { pipe, gone } of [one, two]) {
    pipe.destroy();
    await until(() => gone() === 1);
  }
  expect([one.pipe.remoteAddress, one.pipe.remotePort]).toEqual(["127.0.0.1", one.client.localPort]);
  expect([two.pipe.remoteAddress, two.pipe.remotePort]).toEqual([undefined, undefined]);
});

test("each side ends by itself, what waits leaves before, and with both it is gone", async () => {
  for (const weAreFirst of [true, false]) {
    const { pipe, client, gone } = await accepted();
    const script = new Script();
    const driver = pipe.run(script);
    const read = readAll(client);
    const large = pattern(8 * 1024 * 1024);
    expect(pipe.write([large])).toBe(false);
    expect(pipe.bufferedAmount).toBe(large.length);
    expect(pipe.unsent).toBeGreaterThan(large.length);
    if (weAreFirst) {
      pipe.end();
      expect((await read).length).toBe(large.length);
      expect([script.ends, gone()]).toEqual([0, 0]);
      client.end(pattern(2));
    } else {
      client.end(pattern(2));
      await until(() => script.ends === 1);
      pipe.resume();
      expect(gone()).toBe(0);
      pipe.end();
      expect((await read).length).toBe(large.length);
    }
    await until(() => gone() === 1);
    expect(script.heard).toEqual([...pattern(2)]);
    expect(script.ends).toBe(2);
    expect(pipe.run(script)).not.toBe(driver);
  }
});

test("it does not read while it is paused", async () => {
  const { pipe, client } = await accepted();
  const script = new Script();
  pipe.run(script);
  pipe.pause();
  client.write(pattern(3));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(script.heard).toEqual([]);
  pipe.resume();
  await until(() => script.heard.length === 3);
});

test("a peer that resets, and a write that fails, end it; nothing is done to one that is gone", async () => {
  for (const writes of [true, false]) {
    const { pipe, client, gone } = await accepted();
    const script = new Script();
    pipe.run(script);
    if (writes) pipe.write([new Uint8Array(32 * 1024 * 1024)]);
    client.resetAndDestroy();
    await until(() => gone() === 1);
    expect(script.ends).toBe(1);
    expect(pipe.write([pattern(1)])).toBe(false);
    for (const act of ["end", "destroy", "pause", "resume"] as const) pipe[act]();
    const late = new Script();
    pipe.run(late);
    await until(() => late.ends === 1);
    expect(gone()).toBe(1);
  }
});

test("a read that did not go into the buffer ends its connection, and the next one has a socket", async () => {
  vi.resetModules();
  const fresh = await import("./node-bare.ts");
  let handle: { onread(bytes: unknown): void } | undefined;
  let server!: net.Server;
  const onGone = vi.fn();
  const [pipe, client] = await connected((listener) => new Promise<BarePipe>((resolve) => {
    server = listener;
    fresh.takeHandles(server, resolve, onGone);
    const { _handle: listening } = server as unknown as { _handle: { onconnection(error: number, handle: never): void } };
    const { onconnection } = listening;
    listening.onconnection = (error, accepted) => onconnection.call(listening, error, handle = accepted);
  }));
  const script = new Script();
  script.receive = () => handle?.onread(new ArrayBuffer(8));
  pipe.run(script);
  client.write(pattern(8));
  await until(() => onGone.mock.calls.length === 1);
  const socket = once(server, "connection");
  dial(server);
  const [accepted] = await socket as [net.Socket];
  expect(accepted).toBeInstanceOf(net.Socket);
  accepted.destroy();
});
