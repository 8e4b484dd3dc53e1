/**
 * Carries an echo peer's bytes over a socket.
 * @module
 */
import type { Socket } from "node:net";
import type { ByteProtocol } from "../wire/protocol-link.ts";

/**
 * Runs a peer over a socket, which must allow half-open connections, until both sides have ended. Sockets of node:tls will do too. Bytes may
 * be heard late, by so many milliseconds, and then not at all when the other side has ended meanwhile.
 */
export function carry(socket: Socket, peer: ByteProtocol, late: number = 0): void {
  const start = performance.now();
  const now = (): number => performance.now() - start; // a peer's clock begins at 0
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    for (const bytes of peer.takeOutput(now())) socket.write(bytes);
    if (peer.outputEnded && !socket.writableEnded) socket.end();
    clearTimeout(timer);
    if (peer.deadline === Number.POSITIVE_INFINITY || socket.destroyed) return;
    timer = setTimeout(() => {
      peer.handleTimeout(now());
      flush();
    }, Math.max(0, peer.deadline - now()) + 1);
  };
  const receive = (bytes: Uint8Array): void => {
    peer.receive(bytes, now());
    flush();
  };
  socket.on("data", (bytes: Uint8Array) => {
    if (late === 0) receive(bytes);
    else setTimeout(() => socket.readableEnded || receive(bytes), late);
  });
  socket.on("end", () => {
    peer.receiveEnd(now());
    flush();
    if (!socket.writableEnded) socket.end();
  });
  socket.on("error", () => {}).on("close", () => clearTimeout(timer));
  flush();
}
