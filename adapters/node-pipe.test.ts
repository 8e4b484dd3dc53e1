import net, { type AddressInfo } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { NodePipe } from "./node-pipe.ts";

const toEnd: (() => void)[] = [];
afterEach(() => {
  for (const end of toEnd.splice(0)) end();
});

/** Both ends of a TCP connection, of which the second reads nothing until it is asked. */
async function connected(): Promise<readonly [net.Socket, net.Socket]> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<net.Socket>((resolve) => server.once("connection", resolve));
  const reader = net.connect((server.address() as AddressInfo).port, "127.0.0.1");
  reader.pause();
  const writer = await accepted;
  writer.on("error", () => {});
  reader.on("error", () => {});
  toEnd.push(() => server.close(), () => writer.destroy(), () => reader.destroy());
  return [writer, reader];
}

test("a peer that takes a part of one large write is seen to take it, long before all of it has left", async () => {
  const [writer, reader] = await connected();
  const pipe = new NodePipe(writer, false);
  expect(pipe.unsent).toBe(0);
  pipe.write([new Uint8Array(64 * 1024 * 1024)]);
  await new Promise((resolve) => setTimeout(resolve, 50)); // the system's buffers are full
  const [buffered, unsent] = [pipe.bufferedAmount, pipe.unsent];
  expect(buffered).toBe(64 * 1024 * 1024);
  let taken = 0;
  await new Promise<void>((resolve) => {
    reader.on("data", ({ length }) => {
      taken += length;
      if (taken > 16 * 1024 * 1024) {
        reader.pause();
        resolve();
      }
    });
    reader.resume();
  });
  expect(pipe.bufferedAmount).toBe(buffered);
  expect(pipe.unsent).toBeLessThan(unsent);
});

test("where the host has no such handle, what is buffered counts", () => {
  const pipe = new NodePipe(new Duplex({ read() {}, write() {} }), false); // a write that never ends
  pipe.write([new Uint8Array(1000), new Uint8Array(500)]);
  expect([pipe.unsent, pipe.bufferedAmount]).toEqual([1500, 1500]);
});
