/**
 * The ground on which clients are attacked: a server that answers whatever it likes, a client told to connect to it, and how
 * that went on both sides.
 * @module
 */
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import type { Limits } from "../../core/websocket/limits.ts";
import { acceptKey } from "../wire/head.ts";
import { Peer } from "../wire/peer.ts";
import { SocketLink } from "../wire/socket-link.ts";
import { Wire } from "../wire/wire.ts";
import { type Finding, fail, pass, soft, worst } from "./attack.ts";
import type { Job, Manner, Report } from "./client-job.ts";
import type { Victim } from "./client-process.ts";
import type { ProcessProbe } from "./probe.ts";
import { readHead } from "./raw-head.ts";

/** What a client attack is led with. */
export interface ClientGround {
  readonly victim: Victim;
  readonly probe: ProcessProbe;
  /** The deadlines that its clients have. */
  readonly limits: Pick<Limits, "handshakeTimeout" | "pingInterval" | "pongTimeout" | "closeTimeout" | "messageTimeout">;
  /** Deadlines have an upper bound too, as the machine is quiet; else they must only not be missed by far. */
  readonly quiet: boolean;
  /** The authority that clients are told to trust, where they can be told, and a server's certificates. */
  readonly certificates: Certificates;
}

/** In PEM. */
export interface Certificates {
  readonly ca: string;
  /** For "localhost" and 127.0.0.1. */
  readonly good: Pair;
  readonly selfSigned: Pair;
  readonly expired: Pair;
  readonly otherHost: Pair;
  /** Signed by an authority that nobody trusts. */
  readonly otherAuthority: Pair;
}

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** How an attack went. */
export interface Course {
  readonly report: Report;
  /** The server's ends of the connections, in order. */
  readonly ends: readonly End[];
  /** From the start until the client said it was over, in milliseconds. */
  readonly duration: number;
  /** The client let go of every TCP connection soon after. */
  readonly released: boolean;
}

/** What a server does with a connection. What it throws, once the client has gone, is no matter. */
export type Script = (end: End) => Promise<unknown> | unknown;

/** The server's end of one connection. */
export class End {
  readonly socket: net.Socket;
  /** Which connection of the attack it is, from 0. */
  readonly index: number;
  /** The request, once `request` was called. */
  lines: readonly string[] = [];
  /** Bytes heard behind the request. */
  heard = 0;
  /** True once the client ended its side, or the connection was lost. */
  gone = false;
  /** How many bytes were given to `write` and taken by the system. */
  written = 0;
  #onGone: (() => void)[] = [];

  constructor(socket: net.Socket, index: number) {
    this.socket = socket;
    this.index = index;
    const onEnd = (): void => {
      this.gone = true;
      for (const tell of this.#onGone.splice(0)) tell();
    };
    socket.setNoDelay(true).on("error", () => {}).on("end", onEnd).on("close", onEnd);
  }

  /** Reads the request: its target. */
  async request(): Promise<string> {
    const { lines, rest } = await readHead(this.socket, LONG);
    this.lines = lines;
    this.heard = rest.length;
    this.socket.on("data", (bytes: Uint8Array) => this.heard += bytes.length);
    return lines[0].split(" ")[1];
  }

  /** A field of the request, '' when it is not there. */
  field(name: string): string {
    const start = `${name.toLowerCase()}:`;
    return this.lines.find((line) => line.toLowerCase().startsWith(start))?.slice(start.length).trim() ?? "";
  }

  /** Writes latin1 behind the request; "{accept}" stands for the right key. False when the client has gone. */
  answer(text: string): Promise<boolean> {
    return this.write(Buffer.from(this.filled(text), "latin1"));
  }

  /** An answer with the right key in it. */
  filled(answer: string): string {
    return answer.replaceAll("{accept}", acceptKey(this.field("Sec-WebSocket-Key")));
  }

  /** Accepts; what it then hears is read as frames. Further fields end with a line end each. */
  async open(fields = "", behind: Uint8Array = new Uint8Array(0)): Promise<Peer> {
    if (this.lines.length === 0) await this.request();
    this.socket.removeAllListeners("data");
    void this.write(Buffer.concat([Buffer.from(`${this.filled(ACCEPT)}${fields}\r\n`, "latin1"), behind]));
    return new Peer(new Wire(new SocketLink(this.socket)), "client", 1);
  }

  /** Writes and waits until there is room for more. False when the client has gone. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#over) return false;
    const more = this.socket.write(bytes);
    this.written += bytes.length;
    if (!more) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.socket.off("drain", done);
          resolve();
        };
        this.socket.once("drain", done);
        this.whenGone(done);
      });
    }
    return !this.#over;
  }

  /** Writes the same again and again, until that much was written or the client has gone. True when all of it was. */
  async flood(chunk: Uint8Array, total: number): Promise<boolean> {
    for (let at = 0; at < total; at += chunk.length) {
      if (!(await this.write(chunk))) return false;
      await new Promise((resolve) => setImmediate(resolve)); // what the client says is heard
    }
    return true;
  }

  /** Settles once the client has gone. */
  left(): Promise<void> {
    return new Promise((resolve) => this.whenGone(resolve));
  }

  whenGone(tell: () => void): void {
    if (this.gone) tell();
    else this.#onGone.push(tell);
  }

  get #over(): boolean {
    return this.socket.destroyed || !this.socket.writable;
  }
}

