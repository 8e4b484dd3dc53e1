/**
 * A client of ours on any runtime that does what it is told, and tells what came of it. Nothing here keeps the process from
 * being ended by an error: that is what is looked for.
 * @module
 */
import type { ConnectOptions } from "../../adapters/connect.ts";
import type { Handler, Socket } from "../../adapters/socket.ts";
import { webSocketClass } from "../../adapters/websocket.ts";
import type { CloseEvent } from "../../adapters/events.ts";
import { PermessageDeflate } from "../../core/websocket/permessage-deflate.ts";
import { type Act, type Job, nameMessage, type Report } from "./client-job.ts";

/** A runtime's `connect`. */
export type Connect = (url: string | URL, options: ConnectOptions) => Promise<Socket<undefined>>;

/** Does one job. */
export async function perform(connect: Connect, job: Job): Promise<Report> {
  const log = new Log();
  if (job.manner === "class") return performAsClass(connect, job, log);
  let socket: Socket<undefined>;
  try {
    socket = await connect(job.url, { ...optionsOf(job), ...handlerOf(job, log) });
  } catch (error) {
    return log.report({ error });
  }
  const reading = job.manner === "loop" ? read(socket, log) : undefined;
  for (const act of job.acts ?? []) log.acts.push(await ACTS[act.do](socket, act as never));
  await reading;
  const { code, reason, clean, fault } = await socket.closed;
  return log.report({ protocol: socket.protocol, close: { code, reason, clean, ...(fault === undefined ? {} : { fault: fault.name }) } });
}

async function read(socket: Socket<undefined>, log: Log): Promise<void> {
  for await (const message of socket) log.message(message);
}

/** The class knows no limits by name but its own options', and tells of failures by events alone. */
function performAsClass(connect: Connect, job: Job, log: Log): Promise<Report> {
  return new Promise((resolve) => {
    const socket = new (webSocketClass(connect))(job.url, { ...optionsOf(job), protocols: job.protocols ?? [] });
    let opened = false;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => opened = true);
    socket.addEventListener("message", ({ data }) => log.message(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)));
    socket.addEventListener("close", (event) => {
      const { code, reason, wasClean } = event as CloseEvent;
      resolve(log.report(opened ? { protocol: socket.protocol, close: { code, reason, clean: wasClean } } : { error: new Error("error") }));
    });
  });
}

function optionsOf({ protocols, headers, redirects, proxy, tls, limits, deflate }: Job): ConnectOptions {
  const extensions = deflate ? [new PermessageDeflate()] : undefined;
  const given = { protocols, headers, redirects, proxy, tls, limits, extensions };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ConnectOptions;
}

function handlerOf({ manner }: Job, log: Log): Handler<undefined> {
  if (manner === "bare" || manner === "loop") return {};
  return {
    message(socket, message) {
      log.message(message);
      return manner === "echo" && !socket.send(message) ? socket.writable() : undefined;
    },
    ping: () => void log.pings++,
    pong: () => void log.pongs++,
    error: (error) => void log.thrown.push(String(error)),
  };
}

const ACTS: { readonly [Name in Act["do"]]: (socket: Socket<undefined>, act: Extract<Act, { readonly do: Name }>) => Promise<string> } = {
  async send(socket, { size, count, heed }) {
    let sent = 0;
    let waited = 0;
    try {
      while (sent < count && socket.state === "open") {
        const room = socket.send(numbered(sent, size));
        sent++;
        if (heed && !room && ++waited && !(await socket.writable())) break;
      }
    } catch (error) {
      return `${sent} taken, then ${error instanceof Error ? error.name : String(error)}`;
    }
    return `${sent} taken${heed && waited > 0 ? ", waited" : ""}`;
  },
  close: (socket, { code, reason }) => {
    void socket.close(code ?? 1000, reason ?? "");
    return Promise.resolve("closing");
  },
  terminate: (socket) => {
    socket.terminate();
    return Promise.resolve("terminated");
  },
  ping: async (socket) => await socket.ping() === undefined ? "no pong" : "pong",
  wait: (_, { milliseconds }) => new Promise((resolve) => setTimeout(() => resolve("waited"), milliseconds)),
};

/** A message that tells its number. */
function numbered(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** What a connection heard. */
class Log {
  readonly acts: string[] = [];
  readonly thrown: string[] = [];
  readonly #first: string[] = [];
  pings = 0;
  pongs = 0;
  #messages = 0;
  #size = 0;

  message(message: string | Uint8Array): void {
    this.#messages++;
    this.#size += message.length;
    if (this.#first.length < MAX_NAMED) this.#first.push(nameMessage(message));
  }

  report({ error, protocol = "", close }: { error?: unknown; protocol?: string; close?: Report["close"] }): Report {
    const { acts, thrown, pings, pongs } = this;
    return {
      opened: error === undefined,
      protocol,
      ...(error === undefined ? {} : { error: describeError(error) }),
      ...(close === undefined ? {} : { close }),
      messages: this.#messages, size: this.#size, first: this.#first, pings, pongs, acts, thrown,
    };
  }
}

function describeError(error: unknown): NonNullable<Report["error"]> {
  const { name, message, stage, code, status, body } = error as Partial<Record<"name" | "message" | "stage" | "code" | "body", string>> & { status?: number };
  const known = { stage, code, status };
  return { name: name ?? typeof error, message: message ?? String(error), body: body?.length ?? 0,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) };
}

/** How many messages a report names. */
const MAX_NAMED = 16;
