/**
 * A server that is drained while clients talk to it as fast as they are answered: what it has worked on, they have heard of.
 * @module
 */
import { HandshakeError } from "../../adapters/error.ts";
import type { Close } from "../../core/websocket/close.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import { simulate } from "../../index.testing.ts";
import { Violation } from "./witness.ts";

/** What was drained. */
export interface DrainingSummary {
  /** Messages that the server has worked on. */
  readonly processed: number;
  /** Of those, how many were acknowledged. */
  readonly acknowledged: number;
  /** Clients that were connected as draining began. */
  readonly clients: number;
  /** Dials during and after it, of which none may open. */
  readonly refused: number;
}

/** Runs it for one seed. @throws {Violation} */
export async function draining(seed: number): Promise<DrainingSummary> {
  const world = simulate({ seed, maxTrace: 500, network: { delay: 1 + seed % 60, jitter: seed % 31, chunk: 20 + 31 * (seed % 45) } });
  const below = (end: number): number => Math.floor(world.random() * end);
  const processed = new Set<string>();
  const acknowledged = new Set<string>();
  const closes: Close[] = [];
  let refused = 0;
  let draining = false;
  async function answer(socket: Socket, message: Message): Promise<void> {
    const steps = below(3);
    for (let step = 0; step < steps; step++) await world.sleep(below(40));
    processed.add(message as string);
    socket.send(`${message as string} done ${"x".repeat(below(20) === 0 ? 5_000 : 10)}`);
  }
  async function answerAll(socket: Socket): Promise<void> {
    for await (const message of socket) await answer(socket, message);
  }
  const server = await world.serve({ port: 1, ...(seed % 3 === 0 ? { open: (socket) => void answerAll(socket) } : { message: answer }) });

  async function client(id: number): Promise<void> {
    const socket = await world.connect("ws://localhost:1/", {
      message: (_, message) => void acknowledged.add((message as string).split(" ")[0]),
      close: (_, close) => void closes.push(close),
    });
    for (let count = 0; socket.state === "open"; count++) {
      if (!socket.send(`${id}.${count}`)) await socket.writable();
      await world.sleep(below(50));
    }
    await socket.closed;
  }

  async function late(): Promise<void> {
    await world.sleep(below(2000));
    try {
      const socket = await world.connect("ws://localhost:1/", { limits: { handshakeTimeout: 3000 } });
      if (draining) throw new Violation("a server that is draining let somebody in");
      await socket.close();
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      refused++;
    }
  }

  const count = 1 + below(4);
  try {
    return await world.run(async () => {
      const clients = Promise.all(Array.from({ length: count }, (_, id) => client(id)));
      await world.sleep(300 + below(700));
      const before = server.sockets.size;
      const window = below(1500);
      const start = world.now;
      draining = true;
      for (const link of world.links) if (below(4) === 0) link.stall(below(2) === 0 ? "client" : "server", below(3000));
      const latecomers = Promise.all([late(), late(), late()]);
      const { closed, clean, forced } = await server.drain({ code: 1012, reason: "restarting", window });
      if (closed !== before || clean !== before || forced !== 0) {
        throw new Violation(`of ${before} clients ${closed} were closed, ${clean} clean and ${forced} forced`);
      }
      if (world.now - start > window + 8_000) throw new Violation(`draining took ${world.now - start} ms`);
      await clients;
      await latecomers;
      for (const close of closes) if (close.code !== 1012 || !close.clean) throw new Violation(`a client was closed with ${close.code}`);
      for (const id of processed) if (!acknowledged.has(id)) throw new Violation(`message ${id} was processed and not acknowledged`);
      await world.sleep(10_000);
      if (world.timers + world.links.size !== 0) throw new Violation(`${world.timers} timers and ${world.links.size} links are left`);
      return { processed: processed.size, acknowledged: acknowledged.size, clients: closes.length, refused };
    });
  } catch (error) {
    throw Object.assign(error as Error, { trace: world.trace });
  } finally {
    await world.end();
  }
}
