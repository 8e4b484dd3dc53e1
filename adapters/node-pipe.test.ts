import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { NodePipe } from "./node-pipe.ts";
import { connected } from "./testing/tcp.ts";

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
