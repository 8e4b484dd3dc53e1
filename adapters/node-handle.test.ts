import net from "node:net";
import { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { findInternals, handleOf, type Writer, writeTo } from "./node-handle.ts";
import { connected } from "./testing/tcp.ts";

const nobody: Writer = { written: () => {} };

test("this Node's internals are known", () => {
  expect(findInternals(net.Socket as never)).toBeDefined();
});

test("a socket that hides what it keeps, lends nothing or makes other requests has no internals", () => {
  class Bare extends Duplex {}
  class Throwing {
    constructor() {
      throw new Error("no such option");
    }
  }
  class Unlent {
    constructor(options: { onread: { buffer: unknown; callback: unknown } }) {
      Object.assign(this, { [Symbol("b")]: options.onread.buffer, [Symbol("c")]: options.onread.callback });
    }
    on(): void {}
    write(): void {}
  }
  class Foreign extends Unlent {
    readonly #handle;
    constructor(options: { handle: { useUserBuffer(bytes: unknown): void; writeBuffer(request: unknown): number }; onread: { buffer: unknown; callback: unknown } }) {
      super(options);
      this.#handle = options.handle;
      options.handle.useUserBuffer(options.onread.buffer);
    }
    override write(): void {
      this.#handle.writeBuffer({});
    }
  }
  for (const Socket of [Bare, Throwing, Unlent, Foreign]) expect(findInternals(Socket as never)).toBeUndefined();
});

test("only a plain socket has a handle to be written to", async () => {
  const [writer] = await connected();
  expect(handleOf(writer)).toBeDefined();
  class Other extends net.Socket {}
  expect(handleOf(new Other())).toBeUndefined();
  expect(handleOf(new Duplex())).toBeUndefined();
  writer.destroy();
  expect(handleOf(writer)).toBeUndefined();
});

test("pieces arrive in order, whether they leave at once, wait, or come behind what waits", async () => {
  const [writer, reader] = await connected();
  const handle = handleOf(writer);
  if (handle === undefined) throw new Error("no handle");
  expect(writeTo(handle, [Uint8Array.of(1)], nobody)).toBe(0);
  expect(writeTo(handle, [Uint8Array.of(2), Uint8Array.of(3, 4)], nobody)).toBe(0);
  const large = new Uint8Array(32 * 1024 * 1024).fill(5);
  const done: [number, boolean][] = [];
  const told = new Promise<void>((resolve) => {
    const hearing: Writer = { written: (...args) => void (done.push(args) === 2 && resolve()) };
    expect(writeTo(handle, [large, Uint8Array.of(6)], hearing)).toBe(large.length + 1);
    expect(writeTo(handle, [Uint8Array.of(7)], hearing)).toBe(1);
  });
  writer.end();
  const read = buffer(reader);
  await told;
  expect(done).toEqual([[large.length + 1, false], [1, false]]);
  const bytes = await read;
  expect([...bytes.subarray(0, 5), ...bytes.subarray(-3), bytes.length]).toEqual([1, 2, 3, 4, 5, 5, 6, 7, large.length + 6]);
});

test("a write that waits fails when the socket goes, and one to a socket that is gone fails at once", async () => {
  const [writer] = await connected();
  const handle = handleOf(writer);
  if (handle === undefined) throw new Error("no handle");
  const failed = new Promise<boolean>((resolve) => {
    writeTo(handle, [new Uint8Array(64 * 1024 * 1024)], { written: (_, isFailed) => resolve(isFailed) });
  });
  writer.destroy();
  expect(await failed).toBe(true);
  expect(writeTo(handle, [Uint8Array.of(1)], nobody)).toBe(-1);
});