/** The head of an answer that accepts, up to its last line. */
export const ACCEPT = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

/** How to lead one. */
export interface LeadOptions {
  /** The server speaks TLS with this. */
  readonly tls?: Pair;
  /** Path, query and whatever of the URL. */
  readonly path?: string;
  readonly host?: string;
  /** The URL that the client is given, from the port. */
  readonly url?: (port: number) => string;
  /** The script is the client's proxy, and the URL leads nowhere. */
  readonly proxied?: boolean;
  /** How long it may take at most, in milliseconds. */
  readonly patience?: number;
}

/** Has a client connect to a script, and waits until it says that it is over. */
export async function lead(ground: ClientGround, job: Partial<Job>, script: Script, options: LeadOptions = {}): Promise<Course> {
  const { path = "/", host = "127.0.0.1", patience = LONG } = options;
  const ends: End[] = [];
  const onSocket = (socket: net.Socket): void => {
    const end = new End(socket, ends.length);
    ends.push(end);
    new Promise((resolve) => resolve(script(end))).catch(() => {});
  };
  const server = options.tls === undefined
    ? net.createServer({ allowHalfOpen: true }, onSocket)
    : tls.createServer({ ...options.tls, ALPNProtocols: ["http/1.1"] }, onSocket).on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = options.proxied ? { proxy: `http://127.0.0.1:${port}` } : {};
  const url = options.url?.(port) ?? (options.proxied ? "ws://nowhere.example/" : undefined) ?? `${options.tls === undefined ? "ws" : "wss"}://${host}:${port}${path}`;
  const start = performance.now();
  try {
    const running = ground.victim.run({ url, manner: "listener", ...job, ...proxy, limits: { ...ground.limits, ...job.limits } });
    const report = await within(running, patience, "the client is not through");
    const duration = performance.now() - start;
    for (const { socket } of ends) socket.resume();
    const released = await within(Promise.all(ends.map((end) => end.left())), RELEASE, "").then(() => true, () => false);
    return { report, ends, duration, released };
  } finally {
    for (const { socket } of ends) socket.destroy();
    server.close();
  }
}

/** What must be true of every course: nothing thrown where nobody listens, and TCP let go. */
export function decent({ report, released }: Course): Finding {
  if (report.thrown.length > 0) return fail(`a handler of the application was told ${report.thrown[0]}`);
  return released ? pass() : fail("it keeps a TCP connection");
}

/** The handshake must fail, at once, with one error; nothing may be sent behind the request. */
export function refused(course: Course, ground: ClientGround, { stage = "response", status }: { readonly stage?: string; readonly status?: number } = {}): Finding {
  const { report, ends, duration } = course;
  if (report.opened) return fail("it opened");
  const { error } = report;
  if (error?.name !== "HandshakeError") return fail(`it rejected with ${error?.name}: ${error?.message}`);
  if (error.stage !== stage) return fail(`it failed at "${error.stage}": ${error.message}`);
  if (status !== undefined && error.status !== status) return fail(`it told of status ${error.status}`);
  if (ends.some(({ heard }) => heard > 0)) return fail("it sent something behind its request");
  if (duration > ground.limits.handshakeTimeout && error.code === "ETIMEDOUT") return worst([decent(course), soft("it only failed when the time was up")]);
  return decent(course);
}

/** An end by a deadline: neither before it, nor, on a quiet machine, more than a second late. */
export function timely(duration: number, deadline: number, ground: ClientGround): Finding {
  const told = `after ${Math.round(duration)} ms of ${deadline}`;
  if (duration < deadline - EARLY) return fail(`it was over too early, ${told}`);
  return duration > deadline + (ground.quiet ? 1_000 : 10_000) ? soft(`it was over too late, ${told}`) : pass(told);
}

/** Settles, or rejects. */
export function within<Value>(promise: Promise<Value>, milliseconds: number, what: string): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${milliseconds} ms: ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Every way in which an application may hear its messages, but echo. */
export const MANNERS: readonly Manner[] = ["listener", "bare", "loop", "class"];
/** Whatever it is, it is over by then, in milliseconds. */
export const LONG = 60_000;
/** TCP is let go of this soon once a connection is over. */
const RELEASE = 5_000;
/** How much earlier than its deadline a timer may seem to fire: clocks and sockets of two processes. */
const EARLY = 50;
