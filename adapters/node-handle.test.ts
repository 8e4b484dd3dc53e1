import net from "node:net";
import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { type Handle, handleOf, HandleWriter } from "./node-handle.ts";
import { connected, readAll } from "./testing/tcp.ts";

/** A writer that tells how its writes end. */
class Writer extends HandleWriter {
  readonly #handle: Handle;
  drains = 0;
  failures = 0;
  /** Called with each that is counted. */
  onChange = (): void => {};

  constructor(socket: net.Socket) {
    super();
    const handle = handleOf(socket);
    if (handle === undefined) throw new Error("no handle");
    this.#handle = handle;
    this.driver = { drained: () => this.#count("drains") } as never;
  }
  get left(): number {
    return this.waiting;
  }
  write(...pieces: Uint8Array[]): boolean {
    return this.writeTo(this.#handle, pieces);
  }
  override destroy(): void {
    this.#count("failures");
  }
  #count(what: "drains" | "failures"): void {
    this[what]++;
    this.onChange();
  }
}

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
  const [socket, reader] = await connected();
  const writer = new Writer(socket);
  expect(writer.write(Uint8Array.of(1))).toBe(true);
  expect(writer.write(Uint8Array.of(2), Uint8Array.of(3, 4))).toBe(true);
  const large = new Uint8Array(32 * 1024 * 1024).fill(5);
  expect(writer.write(large, Uint8Array.of(6))).toBe(false);
  expect(writer.left).toBe(large.length + 1);
  expect(writer.write(Uint8Array.of(7))).toBe(false);
  expect(writer.left).toBe(large.length + 2);
  const drained = new Promise<void>((resolve) => void (writer.onChange = resolve));
  socket.end();
  const read = readAll(reader);
  await drained;
  expect([writer.drains, writer.failures, writer.left]).toEqual([1, 0, 0]);
  const bytes = await read;
  expect([...bytes.subarray(0, 5), ...bytes.subarray(-3), bytes.length]).toEqual([1, 2, 3, 4, 5, 5, 6, 7, large.length + 6]);
});

test("a write that waits fails when the socket goes, and one to a socket that is gone fails at once", async () => {
  const [socket] = await connected();
  const writer = new Writer(socket);
  const failed = new Promise<void>((resolve) => void (writer.onChange = resolve));
  expect(writer.write(new Uint8Array(64 * 1024 * 1024))).toBe(false);
  socket.destroy();
  await failed;
  expect([writer.failures, writer.left]).toEqual([1, 0]);
  expect(writer.write(Uint8Array.of(1))).toBe(false);
  expect([writer.drains, writer.failures, writer.left]).toEqual([0, 2, 0]);
});
