/**
 * Mutants on real sockets: an echo server, and an echo client that goes through a tester's cases.
 * @module
 */
import { once } from "node:events";
import net from "node:net";
import { carry } from "./carry.ts";
import { makePeer, type Mutant } from "./mutant.ts";

/** Listens on a port, a free one for 0. Without a mutant it is the right peer. Rejects where the port is taken. */
export async function serveMutant(mutant: Mutant | undefined, port: number = 0): Promise<{ readonly url: string; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    carry(socket, makePeer(mutant, "server"));
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: `ws://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    close: async () => {
      const closed = once(server.close(), "close");
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Goes through so many cases of a tester for clients, several side by side: some wait for long for what a mutant does not do. */
export async function connectMutant(mutant: Mutant | undefined, url: string, agent: string, count: number): Promise<void> {
  const { hostname, port, host } = new URL(url);
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const goOn = async (): Promise<void> => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      const socket = net.connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      carry(socket, makePeer(mutant, "client", { host, target: `/runCase?case=${number}&agent=${agent}` }));
      await once(socket, "close");
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
}

const AT_ONCE = 32;
