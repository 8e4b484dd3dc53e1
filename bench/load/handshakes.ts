/**
 * Connections that are made to be closed again: opening handshake, closing handshake, and the next.
 * @module
 */
import { type BunHandlers, bun, deferred, inTime, PATIENCE } from "./bun.ts";
import { makeRequest, readResponse, type Request } from "./handshake.ts";
import type { LoadResult } from "./load.ts";
import { makeFrame } from "./series.ts";

interface Attempt {
  head: string;
  closing: boolean;
  readonly request: Request;
}

/** So many connections at a time, for a while. What counts is a connection that the server has closed. */
export async function runHandshakes(port: number, connections: number, seconds: number): Promise<LoadResult> {
  const { promise, resolve, reject } = deferred();
  const requests = Array.from({ length: 256 }, () => makeRequest(port, "off"));
  const start = performance.now();
  let messages = 0;
  let bytes = 0;
  let made = 0;
  let open = 0;
  const handlers: BunHandlers<Attempt> = {
    open: (socket) => void socket.write(socket.data.request.text),
    data(socket, read) {
      bytes += read.length;
      const { data } = socket;
      if (data.closing) return;
      data.head += Buffer.from(read).toString("latin1");
      if (!data.head.includes("\r\n\r\n")) return;
      try {
        readResponse(data.head, data.request);
      } catch (error) {
        reject(error as Error);
      }
      data.closing = true;
      socket.write(CLOSE);
    },
    close(socket) {
      if (!socket.data.closing) return reject(new Error("The server closed the connection in the handshake"));
      messages++;
      open--;
      if (performance.now() - start < seconds * 1000) connect();
      else if (open === 0) resolve();
    },
    error: (_, error) => reject(error),
    connectError: (_, error) => reject(error),
  };
  const connect = (): void => {
    open++;
    const data: Attempt = { head: "", closing: false, request: requests[made++ % requests.length] };
    bun.connect<Attempt>({ hostname: "127.0.0.1", port, data, socket: handlers }).catch(reject);
  };
  for (let at = 0; at < connections; at++) connect();
  await inTime(promise, seconds + PATIENCE, "Connections were not closed");
  return { messages, seconds: (performance.now() - start) / 1000, bytes };
}

/** A close frame with 1000, as a client sends it. */
const CLOSE = makeFrame(0x88, Uint8Array.of(1000 >> 8, 1000 & 255), true);

