/**
 * Reads heads from raw sockets, as plainly as can be.
 * @module
 */
import type net from "node:net";

/** Reads up to the empty line. */
export function readHead(socket: net.Socket, timeout: number): Promise<{ lines: string[]; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(why));
    };
    const timer = setTimeout(() => fail("it did not finish the opening handshake"), timeout);
    const onEnd = (): void => fail("it ended TCP in the opening handshake");
    const onData = (bytes: Uint8Array): void => {
      read = Buffer.concat([read, bytes]);
      const end = read.indexOf("\r\n\r\n");
      if (end < 0) return;
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd);
      resolve({ lines: read.toString("latin1", 0, end).split("\r\n"), rest: read.subarray(end + 4) });
    };
    socket.on("error", () => {}); // "close" follows
    socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  });
}
