/**
 * An imaginary runtime, "Loop", made of `node:net` for the test. Its sockets are like many: reading and writing are promises,
 * a write takes a part, null is the end.
 * @module
 */
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

/** A socket of Loop. */
export interface LoopSocket {
  /** The next bytes; null at the end. Rejects when the connection broke. */
  read(): Promise<Uint8Array | null>;
  /** How many of the bytes were taken. Rejects when the connection broke. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the write side. */
  finish(): void;
  /** Releases the socket. */
  close(): void;
  /** The other end. */
  readonly peer: { readonly address: string; readonly port: number };
}

/** What Loop offers. */
export const Loop = {
  /** Opens a TCP connection. */
  async dial(host: string, port: number): Promise<LoopSocket> {
    const socket = net.connect({ host, port, allowHalfOpen: true });
    await once(socket, "connect");
    return wrap(socket);
  },
  /** Listens, and calls back with each socket. */
  async listen(host: string, port: number, onSocket: (socket: LoopSocket) => void): Promise<{ port: number; stop(): Promise<void> }> {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => onSocket(wrap(socket)));
    server.listen(port, host);
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      stop: () => new Promise((resolve) => server.close(() => resolve())),
    };
  },
};

function wrap(socket: net.Socket): LoopSocket {
  socket.on("error", () => {});
  const chunks = socket[Symbol.asyncIterator]();
  return {
    async read() {
      const { value, done } = await chunks.next();
      return done === true ? null : value as Uint8Array;
    },
    write(bytes) {
      const part = bytes.slice(0, 10_000); // as a runtime that never takes much at once
      return new Promise((resolve, reject) => socket.write(part, (error) => (error ? reject(error) : resolve(part.length))));
    },
    finish: () => void socket.end(),
    close: () => void socket.destroy(),
    peer: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
  };
}
