/**
 * Servers for a suite or a load generator to be pointed at, on any runtime.
 * @module
 */
import type { ServeHandler, UpgradeRequest, UpgradeVerdict } from "../../adapters/serve.ts";
import type { Socket } from "../../adapters/socket.ts";
import type { Message } from "../../core/protocol.ts";
import type { Limits } from "../../core/websocket/limits.ts";
import { isCommand, obey } from "../ledger/peers/commands.ts";

/** Each message goes back to its sender, or to everybody; or is counted as processed, and acknowledged after a while. */
export type Mode = "echo" | "broadcast" | "ack";

/** Messages that mode `ack` has processed. */
export const counted: { processed: number } = { processed: 0 };

/** What a server does. */
export interface ServerBehaviour {
  readonly mode: Mode;
  /** The largest message, in bytes. */
  readonly maxMessage: number;
  /** Further limits. */
  readonly limits?: Partial<Limits>;
  /** Web pages that may connect; all when it is not said. */
  readonly origins?: readonly string[];
  /** Milliseconds the `upgrade` hook takes; it refuses the path /refused with 403. No hook when it is not said. */
  readonly decideAfter?: number;
  /** Registers nothing at all: neither messages nor errors are heard, and no limit is named but that of a message. */
  readonly bare?: boolean;
  /** What takes time in mode `ack`, where that is not to be a timer. */
  readonly work?: () => Promise<void>;
}

/** A handler for `serve`. Text stays text; where a reader is slow, its sender is not read from. */
export function modeHandler({ mode, maxMessage, limits, origins, decideAfter, bare, work }: ServerBehaviour): ServeHandler {
  if (bare === true) return { limits: { ...limits, maxMessage } };
  const shared: ServeHandler = {
    origins: origins ?? "any",
    lend: true,
    limits: { ...liftedLimits(maxMessage), ...limits },
    ...(decideAfter === undefined ? {} : { upgrade: (request) => decide(request, decideAfter) }),
  };
  if (mode === "echo") return { ...shared, message: echo };
  if (mode === "ack") return { ...shared, message: (socket, message) => acknowledge(work ?? sleep, socket, message) };
  const sockets = new Set<Socket>();
  return {
    ...shared,
    open: (socket) => void sockets.add(socket),
    close: (socket) => void sockets.delete(socket),
    message(_, message) {
      const full: Socket[] = [];
      for (const socket of sockets) if (!socket.send(message)) full.push(socket);
      return full.length === 0 ? undefined : Promise.all(full.map((socket) => socket.writable()));
    },
  };
}

/** Sends a message back, or does what it says. Settles when there is room for more. */
export function echo(socket: Socket<unknown>, message: Message): Promise<unknown> | undefined {
  if (!isCommand(message)) return socket.send(message) ? undefined : socket.writable();
  obey(message, {
    send: (answer) => socket.send(answer),
    close: (code, reason) => void socket.close(code ?? null, reason),
    ping: () => void socket.ping(), // its payload is the socket's own
    drop: () => socket.terminate(),
  });
  return undefined;
}

/** Every other message takes its time, as with a database behind it. */
function acknowledge(work: () => Promise<void>, socket: Socket, message: Message): Promise<void> | undefined {
  counted.processed++;
  if (counted.processed % 2 === 0) return void socket.send(`ack ${message}`);
  return work().then(() => void socket.send(`ack ${message}`));
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ACK_DELAY));
}

/** In milliseconds. */
const ACK_DELAY = 5;

async function decide({ path }: UpgradeRequest, delay: number): Promise<UpgradeVerdict<unknown>> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  if (path === "/refused") return { status: 403, body: "Refused" };
  return undefined;
}

/** Limits that no suite runs into: a message's size, and the defaults that only a peer which does not read goes past. */
export function liftedLimits(maxMessage: number): Partial<Limits> {
  const none = Number.POSITIVE_INFINITY;
  return { maxMessage, maxFragments: none, maxQueued: none };
}

/** The largest message when nothing else is said, in bytes. */
export const MAX_MESSAGE: number = 64 * 1024 * 1024;
