import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Protocol } from "../core/protocol.ts";
import { type BarePipe, findBare, takeHandles } from "./node-bare.ts";
import { pattern } from "../core/testing/frames.ts";

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
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const onGone = vi.fn();
  const taken = new Promise<BarePipe>((resolve) => takeHandles(server, resolve, onGone));
  const client = net.connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
  client.on("error", () => {});
  const pipe = await taken;
  onTestFinished(() => {
    server.close();
    client.destroy();
    pipe.destroy();
  });
  return { pipe, client, gone: () => onGone.mock.calls.length };
}

const until = (isSo: () => boolean): Promise<void> => vi.waitUntil(isSo, { interval: 1, timeout: 5_000 }).then(() => {});

test("this Node's internals are known", () => {
  expect(findBare(net.Socket as never)).toBeDefined();
});

test("a socket that throws, tells no handle whose it is, or ends without a request has no internals", () => {
  class Throwing {
    constructor() {
      throw new Error("no such option");
    }
  }
  class Silent {
    _final(): void {}
  }
  class Plain {
    readonly #handle: { shutdown(request: object): number };
    constructor({ handle }: { handle: { shutdown(request: object): number } }) {
      this.#handle = Object.assign(handle, { [Symbol("owner")]: this, onread() {} });
    }
    _final(): void {
      this.#handle.shutdown({});
    }
  }
  class Other extends Plain {
    override _final(): void {}
  }
  for (const Socket of [Throwing, Silent, Plain, Other]) expect(findBare(Socket as never)).toBeUndefined();
});

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
    const read = buffer(client);
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
